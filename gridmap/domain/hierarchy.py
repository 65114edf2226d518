"""Areas over time: what a place was called on which day, what became of it, and totals of one day by another's codes.

An id is one place with one extent: it stays under another name, code or parent, and ends when the place is split or
merged. What it was called stays known for good, and so do the shares in which it went over into others, so that what
was counted by yesterday's codes still adds up (建制沿革).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import groupby
from math import floor

from gridmap.domain.codes import DIGITS, Level, code_level, parent_code
from gridmap.errors import N_, Conflict, InvalidInput


class SuccessionKind(StrEnum):
    """How an area became another, or other than it was: 拆分, 合并, 更名, 改码, 划转上级, 调界."""

    SPLIT = "split"
    MERGE = "merge"
    RENAME = "rename"
    RENUMBER = "renumber"
    MOVE = "move"
    REDRAW = "redraw"


class AreaOrderState(StrEnum):
    """Where a change for a later day stands: 待生效, 已生效, 已撤回, 无法生效, 已撤销.

    What another than its author withdrew is `impossible` until the author has seen it.
    """

    WAITING = "waiting"
    IN_EFFECT = "in_effect"
    WITHDRAWN = "withdrawn"
    IMPOSSIBLE = "impossible"
    UNDONE = "undone"


@dataclass(frozen=True)
class Succession:
    """A share of an area that went to another, or stayed with it, by one change.

    `share_households` and `share_area` are of the predecessor, from 0 to 1; those of one predecessor and one change sum
    to 1. `txn` is the number of the change in the journal.
    """

    predecessor: int
    successor: int
    kind: SuccessionKind
    share_households: float
    share_area: float
    effective_on: date
    txn: int


@dataclass(frozen=True)
class Naming:
    """The days [begins, ends) on which a place had a code and a name; `ends` None: still has."""

    area_id: int
    begins: date
    ends: date | None
    code: str
    name: str

    def holds_on(self, day: date) -> bool:
        """Whether `day` is one of its days."""
        return self.begins <= day and (self.ends is None or day < self.ends)


# --- codes --------------------------------------------------------------------------------------------------------


def check_number(code: str, *, like: str) -> None:
    """Raise InvalidInput unless `code` is of the level and below the parent of the code `like`."""
    if len(code) != len(like):
        raise InvalidInput(
            N_("{code} is the code of another level than {old}."),
            hint=N_("A code of this level has {digits} digits."),
            code=code,
            old=like,
            digits=len(like),
        )
    if parent_code(code) != parent_code(like):
        raise InvalidInput(
            N_("{code} lies below another area than {old}."),
            hint=N_("Move the area to the other one instead."),
            code=code,
            old=like,
        )


def recode_below(codes: Iterable[str], *, old: str, new: str) -> dict[str, str]:
    """New code of each of `codes`, which lie at or below `old`, once that is called `new`."""
    return {code: new + code[len(old) :] for code in codes}


def find_free_code(parent: str, *, level: Level, used: Collection[str], wish: str = "") -> str:
    """The code of `level` below `parent` whose number is that of `wish`, else the lowest one not in `used`.

    Raises
    ------
    Conflict
        Every number is used.
    """
    width = DIGITS[level] - len(parent)
    own = parent + wish[-width:] if wish else ""
    if own and own not in used and int(own[-width:]) > 0:
        return own
    free = next((code for n in range(1, 10**width) if (code := f"{parent}{n:0{width}d}") not in used), None)
    if free is None:
        raise Conflict(
            N_("Every number below {parent} is used."),
            hint=N_("Split the area above first, so that there are numbers."),
            parent=parent,
        )
    return free


def gather_below(families: Mapping[str, Sequence[str]], *, new: str) -> dict[str, str]:
    """New codes of what lies below areas that become the one called `new`: numbers stay, later ones give way.

    Parameters
    ----------
    families
        By old area the codes directly below it, the family that keeps its numbers first.
    """
    taken: set[str] = set()
    renamed: dict[str, str] = {}
    for old, below in families.items():
        for code in sorted(below):
            level = code_level(code)
            above = new.ljust(DIGITS[Level(level - 1)], "0")
            wish = new + code[len(old) :]
            renamed[code] = wish if wish not in taken else find_free_code(above, level=level, used=taken)
            taken.add(renamed[code])
    return renamed


# --- days ---------------------------------------------------------------------------------------------------------


def extend_back(namings: Iterable[Naming], *, made: Collection[int]) -> list[Naming]:
    """As far back as is known: a place that no split or merge made was called so before it was written down, too.

    Where two places began with the same code, only the one that had it first did.
    """
    items = sorted(namings, key=lambda item: (item.begins, item.ends or date.max))
    of_code: dict[str, Naming] = {}
    of_area: dict[int, Naming] = {}
    for item in items:
        of_code.setdefault(item.code, item)
        of_area.setdefault(item.area_id, item)
    return [
        replace(item, begins=date.min)
        if item is of_code[item.code] and item is of_area[item.area_id] and item.area_id not in made
        else item
        for item in items
    ]


def name_on(namings: Iterable[Naming], day: date) -> dict[int, Naming]:
    """What each place was called on a day."""
    return {item.area_id: item for item in namings if item.holds_on(day)}


# --- totals -------------------------------------------------------------------------------------------------------


def apportion(total: int, shares: Sequence[float]) -> list[int]:
    """Whole numbers in the proportion of `shares` that sum to `total` exactly, by the largest remainders."""
    exact = [Fraction(share) for share in shares]
    whole = sum(exact)
    if not whole:
        raise ValueError("no share is more than nothing")
    wanted = [total * share / whole for share in exact]
    parts = [floor(value) for value in wanted]
    by_rest = sorted(range(len(parts)), key=lambda i: (parts[i] - wanted[i], i))
    for i in by_rest[: total - sum(parts)]:
        parts[i] += 1
    return parts


def share_out(value: float, shares: Sequence[float]) -> list[float]:
    """As `apportion` for what is measured: the last share is what the others leave."""
    parts = [value * share for share in shares[:-1]]
    return [*parts, value - sum(parts)]


def translate(
    values: Mapping[int, float], successions: Sequence[Succession], *, whole: bool, by_area: bool = False
) -> dict[int, float]:
    """What was counted by area, counted by those that came of them.

    Parameters
    ----------
    values
        By area id.
    successions
        All that happened between the two days, in their order.
    whole
        Values are whole numbers and stay so.
    by_area
        In proportion to area instead of households.
    """
    held = dict(values)
    for _, changed in groupby(successions, key=lambda item: item.txn):
        shares: dict[int, dict[int, float]] = defaultdict(dict)
        for item in changed:
            share = item.share_area if by_area else item.share_households
            shares[item.predecessor][item.successor] = shares[item.predecessor].get(item.successor, 0.0) + share
        for successor, value in _hand_on(held, shares, whole):
            held[successor] = held.get(successor, 0) + value
    return held


def _hand_on(held: dict[int, float], shares: Mapping[int, Mapping[int, float]], whole: bool) -> list[tuple[int, float]]:
    """Take what predecessors hold and say who gets how much of it."""
    given: list[tuple[int, float]] = []
    for predecessor, to in shares.items():
        if predecessor in held:
            value, parts = held.pop(predecessor), list(to.values())
            given += zip(to, apportion(int(value), parts) if whole else share_out(value, parts), strict=True)
    return given
