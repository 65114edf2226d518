"""Two railways through the valley: an ordinary electrified line and a straighter high-speed one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.ndimage import gaussian_filter1d, map_coordinates
from shapely.ops import substring

from gridmap.domain.railways.drainage import find_water_crossings
from gridmap.sources.dataset import RAIL_FEATURE_COLUMNS
from gridmap.sources.demo.names import FAST_LINE, ORDINARY_LINE
from gridmap.sources.demo.raster import CELL_M, COLUMNS, HEIGHT_M, WIDTH_M, FloatArray, cell_x
from gridmap.sources.demo.settlements import Settlement
from gridmap.sources.demo.terrain import Terrain

ObjectArray = npt.NDArray[np.object_]

_STEP_M = 20.0
_WEST_M, _EAST_M = 1_800.0, WIDTH_M - 1_900.0
"""A little beyond the county on either side."""

_TUNNEL_M = 38.0
"""Ground this far above the smoothed grade is tunnelled."""

_VIADUCT_M = 16.0
_SHORTEST_M = 120.0
_GRADE_M = {False: 1_500.0, True: 3_600.0}
"""Over so many metres the grade of an ordinary and of a high-speed line follows the ground."""

_BANK_M, _CUTTING_M = 8.0, 12.0
_SHORTEST_EARTHWORK_M = 160.0
_TRACK_GAP_M = 5.0


@dataclass(frozen=True)
class Railway:
    """One line in metres, cut into stretches that are plain, on a bridge or in a tunnel.

    `structures` are (from, to, kind) along the line; `stations` are (name, metres along it).
    """

    name: str
    line: shapely.LineString
    fast: bool
    structures: list[tuple[float, float, str]]
    stations: list[tuple[str, float]]

    def is_on(self, along_m: float, kind: str) -> bool:
        """Whether a place along the line lies on a structure of `kind`."""
        return any(low <= along_m <= high for low, high, what in self.structures if what == kind)


def build_railways(rng: np.random.Generator, terrain: Terrain, settlements: list[Settlement]) -> list[Railway]:
    """The ordinary line follows the valley past its towns; the fast line keeps to large radii."""
    return [_build_ordinary(rng, terrain, settlements), _build_fast(terrain, settlements)]


def _build_ordinary(rng: np.random.Generator, terrain: Terrain, settlements: list[Settlement]) -> Railway:
    x = np.arange(_WEST_M, _EAST_M, _STEP_M)
    axis = gaussian_filter1d(terrain.axis_y, 1_100 / CELL_M)
    base = np.interp(x, cell_x(np.arange(COLUMNS)), axis)
    # Beside the river, changing banks now and then; drawn towards the towns it serves.
    aside = 950 * np.sin(x / 6_800 + rng.uniform(0, 6.28)) + 250
    pull = np.zeros_like(x)
    for town in (s for s in settlements if s.rank < 2):
        reach = np.exp(-(((x - town.x) / 2_600) ** 2))
        gap = town.y - np.interp(town.x, x, base + aside)
        edge = np.sign(gap) * max(0.0, abs(gap) - town.radius_m * 0.8)
        pull += reach * np.clip(edge, -1_700, 1_700)
    y = gaussian_filter1d(base + aside + pull, 900 / _STEP_M)
    line = shapely.LineString(np.column_stack([x, y]))
    structures = _find_structures(line, terrain, grade_m=_GRADE_M[False])
    return Railway(ORDINARY_LINE, line, False, structures, _find_stations(line, settlements, structures, reach_m=3_200))


def _build_fast(terrain: Terrain, settlements: list[Settlement]) -> Railway:
    x = np.arange(_WEST_M, _EAST_M, _STEP_M)
    seat = settlements[0]
    base = np.interp(x, cell_x(np.arange(COLUMNS)), gaussian_filter1d(terrain.axis_y, 5_500 / CELL_M))
    y = base - 2_300 + 1_700 * np.sin((x - seat.x) / 15_000) + 0.05 * (x - WIDTH_M / 2)
    y += (seat.y - seat.radius_m - 900 - np.interp(seat.x, x, y)) * np.exp(-(((x - seat.x) / 9_000) ** 2)) * 0.8
    line = shapely.LineString(np.column_stack([x, gaussian_filter1d(y, 2_600 / _STEP_M)]))
    structures = _find_structures(line, terrain, grade_m=_GRADE_M[True])
    stop = line.project(shapely.Point(seat.x, seat.y))
    clear = min((abs(m - stop), m) for m in np.arange(3_000, line.length - 3_000, 250) if _is_plain(structures, m))[1]
    base_name = seat.name.removesuffix("街道").removesuffix("城关") or "汾柳"
    return Railway(FAST_LINE, line, True, structures, [(f"{base_name}南", float(clear))])


def _find_structures(line: shapely.LineString, terrain: Terrain, *, grade_m: float) -> list[tuple[float, float, str]]:
    """Bridges over the river and over hollows, tunnels through what rises above the grade; never one on another."""
    along, xy, raised = _measure_heights(line, terrain, grade_m=grade_m)
    kind = np.full(len(along), "", object)
    kind[raised > _VIADUCT_M] = "bridge"
    kind[raised < -_TUNNEL_M] = "tunnel"
    band = shapely.buffer(terrain.river_area, 60)
    shapely.prepare(band)
    kind[shapely.contains_xy(band, xy[:, 0], xy[:, 1])] = "bridge"
    return cut_structures(along, kind, shortest_m=_SHORTEST_M)


def _measure_heights(
    line: shapely.LineString, terrain: Terrain, *, grade_m: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Places along a line (metres, x and y), and how far its smoothed grade is above the ground there."""
    along = np.arange(0.0, line.length, _STEP_M)
    xy = np.asarray(shapely.get_coordinates(shapely.line_interpolate_point(line, along)), np.float64)
    ground = _sample(terrain.height, xy)
    return along, xy, np.asarray(gaussian_filter1d(ground, grade_m / _STEP_M, mode="nearest") - ground)


