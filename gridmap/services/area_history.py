"""What places were called and what became of them: old codes are found, and what was counted by them is translated."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.codes import parse_code
from gridmap.domain.hierarchy import Naming, extend_back, name_on, translate
from gridmap.errors import N_, GridmapError, InvalidInput, NotFound
from gridmap.services.context import Context
from gridmap.store import hierarchy

_HISTORY = [
    "effective_on",
    "kind",
    "from_code",
    "from_name",
    "to_code",
    "to_name",
    "share_households",
    "share_area",
    "reason",
    "actor",
    "txn",
]


@dataclass(frozen=True)
class FoundCode:
    """The place that had a code, and what it is now.

    Attributes
    ----------
    name
        What it was called then.
    until
        The first day on which it had the code no more; None: it still has.
    now
        Id, code and name of what it is, or of what came of it; none where it ended without a successor.
    """

    code: str
    area_id: int
    name: str
    until: date | None
    now: tuple[tuple[int, str, str], ...]

    @property
    def codes_now(self) -> str:
        """Codes of today, in one line."""
        return ", ".join(code for _, code, _ in self.now)


def find_code(context: Context, actor: Actor, *, code: str, on: date | None = None) -> FoundCode:
    """The place that had `code` on a day; without a day the one that has it, or was the last to have it.

    Raises
    ------
    NotFound
        No place had it, or neither it nor what came of it lies in scope.
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        found = find_place(connection, actor, parse_code(code), on)
    if found is None:
        raise _build_not_found(code)
    return found


def find_place(connection: sa.Connection, actor: Actor, code: str, on: date | None = None) -> FoundCode | None:
    """As `find_code` inside a transaction; None where there is no such place."""
    ids = {item.area_id for item in hierarchy.load_namings(connection, codes=[code])}
    namings = extend_back(hierarchy.load_namings(connection, ids=ids), made=hierarchy.find_made(connection))
    held = [item for item in namings if item.code == code and (on is None or item.holds_on(on))]
    if not held:
        return None
    last = max(held, key=lambda item: (item.ends or date.max, item.begins))
    now = _follow(connection, last.area_id)
    found = FoundCode(code, last.area_id, last.name, last.ends, tuple((i.area_id, i.code, i.name) for i in now))
    covered = actor.covers(code) or any(actor.covers(item.code) for item in now)
    return found if covered else None


def _follow(connection: sa.Connection, area_id: int) -> list[Naming]:
    """What a place is now: itself, or what came of it, by code."""
    living: dict[int, Naming] = {}
    waiting, seen = {area_id}, set[int]()
    while waiting:
        here = {i.area_id: i for i in hierarchy.load_namings(connection, ids=waiting) if i.ends is None}
        living |= here
        seen |= waiting
        successors = hierarchy.load_successors(connection, waiting - here.keys())
        waiting = {i for items in successors.values() for i in items} - seen
    return sorted(living.values(), key=lambda item: item.code)


def require_area(connection: sa.Connection, actor: Actor, *, code: str) -> gpd.GeoDataFrame:
    """The one area in scope that has a code, columns as `store.hierarchy.load_below`.

    Raises
    ------
    NotFound
        There is none; where a place had that code, the sentence says what it is now.
    """
    canonical = parse_code(code)
    found = hierarchy.load_some(connection, [canonical])
    if found.empty or not actor.covers(canonical):
        raise explain_missing(connection, actor, code=canonical)
    return found


def explain_missing(
    connection: sa.Connection, actor: Actor, *, code: str, instead: GridmapError | None = None
) -> GridmapError:
    """The failure to raise where no area has a code: it names the code of today where a place had that one.

    `instead` is what is raised of a code that nobody ever had.
    """
    found = find_place(connection, actor, code)
    if found is None or found.until is None:
        return instead or _build_not_found(code)
    if not found.now:
        return NotFound(
            N_("{code} ({name}) is no more since {day}."),
            hint=N_("Look the area up by its name."),
            code=code,
            name=found.name,
            day=found.until.isoformat(),
        )
    return NotFound(
        N_("{code} has been {now} since {day}."),
        hint=N_("Use the code of today."),
        code=code,
        now=found.codes_now,
        day=found.until.isoformat(),
    )


def _build_not_found(code: str) -> NotFound:
    return NotFound(
        N_("There is no area {code} in your area."), hint=N_("Look the code up in the tree of areas."), code=code
    )


