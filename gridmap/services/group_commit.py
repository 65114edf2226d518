"""Many small writes as few large ones: what is submitted within a moment is written at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from gridmap.errors import N_, GridmapError, StoreFailure

logger = logging.getLogger(__name__)

LINGER_S = 0.008
"""How long the first of a group waits for others; about as long as a commit takes."""

T = TypeVar("T")


class GroupCommit(Generic[T]):
    """Calls `write` with all that came together, one group after the other, on a thread of its own.

    While a group is being written the next one fills. Used from one event loop; only the writing leaves it, so that a
    group costs two changes of thread however many are in it.
    """

    def __init__(self, write: Callable[[Sequence[T]], None], *, most_waiting: int) -> None:
        self._write = write
        self._most_waiting = most_waiting
        self._waiting = 0
        self._filling: tuple[list[T], asyncio.Task[None]] | None = None
        """What the next commit takes along, and that commit."""
        self._turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="group-commit")

    async def submit(self, items: Sequence[T]) -> None:
        """Return once `items` are committed, or raise what kept their group from it.

        Raises
        ------
        StoreFailure
            More is waiting than can be written soon.
        """
        if self._waiting + len(items) > self._most_waiting:
            raise StoreFailure(
                N_("More positions arrive than can be written just now."), hint=N_("Send this again in a moment.")
            )
        if self._filling is None:
            fresh: list[T] = []
            self._filling = fresh, asyncio.create_task(self._write_soon(fresh))
        group, commit = self._filling
        group += items
        self._waiting += len(items)
        # Whoever goes away must not take the writing of the others along.
        await asyncio.shield(commit)

    def close(self) -> None:
        """End the thread, after what it is writing."""
        self._thread.shutdown()

    async def _write_soon(self, group: list[T]) -> None:
        await asyncio.sleep(LINGER_S)
        async with self._turn:
            self._filling = None
            try:
                await asyncio.get_running_loop().run_in_executor(self._thread, self._write, group)
            except GridmapError as error:
                logger.warning("%d positions were not written: %s", len(group), error)
                raise
            finally:
                self._waiting -= len(group)
