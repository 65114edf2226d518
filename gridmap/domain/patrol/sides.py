"""Which side of a railway one is on: it is crossed at crossings, bridges, underpasses and stations and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.domain.crs import FloatArray, Geometries, to_metric
from gridmap.domain.patrol.problem import AccessPoint, Task
from gridmap.domain.roads.chains import BoolArray
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.snapping import Spot
from gridmap.domain.roads.speeds import Mode

ON_TRACK_M = 6.0
"""What lies no further from the middle of a track is on the tracks: a hazard to be come to from either side, or a road
where it crosses them."""

SIDES = ("left", "right")


def list_crossings(access: Sequence[AccessPoint]) -> FloatArray:
    """Mileages at which a line may be crossed: where its access points have no side."""
    return np.array([point.mileage_m for point in access if not point.side], np.float64)


def reaches_side(from_side: str, to_side: str, span_m: tuple[float, float], crossings_m: FloatArray) -> bool:
    """Whether who comes from one side gets to the other within a stretch, in either direction; "" is both sides."""
    if from_side not in SIDES or to_side not in SIDES or from_side == to_side:
        return True
    low, high = min(span_m), max(span_m)
    return bool(((crossings_m >= low) & (crossings_m <= high)).any())


def keeps_sides(
    entry: AccessPoint, exit_: AccessPoint, *, turns_m: Sequence[float], side: str, crossings_m: FloatArray
) -> bool:
    """Whether a walk from one access point to another over `turns_m` can be made without crossing the tracks elsewhere.

    `side` is that on which its middle part is walked; where it is neither, the walk may change over on the way.
    """
    if side not in SIDES:
        return reaches_side(entry.side, exit_.side, (min(turns_m), max(turns_m)), crossings_m)
    there = reaches_side(entry.side, side, (turns_m[0], turns_m[1]), crossings_m)
    return there and reaches_side(side, exit_.side, (turns_m[-2], turns_m[-1]), crossings_m)


class Barrier:
    """Tracks on the ground in the plane of a network: nobody walks over them from a road to a hazard."""

    def __init__(self, network: RoadNetwork, tracks_wgs84: Geometries) -> None:
        self._network = network
        self._tracks = to_metric(np.asarray(tracks_wgs84, object), network.plane.crs)
        self._tree = shapely.STRtree(self._tracks)

    def find_spot(
        self, task: Task, nearest: Spot | None, *, mode: Mode, reach_m: float, among: BoolArray
    ) -> Spot | None:
        """Where a hazard is left for from the roads: `nearest`, else the nearest from which no track is in between."""
        if nearest is None or not len(self._tracks):
            return nearest
        point = to_metric(np.array([shapely.Point(task.lon, task.lat)], object), self._network.plane.crs)[0]
        if len(self._tree.query(point, predicate="dwithin", distance=ON_TRACK_M)):
            return nearest
        line = self._network.plane.lines[nearest.edge]
        if not self._parts(point, [shapely.line_interpolate_point(line, nearest.share, normalized=True)])[0]:
            return nearest
        usable = self._network.mode_graph(mode).usable & among
        near = self._network.plane.tree.query(point, predicate="dwithin", distance=reach_m)
        near = near[usable[near]]
        lines = self._network.plane.lines[near]
        share = shapely.line_locate_point(lines, point, normalized=True)
        places = shapely.line_interpolate_point(lines, share, normalized=True)
        free = np.flatnonzero(~self._parts(point, places))
        if not len(free):
            return None
        off_m = shapely.distance(places[free], point)
        best = int(np.lexsort((near[free], off_m))[0])
        return Spot(int(near[free[best]]), float(share[free[best]]), float(off_m[best]))

    def _parts(self, point: shapely.Point, places: Sequence[shapely.Point] | Geometries) -> npt.NDArray[np.bool_]:
        """Whether a track lies between a point and each of the places; none does where a road crosses it."""
        ways = [shapely.LineString([point, place]) for place in places]
        parted = np.zeros(len(ways), np.bool_)
        parted[self._tree.query(ways, predicate="intersects")[0]] = True
        parted[self._tree.query(list(places), predicate="dwithin", distance=ON_TRACK_M)[0]] = False
        return parted
