"""Water and land use under the map: river, streams, reservoir, fields, woods, built-up ground."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
import shapely.affinity
from scipy.ndimage import gaussian_filter
from shapely.geometry.base import BaseGeometry

from gridmap.sources.demo.names import RIVER
from gridmap.sources.demo.railways import Railway
from gridmap.sources.demo.raster import build_fractal, build_patches
from gridmap.sources.demo.roads import Network
from gridmap.sources.demo.settlements import Settlement
from gridmap.sources.demo.terrain import Terrain

_MARGIN_M = 1_400.0
_STREETS = frozenset({"residential", "service", "footway", "secondary", "tertiary"})


def build_shapes(
    rng: np.random.Generator,
    terrain: Terrain,
    settlements: list[Settlement],
    railways: list[Railway],
    network: Network,
    *,
    outline: BaseGeometry,
) -> gpd.GeoDataFrame:
    """Shapes with `kind` and `name`, geometry in metres, larger below smaller; they end a little beyond `outline`."""
    built = _build_settled(settlements, network)
    industry = _build_industry(rng, railways, built)
    water = shapely.union_all([terrain.river_area, terrain.lake])
    dry = shapely.buffer(water, 15)
    # As on real maps the river is an area and a line in it, which says where it flows and what joins it.
    rows: list[tuple[str, str, BaseGeometry]] = [("water", RIVER, terrain.river_area), ("river", RIVER, terrain.river)]
    woods, fields = _build_cover(rng, terrain)
    rows += [("farmland", "", shapely.difference(patch, dry)) for patch in fields]
    rows += [("forest", "", shapely.difference(patch, dry)) for patch in woods]
    rows += [("settlement", "", shapely.difference(patch, dry)) for patch in built]
    rows += [("industrial", "", patch) for patch in industry]
    rows += [("park", "", patch) for patch in _build_parks(rng, settlements, dry)]
    if not terrain.lake.is_empty:
        rows.append(("water", "青石水库", terrain.lake))
    rows += [("river" if size > 0.35 else "stream", "", line) for line, size in terrain.streams]
    drawn = shapely.buffer(shapely.simplify(outline, _MARGIN_M / 8), _MARGIN_M)
    shapely.prepare(drawn)
    rows = [(kind, name, shapely.intersection(shape, drawn)) for kind, name, shape in rows]
    kept = [(kind, name, shape) for kind, name, shape in rows if not shape.is_empty]
    columns = {"kind": [kind for kind, _, _ in kept], "name": [name for _, name, _ in kept]}
    return gpd.GeoDataFrame(columns, geometry=[shape for _, _, shape in kept])


def _build_cover(rng: np.random.Generator, terrain: Terrain) -> tuple[list[BaseGeometry], list[BaseGeometry]]:
    """Woods on the slopes, fields on the valley floor; both thin out by chance."""
    chance = build_fractal(rng, roughness=1.2, smallest_m=420)
    slope = gaussian_filter(terrain.slope, 2.5)
    high = gaussian_filter(terrain.height, 3)
    wooded = (slope * 7 + (high - np.median(high)) / 420 + 0.55 * chance) > 0.95
    tilled = (slope < 0.085) & (0.5 * chance < 0.55) & ~wooded
    return (
        list(build_patches(wooded, smallest_m2=60_000, smooth_m=42)),
        list(build_patches(tilled, smallest_m2=70_000, smooth_m=42)),
    )


def _build_settled(settlements: list[Settlement], network: Network) -> list[shapely.Polygon]:
    """Built-up ground: what lies along streets, filled where they are close."""
    middles = shapely.points([(s.x, s.y) for s in settlements])
    lines = np.array([p.line for p in network.pieces if p.road_class in _STREETS], object)
    reach = np.array([s.radius_m * 1.35 for s in settlements])
    line, place = shapely.STRtree(middles).query_nearest(lines, all_matches=False)
    near = shapely.distance(lines[line], middles[place]) <= reach[place]
    ground = shapely.union_all(shapely.buffer(lines[line[near]], 62, quad_segs=3))
    closed = shapely.buffer(shapely.buffer(ground, 45, quad_segs=3), -55, quad_segs=3)
    return [part for part in shapely.get_parts(shapely.simplify(closed, 4)) if part.area > 8_000]


def _build_industry(
    rng: np.random.Generator, railways: list[Railway], built: list[shapely.Polygon]
) -> list[shapely.Polygon]:
    """Works beside the ordinary line's stations."""
    taken = shapely.union_all(built)
    works = []
    for _, at in railways[0].stations:
        for side in (-1, 1):
            point = railways[0].line.interpolate(at + side * rng.uniform(700, 1_200))
            ahead = railways[0].line.interpolate(at + side * 1_300 + 100)
            heading = np.degrees(np.arctan2(ahead.y - point.y, ahead.x - point.x))
            box = shapely.box(-rng.uniform(180, 330), 40, rng.uniform(180, 330), rng.uniform(240, 400))
            turned = shapely.affinity.rotate(box, heading, origin=(0, 0))
            placed = shapely.difference(shapely.affinity.translate(turned, point.x, point.y), taken)
            works += [p for p in shapely.get_parts(placed) if p.geom_type == "Polygon" and p.area > 30_000]
    return works


def _build_parks(rng: np.random.Generator, settlements: list[Settlement], wet: BaseGeometry) -> list[shapely.Polygon]:
    parks = []
    for place in settlements:
        if place.rank == 2:
            continue
        angle = rng.uniform(0, 6.28)
        x, y = place.x + 0.55 * place.radius_m * np.cos(angle), place.y + 0.55 * place.radius_m * np.sin(angle)
        turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        radius = 0.14 * place.radius_m * (1 + 0.25 * np.sin(2 * turns + angle) + 0.12 * np.sin(5 * turns))
        blob = shapely.Polygon(np.column_stack([x + radius * np.cos(turns), y + radius * np.sin(turns)]))
        parks += [p for p in shapely.get_parts(shapely.difference(blob, wet)) if p.area > 4_000]
    return parks
