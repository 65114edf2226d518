"""Whether a track is where it says: shifted like public Chinese maps, or with longitude and latitude swapped."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely

from gridmap.domain.crs import FloatArray, gcj02_to_wgs84, is_shifted_region, points_to_metric, to_metric, working_crs
from gridmap.domain.railways.mileage import MeasuredLine
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.tracking.track import Track

_SAMPLE = 300
_CAPPED_M = 100.0
"""Further from every way than this is as good as nowhere."""

_GAIN, _GAIN_M = 0.6, 10.0
"""A shift is suspected where undoing it brings the mean distance below this share, and by this much."""

_RAIL_SHARE = 0.4
_RAIL_M = 60.0
"""Or where it brings this share of the fixes to a line that were none of its neighbours before."""

_FAR_DEG = 1.0


def looks_like_gcj02(track: Track, *, lines: Mapping[int, MeasuredLine], network: RoadNetwork | None) -> bool:
    """Whether undoing the shift of GCJ-02 puts a track clearly better on lines and roads.

    It suspects, it never proves: ask a person before anything is moved. Where neither lines nor roads are near, nothing
    is suspected.
    """
    chosen = np.unique(np.linspace(0, len(track) - 1, _SAMPLE).astype(np.int64))
    lon, lat = track.lon[chosen], track.lat[chosen]
    if not is_shifted_region(lon, lat).all():
        return False
    undone = gcj02_to_wgs84(lon, lat)
    rails = [_measure_to_lines(places, lines) for places in ((lon, lat), undone)]
    roads = [_measure_to_roads(places, network) for places in ((lon, lat), undone)]
    given, better = (np.minimum(rail, road).mean() for rail, road in zip(rails, roads, strict=True))
    gained = float((rails[1] < _RAIL_M).mean() - (rails[0] < _RAIL_M).mean())
    return bool((better < _GAIN * given and given - better > _GAIN_M) or gained > _RAIL_SHARE)


def looks_swapped(track: Track, *, lines: Mapping[int, MeasuredLine]) -> bool:
    """Whether a track far from every line lies among them once longitude and latitude change places."""
    if not lines:
        return False
    west, south, east, north = shapely.total_bounds([line.geometry for line in lines.values()])

    def share_inside(lon: FloatArray, lat: FloatArray) -> float:
        in_lon = (lon > west - _FAR_DEG) & (lon < east + _FAR_DEG)
        return float((in_lon & (lat > south - _FAR_DEG) & (lat < north + _FAR_DEG)).mean())

    return share_inside(track.lon, track.lat) == 0.0 and share_inside(track.lat, track.lon) > 0.5


def _measure_to_lines(places: tuple[FloatArray, FloatArray], lines: Mapping[int, MeasuredLine]) -> FloatArray:
    """Metres to the nearest line, at most `_CAPPED_M`."""
    crs = working_crs(float(places[0].mean()), float(places[1].mean()))
    near = np.array([line.geometry for line in lines.values()], object)
    box = shapely.box(places[0].min(), places[1].min(), places[0].max(), places[1].max())
    near = near[shapely.dwithin(near, box, 0.02)] if len(near) else near
    return _measure(points_to_metric(*places, crs), shapely.STRtree(to_metric(near, crs)))


def _measure_to_roads(places: tuple[FloatArray, FloatArray], network: RoadNetwork | None) -> FloatArray:
    if network is None:
        return np.full(len(places[0]), _CAPPED_M)
    return _measure(points_to_metric(*places, network.plane.crs), network.plane.tree)


def _measure(places: tuple[FloatArray, FloatArray], tree: shapely.STRtree) -> FloatArray:
    found = np.full(len(places[0]), _CAPPED_M)
    if len(tree):
        points = np.asarray(shapely.points(*places), object).reshape(-1)
        (point, _), metres = tree.query_nearest(points, max_distance=_CAPPED_M, return_distance=True)
        found[point] = metres
    return found
