"""Coordinates: the metric working plane of a place, lengths and areas on the ellipsoid, and the shift of Chinese maps.

The store holds WGS-84; CGCS2000 (EPSG:4490) equals it at this scale. GCJ-02 is an offset, not a CRS, and appears only
where a file or a basemap uses it.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Geod, Transformer

FloatArray = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]

GEOD = Geod(ellps="WGS84")
_CHINA_LON = (73.5, 136.5)
_CHINA_LAT = (3.0, 54.0)
_GAUSS_KRUGER_ZONE_25 = 4513
"""EPSG:4513 is CGCS2000 3-degree Gauss-Kruger zone 25; zone z is EPSG:4513 + z - 25, easting prefixed with z."""


def working_crs(lon: float, lat: float) -> CRS:
    """Metric CRS for work around a place, degrees: a 3-degree Gauss-Kruger zone of CGCS2000 in China, else UTM."""
    if _CHINA_LON[0] <= lon < _CHINA_LON[1] and _CHINA_LAT[0] <= lat <= _CHINA_LAT[1]:
        return _crs_of(_GAUSS_KRUGER_ZONE_25 + int((lon + 1.5) // 3) - 25)
    zone = min(60, int((lon + 180) // 6) + 1)
    return _crs_of((32600 if lat >= 0 else 32700) + zone)


@lru_cache(maxsize=64)
def _crs_of(epsg: int) -> CRS:
    return CRS.from_epsg(epsg)


def _transformer(crs: CRS, inverse: bool) -> Transformer:
    return _transformer_of(crs.srs, inverse)  # a CRS itself is no cheap key: its hash is that of its whole text


@lru_cache(maxsize=64)
def _transformer_of(name: str, inverse: bool) -> Transformer:
    source, target = (name, "EPSG:4326") if inverse else ("EPSG:4326", name)
    # Each thread makes a transformer's inside for itself, and each run of a page is a thread: from a pair of systems,
    # whose way is searched in a database, it takes a tenth of a second, from the way that was found no time.
    return Transformer.from_pipeline(Transformer.from_crs(source, target, always_xy=True).definition)


def to_metric(geometries_wgs84: Geometries, crs: CRS) -> Geometries:
    """Geometries moved from WGS-84 into `crs`, metres."""
    return _transform(geometries_wgs84, _transformer(crs, inverse=False))


def to_wgs84(geometries: Geometries, crs: CRS) -> Geometries:
    """Geometries moved from `crs` into WGS-84, degrees."""
    return _transform(geometries, _transformer(crs, inverse=True))


def points_to_metric(lon: FloatArray, lat: FloatArray, crs: CRS) -> tuple[FloatArray, FloatArray]:
    """Coordinates of points in `crs`, metres."""
    x, y = _transformer(crs, inverse=False).transform(lon, lat)
    return np.asarray(x, np.float64), np.asarray(y, np.float64)


def _transform(geometries: Geometries, transformer: Transformer) -> Geometries:
    def move(xy: FloatArray) -> FloatArray:
        x, y = transformer.transform(xy[:, 0], xy[:, 1])
        return np.column_stack([x, y])

    moved: Geometries = np.asarray(shapely.transform(np.asarray(geometries, object), move), object)
    return moved


def compute_step_lengths_m(lon: FloatArray, lat: FloatArray) -> FloatArray:
    """Geodesic lengths, metres, between consecutive points; one fewer than points."""
    if len(lon) < 2:
        return np.zeros(0)
    _, _, length = GEOD.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
    return np.asarray(length, np.float64)


def compute_lengths_m(lines_wgs84: Geometries) -> FloatArray:
    """Geodesic length of each line or multiline, metres; 0 for an empty one."""
    lines = np.asarray(lines_wgs84, object)
    parts, owner = shapely.get_parts(lines, return_index=True)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    if len(xy) < 2:
        return np.zeros(len(lines))
    step = compute_step_lengths_m(xy[:, 0], xy[:, 1])
    same = part[1:] == part[:-1]
    total = np.bincount(owner[part[1:][same]], weights=step[same], minlength=len(lines))
    return np.asarray(total, np.float64)


def compute_areas_m2(polygons_wgs84: Geometries) -> FloatArray:
    """Area of each polygon or multipolygon on the ellipsoid, square metres (Karney, Algorithms for geodesics, 2013)."""
    # The sum runs ring by ring, so orientation must tell shells from holes.
    oriented = shapely.orient_polygons(np.asarray(polygons_wgs84, object))
    return np.array([max(0.0, GEOD.geometry_area_perimeter(polygon)[0]) for polygon in oriented])


# --- GCJ-02 -----------------------------------------------------------------------------------------------------

# The published obfuscation polynomial over the Krasovsky 1940 ellipsoid; constants as in the common open
# implementations (for example the coordtransform and eviltransform projects agree on them to the last digit).
_GCJ_A = 6378245.0
_GCJ_EE = 0.00669342162296594323
_GCJ_LON = (72.004, 137.8347)
_GCJ_LAT = (0.8293, 55.8271)


def _gcj_delta(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    common = (20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)) * 2 / 3
    d_lat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    d_lat += (20 * np.sin(y * np.pi) + 40 * np.sin(y / 3 * np.pi)) * 2 / 3
    d_lat += (160 * np.sin(y / 12 * np.pi) + 320 * np.sin(y * np.pi / 30)) * 2 / 3
    d_lon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    d_lon += (20 * np.sin(x * np.pi) + 40 * np.sin(x / 3 * np.pi)) * 2 / 3
    d_lon += (150 * np.sin(x / 12 * np.pi) + 300 * np.sin(x / 30 * np.pi)) * 2 / 3
    phi = np.radians(lat)
    magic = 1 - _GCJ_EE * np.sin(phi) ** 2
    d_lat = d_lat * 180 / (_GCJ_A * (1 - _GCJ_EE) / (magic * np.sqrt(magic)) * np.pi)
    d_lon = d_lon * 180 / (_GCJ_A / np.sqrt(magic) * np.cos(phi) * np.pi)
    return d_lon, d_lat


def is_shifted_region(lon: FloatArray, lat: FloatArray) -> npt.NDArray[np.bool_]:
    """Whether public maps are shifted there: inside the rectangle around China that the polynomial is published for."""
    return (lon >= _GCJ_LON[0]) & (lon <= _GCJ_LON[1]) & (lat >= _GCJ_LAT[0]) & (lat <= _GCJ_LAT[1])


def wgs84_to_gcj02(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Shift WGS-84 coordinates, degrees, to where a GCJ-02 basemap draws them; outside China nothing moves."""
    lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    inside = is_shifted_region(lon, lat)
    d_lon, d_lat = _gcj_delta(lon, lat)
    return np.where(inside, lon + d_lon, lon), np.where(inside, lat + d_lat, lat)


