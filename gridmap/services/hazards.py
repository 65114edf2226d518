"""Hazards: list, report, and move along from report to closure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.hazard_kinds import HazardKind
from gridmap.domain.hazards import (
    ENDED,
    OPEN,
    TRANSITIONS,
    HazardState,
    Severity,
    check_transition,
    parse_severity,
    parse_state,
)
from gridmap.domain.railways.mileage import parse_place
from gridmap.errors import N_, Conflict, InvalidInput, NotFound
from gridmap.services import railways, referrals
from gridmap.services.context import Context
from gridmap.services.hazard_kinds import load_kinds
from gridmap.store import areas, hazards, tables
from gridmap.store.undo import CHANGED_MEANWHILE, RELOAD
from gridmap.store.unit_of_work import UnitOfWork

_LINE_SIDE_M = 500.0
"""A line-side hazard no further from a line than this is given its mileage (the widest distance that the rules, such as
Article 53 on kites, measure from the line itself)."""

_MAX_OFFSET_M = 5000.0

_CODE = "H{number:07d}"


@dataclass(frozen=True, kw_only=True)
class NewHazard:
    """A hazard to report: by place (`lon`, `lat`), or by line, mileage, side and offset.

    `mileage_text` may say side and metres as well, `K12+300 left 15 m`, which then go before `side` and `offset_m`.
    `occurrence` says which place is meant, counted from 0 along the line, where a mileage occurs twice on it.
    """

    kind: str
    severity: int
    title: str
    description: str = ""
    lon: float | None = None
    lat: float | None = None
    line_id: int | None = None
    mileage_text: str = ""
    occurrence: int | None = None
    side: str = ""
    offset_m: float = 0.0


@dataclass(frozen=True)
class _Where:
    """The place columns of a hazard."""

    lon: float
    lat: float
    line_id: int | None = None
    mileage_m: float | None = None
    side: str | None = None
    offset_m: float | None = None


@dataclass(frozen=True)
class PreparedHazard:
    """A hazard whose kind, severity and place are known to be right, ready to be written."""

    title: str
    description: str
    kind: HazardKind
    severity: Severity
    where: _Where


def list_hazards(
    context: Context,
    actor: Actor,
    *,
    states: tuple[str, ...] | None = None,
    within: str = "",
    ids: Sequence[int] | None = None,
    line_id: int | None = None,
    kinds: tuple[str, ...] | None = None,
    only_overdue: bool = False,
) -> gpd.GeoDataFrame:
    """Hazards in scope (among `ids`, at a line, of `kinds`, where given), overdue first, then by severity and due time.

    Columns: those of `store.hazards.load_hazards` and `overdue`; geometry is the point.
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        found = hazards.load_hazards(
            connection,
            scope=actor.scope_code,
            within=within,
            ids=ids,
            line_id=line_id,
            states=OPEN if only_overdue and states is None else states,
            kinds=kinds,
            due_before=context.clock() if only_overdue else None,
        )
    found = _mark_overdue(found, context)
    if only_overdue:
        found = found[found["overdue"]]
    found = found.sort_values(["overdue", "severity", "due_at"], ascending=[False, False, True], kind="stable")
    points = gpd.points_from_xy(found["lon"].astype(float), found["lat"].astype(float))
    return gpd.GeoDataFrame(found.reset_index(drop=True), geometry=points, crs="EPSG:4326")


def load_hazard(context: Context, actor: Actor, *, hazard_id: int) -> pd.Series:
    """One hazard as `list_hazards` has it.

    Raises
    ------
    NotFound
        No such hazard in scope.
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        return _mark_overdue(require_hazard(connection, actor, hazard_id), context).iloc[0]


def _mark_overdue(found: pd.DataFrame, context: Context) -> pd.DataFrame:
    late = pd.to_datetime(found["due_at"], utc=True) < pd.Timestamp(context.clock())
    ended = found["state"].isin([state.value for state in ENDED])
    return found.assign(overdue=(late & ~ended).astype(bool))


def load_steps(context: Context, actor: Actor, *, hazard_id: int) -> pd.DataFrame:
    """Steps of a hazard, oldest first: from_state, to_state, at, actor, note.

    Raises
    ------
    NotFound
        No such hazard in scope.
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        require_hazard(connection, actor, hazard_id)
        return hazards.load_steps(connection, hazard_id=hazard_id)


def next_states(state: str) -> tuple[HazardState, ...]:
    """What may follow a state, the usual step first."""
    return TRANSITIONS[parse_state(state)]


def add_hazard(context: Context, actor: Actor, *, new: NewHazard) -> int:
    """Report a hazard and return its id; one with a mileage goes to both section chiefs there.

    Raises
    ------
    InvalidInput
        No title, a kind that is unknown or hidden, or no usable place.
    NotAllowed
        The place lies outside the scope.
    """
    prepared = prepare_hazard(context, actor, new=new)
    with context.database.write(actor, kind="report_hazard", reason=prepared.title) as work:
        return insert_hazard(work, actor, prepared)


def prepare_hazard(context: Context, actor: Actor, *, new: NewHazard) -> PreparedHazard:
    """A hazard looked over before anything is written; raises InvalidInput as `add_hazard` does."""
    check_allowed(actor, Permission.REPORT_HAZARDS)
    if not new.title.strip():
        raise InvalidInput(N_("The hazard has no title."), hint=N_("Say in a few words what is wrong."))
    kind, severity = load_kinds(context).require(new.kind), parse_severity(new.severity)
    where = _place(context, new, kind)
    return PreparedHazard(new.title.strip(), new.description.strip(), kind, severity, where)


