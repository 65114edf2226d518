"""The road network: a trunk road through the valley, least-cost ways to every town and village, their streets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay
from shapely.ops import substring

from gridmap.sources.demo.railways import Railway
from gridmap.sources.demo.raster import (
    COLUMNS,
    SHAPE,
    FloatArray,
    IntArray,
    build_fractal,
    build_grid_graph,
    cell_points,
    find_path,
    smooth_line,
    spread,
    to_cell,
)
from gridmap.sources.demo.settlements import Settlement
from gridmap.sources.demo.streets import Street, build_streets
from gridmap.sources.demo.terrain import Terrain

_RANK = [
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "unclassified",
    "residential",
    "service",
    "track",
    "footway",
    "path",
]
_ORDER = {name: rank for rank, name in enumerate(_RANK)}
_BRIDGED = frozenset({"trunk", "primary", "secondary", "tertiary", "unclassified"})
_BRIDGE_HALF_M = 28.0
_NODE_SNAP_M = 0.05
_LOOP_M = 2_900.0
_LOOPS_EACH = 2
_DETOUR_M = 2_000.0

AddRoad = Callable[[IntArray, str, str], None]
"""Takes a path over cells, a class and a name."""

SPEED_KMH = {
    "trunk": 80.0,
    "primary": 60.0,
    "secondary": 50.0,
    "tertiary": 40.0,
    "unclassified": 35.0,
    "residential": 25.0,
    "service": 15.0,
    "track": 15.0,
    "footway": 5.0,
    "path": 5.0,
}


@dataclass(frozen=True)
class RoadPiece:
    """An edge in metres before it becomes part of the graph."""

    line: shapely.LineString
    road_class: str
    name: str
    bridge: bool = False


@dataclass(frozen=True)
class Network:
    """All pieces, noded, and the level crossings (x, y, name)."""

    pieces: list[RoadPiece]
    crossings: list[tuple[float, float, str]]


def build_roads(
    rng: np.random.Generator, terrain: Terrain, settlements: list[Settlement], railways: list[Railway]
) -> Network:
    """Country roads first, then streets, all noded where they meet; rivers and railways are crossed lawfully."""
    country = _build_country_roads(rng, terrain, settlements)
    streets = _build_all_streets(rng, settlements, country)
    lines = [*country, *streets]
    pieces = _node(lines)
    pieces = _cross_river(pieces, terrain.river_area)
    pieces = _cross_lake(pieces, terrain.lake)
    pieces, crossings = _cross_railways(rng, pieces, railways)
    return Network(_keep_connected(pieces), crossings)


# --- country roads ----------------------------------------------------------------------------------------------


def _build_country_roads(rng: np.random.Generator, terrain: Terrain, settlements: list[Settlement]) -> list[RoadPiece]:
    cost = _build_cost(rng, terrain)
    graph = build_grid_graph(cost)
    cell_class: dict[tuple[int, int], str] = {}
    names: dict[tuple[int, int], str] = {}

    def add(path: IntArray, road_class: str, name: str) -> None:
        for a, b in zip(path[:-1].tolist(), path[1:].tolist(), strict=True):
            step = (min(a, b), max(a, b))
            if step not in cell_class or _ORDER[road_class] < _ORDER[cell_class[step]]:
                cell_class[step] = road_class
                names[step] = name

    seat = settlements[0]
    west, east = (int(to_cell(x, _axis_at(terrain, x))) for x in (40.0, 47_950.0))
    middle = int(to_cell(seat.x, seat.y))
    from_seat = spread(graph, np.array([middle]))
    add(from_seat.path_to(west), "trunk", "G368")
    add(from_seat.path_to(east), "trunk", "G368")
    north, south = int(to_cell(seat.x - 4_000, 37_400.0)), int(to_cell(seat.x + 5_000, 60.0))
    add(from_seat.path_to(north), "primary", "S231")
    add(from_seat.path_to(south), "primary", "S231")
    towns = [s for s in settlements if s.rank == 1]
    for number, town in enumerate(towns, start=1):
        way = find_path(graph, _cells_of(cell_class), int(to_cell(town.x, town.y)), margin_m=_DETOUR_M)
        add(way, "primary" if number <= 2 else "secondary", f"X{100 + number}")
    reached = spread(graph, _cells_of(cell_class))
    villages = [s for s in settlements if s.rank == 2]
    for number, village in enumerate(villages, start=1):
        add(reached.path_to(int(to_cell(village.x, village.y))), "tertiary", f"Y{200 + number}")
    _add_loops(graph, settlements, add)
    _add_tracks(rng, terrain, graph, cell_class, add)
    return _trace(cell_class, names)


def _axis_at(terrain: Terrain, x: float) -> float:
    return float(terrain.axis_y[min(COLUMNS - 1, max(0, int(x / 75.0)))]) + 700.0


def _build_cost(rng: np.random.Generator, terrain: Terrain) -> FloatArray:
    xy = cell_points(np.arange(terrain.height.size))
    water = shapely.union_all([shapely.buffer(terrain.river_area, 45), shapely.buffer(terrain.lake, 60)])
    shapely.prepare(water)
    wet = shapely.contains_xy(water, xy[:, 0], xy[:, 1]).reshape(SHAPE)
    rough = np.exp(0.7 * build_fractal(rng, roughness=0.8, smallest_m=240))
    return np.asarray((1 + 95 * terrain.slope**1.25) * rough + 26 * wet + 2.5 * ~terrain.inside)


def _cells_of(steps: dict[tuple[int, int], str]) -> IntArray:
    return np.unique(np.array(list(steps), np.int64))


def _add_loops(graph: csr_array, settlements: list[Settlement], add: AddRoad) -> None:
    """Ways between neighbouring places, where they are near: a tree of roads alone is no country."""
    xy = np.array([(s.x, s.y) for s in settlements])
    triangles = Delaunay(xy).simplices
    pairs = {tuple(sorted((int(t[i]), int(t[j])))) for t in triangles for i, j in ((0, 1), (1, 2), (0, 2))}
    near = sorted((float(np.hypot(*(xy[a] - xy[b]))), a, b) for a, b in pairs)
    loops: dict[int, int] = defaultdict(int)
    for length, a, b in near:
        if length < _LOOP_M and loops[a] < _LOOPS_EACH:
            loops[a] += 1
            start, goal = (int(to_cell(*xy[place])) for place in (a, b))
            add(find_path(graph, np.array([start]), goal, margin_m=_DETOUR_M), "unclassified", "")


def _add_tracks(
    rng: np.random.Generator, terrain: Terrain, graph: csr_array, steps: dict[tuple[int, int], str], add: AddRoad
) -> None:
    """Tracks and paths into the hills, each a dead end; one of them is drawn from any far place inside."""
    reached = spread(graph, _cells_of(steps))
    far = np.where(terrain.inside.ravel(), np.minimum(reached.cost, 12_000), 0)
    weight = np.where((far > 900) & (far < 11_000), 1.0, 0.0)
    for number, cell in enumerate(rng.choice(len(weight), size=175, replace=False, p=weight / weight.sum()).tolist()):
        add(reached.path_to(cell), "track" if number % 4 else "path", "")


def _trace(steps: dict[tuple[int, int], str], names: dict[tuple[int, int], str]) -> list[RoadPiece]:
    """Steps from cell to cell joined into bending lines between junctions."""
    near: dict[int, list[int]] = defaultdict(list)
    for a, b in steps:
        near[a].append(b)
        near[b].append(a)

    def look(a: int, b: int) -> tuple[str, str]:
        step = (min(a, b), max(a, b))
        return steps[step], names[step]

    def is_junction(cell: int) -> bool:
        ends = near[cell]
        return len(ends) != 2 or look(cell, ends[0]) != look(cell, ends[1])

    pieces: list[RoadPiece] = []
    done: set[tuple[int, int]] = set()
    for start in sorted(near):
        if not is_junction(start):
            continue
        for following in near[start]:
            if (start, following) in done:
                continue
            road_class, name = look(start, following)
            cells = [start, following]
            while not is_junction(cells[-1]):
                a, b = near[cells[-1]]
                cells.append(b if a == cells[-2] else a)
            done |= {(cells[0], cells[1]), (cells[-1], cells[-2])}
            xy = smooth_line(cell_points(np.array(cells)), sigma=2.3)
            line = shapely.simplify(shapely.LineString(xy), 3.0)
            pieces.append(RoadPiece(line, road_class, name))
    return pieces


# --- streets ----------------------------------------------------------------------------------------------------


def _build_all_streets(
    rng: np.random.Generator, settlements: list[Settlement], country: list[RoadPiece]
) -> list[RoadPiece]:
    """Streets of every place, turned along its main road and led through its middle."""
    lines = np.array([piece.line for piece in country], object)
    tree = shapely.STRtree(lines)
    found: list[RoadPiece] = []
    for place in settlements:
        point = shapely.Point(place.x, place.y)
        road = lines[int(tree.nearest(point))]
        streets = build_streets(rng, place, heading_rad=_heading(road, point))
        found += [RoadPiece(line, road_class, "") for line, road_class in streets]
        found.append(_link(streets, point, road))
    return found


def _heading(line: shapely.LineString, point: shapely.Point) -> float:
    at = line.project(point)
    a, b = line.interpolate(max(0, at - 120)), line.interpolate(min(line.length, at + 120))
    return float(np.arctan2(b.y - a.y, b.x - a.x))


def _link(streets: list[Street], point: shapely.Point, road: shapely.LineString) -> RoadPiece:
    """A way from the nearest street corner to the road, so that no place is cut off."""
    corners = shapely.points([line.coords[0] for line, _ in streets])
    corner = corners[int(np.argmin(shapely.distance(corners, point)))]
    foot = road.interpolate(road.project(corner))
    if foot.distance(corner) < 0.5:
        foot = shapely.Point(foot.x + 1.0, foot.y + 1.0)
    return RoadPiece(shapely.LineString([corner, foot]), "unclassified", "")


# --- the graph --------------------------------------------------------------------------------------------------


def _node(lines: list[RoadPiece]) -> list[RoadPiece]:
    """Cut all lines where they meet; a stretch that several share belongs to the weightiest."""
    geometry = np.array([shapely.set_precision(piece.line, _NODE_SNAP_M) for piece in lines], object)
    merged = np.asarray(shapely.get_parts(shapely.node(shapely.union_all(geometry, grid_size=_NODE_SNAP_M))), object)
    middle = shapely.line_interpolate_point(merged, 0.5, normalized=True)
    part, source = shapely.STRtree(geometry).query(middle, predicate="dwithin", distance=4 * _NODE_SNAP_M)
    best: dict[int, int] = {}
    for p, s in zip(part.tolist(), source.tolist(), strict=True):
        if p not in best or _ORDER[lines[s].road_class] < _ORDER[lines[best[p]].road_class]:
            best[p] = s
    return [
        RoadPiece(merged[p], lines[s].road_class, lines[s].name)
        for p, s in sorted(best.items())
        if merged[p].length > 4.0
    ]


def _part(line: shapely.LineString, low: float, high: float) -> shapely.LineString:
    """The stretch of a line between two distances along it, which must differ."""
    return shapely.LineString(substring(line, low, high).coords)


def _split_at(piece: RoadPiece, low: float, high: float) -> tuple[list[RoadPiece], shapely.LineString]:
    """What is left of a piece outside [low, high], and the line inside."""
    outside = []
    for a, b in ((0.0, low), (high, piece.line.length)):
        if b - a > 2.0:
            outside.append(RoadPiece(_part(piece.line, a, b), piece.road_class, piece.name, piece.bridge))
    return outside, _part(piece.line, low, high)


def _cross_river(pieces: list[RoadPiece], river: shapely.Geometry) -> list[RoadPiece]:
    """A road of weight crosses on a bridge; a street or track ends at the bank."""
    banks = shapely.buffer(river, 6.0)
    wet = set(shapely.STRtree([p.line for p in pieces]).query(banks, predicate="intersects").tolist())
    result: list[RoadPiece] = []
    for number, piece in enumerate(pieces):
        if number not in wet:
            result.append(piece)
            continue
        inside = [p for p in shapely.get_parts(shapely.intersection(piece.line, banks)) if p.length > 0]
        dry = [p for p in shapely.get_parts(shapely.difference(piece.line, banks)) if p.length > 2.0]
        result += [RoadPiece(p, piece.road_class, piece.name) for p in dry]
        if piece.road_class in _BRIDGED:
            result += [RoadPiece(p, piece.road_class, piece.name, True) for p in inside]
    return result


def _cross_lake(pieces: list[RoadPiece], lake: shapely.Polygon) -> list[RoadPiece]:
    """No road runs through the reservoir."""
    if lake.is_empty:
        return pieces
    shore = shapely.buffer(lake, 4.0)
    result = []
    for piece in pieces:
        if not piece.line.intersects(shore):
            result.append(piece)
            continue
        dry = [p for p in shapely.get_parts(shapely.difference(piece.line, shore)) if p.length > 2.0]
        result += [RoadPiece(p, piece.road_class, piece.name, piece.bridge) for p in dry]
    return result


def _cross_railways(
    rng: np.random.Generator, pieces: list[RoadPiece], railways: list[Railway]
) -> tuple[list[RoadPiece], list[tuple[float, float, str]]]:
    """At each meeting: a level crossing, a bridge over the line, the line's own bridge or tunnel, or a dead end."""
    crossings: list[tuple[float, float, str]] = []
    for railway in railways:
        shapely.prepare(railway.line)
        result: list[RoadPiece] = []
        for piece in pieces:
            if not railway.line.intersects(piece.line):
                result.append(piece)
                continue
            result += _cross(rng, piece, railway, crossings)
        pieces = result
    return pieces, crossings


