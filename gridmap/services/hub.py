"""Fan-out to open maps: a bounded queue per listener, of which a slow one loses the oldest entries."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from gridmap.domain.access import Actor
from gridmap.services.live import Moment

T = TypeVar("T")

_QUEUED_FRAMES = 2
_QUEUED_DELTAS = 64
"""A map that lost one sees a gap in their numbers and asks for what it missed."""


class Channel(Generic[T]):
    """Listeners, each with its scope. Used from the event loop's thread only."""

    def __init__(self, *, queued: int) -> None:
        self._queued = queued
        self._queues: dict[asyncio.Queue[T], Actor] = {}

    @contextmanager
    def listen(self, actor: Actor) -> Iterator[asyncio.Queue[T]]:
        """A queue that receives what `actor` may see until the block ends."""
        queue: asyncio.Queue[T] = asyncio.Queue(self._queued)
        self._queues[queue] = actor
        try:
            yield queue
        finally:
            del self._queues[queue]

    def list_audiences(self) -> list[Actor]:
        """One actor of each scope that somebody listens for: what one of them may see, all of them may."""
        return list({actor.scope_code: actor for actor in self._queues.values()}.values())

    def list_teams(self) -> list[int]:
        """The teams that somebody listens for."""
        return sorted({actor.team_id for actor in self._queues.values() if actor.team_id is not None})

    def publish(self, item: T, *, scope_code: str | None = None, team_id: int | None = None) -> None:
        """Hand `item` to the listeners of one scope or one team, or to all where None."""
        for queue, actor in self._queues.items():
            if scope_code in {None, actor.scope_code} and team_id in {None, actor.team_id}:
                offer(queue, item)


def offer(queue: asyncio.Queue[T], item: T) -> None:
    """Put `item` into a queue, in place of the oldest where it is full."""
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(item)


@dataclass
class Watch:
    """A look now and then whether a session still stands for somebody; ends with the closing code for its streams."""

    task: asyncio.Task[int]
    waiting: int = 0
    """How many streams want to know."""


class Hub:
    """The live channels of one process: frames of team positions, deltas of the data, and word that a session ended."""

    def __init__(self) -> None:
        self.units: Channel[bytes] = Channel(queued=_QUEUED_FRAMES)
        self.moment: Moment | None = None
        """Where the teams were at the last beat."""
        self.deltas: Channel[str] = Channel(queued=_QUEUED_DELTAS)
        self.marks: Channel[str] = Channel(queued=1)
        """How the boards of teams stand, see `team_board.load_marks`."""
        self.sign_outs: Channel[None] = Channel(queued=1)
        self.watches: dict[tuple[str, Actor], Watch] = {}
        """By the session's secret and whom it stood for when its first stream was opened."""