def insert_hazard(work: UnitOfWork, actor: Actor, prepared: PreparedHazard) -> int:
    """Write a prepared hazard as a part of a transaction and return its id; NotAllowed outside the scope."""
    where = prepared.where
    code = areas.find_area_code(work.connection, lon=where.lon, lat=where.lat)
    check_allowed(actor, Permission.REPORT_HAZARDS, code)
    row = {
        "code": _CODE.format(number=hazards.load_next_number(work.connection)),
        "kind": prepared.kind.code,
        "severity": int(prepared.severity),
        "title": prepared.title,
        "description": prepared.description,
        "area_code": code,
        "state": HazardState.REPORTED.value,
        "reported_at": work.at,
        "due_at": hazards.load_rules(work.connection).compute_due(prepared.severity, work.at),
        **asdict(where),
    }
    hazard_id = work.insert(tables.hazard, row)
    work.insert(tables.hazard_step, _step(hazard_id, "", HazardState.REPORTED.value, actor, "", work.at))
    if where.line_id is not None and where.mileage_m is not None:
        referrals.refer_hazard(work, hazard_id=hazard_id, line_id=where.line_id, chainage_m=where.mileage_m)
    work.touch("hazards")
    return hazard_id


def _step(hazard_id: int, current: str, to: str, actor: Actor, note: str, at: object) -> dict[str, object]:
    return {
        "hazard_id": hazard_id,
        "from_state": current,
        "to_state": to,
        "at": at,
        "actor": actor.name,
        "note": note,
    }


def _place(context: Context, new: NewHazard, kind: HazardKind) -> _Where:
    if new.line_id is not None:
        return _place_by_mileage(context, new, new.line_id)
    if new.lon is None or new.lat is None or not (abs(new.lon) <= 180 and abs(new.lat) <= 90):
        raise InvalidInput(N_("The hazard has no place."), hint=N_("Click it on the map, or give line and mileage."))
    if kind.is_line_side:
        return _place_at_line(context, new.lon, new.lat)
    return _Where(new.lon, new.lat)


def _place_by_mileage(context: Context, new: NewHazard, line_id: int) -> _Where:
    written = parse_place(new.mileage_text)
    side, offset_m = written.side or new.side, written.offset_m or new.offset_m
    if side not in {"", "left", "right"}:
        raise InvalidInput(N_("A side is left or right."), hint=N_("It is meant facing increasing mileage."))
    if not 0 <= offset_m <= _MAX_OFFSET_M or (offset_m > 0 and not side):
        raise InvalidInput(
            N_("{metres} m is no distance beside a line."),
            hint=N_("Give the side, and from 0 to {limit} m."),
            metres=offset_m,
            limit=round(_MAX_OFFSET_M),
        )
    _, prefix, line = railways.load_line(context, line_id)
    places = line.scale.find_places(written.mileage.metres, prefix=prefix)
    if new.occurrence is None and len(places) > 1:
        raise InvalidInput(
            N_("{mileage} occurs {number} times on this line."),
            hint=N_("Say which of the places is meant."),
            mileage=new.mileage_text.strip(),
            number=len(places),
        )
    chainage = places[min(new.occurrence or 0, len(places) - 1)].chainage_m
    lon, lat = line.beside(chainage, side=side, offset_m=offset_m)
    return _Where(lon, lat, line_id, chainage, side or None, offset_m)


def _place_at_line(context: Context, lon: float, lat: float) -> _Where:
    """The place with its mileage, where a line is near."""
    seen = [(line.locate(lon, lat), line_id) for line_id, (_, _, line) in railways.load_lines(context).items()]
    place, line_id = min(seen, key=lambda found: found[0].offset_m, default=(None, None))
    if place is None or place.offset_m > _LINE_SIDE_M:
        return _Where(lon, lat)
    return _Where(lon, lat, line_id, place.mileage_m, place.side or None, place.offset_m)


def advance_hazard(
    context: Context, actor: Actor, *, hazard_id: int, to: str, note: str = "", version: int | None = None
) -> None:
    """Take a hazard to its next state.

    Raises
    ------
    Conflict
        The step does not follow from the present state, or somebody else took one since `version`.
    NotFound
        No such hazard in scope.
    """
    check_allowed(actor, Permission.EDIT_HAZARDS)
    target = parse_state(to)
    with context.database.write(actor, kind="advance_hazard", reason=note.strip()) as work:
        current = require_hazard(work.connection, actor, hazard_id).iloc[0]
        if version is not None and current["version"] != version:
            raise Conflict(CHANGED_MEANWHILE, hint=RELOAD)
        check_transition(HazardState(current["state"]), target)
        changes: dict[str, object] = {"state": target.value}
        if target in ENDED:
            changes["closed_at"] = work.at
        if target is HazardState.EXTENDED:
            changes["due_at"] = hazards.load_rules(work.connection).extend_due(current["due_at"])
        work.update(tables.hazard, hazard_id, changes)
        work.insert(
            tables.hazard_step, _step(hazard_id, str(current["state"]), target.value, actor, note.strip(), work.at)
        )
        work.touch("hazards")


def require_hazard(connection: sa.Connection, actor: Actor, hazard_id: int) -> pd.DataFrame:
    """The one row of a hazard in the actor's scope, or NotFound."""
    found = hazards.load_hazards(connection, scope=actor.scope_code, ids=(hazard_id,))
    if found.empty:
        raise NotFound(N_("There is no such hazard in your area."), hint=N_("Reload the list."))
    return found
