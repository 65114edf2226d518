"""What lies over the ground, per role and scope, as compact tables for the map: columns once, then rows."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.hazards import ENDED
from gridmap.errors import N_, NotFound
from gridmap.services import areas, grids, hazards, networks, railways, teams
from gridmap.services.context import Context
from gridmap.store import areas as area_store
from gridmap.store import rail

_DIGITS = 6
"""Decimals of a degree: a tenth of a metre."""

_BEND_DEG = 1e-5
"""A metre: lines are drawn no finer."""

_SEGMENT_COLUMNS = ["id", "line_id", "line_name", "prefix", "from_m", "to_m", "side", "setting", "risk"]
_SEGMENT_COLUMNS += ["freshness", "due_at", "days_overdue", "geometry"]


@dataclass(frozen=True)
class Overlay:
    """A table as gzip'd JSON, and the tag that names its content."""

    data: bytes
    etag: str


def load_overlay(context: Context, actor: Actor, *, name: str) -> Overlay:
    """The table called `name`, confined to the actor's scope: {"revision", "columns", "rows"}.

    Columns, by table:

    cells: id, code, name, unit_id, unit_name, color (of the unit, 0 to 5), households, lon, lat
    units: id, code, name, kind, color, cells, households, load (households over the average unit's), lon, lat
    labels: id, name, level, area_m2, lon, lat
    segments: id, line_id, line_name, prefix, from_m, to_m, side, setting, risk, freshness, due_at, days_overdue,
        geometry
    stations: id, kind (station, halt, or an access point's kind), name, lon, lat; ids count for each of the two
    hazards: id, kind, severity, title, state, overdue, due_at, lon, lat (those that are not ended)
    sites: id, network, kind, name, lon, lat
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
    # Freshness and deadlines age by themselves, so the hour is part of what a table was built from.
    revision = (*context.revisions(*table.topics), f"{context.clock():%Y%m%d%H}")
    key = ("overlay", name, actor.role, actor.scope_code)
    return context.cache.get(key, revision, lambda: _encode(table.load(context, actor), revision))


def _encode(table: pd.DataFrame, revision: tuple[object, ...]) -> Overlay:
    columns = [_to_plain(table[name]) for name in table.columns]
    document = {
        "revision": ".".join(map(str, revision)),
        "columns": list(table.columns),
        "rows": list(zip(*columns, strict=True)),
    }
    data = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    etag = hashlib.blake2b(data, digest_size=12).hexdigest()
    return Overlay(gzip.compress(data, 5, mtime=0), f'"{etag}"')


def _to_plain(column: pd.Series) -> list[Any]:
    """Values as JSON knows them: times in ISO 8601, lines as [[lon, lat], …], what is missing as null."""
    values = column.to_numpy()
    if values.dtype == object and len(values) and isinstance(values[0], shapely.Geometry):
        return [shapely.get_coordinates(line).round(_DIGITS).tolist() for line in values]
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        values = column.dt.strftime("%Y-%m-%dT%H:%M:%SZ").to_numpy(object)
    elif values.dtype.kind == "f":
        values = np.round(values, _DIGITS)
    plain = values.astype(object)
    plain[pd.isna(values)] = None
    return list(plain.tolist())


def _cells(context: Context, actor: Actor) -> pd.DataFrame:
    cells = areas.load_cells(context, actor)
    color = grids.list_units(context, actor).set_index("id")["color"]
    point = shapely.point_on_surface(cells.geometry.to_numpy())
    table = pd.DataFrame(cells[["id", "code", "name", "unit_id", "unit_name"]])
    return table.assign(
        unit_id=table["unit_id"].astype("Int64"),
        color=table["unit_id"].map(color).astype("Int64"),
        households=cells["households"].astype("Int64"),
        lon=shapely.get_x(point),
        lat=shapely.get_y(point),
    )


def _units(context: Context, actor: Actor) -> pd.DataFrame:
    names = ["id", "code", "name", "kind", "color", "cells", "households", "load", "lon", "lat"]
    return grids.list_units(context, actor)[names]


def _labels(context: Context, actor: Actor) -> pd.DataFrame:
    with context.database.read() as connection:
        shapes = area_store.load_area_shapes(connection)
        facts = area_store.load_areas(connection, scope=actor.scope_code).set_index("id")
    shapes = shapes[shapes["id"].isin(facts.index)]
    point = shapely.point_on_surface(shapes.geometry.to_numpy())
    return pd.DataFrame(shapes[["id", "name", "level"]]).assign(
        area_m2=shapes["id"].map(facts["area_m2"]).astype(float).round(),
        lon=shapely.get_x(point),
        lat=shapely.get_y(point),
    )


def _segments(context: Context, actor: Actor) -> pd.DataFrame:
    found = railways.list_segments(context, actor)
    table = pd.DataFrame(found[_SEGMENT_COLUMNS])
    return table.assign(
        from_m=table["from_m"].round(),
        to_m=table["to_m"].round(),
        due_at=_to_instants(table["due_at"]),
        geometry=shapely.simplify(found.geometry.to_numpy(), _BEND_DEG),
    )


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


def _hazards(context: Context, actor: Actor) -> pd.DataFrame:
    found = hazards.list_hazards(context, actor)
    open_ones = found[~found["state"].isin([state.value for state in ENDED])]
    names = ["id", "kind", "severity", "title", "state", "overdue", "due_at", "lon", "lat"]
    return pd.DataFrame(open_ones[names]).assign(due_at=_to_instants(open_ones["due_at"]))


def _sites(context: Context, actor: Actor) -> pd.DataFrame:
    return networks.list_sites(context, actor)[["id", "network", "kind", "name", "lon", "lat"]]


def _teams(context: Context, actor: Actor) -> pd.DataFrame:
    return teams.list_teams(context, actor)[["id", "name", "kind", "post_name"]]


@dataclass(frozen=True)
class _Table:
    """How a table is made, and the topics whose change makes it old."""

    load: Callable[[Context, Actor], pd.DataFrame]
    topics: tuple[str, ...]


_TABLES = {
    "cells": _Table(_cells, ("areas", "units")),
    "units": _Table(_units, ("areas", "units")),
    "labels": _Table(_labels, ("areas",)),
    "segments": _Table(_segments, ("rail", "areas")),
    "stations": _Table(_stations, ("rail",)),
    "hazards": _Table(_hazards, ("hazards", "areas")),
    "sites": _Table(_sites, ("networks", "areas")),
    "teams": _Table(_teams, ("teams",)),
}

OVERLAYS = tuple(_TABLES)
"""Names of the tables."""
