"""Railway lines and segments: what is due for a patrol, and where a mileage lies."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import geopandas as gpd
import pandas as pd

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.railways.freshness import rate_freshness
from gridmap.domain.railways.mileage import MeasuredLine, format_mileage, parse_place
from gridmap.errors import N_, Conflict, InvalidInput, NotFound
from gridmap.services.context import Context
from gridmap.services.places import find_in_scope
from gridmap.store import rail

_SHOWN = 10
"""So many lines are named where the one that was meant is not clear."""


@dataclass(frozen=True)
class MileageHit:
    """A place on or beside a line.

    Attributes
    ----------
    mileage
        As written on the posts, `K12+300`.
    chainage_m
        Metres along the line as it lies: what the store calls mileage_m.
    side, offset_m
        Left or right facing increasing mileage, "" on the line, and metres from it.
    lon, lat
        Of the place itself, degrees.
    note, values
        A catalogue message that tells the place from others of the same mileage, "" where there is none.
    """

    line_id: int
    line: str
    mileage: str
    chainage_m: float
    side: str
    offset_m: float
    lon: float
    lat: float
    note: str = ""
    values: dict[str, Any] = field(default_factory=dict)


def list_segments(
    context: Context,
    actor: Actor,
    *,
    line_ids: Sequence[int] | None = None,
    ids: Sequence[int] | None = None,
    at: datetime | None = None,
) -> gpd.GeoDataFrame:
    """Segments in scope, those of `line_ids` and among `ids` where given, and how they are at an instant.

    Columns `due_at`, `freshness` (fresh, due, overdue, never) and `days_overdue`.

    The other columns are those of `store.rail.load_segments`.
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        segments = rail.load_segments(connection, scope=actor.scope_code, line_ids=line_ids, ids=ids)
    return rate_freshness(segments, at=at or context.clock())


def list_lines(context: Context, actor: Actor) -> pd.DataFrame:
    """Lines with their number of segments in scope and how many of those are overdue or were never patrolled.

    An actor confined to an area sees the lines that have a segment there.

    Columns: id, name, ref, prefix, high_speed, electrified, gauge_mm, start_m, length_m, segments, overdue.
    """
    segments = list_segments(context, actor)
    with context.database.read() as connection:
        lines = pd.DataFrame(rail.load_lines(connection).drop(columns="geometry"))
    late = segments["freshness"].isin(["overdue", "never"])
    lines["segments"] = lines["id"].map(segments.groupby("line_id").size()).fillna(0).astype(int)
    lines["overdue"] = lines["id"].map(late.groupby(segments["line_id"]).sum()).fillna(0).astype(int)
    if actor.scope_code:
        lines = lines[lines["segments"] > 0]
    lines["name"] = [rail.name_line(*row) for row in lines[["name", "ref", "id"]].itertuples(index=False)]
    return lines.reset_index(drop=True)


def find_line(context: Context, actor: Actor, *, name: str) -> int:
    """Id of the line in scope of that name, number or #id; names are compared without regard to case.

    Raises
    ------
    NotFound
        No line in scope is called so.
    Conflict
        Several are.
    """
    lines = list_lines(context, actor)
    wanted = name.strip().casefold()
    own = [f"#{i}" for i in lines["id"]]
    names = [str(n) for n in lines["name"]]
    refs = [str(r) for r in lines["ref"]]
    if wanted in own:
        return int(lines["id"].iloc[own.index(wanted)])
    found = [i for i in range(len(lines)) if wanted in (names[i].casefold(), refs[i].casefold())]
    if len(found) > 1:
        listed = ", ".join(f"{own[i]} ({names[i]}, {lines['length_m'].iloc[i] / 1000:.1f} km)" for i in found[:_SHOWN])
        raise Conflict(
            N_("“{name}” may mean {number} lines: {lines}."),
            hint=N_("Give one of them as --line=#ID."),
            name=name,
            number=len(found),
            lines=listed,
        )
    if not found:
        folded = {n.casefold(): n for n in names}
        near = [folded[n] for n in difflib.get_close_matches(wanted, folded, n=5, cutoff=0.4)]
        raise NotFound(
            N_("There is no line called “{name}”; there are {lines}."),
            hint=N_("Choose one of these."),
            name=name,
            lines=", ".join(f"“{n}”" for n in near or names[:_SHOWN]) or "none",
        )
    return int(lines["id"].iloc[found[0]])


