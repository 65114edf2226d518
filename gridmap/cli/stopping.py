"""Ctrl+C while a search runs: the first one asks for the best so far, the second one ends the command."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from gridmap.domain.progress import Progress
from gridmap.errors import N_, Cancelled


class SoftStop:
    """Progress that raises `Cancelled` at the first report after Ctrl+C."""

    def __init__(self, progress: Progress) -> None:
        self.is_asked = False
        self._progress = progress

    def __call__(self, fraction: float, message: str, /) -> None:
        self._progress(fraction, message)
        if self.is_asked:
            raise Cancelled(N_("Stopped on request; nothing was changed."))

    def ask(self, _signal: int, _frame: FrameType | None) -> None:
        """Handle the first SIGINT; the next one is a KeyboardInterrupt."""
        self.is_asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def stop_softly(progress: Progress) -> Iterator[SoftStop]:
    """Within it Ctrl+C cancels through the progress. Only the main thread may use it."""
    stop = SoftStop(progress)
    before = signal.signal(signal.SIGINT, stop.ask)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