def _cross(
    rng: np.random.Generator, piece: RoadPiece, railway: Railway, crossings: list[tuple[float, float, str]]
) -> list[RoadPiece]:
    points = shapely.get_parts(shapely.intersection(piece.line, railway.line))
    point = shapely.get_parts(shapely.centroid(points))[0]
    along = railway.line.project(point)
    at = piece.line.project(point)
    if railway.is_on(along, "bridge") or railway.is_on(along, "tunnel"):
        return [piece]
    heavy = piece.road_class in {"trunk", "primary", "secondary"}
    drivable = piece.road_class in _BRIDGED
    low, high = max(0.0, at - _BRIDGE_HALF_M), min(piece.line.length, at + _BRIDGE_HALF_M)
    crowded = any(np.hypot(x - point.x, y - point.y) < 900 for x, y, _ in crossings)
    if heavy or (drivable and (railway.fast or crowded) and rng.random() < 0.75):
        outside, inside = _split_at(piece, low, high)
        return [*outside, RoadPiece(inside, piece.road_class, piece.name, True)]
    if drivable and not railway.fast and not crowded:
        crossings.append((point.x, point.y, f"{round(along / 1000)}公里道口"))
        halves = ((0.0, at), (at, piece.line.length))
        return [RoadPiece(_part(piece.line, a, b), piece.road_class, piece.name) for a, b in halves if b - a > 0.5]
    outside, _ = _split_at(piece, max(0.0, at - 18), min(piece.line.length, at + 18))
    return outside


def _keep_connected(pieces: list[RoadPiece]) -> list[RoadPiece]:
    """The largest connected part; crumbs that crossing left behind go."""
    tips = np.round([[*p.line.coords[0], *p.line.coords[-1]] for p in pieces], 1).reshape(-1, 2)
    _, node = np.unique(tips, axis=0, return_inverse=True)
    u, v = node.ravel()[::2], node.ravel()[1::2]
    size = int(node.max()) + 1
    _, part = connected_components(coo_array((np.ones(len(u)), (u, v)), shape=(size, size)), directed=False)
    main = int(np.bincount(part).argmax())
    return [piece for piece, owner in zip(pieces, part[u].tolist(), strict=True) if owner == main]
