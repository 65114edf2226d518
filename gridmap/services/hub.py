"""Fan-out to open maps: a bounded queue per listener, of which a slow one loses the oldest entries."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Generic, NamedTuple, TypeVar

from gridmap.domain.access import Actor

T = TypeVar("T")


class Change(NamedTuple):
    """A topic and how often it has changed by now."""

    topic: str
    number: int


_QUEUED_FRAMES = 2
_QUEUED_CHANGES = 256


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

    def publish(self, item: T, *, scope_code: str | None = None) -> None:
        """Hand `item` to the listeners of one scope, or to all where None."""
        for queue, actor in self._queues.items():
            if scope_code is None or actor.scope_code == scope_code:
                if queue.full():
                    queue.get_nowait()
                queue.put_nowait(item)


class Hub:
    """The live channels of one process: frames of team positions, changed topics, and word that a session ended."""

    def __init__(self) -> None:
        self.units: Channel[bytes] = Channel(queued=_QUEUED_FRAMES)
        self.changes: Channel[Change] = Channel(queued=_QUEUED_CHANGES)
        self.sign_outs: Channel[None] = Channel(queued=1)
        self.revisions: dict[str, int] = {}

    def announce(self, revisions: Mapping[str, int]) -> None:
        """Tell everybody which topics stand elsewhere than when they were announced last."""
        for topic, number in revisions.items():
            if self.revisions.get(topic) != number:
                self.revisions[topic] = number
                self.changes.publish(Change(topic, number))
