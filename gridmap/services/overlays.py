"""What lies over the ground, per scope, as tables of typed columns for the map."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gridmap.domain.access import SYSTEM, Actor, Permission, check_allowed
from gridmap.domain.columns import encode_table, list_columns
from gridmap.domain.hazards import OPEN
from gridmap.errors import N_, NotFound
from gridmap.services import closures, grids, hazards, incidents, networks, railways, teams
from gridmap.services.context import Context
from gridmap.store import areas as area_store
from gridmap.store import rail

_BEND_DEG = 1e-5
"""A metre: lines are drawn no finer."""

_SEGMENT_COLUMNS = ["id", "line_id", "line_name", "prefix", "from_m", "to_m", "side", "setting", "risk"]
_SEGMENT_COLUMNS += ["freshness", "due_at", "days_overdue", "geometry"]


@dataclass(frozen=True)
class Overlay:
    """A gzip'd table, and the tag that names its content."""

    data: bytes
    etag: str


def load_overlay(context: Context, actor: Actor, *, name: str) -> Overlay:
    """The table called `name`, confined to the actor's scope, in the shape of `domain.columns`.

    Columns, by table; places as x and y:

    areas: id, level, name, area_m2, x, y (a point inside)
    cells: id, code, unit_id (missing = nobody's), households
    units: id, code, name, kind, color (0 to 5), cells, households, load (households over the average unit's), x, y
    segments: id, line_id, line_name, prefix, from_m, to_m (the mileage on the posts, not chainage), side, setting,
        risk, freshness, due_at, days_overdue, geometry
    stations: id, kind (station, halt, or an access point's kind), name, x, y; ids count for each of the two
    hazards: id, kind, severity, title, state, overdue, due_at, x, y (those that are not ended)
    incidents: id, kind, severity, title, reported_at, teams (how many are bound there), x, y (those that are open)
    closures: id, reason, speed_kmh (0 where closed), starts_at, ends_at, geometry (a row for each stretch of road)
    sites: id, network, kind, name, x, y
    teams: id, name, kind, post_name (where they are comes over the live stream)

    Raises
    ------
    NotFound
        No such table.
    """
    check_allowed(actor, Permission.VIEW)
    table = _TABLES.get(name)
    if table is None:
        raise NotFound(N_("There is no such layer."), hint=N_("Reload the map."))
    # What ages by itself was built from the hour as well.
    hour = f"{context.clock():%Y%m%d%H}" if table.ages else ""
    revision = (*context.revisions(*table.topics), hour)
    # Every role may view, so that the scope alone decides what is seen.
    return context.cache.get(
        ("overlay", name, actor.scope_code), revision, lambda: pack_table(table.load(context, actor))
    )


def warm_overlays(context: Context) -> None:
    """Make the tables of the widest scope ahead of whoever asks for them first."""
    for name in OVERLAYS:
        load_overlay(context, SYSTEM, name=name)


def load_overlay_rows(
    context: Context, actor: Actor, *, name: str, ids: Sequence[int]
) -> tuple[dict[str, list[Any]], list[int]]:
    """Those of `ids` in a table of `ROW_WISE` that have a row, as columns of plain values, and those that have none.

    Columns that never change while a row lives, such as the geometry of segments, are left out.
    """
    check_allowed(actor, Permission.VIEW)
    found = ROW_WISE[name](context, actor, ids)
    present = set(found["id"].tolist())
    if "geometry" in found:
        found = pd.DataFrame(found.drop(columns="geometry"))
    return list_columns(found), [i for i in ids if i not in present]


def pack_table(table: pd.DataFrame) -> Overlay:
    """`table` as it is sent."""
    data = encode_table(table)
    etag = hashlib.blake2b(data, digest_size=12).hexdigest()
    return Overlay(gzip.compress(data, 5, mtime=0), f'"{etag}"')


def _areas(context: Context, actor: Actor) -> pd.DataFrame:
    known = context.cache.get("area_points", context.revisions("areas"), lambda: _load_area_points(context))
    covered = [actor.covers(code) for code in known["code"]] if actor.scope_code else slice(None)
    return known.loc[covered].drop(columns="code")


def _load_area_points(context: Context) -> pd.DataFrame:
    """A point inside every area, for its name; the same for everybody, who then sees the part in scope."""
    with context.database.read() as connection:
        shapes = area_store.load_area_shapes(connection)
        size = area_store.load_areas(connection, scope="").set_index("id")["area_m2"]
    point = shapely.point_on_surface(shapes.geometry.to_numpy())
    return pd.DataFrame(shapes[["id", "code", "level", "name"]]).assign(
        area_m2=shapes["id"].map(size).astype(float),
        lon=shapely.get_x(point),
        lat=shapely.get_y(point),
    )


def _cells(context: Context, actor: Actor, ids: Sequence[int] | None = None) -> pd.DataFrame:
    with context.database.read() as connection:
        found = area_store.load_owned_cells(connection, scope=actor.scope_code, ids=ids)
    # A few rows are told in plain values, for which no common type is needed.
    return found.astype({"unit_id": "Int64", "households": "Int64"}) if ids is None else found


