"""Rivers as a network that water flows through, and how far a place lies up- or downstream of a railway bridge."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from gridmap.domain.crs import FloatArray, Geometries, to_metric, to_wgs84
from gridmap.domain.statutes.plane import MERCATOR, IntArray, Shapes, compute_scale, cut_into_steps, measure_m

_SAME_PLACE_M = 0.05
"""Ends of steps so near are one place of the river; in the plane."""

_MEETING_M = 1e-6
"""What is nearer meets."""

_ALIKE_M = 1.0
"""A place belongs to every stretch of river that is nearest to it by less than this."""


@dataclass(frozen=True)
class Sites:
    """Places on the river of some shapes: the shape, the stretch and the share of it, one entry each."""

    shape: IntArray
    stretch: IntArray
    share: FloatArray


@dataclass(frozen=True)
class RiverNetwork:
    """Stretches between places where rivers bend, begin, end, meet or pass under a bridge, as the water flows.

    Attributes
    ----------
    tree
        Stretches in the plane, straight, under an index.
    tail, head
        Places at which each stretch begins and ends.
    length_m
        Of each stretch, on the ellipsoid.
    bridge_place, bridge_m
        Places under bridges, and the length of each bridge.
    flow
        Metres from place to place, downstream.
    """

    tree: shapely.STRtree
    tail: IntArray
    head: IntArray
    length_m: FloatArray
    bridge_place: IntArray
    bridge_m: FloatArray
    flow: csr_matrix
    _known: dict[tuple[float, float, bool], FloatArray] = field(default_factory=dict)

    def find_sites(self, shapes: Shapes, *, reach_m: float) -> Sites:
        """The places of the river that belong to each shape; none where no river is within `reach_m`."""
        plane, stretches = shapes.plane, self.tree.geometries
        shape, stretch = self.tree.query(plane, predicate="dwithin", distance=reach_m * shapes.scale)
        apart = measure_m(plane[shape], stretches[stretch])
        nearest = np.full(len(plane), np.inf)
        np.minimum.at(nearest, shape, apart)
        kept = (apart <= nearest[shape] + _ALIKE_M) & (apart <= reach_m)
        shape, stretch, apart = shape[kept], stretch[kept], apart[kept]
        foot = shapely.get_point(shapely.shortest_line(plane[shape], stretches[stretch]), 1)
        # A shape that the river runs through belongs to it from where it comes in to where it goes out.
        through = np.flatnonzero(apart < _MEETING_M)
        shared = shapely.intersection(plane[shape[through]], stretches[stretch[through]])
        within, owner = shapely.get_coordinates(shared, return_index=True)
        rows = np.concatenate([np.arange(len(shape)), through[owner]])
        points = np.concatenate([foot, np.asarray(shapely.points(within), object).reshape(-1)])
        share = shapely.line_locate_point(stretches[stretch[rows]], points, normalized=True)
        return Sites(shape[rows], stretch[rows], np.asarray(share, np.float64))

    def measure_from_bridges(self, sites: Sites, *, at_least_m: float, below_m: float, downstream: bool) -> FloatArray:
        """Metres along the river from the nearest bridge of a length from `at_least_m` to `below_m`; inf without one.

        `downstream`: the site lies below the bridge; else above it.
        """
        from_bridge = self._measure_places(at_least_m, below_m, downstream)
        length_m = self.length_m[sites.stretch]
        if downstream:
            return np.asarray(from_bridge[self.tail[sites.stretch]] + sites.share * length_m, np.float64)
        return np.asarray(from_bridge[self.head[sites.stretch]] + (1 - sites.share) * length_m, np.float64)

    def _measure_places(self, at_least_m: float, below_m: float, downstream: bool) -> FloatArray:
        """As `measure_from_bridges`, for every place of the network."""
        found = self._known.get((at_least_m, below_m, downstream))
        if found is None:
            bridges = self.bridge_place[(self.bridge_m >= at_least_m) & (self.bridge_m < below_m)]
            found = np.full(self.flow.shape[0], np.inf)
            if len(bridges):
                graph = self.flow if downstream else self.flow.T.tocsr()
                found = dijkstra(graph, indices=np.unique(bridges), min_only=True)
            self._known[at_least_m, below_m, downstream] = found
        return found


@dataclass(frozen=True)
class _Spans:
    """Where bridges cross steps: the step, the share of it, and the number of the bridge."""

    step: IntArray
    share: FloatArray
    bridge: IntArray


@dataclass(frozen=True)
class _Mouths:
    """Where rivers that end beside another one flow into it: their last place, the metres from there, and the step."""

    step: IntArray
    share: FloatArray
    place: IntArray
    gap_m: FloatArray


def build_river_network(
    rivers_wgs84: Geometries, *, spans: Geometries, span_m: FloatArray, join_m: float
) -> RiverNetwork:
    """Join rivers to a network and find where bridges span them.

    Rivers meet where they share a vertex, and where one ends within `join_m` of another.

    Parameters
    ----------
    rivers_wgs84
        LineStrings drawn the way the water flows, degrees.
    spans, span_m
        Railway bridges as lines, degrees, and their lengths, metres.
    """
    lines = np.asarray(shapely.get_parts(rivers_wgs84), object)
    steps, line = cut_into_steps(lines[shapely.get_type_id(lines) == shapely.GeometryType.LINESTRING])
    tree = shapely.STRtree(steps)
    ends = shapely.get_coordinates(steps).reshape(-1, 2, 2)
    tail, head = _number_places(ends)
    mouths = _find_mouths(tree, line, tail, head, join_m)
    return _build_network(tree, tail, head, _find_spans(tree, spans), mouths, span_m=span_m)


def _number_places(ends: FloatArray) -> tuple[IntArray, IntArray]:
    """Numbers of the places at which steps begin and end; equal places have one number."""
    if len(ends) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    rounded = np.round(ends.reshape(-1, 2) / _SAME_PLACE_M).astype(np.int64)
    _, number = np.unique(rounded, axis=0, return_inverse=True)
    number = number.reshape(-1, 2)
    return number[:, 0], number[:, 1]


def _find_spans(tree: shapely.STRtree, spans_wgs84: Geometries) -> _Spans:
    spans = to_metric(spans_wgs84, MERCATOR) if len(spans_wgs84) else np.zeros(0, object)
    span, step = tree.query(spans, predicate="intersects")
    points, row = shapely.get_parts(shapely.intersection(spans[span], tree.geometries[step]), return_index=True)
    share = shapely.line_locate_point(tree.geometries[step[row]], shapely.centroid(points), normalized=True)
    return _Spans(step[row], np.asarray(share, np.float64), span[row])


def _find_mouths(tree: shapely.STRtree, line: IntArray, tail: IntArray, head: IntArray, join_m: float) -> _Mouths:
    steps = tree.geometries
    last = np.flatnonzero(np.append(line[1:] != line[:-1], True)[: len(line)])
    touching = np.bincount(np.concatenate([tail, head]), minlength=1)
    loose = last[touching[head[last]] == 1]
    points = np.asarray(shapely.get_point(steps[loose], -1), object)
    scale = compute_scale(shapely.get_y(to_wgs84(points, MERCATOR)))
    end, step = tree.query(points, predicate="dwithin", distance=join_m * scale)
    other = line[step] != line[loose[end]]
    end, step = end[other], step[other]
    gap_m = measure_m(points[end], steps[step])
    order = np.lexsort((step, gap_m, end))
    _, first = np.unique(end[order], return_index=True)
    nearest = order[first]
    end, step = end[nearest], step[nearest]
    share = shapely.line_locate_point(steps[step], points[end], normalized=True)
    return _Mouths(step, np.asarray(share, np.float64), head[loose[end]], gap_m[nearest])


def _build_network(
    tree: shapely.STRtree, tail: IntArray, head: IntArray, spans: _Spans, mouths: _Mouths, *, span_m: FloatArray
) -> RiverNetwork:
    """Cut the steps at bridges and mouths, and join what they are cut into."""
    count = int(max(tail.max(), head.max())) + 1 if len(tail) else 0
    new = count + np.arange(len(spans.step) + len(mouths.step))
    bridge_place, inflow = new[: len(spans.step)], new[len(spans.step) :]
    step = np.concatenate([np.arange(len(tail)), spans.step, mouths.step])
    share = np.concatenate([np.zeros(len(tail)), spans.share, mouths.share])
    begin = np.concatenate([tail, new])
    order = np.lexsort((share, step))
    step, share, begin = step[order], share[order], begin[order]
    # A stretch ends where the next one of its step begins, the last of a step where the step ends.
    closes = np.append(step[1:] != step[:-1], True)[: len(step)]
    end, upto = np.where(closes, head[step], np.roll(begin, -1)), np.where(closes, 1.0, np.roll(share, -1))
    stretches = _cut_steps(shapely.get_coordinates(tree.geometries).reshape(-1, 2, 2)[step], share, upto)
    first, last = (np.asarray(shapely.get_point(stretches, at), object) for at in (0, 1))
    length_m = measure_m(first, last)
    flow = _build_matrix(
        np.concatenate([begin, mouths.place]),
        np.concatenate([end, inflow]),
        np.concatenate([length_m, mouths.gap_m]),
        count + len(new),
    )
    # Where a bridge stands at a corner, a stretch of no length joins the two; nothing can lie on it.
    long = length_m > 0
    found = shapely.STRtree(stretches[long])
    return RiverNetwork(found, begin[long], end[long], length_m[long], bridge_place, span_m[spans.bridge], flow)


def _cut_steps(ends: FloatArray, from_share: FloatArray, to_share: FloatArray) -> Geometries:
    """Parts of straight steps, (n, 2, 2) coordinates, between two shares of each."""
    way = ends[:, 1] - ends[:, 0]
    parts = np.stack([ends[:, 0] + way * share[:, None] for share in (from_share, to_share)], axis=1)
    return np.asarray(shapely.linestrings(parts), object).reshape(-1)


def _build_matrix(tail: IntArray, head: IntArray, length_m: FloatArray, count: int) -> csr_matrix:
    order = np.lexsort((length_m, head, tail))
    pairs = np.column_stack([tail[order], head[order]])
    # A matrix adds up what is drawn twice, and takes a way of no length for none.
    _, first = np.unique(pairs, axis=0, return_index=True) if len(pairs) else (None, np.zeros(0, np.int64))
    kept = order[first]
    length = np.maximum(length_m[kept], 1e-6)
    return csr_matrix((length, (tail[kept], head[kept])), shape=(max(count, 1), max(count, 1)))
