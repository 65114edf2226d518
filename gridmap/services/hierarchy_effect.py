"""A change of the hierarchy takes effect: areas end, begin and are called otherwise, and what names them follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa

from gridmap.domain.codes import is_within, parent_code
from gridmap.domain.crs import compute_areas_m2
from gridmap.domain.hierarchy import Succession, SuccessionKind
from gridmap.domain.outlines import ON_BORDER_DEG, add_vertices, find_new_vertices
from gridmap.errors import N_, Conflict
from gridmap.services.change_order_rules import check_unlocked
from gridmap.services.journal import TOPICS_OF
from gridmap.store import areas, change_orders, hierarchy, tables
from gridmap.store.geometry import geometry_values
from gridmap.store.hierarchy import Reference
from gridmap.store.tenures import follow_assignments
from gridmap.store.unit_of_work import UnitOfWork

CHANGE = "change_areas"
"""Kind of the journal entry of a change of the hierarchy."""

_SCOPES = frozenset({tables.account.name, tables.device.name})
_APART_DEG = 1e-4
"""About 10 m: borders of neighbours that were drawn apart from one another need not meet."""
"""Whoever is confined to an area is not given another one by the way."""


@dataclass(frozen=True)
class AreaState:
    """An area as it is, or would be; square metres on the ellipsoid."""

    code: str
    name: str
    level: int
    households: int | None
    area_m2: float
    shape_wgs84: shapely.Geometry = field(repr=False, compare=False)


@dataclass(frozen=True)
class AreaChange:
    """What a change of the hierarchy does, or would do.

    Attributes
    ----------
    before, after
        The areas it is about; areas above them whose borders follow stand in both.
    recoded
        How many areas below get another code.
    along
        Rows of each table that name one of them and follow.
    unit
        Name of the unit that answers for what was merged, "" where nobody does or that is no question.
    txn
        Number of the change; None where nothing was changed.
    order
        Number under which it waits for its day; None where it does not.
    apart
        Name of the area that it is put below without touching it, "" where it does or nothing moves.
    """

    kind: SuccessionKind
    before: tuple[AreaState, ...]
    after: tuple[AreaState, ...]
    recoded: int
    along: Mapping[str, int]
    unit: str = ""
    txn: int | None = None
    order: int | None = None
    apart: str = ""


@dataclass(frozen=True)
class NewArea:
    """An area that begins; the source and the kind are those of what it comes from."""

    code: str
    name: str
    level: int
    kind: str
    households: int | None
    shape_wgs84: shapely.MultiPolygon
    source_id: int | None
    unit_id: int | None

    @property
    def area_m2(self) -> float:
        """On the ellipsoid."""
        return float(compute_areas_m2(np.array([self.shape_wgs84], object))[0])


@dataclass(frozen=True)
class Share:
    """What of an area (by id) goes to an area: an id, or a position among those that begin."""

    predecessor: int
    successor: int
    households: float
    area: float
    is_new: bool = False


@dataclass(frozen=True)
class Plan:
    """A change of the hierarchy, checked.

    Attributes
    ----------
    ended, renamed, redrawn
        Areas as they are (columns of `store.hierarchy.load_below`) that end, are called otherwise, or whose ground is
        other; the first of `renamed` is the one that was asked about where nothing ends.
    codes
        New code of each area that gets another one, by the old.
    name
        New name of the first of `renamed`, None: its own.
    ground, households
        New ground and households of the redrawn ones, by id.
    """

    kind: SuccessionKind
    shares: tuple[Share, ...]
    ended: gpd.GeoDataFrame
    renamed: gpd.GeoDataFrame
    redrawn: gpd.GeoDataFrame
    made: tuple[NewArea, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)
    name: str | None = None
    ground: Mapping[int, shapely.Geometry] = field(default_factory=dict)
    households: Mapping[int, int] = field(default_factory=dict)


def check_unbound(connection: sa.Connection, ended: pd.DataFrame) -> None:
    """Raise Conflict where something holds on to areas that are to end: a lock, an order that waits, a scope."""
    ids = [int(i) for i in ended["id"]]
    check_unlocked(connection, ids)
    check_no_waiting(connection, ids)
    for code in ended["code"]:
        check_no_scope(connection, [item for item in hierarchy.load_references(connection, code) if item.code == code])


def check_no_waiting(connection: sa.Connection, area_ids: Sequence[int]) -> None:
    """Raise Conflict where a change order waits for one of the areas."""
    waiting = change_orders.load_waiting(connection, area_ids)
    if waiting:
        raise Conflict(
            N_("Order {number} of {who} waits for {count} of these cells."),
            hint=N_("Have it decided or withdrawn first."),
            number=waiting[0].number,
            who=waiting[0].ordered_by,
            count=sum(item.order_id == waiting[0].order_id for item in waiting),
        )


def check_no_scope(connection: sa.Connection, found: Iterable[Reference]) -> None:
    """Raise Conflict where an account or a gateway among `found` is confined to an area."""
    for item in found:
        if item.table in _SCOPES:
            table = tables.metadata.tables[item.table]
            column = table.c["name"] if "name" in table.c else table.c["key"]
            raise Conflict(
                N_("“{name}” is confined to {code}, which ends."),
                hint=N_("Give that account or gateway another area first."),
                name=connection.scalar(sa.select(column).where(table.c.id == item.row_id)),
                code=item.code,
            )


# --- seen ---------------------------------------------------------------------------------------------------------


def describe(connection: sa.Connection, plan: Plan, *, txn: int | None = None, follow: bool = True) -> AreaChange:
    """What a plan does, seen before it is done."""
    asked = plan.renamed.head(1) if plan.ended.empty else plan.ended
    before = [*_states(asked), *_states(plan.redrawn)]
    made = [AreaState(a.code, a.name, a.level, a.households, a.area_m2, a.shape_wgs84) for a in plan.made]
    after = [*made, *(_states(_rename(plan)) if plan.ended.empty else ()), *_states(_redraw(plan))]
    units = {area.unit_id for area in plan.made if area.unit_id is not None}
    names = areas.load_unit_places(connection, units)
    return AreaChange(
        kind=plan.kind,
        before=tuple(before),
        after=tuple(after),
        recoded=len(plan.renamed) - (1 if plan.ended.empty else 0) if plan.codes else 0,
        along=Counter(item.table for item in find_following(connection, plan)) if follow else {},
        unit=", ".join(sorted(name for name, _ in names.values())),
        txn=txn,
        apart=_find_apart(plan),
    )


def _find_apart(plan: Plan) -> str:
    if plan.kind is not SuccessionKind.MOVE:
        return ""
    moved = plan.renamed.iloc[0]
    parent = plan.redrawn[plan.redrawn["code"] == parent_code(plan.codes[moved["code"]])]
    is_apart = shapely.distance(parent.geometry.to_numpy(), moved["geometry"]) > _APART_DEG
    return ", ".join(parent.loc[is_apart, "name"])


def _states(frame: gpd.GeoDataFrame) -> list[AreaState]:
    columns = (frame["code"], frame["name"], frame["level"], frame["households"], frame["area_m2"], frame.geometry)
    return [
        AreaState(code, name, int(level), None if pd.isna(households) else int(households), float(area_m2), shape)
        for code, name, level, households, area_m2, shape in zip(*columns, strict=True)
    ]


def _rename(plan: Plan) -> gpd.GeoDataFrame:
    asked = plan.renamed.head(1)
    name = asked["name"] if plan.name is None else plan.name
    return asked.assign(code=[plan.codes.get(code, code) for code in asked["code"]], name=name)


def _redraw(plan: Plan) -> gpd.GeoDataFrame:
    frame = plan.redrawn.copy()
    if frame.empty:
        return frame
    ids = [int(i) for i in frame["id"]]
    shapes = np.array([plan.ground[i] for i in ids], object)
    households = [plan.households.get(i, old) for i, old in zip(ids, frame["households"], strict=True)]
    return frame.assign(area_m2=compute_areas_m2(shapes), households=households).set_geometry(shapes, crs=frame.crs)


# --- done ---------------------------------------------------------------------------------------------------------


def carry_out(work: UnitOfWork, plan: Plan, *, day: date) -> AreaChange:
    """Write a plan that was made in this transaction."""
    following = find_following(work.connection, plan)
    for changed in (plan.ended, plan.renamed):
        hierarchy.save_past(work, changed, day=day)
    _save_renamed(work, plan, day)
    _save_redrawn(work, plan)
    plan = _match_borders(work, plan)
    ids = _save_made(work, plan, day)
    hierarchy.save_references(work, following)
    hierarchy.rename_units(work, {**plan.codes, **_name_heir(plan)})
    hierarchy.save_successions(work, _build_successions(work, plan, ids, day))
    work.delete_many(tables.area, [int(i) for i in plan.ended["id"]])
    follow_assignments(work, day=day)
    touched = {topic for item in following for topic in TOPICS_OF.get(item.table, ())}
    work.touch("areas", "units", *touched)
    along = Counter(item.table for item in following)
    seen = describe(work.connection, plan, txn=work.reserve_number(), follow=False)
    return replace(seen, along=along)


def _save_renamed(work: UnitOfWork, plan: Plan, day: date) -> None:
    changes: dict[int, dict[str, object]] = {}
    for area_id, code in zip(plan.renamed["id"], plan.renamed["code"], strict=True):
        changes[int(area_id)] = {"code": plan.codes.get(code, code), "valid_from": day}
    if plan.name is not None:
        changes[int(plan.renamed["id"].iloc[0])]["name"] = plan.name
    work.update_many(tables.area, changes)


def _save_redrawn(work: UnitOfWork, plan: Plan) -> None:
    drawn = _redraw(plan)
    changes = {}
    for area_id, state in zip(drawn["id"], _states(drawn), strict=True):
        ground = {**geometry_values(state.shape_wgs84), "area_m2": state.area_m2}
        changes[int(area_id)] = {**ground, "households": state.households}
    work.update_many(tables.area, changes)


def _match_borders(work: UnitOfWork, plan: Plan) -> Plan:
    """Where parts of an area begin on its border, let everybody who has that border have the vertex, on each level.

    It lies on their border already: their ground and its size stay as they are.
    """
    made = [area.shape_wgs84 for area in plan.made]
    vertices = find_new_vertices(plan.ended.geometry.to_numpy(), np.array(made, object))
    if len(vertices) == 0:
        return plan
    low, high = vertices.min(axis=0) - ON_BORDER_DEG, vertices.max(axis=0) + ON_BORDER_DEG
    box = (*low.tolist(), *high.tolist())
    around = hierarchy.load_around(work.connection, box, but=[int(i) for i in plan.ended["id"]])
    longer = add_vertices([*made, *around.geometry], vertices)
    others = {int(around["id"].iloc[at - len(made)]): shape for at, shape in longer.items() if at >= len(made)}
    work.update_many(tables.area, {area_id: geometry_values(shape) for area_id, shape in others.items()})
    return replace(
        plan, made=tuple(replace(area, shape_wgs84=longer.get(at, made[at])) for at, area in enumerate(plan.made))
    )


def _save_made(work: UnitOfWork, plan: Plan, day: date) -> list[int]:
    rows = [
        {
            "code": area.code,
            "name": area.name,
            "level": area.level,
            "kind": area.kind,
            "households": area.households,
            "area_m2": area.area_m2,
            **geometry_values(area.shape_wgs84),
            "valid_from": day,
            "source_id": area.source_id,
        }
        for area in plan.made
    ]
    ids = work.insert_many(tables.area, rows)
    owned = zip(ids, plan.made, strict=True)
    owners = [{"cell_id": i, "unit_id": area.unit_id, "since": day} for i, area in owned if area.unit_id is not None]
    work.insert_many(tables.assignment, owners)
    return ids


def _name_heir(plan: Plan) -> dict[str, str]:
    """The one area that several become is also the one their unit may be numbered after."""
    return {plan.ended["code"].iloc[0]: plan.made[0].code} if len(plan.made) == 1 else {}


def _build_successions(work: UnitOfWork, plan: Plan, ids: Sequence[int], day: date) -> list[Succession]:
    txn = work.reserve_number()
    return [
        Succession(
            share.predecessor,
            ids[share.successor] if share.is_new else share.successor,
            plan.kind,
            share.households,
            share.area,
            day,
            txn,
        )
        for share in plan.shares
    ]


# --- what names an area by its code -------------------------------------------------------------------------------


def find_following(connection: sa.Connection, plan: Plan) -> dict[Reference, str]:
    """What names an area that ends or gets another code, and which code it names from now on."""
    tops = list(plan.ended["code"]) if len(plan.ended) else list(plan.codes)[:1]
    roots = sorted(plan.codes, key=len, reverse=True)
    heirs = [(area.code, area.shape_wgs84) for area in plan.made]
    found: dict[Reference, str] = {}
    for top in tops:
        for item in hierarchy.load_references(connection, top):
            root = next((root for root in roots if is_within(item.code, root)), None)
            if root is not None:
                found[item] = plan.codes[root] + item.code[len(root) :]
            else:
                found[item] = find_heir(item, heirs) or parent_code(top) or ""
    return found


def find_heir(item: Reference, heirs: Collection[tuple[str, shapely.Geometry]]) -> str:
    """Code of the area that a row lies in, or next to; "" for what lies nowhere, where several come in question."""
    if len(heirs) == 1:
        return next(iter(heirs))[0]
    if item.lon is None or item.lat is None or not heirs:
        return ""
    point = shapely.Point(item.lon, item.lat)
    return min(heirs, key=lambda heir: (float(shapely.distance(heir[1], point)), heir[0]))[0]
