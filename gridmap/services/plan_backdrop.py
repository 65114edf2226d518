"""The ground around a plan's routes, for its printed map."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import shapely

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.patrol.backdrop import Backdrop, compute_plan_bounds
from gridmap.domain.patrol.document_parts import Document
from gridmap.services.context import Context
from gridmap.store import basemap, sources

_ROAD_WEIGHTS = {
    "motorway": "major",
    "trunk": "major",
    "primary": "major",
    "secondary": "middle",
    "tertiary": "middle",
    "unclassified": "minor",
    "residential": "minor",
}


def load_backdrop(context: Context, actor: Actor, *, document: Document) -> Backdrop:
    """Roads, railways, water and places around a plan's routes, for its printed map."""
    check_allowed(actor, Permission.VIEW)
    bounds = compute_plan_bounds(document)
    if bounds is None:
        return Backdrop()
    with context.database.read() as connection:
        roads, tracks = basemap.load_road_lines(connection), basemap.load_tracks(connection)
        shapes, places = basemap.load_shapes(connection), basemap.load_places(connection)
        origins = sources.load_sources(connection)
    weight = roads["road_class"].str.removesuffix("_link").map(_ROAD_WEIGHTS)
    water = shapes[shapes["kind"] == "water"]
    west, south, east, north = bounds
    inside = places["lon"].between(west, east) & places["lat"].between(south, north)
    settled = places[inside & places["kind"].isin(["city", "town", "village"])]
    names = zip(settled["name"], settled["lon"].astype(float), settled["lat"].astype(float), strict=True)
    return Backdrop(
        roads={name: _cut(roads[weight == name], bounds) for name in ("major", "middle", "minor")},
        rails=_cut(tracks[tracks["service"] == ""], bounds),
        rivers=_cut(shapes[shapes["kind"] == "river"], bounds),
        waters=_cut(gpd.GeoDataFrame(geometry=water.geometry.boundary, crs=water.crs), bounds, clip=False),
        places=list(names),
        credits=tuple(dict.fromkeys(origins["attribution"])),
    )


def _cut(layer: gpd.GeoDataFrame, bounds: tuple[float, float, float, float], *, clip: bool = True) -> list[Any]:
    """Vertices of the lines that meet a box, cut at it where `clip`."""
    geometry = layer.geometry.to_numpy()
    near = geometry[shapely.intersects(geometry, shapely.box(*bounds))] if len(geometry) else geometry
    parts = shapely.get_parts(shapely.clip_by_rect(near, *bounds) if clip else near)
    lines = [part for part in parts if part.geom_type in {"LineString", "LinearRing"} and not part.is_empty]
    return [shapely.get_coordinates(line) for line in lines]
