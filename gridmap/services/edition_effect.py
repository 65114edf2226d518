"""An edition takes effect in one transaction: places keep their ids and who answers for them, what is new gets both."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.areas import find_above
from gridmap.domain.codes import DIGITS
from gridmap.domain.crs import compute_areas_m2
from gridmap.domain.days import local_day
from gridmap.domain.hierarchy import Succession, SuccessionKind
from gridmap.domain.progress import Progress, part_of, silent
from gridmap.errors import N_, Conflict, InvalidInput
from gridmap.services.change_order_rules import check_unlocked
from gridmap.services.context import Context, open_context
from gridmap.services.due import put_due_in_effect
from gridmap.services.editions import EditionDifference, compare_edition
from gridmap.services.hierarchy_effect import check_no_scope, check_no_waiting, find_heir
from gridmap.services.loading_segments import recut_segments
from gridmap.settings import Settings
from gridmap.sources.files import AreaFileOptions
from gridmap.store import areas, hierarchy, imports, tables
from gridmap.store.bulk import insert_bulk, insert_numbered
from gridmap.store.geometry import geometry_values
from gridmap.store.hierarchy import Reference
from gridmap.store.tenures import follow_assignments
from gridmap.store.undo import CHANGED_MEANWHILE, RELOAD
from gridmap.store.unit_of_work import UnitOfWork

EDITION = "edition"
"""Kind of the journal entry of an edition."""

_TOPICS = ("areas", "units", "rail", "hazards", "networks", "teams", "plans", "incidents", "chiefs", "closures")

_PLACED = frozenset({"hazard", "network_site", "post", "incident", "team", "grid_unit"})
"""Tables whose rows lie in one spot; where a border moved across it, they change the area."""


@dataclass(frozen=True)
class EditionReport:
    """What an edition changed; `along` counts rows of each table that name another area than before."""

    change: int
    kept: int
    added: int
    removed: int
    redrawn: int
    recoded: int
    along: Mapping[str, int]


@dataclass(frozen=True)
class _Work:
    """An edition being applied."""

    work: UnitOfWork
    day: date
    difference: EditionDifference
    kept: np.ndarray
    gone: np.ndarray
    come: np.ndarray


def apply_edition(
    context: Context, actor: Actor, *, difference: EditionDifference, reason: str, progress: Progress = silent
) -> EditionReport:
    """Write what `compare_edition` showed, all of it or nothing.

    It is a bulk load: it is not undone, but the edition before can be applied in its turn.

    Raises
    ------
    InvalidInput
        No reason is given, a row of the file was rejected, or nothing differs.
    Conflict
        The areas changed since the comparison; a removed area is locked, waited for by an order, somebody is confined
        to it, or areas of other levels lie below it; or two areas would have one code.
    """
    check_allowed(actor, Permission.IMPORT_DATA)
    _check_applicable(difference, reason)
    put_due_in_effect(context)
    with context.database.write(actor, kind=EDITION, reason=reason.strip()) as work:
        if context.revisions("areas") != difference.revision:
            raise Conflict(CHANGED_MEANWHILE, hint=RELOAD)
        report = _apply(work, difference, progress)
    context.sessions.clear()
    progress(1.0, N_("Stored"))
    return report


def edition_job(
    progress: Progress,
    settings: Settings,
    actor: Actor,
    path: Path,
    options: AreaFileOptions,
    seen: tuple[int, ...],
    reason: str,
) -> dict[str, Any]:
    """Compare and apply for a worker process; `seen` is the revision of the difference that the person saw.

    Raises
    ------
    Conflict
        As `apply_edition`; also where the areas changed since.
    """
    context = open_context(settings)
    try:
        difference = compare_edition(context, actor, path=path, options=options, progress=part_of(progress, 0, 0.5))
        report = apply_edition(
            context,
            actor,
            difference=replace(difference, revision=seen),
            reason=reason,
            progress=part_of(progress, 0.5, 1),
        )
        return asdict(report)
    finally:
        context.close()


def _check_applicable(difference: EditionDifference, reason: str) -> None:
    if not reason.strip():
        raise InvalidInput(N_("A change needs a reason."), hint=N_("Write in a few words why the area changes."))
    if difference.rejected:
        raise InvalidInput(
            N_("{number} rows of {name} cannot be taken, and what they name would be removed."),
            hint=N_("Correct the file and compare it again."),
            number=len(difference.rejected),
            name=difference.file,
        )
    if difference.is_empty:
        raise InvalidInput(N_("This edition is what is loaded."), hint=N_("There is nothing to apply."))


def _apply(work: UnitOfWork, difference: EditionDifference, progress: Progress) -> EditionReport:
    new_of = difference.matching.new_of
    at = _Work(
        work,
        local_day(work.at),
        difference,
        np.flatnonzero(new_of >= 0),
        np.flatnonzero(new_of < 0),
        np.setdiff1d(np.arange(len(difference.new)), new_of),
    )
    _check_removed(at)
    references = hierarchy.load_references(work.connection, "")
    recoded = _find_recoded(at)
    progress(0.1, N_("Storing areas"))
    ids = _save_areas(at, recoded)
    progress(0.6, N_("Storing who answers for them"))
    _save_owners(at, ids)
    hierarchy.save_successions(work, _list_successions(at, ids), in_bulk=True)
    following = _find_following(at, references, recoded)
    gone = set(difference.old["code"].iloc[at.gone])
    check_no_scope(work.connection, [item for item in following if item.code in gone])
    hierarchy.rename_units(work, dict(recoded.values()))
    hierarchy.save_references_bulk(work, following)
    follow_assignments(work, day=at.day)
    progress(0.8, N_("Cutting the railway lines anew"))
    recut_segments(work, besides=0)
    along = Counter(item.table for item in following)
    counts = {
        "kept": len(at.kept),
        "added": len(at.come),
        "removed": len(at.gone),
        "redrawn": int(difference.matching.redrawn.sum()),
        "recoded": len(recoded),
    }
    work.note("edition", {"file": difference.file, **counts})
    work.touch(*_TOPICS)
    return EditionReport(work.reserve_number(), **counts, along=along)


def _check_removed(at: _Work) -> None:
    ended = at.difference.old.iloc[at.gone]
    ids = [int(i) for i in ended["id"]]
    check_unlocked(at.work.connection, ids)
    check_no_waiting(at.work.connection, ids)
    bereft = [item for item in at.difference.removed if item.below]
    if bereft:
        raise Conflict(
            N_("{code} is not in the edition, and {count} areas lie below it."),
            hint=N_("Move, split or merge it first, so that they have a place; {more} more are so."),
            code=bereft[0].code,
            count=bereft[0].below,
            more=len(bereft) - 1,
        )


# --- areas --------------------------------------------------------------------------------------------------------


def _find_recoded(at: _Work) -> dict[int, tuple[str, str]]:
    """Old and new code of each area that gets another one, those below of other levels included.

    Raises
    ------
    Conflict
        Two areas would have the same code.
    """
    old, new = at.difference.old, at.difference.new
    pairs = zip(old["code"].iloc[at.kept], new["code"].iloc[at.difference.matching.new_of[at.kept]], strict=True)
    roots = {before: after for before, after in pairs if before != after}
    compared = set(old["id"])
    final: dict[int, str] = {}
    present = hierarchy.load_all_codes(at.work.connection)
    for area_id, code in present.items():
        root = code if area_id in compared else find_above(code, roots)
        final[area_id] = roots.get(root or "", root or "") + code[len(root or "") :] if root else code
    gone = {int(i) for i in old["id"].iloc[at.gone]}
    codes = Counter([code for i, code in final.items() if i not in gone] + list(new["code"].iloc[at.come]))
    twice = [code for code, times in codes.items() if times > 1]
    if twice:
        raise Conflict(
            N_("Two areas would have the code {code}, and {more} more."),
            hint=N_("Compare an edition of all levels, or move what lies in between first."),
            code=min(twice),
            more=len(twice) - 1,
        )
    return {i: (present[i], code) for i, code in final.items() if code != present[i] and i not in gone}


def _save_areas(at: _Work, recoded: Mapping[int, tuple[str, str]]) -> np.ndarray:
    """Write areas; the id of each of the new edition."""
    work, old, new = at.work, at.difference.old, at.difference.new
    renamed = {int(i) for i in recoded} | _find_renamed(at)
    _save_past(at, renamed)
    hierarchy.remove_bulk(work, [int(i) for i in old["id"].iloc[at.gone]])
    hierarchy.recode_bulk(work, {i: code for i, (_, code) in recoded.items()}, day=at.day)
    ids = np.zeros(len(new), np.int64)
    matched = at.difference.matching.new_of[at.kept]
    ids[matched] = old["id"].to_numpy(np.int64)[at.kept]
    redrawn = at.kept[at.difference.matching.redrawn[at.kept]]
    drawn = np.concatenate([at.difference.matching.new_of[redrawn], at.come])
    sizes = dict(zip(drawn.tolist(), compute_areas_m2(new.geometry.to_numpy()[drawn]).tolist(), strict=True))
    hierarchy.update_bulk(work, [_ground(old, new, i, at, sizes) for i in redrawn.tolist()])
    named = [(i, int(at.difference.matching.new_of[i])) for i in _find_named_otherwise(at).tolist()]
    hierarchy.update_bulk(
        work,
        [
            {
                "id": int(ids[j]),
                "name": new["name"].iloc[j],
                "households": _whole(new["households"].iloc[j], old["households"].iloc[i]),
                "valid_from": at.day if int(ids[j]) in renamed else old["valid_from"].iloc[i],
            }
            for i, j in named
        ],
    )
    ids[at.come] = insert_numbered(work, tables.area, [_new_row(at, j, sizes) for j in at.come.tolist()])
    return ids


def _find_renamed(at: _Work) -> set[int]:
    old, new = at.difference.old, at.difference.new
    matched = at.difference.matching.new_of[at.kept]
    other = old["name"].to_numpy(object)[at.kept] != new["name"].to_numpy(object)[matched]
    return {int(i) for i in old["id"].to_numpy()[at.kept][other]}


def _save_past(at: _Work, renamed: set[int]) -> None:
    """Keep what areas were called that end or are called otherwise; those below of other levels included."""
    hierarchy.save_past(at.work, at.difference.old.iloc[at.gone], day=at.day, in_bulk=True)
    named = hierarchy.load_named(at.work.connection, sorted(renamed))
    hierarchy.save_past(at.work, named, day=at.day, in_bulk=True)


def _find_named_otherwise(at: _Work) -> np.ndarray:
    """Positions of kept areas that have another name or number of households."""
    old, new = at.difference.old.iloc[at.kept], at.difference.new.iloc[at.difference.matching.new_of[at.kept]]
    names = old["name"].to_numpy(object) != new["name"].to_numpy(object)
    counts = new["households"].to_numpy(object)
    other = (counts != old["households"].to_numpy(object)) & ~pd.isna(counts)
    found: np.ndarray = at.kept[names | other]
    return found


def _whole(value: Any, otherwise: Any = None) -> int | None:
    for number in (value, otherwise):
        if number is not None and not pd.isna(number):
            return int(number)
    return None


def _ground(old: Any, new: Any, i: int, at: _Work, sizes: Mapping[int, float]) -> dict[str, Any]:
    j = int(at.difference.matching.new_of[i])
    return {"id": int(old["id"].iat[i]), **geometry_values(new.geometry.iat[j]), "area_m2": sizes[j]}


def _new_row(at: _Work, j: int, sizes: Mapping[int, float]) -> dict[str, Any]:
    row = at.difference.new.iloc[j]
    source = at.difference.old["source_id"].dropna()
    return {
        "code": row["code"],
        "name": row["name"],
        "level": int(row["level"]),
        "kind": row["kind"],
        "households": _whole(row["households"]),
        "area_m2": sizes[j],
        "external_id": None,
        **geometry_values(row["geometry"]),
        "valid_from": at.day,
        "valid_to": None,
        "source_id": int(source.mode().iloc[0]) if len(source) else None,
    }


# --- who answers, and what became of them ----------------------------------------------------------------------------


def _list_flows(at: _Work) -> dict[int, list[tuple[int, float]]]:
    """By area of the new edition the areas before whose ground it has, with the share of each."""
    matching = at.difference.matching
    found: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for i, j, share in zip(matching.parts.tolist(), matching.heirs.tolist(), matching.shares.tolist(), strict=True):
        found[j].append((i, share))
    return found


def _save_owners(at: _Work, ids: np.ndarray) -> None:
    """Give each new cell to the unit that answered for most of its ground, else to that of the area above it."""
    work, old, new = at.work, at.difference.old, at.difference.new
    lowest = areas.load_cell_level(work.connection)
    cells = [j for j in at.come.tolist() if new["level"].iat[j] == lowest]
    if not cells:
        return
    flows, size = _list_flows(at), old["area_m2"].to_numpy(float)
    units = hierarchy.load_open_owners(work.connection)  # by the days: assignments of what ended are gone
    known = imports.load_units_by_code(work.connection)
    rows = []
    for j in cells:
        ranked = sorted(flows.get(j, ()), key=lambda flow: -flow[1] * size[flow[0]])
        before = (units.get(int(old["id"].iat[i])) for i, _ in ranked)
        unit = next((unit for unit in before if unit is not None), None)
        unit = unit if unit is not None else _find_unit_above(at, j, known)
        rows.append({"cell_id": int(ids[j]), "unit_id": unit, "since": at.day})
    insert_bulk(work, tables.assignment, rows)


def _find_unit_above(at: _Work, j: int, known: dict[str, int]) -> int:
    """The unit of the closest area above that has one, else a new one of the area above."""
    code = at.difference.new["code"].iat[j]
    for digits in sorted((d for d in DIGITS.values() if d < len(code)), reverse=True):
        if f"U{code[:digits]}" in known:
            return known[f"U{code[:digits]}"]
    above = find_above(code, set(hierarchy.load_all_codes(at.work.connection).values())) or code
    point = shapely.point_on_surface(at.difference.new.geometry.iat[j])
    row = {"code": f"U{above}", "name": above, "kind": "grid_station", "area_code": above}
    known[f"U{above}"] = at.work.insert(tables.grid_unit, {**row, "lon": point.x, "lat": point.y})
    return known[f"U{above}"]


def _list_successions(at: _Work, ids: np.ndarray) -> list[Succession]:
    """Shares of all ground that went over, and a row of its own for what kept its ground under another code or name."""
    matching, old = at.difference.matching, at.difference.old
    before = old["id"].to_numpy(np.int64)
    txn, come = at.work.reserve_number(), set(at.come.tolist())
    merged = {j for j, _ in matching.list_merges()}
    rows: dict[tuple[int, int], Succession] = {}

    def add(predecessor: int, successor: int, kind: SuccessionKind, share: float) -> None:
        rows[predecessor, successor] = Succession(predecessor, successor, kind, share, share, at.day, txn)

    for i, j, share in zip(matching.parts.tolist(), matching.heirs.tolist(), matching.shares.tolist(), strict=True):
        ended = matching.new_of[i] < 0
        kind = SuccessionKind.MERGE if j in merged or (ended and j not in come) else SuccessionKind.SPLIT
        add(int(before[i]), int(ids[j]), kind if ended or j in come else SuccessionKind.REDRAW, share)
    touched = {predecessor for predecessor, _ in rows}
    heirs = {successor for _, successor in rows}
    ours, theirs = old.iloc[at.kept], at.difference.new.iloc[matching.new_of[at.kept]]
    pairs = [zip(ours[column], theirs[column], strict=True) for column in ("code", "name")]
    for area, code, name in zip(before[at.kept].tolist(), *pairs, strict=True):
        if area in touched:
            continue
        if code[0] != code[1]:
            add(area, area, SuccessionKind.RENUMBER, 1.0)
        elif name[0] != name[1]:
            add(area, area, SuccessionKind.RENAME, 1.0)
        elif area in heirs:
            add(area, area, SuccessionKind.REDRAW, 1.0)
    return list(rows.values())


def _find_following(
    at: _Work, references: Sequence[Reference], recoded: Mapping[int, tuple[str, str]]
) -> dict[Reference, str]:
    """What names an area that ended, has another code, or whose border moved across the spot."""
    matching, old, new = at.difference.matching, at.difference.old, at.difference.new
    heirs: dict[str, list[tuple[str, shapely.Geometry]]] = defaultdict(list)
    for i, j in zip(matching.parts.tolist(), matching.heirs.tolist(), strict=True):
        heirs[old["code"].iat[i]].append((new["code"].iat[j], new.geometry.iat[j]))
    gone = set(old["code"].iloc[at.gone])
    codes, present = dict(recoded.values()), set(hierarchy.load_all_codes(at.work.connection).values())
    found: dict[Reference, str] = {}
    for item in references:
        root = item.code if item.code in codes else find_above(item.code, codes)
        code = codes[root] + item.code[len(root) :] if root is not None else item.code
        if item.code in gone or (item.code in heirs and item.table in _PLACED):
            code = find_heir(item, heirs[item.code]) or code
        if item.code in gone and code == item.code:
            code = find_above(item.code, present) or ""
        if code != item.code:
            found[item] = code
    return found
