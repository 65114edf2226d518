"""How long work tells how far it is and learns that it should stop."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives the share done, 0 to 1, and a catalogue message naming the step.

    A call raises `gridmap.errors.Cancelled` when the person asked to stop, so work that reports can be cancelled.
    """

    def __call__(self, fraction: float, message: str, /) -> None: ...


def silent(fraction: float, message: str, /) -> None:
    """Progress nobody listens to."""