def _units(context: Context, actor: Actor) -> pd.DataFrame:
    names = ["id", "code", "name", "kind", "color", "cells", "households", "load", "lon", "lat"]
    return grids.list_units(context, actor)[names]


def _segments(context: Context, actor: Actor, ids: Sequence[int] | None = None) -> pd.DataFrame:
    found = railways.list_segments(context, actor, ids=ids)
    table = pd.DataFrame(found[_SEGMENT_COLUMNS])
    return table.assign(
        **_write_mileages(context, table),
        due_at=_to_instants(table["due_at"]),
        geometry=shapely.simplify(found.geometry.to_numpy(), _BEND_DEG),
    )


def _write_mileages(context: Context, segments: pd.DataFrame) -> dict[str, np.ndarray[Any, Any]]:
    """Columns from_m and to_m as the posts say them, whole metres."""
    from_m, to_m = (segments[name].to_numpy(float).copy() for name in ("from_m", "to_m"))
    for line_id, (_, _, line) in railways.load_lines(context).items():
        if line.scale.points:
            own = (segments["line_id"] == line_id).to_numpy(bool)
            from_m[own] = line.scale.to_mileage(from_m[own])
            to_m[own] = line.scale.to_mileage(to_m[own], arriving=True)
    return {"from_m": from_m.round(), "to_m": to_m.round()}


def _to_instants(column: pd.Series) -> pd.Series:
    """Instants that may be missing, as one type even where all or none are."""
    return pd.to_datetime(column, utc=True)


def _stations(context: Context, _: Actor) -> pd.DataFrame:
    with context.database.read() as connection:
        features, access = rail.load_rail_features(connection), rail.load_access_points(connection)
    columns = ["id", "kind", "name", "lon", "lat"]
    stations = features[features["kind"].isin(["station", "halt"])][columns]
    others = access[access["kind"] != "station"][columns]  # stations are there already, by their own names
    return pd.concat([stations, others], ignore_index=True)


def _hazards(context: Context, actor: Actor, ids: Sequence[int] | None = None) -> pd.DataFrame:
    open_ones = hazards.list_hazards(context, actor, states=OPEN, ids=ids)
    names = ["id", "kind", "severity", "title", "state", "overdue", "due_at", "lon", "lat"]
    return pd.DataFrame(open_ones[names]).assign(due_at=_to_instants(open_ones["due_at"]))


def _incidents(context: Context, actor: Actor) -> pd.DataFrame:
    found = incidents.list_incidents(context, actor)
    names = ["id", "kind", "severity", "title", "reported_at", "teams", "lon", "lat"]
    return found[names].assign(reported_at=_to_instants(found["reported_at"]))


def _closures(context: Context, actor: Actor) -> pd.DataFrame:
    found = closures.list_closures(context, actor)
    parts = [list(roads.geoms) for roads in found["roads"]]
    table = pd.DataFrame(found[["id", "reason", "speed_kmh", "starts_at", "ends_at"]])
    table = table.loc[table.index.repeat([len(lines) for lines in parts])].reset_index(drop=True)
    lines = np.empty(len(table), object)
    lines[:] = [line for own in parts for line in own]
    return table.assign(
        speed_kmh=table["speed_kmh"].astype(float).fillna(0.0),
        starts_at=_to_instants(table["starts_at"]),
        ends_at=_to_instants(table["ends_at"]),
        geometry=shapely.simplify(lines, _BEND_DEG),
    )


def _sites(context: Context, actor: Actor, ids: Sequence[int] | None = None) -> pd.DataFrame:
    return networks.list_sites(context, actor, ids=ids)[["id", "network", "kind", "name", "lon", "lat"]]


def _teams(context: Context, actor: Actor) -> pd.DataFrame:
    return teams.list_teams(context, actor)[["id", "name", "kind", "post_name"]]


@dataclass(frozen=True)
class _Table:
    """How a table is made, the topics whose change makes it old, and whether it ages by itself (what is overdue)."""

    load: Callable[[Context, Actor], pd.DataFrame]
    topics: tuple[str, ...]
    ages: bool = False


_TABLES = {
    "areas": _Table(_areas, ("areas",)),
    "cells": _Table(_cells, ("areas", "units")),
    "units": _Table(_units, ("areas", "units")),
    "segments": _Table(_segments, ("rail", "patrols", "areas"), ages=True),
    "stations": _Table(_stations, ("rail",)),
    "hazards": _Table(_hazards, ("hazards", "areas"), ages=True),
    "incidents": _Table(_incidents, ("incidents", "areas")),
    "closures": _Table(_closures, ("closures", "roads", "areas"), ages=True),
    "sites": _Table(_sites, ("networks", "areas")),
    "teams": _Table(_teams, ("teams",)),
}

OVERLAYS = {name: table.topics for name, table in _TABLES.items()}
"""Names of the tables, and the topics whose change makes each old."""

ROW_WISE: dict[str, Callable[[Context, Actor, Sequence[int]], pd.DataFrame]] = {
    "cells": _cells,
    "segments": _segments,
    "hazards": _hazards,
    "sites": _sites,
}
"""Tables of which single rows can be told anew."""