def build_earthworks(railways: list[Railway], terrain: Terrain) -> pd.DataFrame:
    """Cuttings and embankments between the structures, in metres: kind, name, external_id, length_m, x, y."""
    rows: list[tuple[str, str, None, float, float, float]] = []
    for railway in railways:
        along, _, raised = _measure_heights(railway.line, terrain, grade_m=_GRADE_M[railway.fast])
        kind = np.full(len(along), "", object)
        kind[raised > _BANK_M] = "embankment"
        kind[raised < -_CUTTING_M] = "cutting"
        for low, high, _ in railway.structures:
            kind[(along >= low) & (along <= high)] = ""
        for low, high, what in cut_structures(along, kind, shortest_m=_SHORTEST_EARTHWORK_M):
            point = railway.line.interpolate((low + high) / 2)
            rows.append((what, "", None, high - low, point.x, point.y))
    return pd.DataFrame(rows, columns=["kind", "name", "external_id", "length_m", "x", "y"])


def cut_structures(along: FloatArray, kind: ObjectArray, *, shortest_m: float) -> list[tuple[float, float, str]]:
    """Stretches (from, to, kind) of equal kinds at even places along a line, metres; the unnamed and short ones go."""
    found = []
    step = along[1] - along[0]
    edges = np.flatnonzero(np.append(True, kind[1:] != kind[:-1]))
    for start, stop in zip(edges, np.append(edges[1:], len(kind)), strict=True):
        if kind[start] and (stop - start) * step >= shortest_m:
            found.append((float(along[start]), float(along[min(stop, len(along) - 1)]), str(kind[start])))
    return found


def _sample(raster: FloatArray, xy: FloatArray) -> FloatArray:
    rows = np.clip(xy[:, 1] / CELL_M - 0.5, 0, HEIGHT_M / CELL_M - 1)
    columns = np.clip(xy[:, 0] / CELL_M - 0.5, 0, WIDTH_M / CELL_M - 1)
    return np.asarray(map_coordinates(raster, [rows, columns], order=1, mode="nearest"))


def _is_plain(structures: list[tuple[float, float, str]], along_m: float) -> bool:
    return all(not low - 300 <= along_m <= high + 300 for low, high, _ in structures)