def gcj02_to_wgs84(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Undo `wgs84_to_gcj02` by fixed-point iteration, to better than 1e-6 m."""
    lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    inside = is_shifted_region(lon, lat)
    guess_lon, guess_lat = lon, lat
    # The offset changes by less than 1 % over its own size, so every round gains two digits.
    for _ in range(6):
        d_lon, d_lat = _gcj_delta(guess_lon, guess_lat)
        guess_lon, guess_lat = lon - d_lon, lat - d_lat
    return np.where(inside, guess_lon, lon), np.where(inside, guess_lat, lat)


def shift_to_wgs84(geometries_gcj02: Geometries) -> Geometries:
    """Geometries whose coordinates are GCJ-02, put where they belong in WGS-84."""
    moved: Geometries = np.asarray(
        shapely.transform(
            np.asarray(geometries_gcj02, object), lambda xy: np.column_stack(gcj02_to_wgs84(xy[:, 0], xy[:, 1]))
        ),
        object,
    )
    return moved


_MIN_SPILL = 0.002
"""A share of area outside the reference below this says nothing: boundaries of two sources never agree exactly."""

_GAIN = 0.5
"""How far shifting back must reduce the spill before a shift is suspected."""


def looks_like_gcj02(areas: Geometries, reference_wgs84: Geometries) -> bool:
    """Whether polygons that claim WGS-84 fit known boundaries clearly better once the GCJ-02 shift is undone.

    Each polygon is held against the reference polygon that covers most of it, and the share of its area that spills
    over is compared before and after. It suspects, it never proves: ask a person before anything is moved.

    Parameters
    ----------
    areas
        Polygons of the file, degrees.
    reference_wgs84
        Polygons known to be right, of the same or a wider level.
    """
    areas, reference = np.asarray(areas, object), np.asarray(reference_wgs84, object)
    if len(areas) == 0 or len(reference) == 0:
        return False
    middle = shapely.get_coordinates(shapely.point_on_surface(areas))
    if not is_shifted_region(middle[:, 0], middle[:, 1]).all():
        return False
    as_given = _compute_spill(areas, reference)
    return as_given > _MIN_SPILL and _compute_spill(shift_to_wgs84(areas), reference) < _GAIN * as_given


def _compute_spill(areas: Geometries, reference: Geometries) -> float:
    """Share of the polygons' area, of those that meet the reference at all, outside their best match."""
    a, b = shapely.STRtree(reference).query(areas, predicate="intersects")
    if len(a) == 0:
        return 0.0
    shared = shapely.area(shapely.intersection(areas[a], reference[b]))
    best = np.zeros(len(areas))
    np.maximum.at(best, a, shared)
    met = np.unique(a)
    total = float(shapely.area(areas[met]).sum())
    return 1.0 - float(best[met].sum()) / total if total > 0 else 0.0
