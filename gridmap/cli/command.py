"""What a terminal command is."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gridmap.domain.access import Actor
from gridmap.domain.progress import Progress
from gridmap.services import accounts
from gridmap.services.context import Context, open_context
from gridmap.settings import Settings

_MOST_SEED = 2**31 - 1
"""What random numbers, the plan's document and every database can hold."""


@dataclass
class Invocation:
    """One run of a command: who, with what settings and arguments, and where progress goes (stderr).

    `context` opens the database when it is first asked for, so that a command like `restore` can do without.
    """

    settings: Settings
    actor: Actor
    arguments: Namespace
    progress: Progress

    @cached_property
    def context(self) -> Context:
        return open_context(self.settings)

    def find_account(self) -> Actor:
        """Who acts where that counts: the account that `--as` names, with its role and area.

        A name without an account, and nobody named, is whoever sits at the terminal: an administrator.
        """
        return accounts.find_actor(self.context, self.actor, name=self.actor.name) or self.actor

    def close(self) -> None:
        """Close the database and end the workers, where they were ever started."""
        if "context" in self.__dict__:
            self.context.close()


@dataclass(frozen=True)
class Command:
    """A sub-command.

    `run` returns what `--json` prints (JSON-able, counts as integers); `describe` turns that into lines for a person.
    """

    name: str
    help: str
    add_arguments: Callable[[ArgumentParser], None]
    run: Callable[[Invocation], Any]
    describe: Callable[[Any], str]


def seed(text: str) -> int:
    """Parse the start of the random numbers, 0 to 2³¹ − 1, for argparse."""
    if not (text.isdecimal() and len(text) <= len(str(_MOST_SEED)) and int(text) <= _MOST_SEED):
        raise ArgumentTypeError(f"“{text}” is no seed; give a whole number from 0 to {_MOST_SEED}")
    return int(text)


def lonlat(text: str) -> tuple[float, float]:
    """Parse `LON,LAT` in degrees, for argparse."""
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError as error:
        raise ArgumentTypeError(f"“{text}” is not LON,LAT, for example 112.55,37.87") from error
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise ArgumentTypeError(f"“{text}” lies outside the globe; longitude comes first")
    return lon, lat
