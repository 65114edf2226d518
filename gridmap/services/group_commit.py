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


class _Group(Generic[T]):
    """What shares a commit, and its fate."""

    def __init__(self) -> None:
        self.items: list[T] = []
        self.settled = asyncio.Event()
        self.failure: BaseException | None = None


class GroupCommit(Generic[T]):
    """Calls `write` with all that came together, one group after the other, on a thread of its own.

    While a group is being written the next one fills. Used from one event loop; only the writing leaves it, so that a
    group costs two changes of thread however many are in it.
    """

    def __init__(self, write: Callable[[Sequence[T]], None], *, most_waiting: int) -> None:
        self._write = write
        self._most_waiting = most_waiting
        self._waiting = 0
        self._filling: _Group[T] | None = None
        self._turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="group-commit")
        self._tasks: set[asyncio.Task[None]] = set()

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
        group = self._filling
        if group is None:
            group = self._filling = _Group()
            task = asyncio.create_task(self._commit(group))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        group.items += items
        self._waiting += len(items)
        await group.settled.wait()
        if group.failure is not None:
            raise group.failure

    def close(self) -> None:
        """End the thread, after what it is writing."""
        self._thread.shutdown()

    async def _commit(self, group: _Group[T]) -> None:
        await asyncio.sleep(LINGER_S)
        async with self._turn:
            self._filling = None
            try:
                await asyncio.get_running_loop().run_in_executor(self._thread, self._write, group.items)
            except GridmapError as error:
                logger.warning("%d positions were not written: %s", len(group.items), error)
                group.failure = error
            except BaseException as error:  # whatever it was, those who wait must hear of it
                group.failure = error
                raise
            finally:
                self._waiting -= len(group.items)
                group.settled.set()
