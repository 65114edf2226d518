"""A team's day in a plan as spells one after the other: on the way, waiting, at work, at rest."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class SpellKind(StrEnum):
    """What a team does for a while: 行驶, 步行前往, 等候, 沿线步巡, 查看隐患, 休息."""

    DRIVE = "drive"
    FOOT = "foot"
    WAIT = "wait"
    WALK = "walk"
    INSPECT = "inspect"
    BREAK = "break"


@dataclass(frozen=True)
class Spell:
    """A while of one kind, in seconds after local midnight; `stop` is the one it leads to or is spent at."""

    kind: SpellKind
    start_s: int
    end_s: int
    stop: Mapping[str, Any] | None = None


def list_spells(route: Mapping[str, Any]) -> tuple[Spell, ...]:
    """The day of a route in order; spells of no length are left out."""
    return tuple(spell for spell in _walk_through(route) if spell.end_s > spell.start_s)


def _walk_through(route: Mapping[str, Any]) -> Iterator[Spell]:
    now = route["start_s"]
    yield from (rests := list(_list_breaks(route, 0, now)))
    now = rests[-1].end_s if rests else now
    for stop in route["stops"]:
        way = SpellKind.FOOT if stop["leg"]["mode"] == "foot" else SpellKind.DRIVE
        work = SpellKind.WALK if stop["work"]["kind"] == "segment" else SpellKind.INSPECT
        leaves_s = stop["arrive_s"] - stop["leg"]["seconds"]
        now = yield from _drive_before(route, stop["number"] - 1, way, now)
        yield Spell(SpellKind.WAIT, now, leaves_s, stop)
        yield Spell(way, leaves_s, stop["arrive_s"], stop)
        yield Spell(SpellKind.WAIT, stop["arrive_s"], stop["start_s"], stop)
        yield Spell(work, stop["start_s"], stop["leave_s"], stop)
        yield from (rests := list(_list_breaks(route, stop["number"], stop["leave_s"])))
        now = rests[-1].end_s if rests else stop["leave_s"]
    way = SpellKind.FOOT if route["return"]["mode"] == "foot" else SpellKind.DRIVE
    now = yield from _drive_before(route, len(route["stops"]), way, now)
    leaves_s = max(now, route["end_s"] - route["return"]["seconds"]) if route.get("resumed") else now
    yield Spell(SpellKind.WAIT, now, leaves_s)
    yield Spell(way, leaves_s, leaves_s + route["return"]["seconds"])
    yield from _list_breaks(route, None, leaves_s + route["return"]["seconds"])


def _drive_before(route: Mapping[str, Any], after: int, way: SpellKind, now: int) -> Generator[Spell, None, int]:
    """What was driven after a stop before the plan was mended; when that ended."""
    resumed = route.get("resumed") or {"after": -1}
    if resumed["after"] != after:
        return now
    until_s = min(now + sum(leg["seconds"] for leg in resumed["behind"]), max(resumed["at_s"], now))
    yield Spell(way, now, until_s)
    return int(until_s)


def _list_breaks(route: Mapping[str, Any], after: int | None, now: int) -> Iterator[Spell]:
    """Breaks after a stop (0: before setting out, None: after the return), and the waiting for them."""
    for rest in route.get("breaks", ()):
        if rest["after"] == after:
            yield Spell(SpellKind.WAIT, now, rest["start_s"])
            yield Spell(SpellKind.BREAK, rest["start_s"], rest["end_s"])
            now = rest["end_s"]