def _find_stations(
    line: shapely.LineString,
    settlements: list[Settlement],
    structures: list[tuple[float, float, str]],
    *,
    reach_m: float,
) -> list[tuple[str, float]]:
    stations: list[tuple[str, float]] = []
    for town in (s for s in settlements if s.rank < 2):
        point = shapely.Point(town.x, town.y)
        if point.distance(line) > reach_m + town.radius_m:
            continue
        wanted = line.project(point)
        for shift in (0, 300, -300, 600, -600, 1_000, -1_000):
            at = wanted + shift
            if _is_plain(structures, at) and all(abs(at - other) > 2_500 for _, other in stations):
                name = town.name.removesuffix("街道").removesuffix("镇").removesuffix("乡")
                stations.append(("汾柳" if town.rank == 0 else name, float(at)))
                break
    return sorted(stations, key=lambda s: s[1])


def build_tracks(railways: list[Railway]) -> tuple[list[dict[str, object]], list[shapely.LineString]]:
    """Track rows (`dataset.TRACK_COLUMNS` but the length) and their lines, metres; station loops included."""
    rows: list[dict[str, object]] = []
    lines: list[shapely.LineString] = []
    way_id = 900_000_000
    for railway in railways:
        # The first track is the line itself; a second one runs beside it, the other way.
        offsets = [0.0, _TRACK_GAP_M] if railway.fast else [0.0]
        for offset in offsets:
            for low, high, kind in _stretches(railway):
                part = substring(railway.line, low, high)
                side = part if offset == 0 else shapely.reverse(shapely.offset_curve(part, offset, join_style="mitre"))
                drawn = shapely.LineString(side.coords)
                way_id += 1
                rows.append(_track_row(way_id, railway, kind, service=""))
                lines.append(drawn)
        for _, at in railway.stations:
            loop = substring(railway.line, at - 420, at + 420)
            side = shapely.offset_curve(substring(railway.line, at - 330, at + 330), -6.0, join_style="mitre")
            xy = [loop.coords[0], *side.coords, loop.coords[-1]]
            way_id += 1
            rows.append(_track_row(way_id, railway, "", service="siding"))
            lines.append(shapely.LineString(xy))
    return rows, lines


def _stretches(railway: Railway) -> list[tuple[float, float, str]]:
    """The line cut at every end of a structure, and at stations so that pieces stay short."""
    cuts = {0.0, railway.line.length, *(at for _, at in railway.stations)}
    for low, high, _ in railway.structures:
        cuts |= {low, high}
    marks = sorted(cuts)
    pieces = []
    for low, high in pairwise(marks):
        middle = (low + high) / 2
        kind = next((k for a, b, k in railway.structures if a <= middle <= b), "")
        if high - low > 1.0:
            pieces.append((low, high, kind))
    return pieces


def _track_row(way_id: int, railway: Railway, kind: str, *, service: str) -> dict[str, object]:
    return {
        "way_id": way_id,
        "name": railway.name,
        "ref": "",
        "usage": "main",
        "service": service,
        "gauge_mm": 1435,
        "electrified": True,
        "high_speed": railway.fast,
        "max_speed_kmh": 300.0 if railway.fast else 120.0,
        "bridge": kind == "bridge",
        "tunnel": kind == "tunnel",
    }


def build_rail_features(railways: list[Railway], crossings: list[tuple[float, float, str]]) -> pd.DataFrame:
    """Stations, bridges, tunnels and level crossings in metres: kind, name, external_id, length_m, x, y."""
    rows: list[tuple[str, str, None, float | None, float, float]] = []
    for railway in railways:
        for name, at in railway.stations:
            point = railway.line.interpolate(at)
            rows.append(("station", name, None, None, point.x, point.y))
        for number, (low, high, kind) in enumerate(railway.structures, start=1):
            point = railway.line.interpolate((low + high) / 2)
            word = "大桥" if kind == "bridge" else "隧道"
            rows.append((kind, f"{railway.name}{number}号{word}", None, high - low, point.x, point.y))
    rows += [("level_crossing", name, None, None, x, y) for x, y, name in crossings]
    return pd.DataFrame(rows, columns=["kind", "name", "external_id", "length_m", "x", "y"])


def build_water_crossings(tracks: gpd.GeoDataFrame, shapes: gpd.GeoDataFrame) -> pd.DataFrame:
    """Culverts and bridges over water, in degrees, with `dataset.RAIL_FEATURE_COLUMNS`."""
    waterways = shapes[shapes["kind"].isin(["river", "stream"])].assign(external_id=None, culvert=False)
    return find_water_crossings(tracks, waterways)[list(RAIL_FEATURE_COLUMNS)]
