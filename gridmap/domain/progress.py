"""How long work tells how far it is and learns that it should stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

Fact = int | float | str


class Progress(Protocol):
    """Receives the share done, 0 to 1, and a catalogue message naming the step, `Told` where it has figures.

    A call raises `gridmap.errors.Cancelled` when the person asked to stop, so work that reports can be cancelled.
    """

    def __call__(self, fraction: float, message: str, /) -> None: ...


class Told(str):
    """A catalogue message with fields, and what fills them; whoever passes messages on needs not know."""

    facts: Mapping[str, Fact]

    def __new__(cls, message: str, facts: Mapping[str, Fact]) -> Told:
        told = super().__new__(cls, message)
        told.facts = facts
        return told


def silent(fraction: float, message: str, /) -> None:
    """Progress nobody listens to."""


def part_of(progress: Progress, start: float, end: float) -> Progress:
    """What a piece of the work reports to, which takes `progress` from `start` to `end`."""
    return lambda fraction, message: progress(start + (end - start) * fraction, message)


def write_step(message: str, translate: Callable[[str], str] = str) -> str:
    """The message as it is read, its fields filled; texts among them are translated as well."""
    words = translate(message)
    if not isinstance(message, Told):
        return words
    return words.format(
        **{name: translate(fact) if isinstance(fact, str) else fact for name, fact in message.facts.items()}
    )