def list_history(context: Context, actor: Actor, *, code: str) -> pd.DataFrame:
    """What happened to the place that has, or was the last to have, a code; the newest first.

    Columns: effective_on, kind, from_code, from_name, to_code, to_name (as they were called before and after),
    share_households, share_area (of the one that went to the other), reason, actor, txn. A code that changed with that
    of an area above stands there with the kind of that change.

    Raises
    ------
    NotFound
        As `find_code`.
    """
    found = find_code(context, actor, code=code)
    with context.database.read() as connection:
        ids = {found.area_id}
        changes = hierarchy.load_history(connection, ids)
        ids |= {int(i) for name in ("predecessor_id", "successor_id") for i in changes[name]}
        namings = hierarchy.load_namings(connection, ids=ids)
        derived = hierarchy.load_derived(connection, found.area_id)
    rows = [
        (
            row.effective_on,
            row.kind,
            *_name(namings, row.predecessor_id, row.effective_on, before=True),
            *_name(namings, row.successor_id, row.effective_on, before=False),
            row.share_households,
            row.share_area,
            row.reason,
            row.actor,
            row.txn,
        )
        for row in changes.itertuples()
    ]
    told = {row[-1] for row in rows}
    for row in derived.itertuples():
        if row.txn not in told:
            before = (row.code, row.name_)
            after = _name(namings, found.area_id, row.valid_to, before=False)
            rows.append((row.valid_to, row.kind, *before, *after, 1.0, 1.0, row.reason, row.actor, row.txn))
    rows.sort(key=lambda row: (row[0], row[-1]), reverse=True)
    return pd.DataFrame(rows, columns=_HISTORY)


def _name(namings: Collection[Naming], area_id: int, day: date, *, before: bool) -> tuple[str, str]:
    """Code and name of a place before or after what happened on a day."""
    own = sorted((item for item in namings if item.area_id == area_id), key=lambda i: (i.begins, i.ends or date.max))
    if before:
        fitting = [item for item in own if item.begins < day] or own[:1]
        chosen = fitting[-1]
    else:
        fitting = [item for item in own if item.ends is None or item.ends > day] or own[-1:]
        chosen = fitting[0]
    return chosen.code, chosen.name


def translate_totals(
    context: Context, actor: Actor, *, frame: pd.DataFrame, from_date: date, to_date: date, by: str = "households"
) -> pd.DataFrame:
    """What was counted by the codes of one day, by those of a later one; sums are kept, of whole numbers to the unit.

    Parameters
    ----------
    frame
        A column `code`; all others are numbers. Codes of several levels may be mixed.
    by
        "households" or "area": in which proportion an area that was split is shared out.

    Raises
    ------
    NotFound
        A code was no area in scope on the first day.
    InvalidInput
        The days are the wrong way round, `by` is neither, or a column holds no numbers.
    """
    check_allowed(actor, Permission.VIEW)
    _check_asked(frame, from_date, to_date, by)
    with context.database.read() as connection:
        every = extend_back(hierarchy.load_namings(connection), made=hierarchy.find_made(connection))
        successions = hierarchy.load_successions(connection, after=from_date, until=to_date)
    ids = {item.code: area_id for area_id, item in name_on(every, from_date).items()}
    unknown = [code for code in frame["code"] if code not in ids or not actor.covers(code)]
    if unknown:
        raise NotFound(
            N_("{number} of the codes were of no area in your area on {day}, {code} among them."),
            hint=N_("Check the codes and the day of the report."),
            number=len(unknown),
            code=unknown[0],
            day=from_date.isoformat(),
        )
    own = frame.assign(id=[ids[code] for code in frame["code"]]).groupby("id").sum(numeric_only=True)
    columns = {}
    for name in own.columns:
        whole = pd.api.types.is_integer_dtype(own[name])
        values = dict(zip(own.index.tolist(), own[name].tolist(), strict=True))
        columns[name] = translate(values, successions, whole=whole, by_area=by == "area")
    named = {area_id: item.code for area_id, item in name_on(every, to_date).items()}
    last = {item.area_id: item.code for item in every}
    result = pd.DataFrame(columns, columns=own.columns).fillna(0)
    result = result.astype({name: own[name].dtype for name in own.columns})
    result.insert(0, "code", [named.get(int(i), last[int(i)]) for i in result.index])
    return result.sort_values("code").reset_index(drop=True)


def _check_asked(frame: pd.DataFrame, from_date: date, to_date: date, by: str) -> None:
    if from_date > to_date:
        raise InvalidInput(
            N_("{first} is after {last}."),
            hint=N_("Give the day of the report first."),
            first=from_date.isoformat(),
            last=to_date.isoformat(),
        )
    if by not in {"households", "area"}:
        raise InvalidInput(N_("“{by}” is no measure to share out by."), hint=N_("Say households or area."), by=by)
    words = [name for name in frame.columns if name != "code" and not pd.api.types.is_numeric_dtype(frame[name])]
    if words or "code" not in frame.columns:
        raise InvalidInput(
            N_("A report to translate has a column “code” and columns of numbers; “{name}” is none."),
            hint=N_("Leave other columns out."),
            name=words[0] if words else "code",
        )