def load_segment(context: Context, actor: Actor, *, segment_id: int) -> pd.Series:
    """One segment as `list_segments` has it.

    Raises
    ------
    NotFound
        No such segment in scope.
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        found = rail.load_segments(connection, scope=actor.scope_code, ids=(segment_id,))
    if found.empty:
        raise NotFound(N_("A segment does not exist in your area."), hint=N_("Reload the page and choose again."))
    return rate_freshness(found, at=context.clock()).iloc[0]


def record_patrol(context: Context, actor: Actor, *, segment_ids: Sequence[int], at: datetime) -> int:
    """Record that segments were patrolled at `at`; returns the number of the change.

    A segment that was patrolled later already keeps that time.

    Raises
    ------
    NotFound
        A segment does not exist or lies outside the scope.
    InvalidInput
        The time lies ahead, or every segment was patrolled since.
    """
    check_allowed(actor, Permission.PLAN_PATROLS)
    if at > context.clock():
        raise InvalidInput(N_("A patrol cannot be recorded before it happened."), hint=N_("Check the time."))
    with context.database.write(actor, kind="record_patrol") as work:
        last = rail.load_last_patrols(work.connection, segment_ids, scope=actor.scope_code)
        if not segment_ids or not set(segment_ids) <= set(last):
            raise NotFound(N_("A segment does not exist in your area."), hint=N_("Reload the page and choose again."))
        walked = [i for i, before in last.items() if before is None or before < at]
        if not walked:
            raise InvalidInput(N_("These segments were patrolled later already."), hint=N_("Check the time."))
        rail.save_patrols(work, segment_ids=walked, at=at)
    assert work.txn_id is not None
    return work.txn_id


Line = tuple[str, str, MeasuredLine]


def load_lines(context: Context) -> dict[int, Line]:
    """Name, mileage prefix and measured geometry of every line, by id; built once per revision of the railways."""

    def build() -> dict[int, Line]:
        with context.database.read() as connection:
            return rail.load_measured_lines(connection)

    return context.cache.get("measured_lines", context.revisions("rail"), build)


def load_line(context: Context, line_id: int) -> Line:
    """Name, mileage prefix and measured geometry of a line, or NotFound."""
    lines = load_lines(context)
    if line_id not in lines:
        raise NotFound(N_("There is no such railway line."), hint=N_("Choose a line from the list."))
    return lines[line_id]


def write_mileage(line: Line, chainage_m: float) -> str:
    """The mileage of a place on a line as the posts there say it."""
    _, prefix, measured = line
    return measured.scale.write(chainage_m, prefix=prefix)


def write_stretch(line: Line, from_m: float, to_m: float) -> tuple[str, str]:
    """The mileages between which a stretch lies: the one that leaves its beginning, the one that arrives at its end."""
    _, prefix, measured = line
    return write_mileage(line, from_m), measured.scale.write(to_m, prefix=prefix, arriving=True)


def locate_mileage(context: Context, actor: Actor, *, line_id: int, text: str) -> list[MileageHit]:
    """Every place in scope that `K12+300` or `K12+300 left 15 m` may mean on a line: two beside a long chain.

    Raises
    ------
    InvalidInput
        Not a place, beyond the line's ends, or in the gap of a short chain.
    NotFound
        No such line, or the place lies outside the scope.
    """
    check_allowed(actor, Permission.VIEW)
    name, prefix, line = load_line(context, line_id)
    place = parse_place(text)
    hits = []
    for found in line.scale.find_places(place.mileage.metres, prefix=prefix):
        lon, lat = line.beside(found.chainage_m, side=place.side, offset_m=place.offset_m)
        written = format_mileage(place.mileage.metres, prefix=prefix)
        where = (line_id, name, written, found.chainage_m, place.side, place.offset_m, lon, lat)
        hits.append(MileageHit(*where, note=found.note, values=found.values))
    inside = find_in_scope(context, actor, [hit.lon for hit in hits], [hit.lat for hit in hits])
    if not inside.any():
        raise NotFound(N_("This mileage lies outside your area."), hint=N_("Check the line and the mileage."))
    return [hit for hit, keep in zip(hits, inside, strict=True) if keep]


def locate_point(
    context: Context,
    actor: Actor,
    *,
    lon: float,
    lat: float,
    line_ids: Sequence[int] | None = None,
    within_m: float = 1000.0,
) -> list[MileageHit]:
    """A place in degrees seen from each line within `within_m` of it (of `line_ids` where given), the nearest first.

    Raises
    ------
    NotFound
        The place lies outside the scope.
    """
    check_allowed(actor, Permission.VIEW)
    if not find_in_scope(context, actor, [lon], [lat]).all():
        raise NotFound(N_("This place lies outside your area."), hint=N_("Choose another place."))
    hits = []
    for line_id, line in load_lines(context).items():
        if line_ids is not None and line_id not in line_ids:
            continue
        name, prefix, measured = line
        seen = measured.locate(lon, lat)
        if seen.offset_m > within_m:
            continue
        own = measured.scale.describe(seen.mileage_m, prefix=prefix)
        where = (line_id, name, write_mileage(line, seen.mileage_m), seen.mileage_m, seen.side, seen.offset_m, lon, lat)
        hits.append(MileageHit(*where, note=own.note, values=own.values))
    return sorted(hits, key=lambda hit: (hit.offset_m, hit.line_id))
