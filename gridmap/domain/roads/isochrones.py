"""Isochrones: from where a place is reached in time, as areas.

The question is that of an incident: who can be *there* within so many minutes. Teams drive towards the place, so the
search runs over the reversed graph, and a one-way street counts in the direction in which it leads to the place.

What is reached is found exactly, as stretches of edges cut where the time is up, between two junctions as well. The
area is all ground within a strip about those stretches: as wide as about one 160th of the whole extent, which is some
five pixels where the reach fills a screen, and never narrower than 60 m to either side. The strip is the level line of
the distance to the stretches, read from a raster of 2.5 squares to the strip's half width by marching squares
(Lorensen and Cline 1987, in the plane): it takes a tenth of the time that buffering and joining thousands of pieces
does, and cannot fail on bad topology. Gaps no larger than a block of houses are filled.

Limits: the strip says nothing about ground between roads, which may be a river or a wall; near it one would walk on.
Turns that may be made cost nothing here. A stretch's end is drawn with a round cap, so that the area reaches beyond it
by half the strip's width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import shapely

from gridmap.domain.crs import FloatArray, to_wgs84
from gridmap.domain.roads.chains import BoolArray, IntArray, ModeGraph
from gridmap.domain.roads.compiled import compiled
from gridmap.domain.roads.contours import trace_level
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.landmarks import reach_within
from gridmap.domain.roads.snapping import OnChain, Spot, enter, locate_on_chain
from gridmap.domain.roads.speeds import Mode

_STRIP_M = 60.0
"""Half the width of the strip about a road at least: a road with the first row of what stands beside it."""

_STRIPS_PER_EXTENT = 160
_SQUARES_PER_STRIP = 2.5
_GAP_STRIPS = 6.0
"""A gap is filled up to the area of a square with so many half strips to a side (360 m in a town)."""

_BEND_STRIPS = 0.15
"""The outline is straightened by no more than this part of the half strip, so that no reached road leaves it."""


@dataclass(frozen=True)
class Stretches:
    """Parts of edges, each from share `low` to share `high` of the way from u to v."""

    edge: IntArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True)
class ReachBand:
    """The ground from which a place is reached within `limit_s`, WGS-84; bands of longer times hold it."""

    limit_s: float
    area_wgs84: shapely.MultiPolygon


@dataclass(frozen=True)
class _Search:
    """Pieces of edges from which the place may be reached in time: from each, the way on over either end.

    `over_v_s` is the time along the whole piece towards v and `rest_v_s` from there to the place; the same for u.
    """

    edge: IntArray
    low: FloatArray
    high: FloatArray
    over_v_s: FloatArray
    rest_v_s: FloatArray
    over_u_s: FloatArray
    rest_u_s: FloatArray


def find_reaching_stretches(
    network: RoadNetwork, spot: Spot, *, limits_s: Sequence[float], mode: Mode
) -> list[Stretches]:
    """For each limit the stretches of road from all of whose points `mode` is at `spot` within it, cut exactly."""
    search = _search(network.mode_graph(mode), spot, limit_s=max(limits_s))
    return [_cut_in_time(search, limit_s) for limit_s in limits_s]


def compute_reach(network: RoadNetwork, spot: Spot, *, limits_s: Sequence[float], mode: Mode) -> tuple[ReachBand, ...]:
    """The bands of ascending limits, each holding the ones before; see the module for how they are drawn."""
    limits_s = sorted(limits_s)
    found = find_reaching_stretches(network, spot, limits_s=limits_s, mode=mode)
    plane = network.plane
    place = shapely.get_coordinates(
        shapely.line_interpolate_point(plane.lines[spot.edge], spot.share, normalized=True)
    )[0]
    # The place itself is reached even where no road leads to it.
    segments = [np.array([[*place, *place]])]
    first, xy = plane.vertices
    drawn = np.zeros(network.edge_count, bool)
    for stretches in found:
        new = ~drawn[stretches.edge]
        segments.append(_cut_segments(first, xy, stretches.edge[new], stretches.low[new], stretches.high[new]))
        drawn[stretches.edge[(stretches.low == 0.0) & (stretches.high == 1.0)]] = True
    areas = to_wgs84(np.array(_draw_strips([np.vstack(segments[:2]), *segments[2:]]), object), plane.crs)
    # Straightened one by one, and with sides that bend between the planes, they hold each other only when joined here.
    nested = accumulate(areas, shapely.union)
    return tuple(ReachBand(limit_s, _as_multi(area)) for limit_s, area in zip(limits_s, nested, strict=True))


def _search(graph: ModeGraph, spot: Spot, *, limit_s: float) -> _Search:
    ends = enter(graph, spot)
    rest_s = reach_within(graph.reverse, ends.state, ends.seconds, limit_s=limit_s)
    at = locate_on_chain(graph, spot)
    chains = graph.chains
    near = np.minimum(rest_s[graph.arrive_back], rest_s[graph.arrive_ahead]) <= limit_s
    if at is not None and at.junction < 0:
        near[at.chain] = True
    items = np.flatnonzero(np.repeat(near, np.diff(chains.first)))
    chain = graph.edge_chain[chains.edge[items]]
    edge, ahead = chains.edge[items], chains.ahead[items]
    forward_s, backward_s = graph.edge_forward_s[edge], graph.edge_backward_s[edge]
    along_s, against_s = np.where(ahead, forward_s, backward_s), np.where(ahead, backward_s, forward_s)
    open_ahead = chains.shut_ahead[items] == chains.shut_ahead[chains.first[chain + 1]]
    open_back = chains.shut_back[items + 1] == chains.shut_back[chains.first[chain]]
    far_s = (
        _rest(chains.ahead_s[chain], chains.before_s[items], along_s, open_ahead) + rest_s[graph.arrive_ahead[chain]]
    )
    near_s = _rest(chains.back_s[chain], chains.after_s[items], against_s, open_back) + rest_s[graph.arrive_back[chain]]
    if at is not None and at.junction < 0:
        _lead_straight(graph, spot, at, items, (along_s, far_s), (against_s, near_s))
    search = _Search(
        edge=edge,
        low=np.zeros(len(edge)),
        high=np.ones(len(edge)),
        over_v_s=forward_s,
        rest_v_s=np.where(ahead, far_s, near_s),
        over_u_s=backward_s,
        rest_u_s=np.where(ahead, near_s, far_s),
    )
    return search if at is None or at.junction >= 0 else _split_at(search, spot)


def _rest(whole_s: FloatArray, before_s: FloatArray, over_s: FloatArray, is_open: BoolArray) -> FloatArray:
    """Seconds from the end of an item to the end of its chain, infinite where something up to there is closed."""
    rest = whole_s - before_s - np.where(is_open, over_s, 0.0)
    return np.where(is_open, np.maximum(rest, 0.0), np.inf)


def _lead_straight(
    graph: ModeGraph,
    spot: Spot,
    at: OnChain,
    items: IntArray,
    ahead: tuple[FloatArray, FloatArray],
    back: tuple[FloatArray, FloatArray],
) -> None:
    """On the place's own chain one need not pass a junction: put the straight way into the rests, in place."""
    chains, own = graph.chains, int(graph.edge_item[spot.edge])
    here = (items >= chains.first[at.chain]) & (items < chains.first[at.chain + 1])
    # Of the items before, those with nothing closed from there up to the place; and the same behind it.
    before = here & (items < own) & (chains.shut_ahead[items] == chains.shut_ahead[own + 1])
    ahead[1][before] = np.maximum(at.along_s - chains.before_s[items[before]] - ahead[0][before], 0.0)
    after = here & (items > own) & (chains.shut_back[items + 1] == chains.shut_back[own])
    back[1][after] = np.maximum(at.against_s - chains.after_s[items[after]] - back[0][after], 0.0)


def _split_at(search: _Search, spot: Spot) -> _Search:
    """The edge of the place as two pieces, each with the place at one of its ends."""
    (own,) = np.flatnonzero(search.edge == spot.edge)
    twice = np.append(np.arange(len(search.edge)), own)
    copy = _Search(*(values[twice] for values in vars(search).values()))
    copy.high[own] = copy.low[-1] = spot.share
    for over in (copy.over_v_s, copy.over_u_s):
        if np.isfinite(over[own]):
            over[own] *= spot.share
            over[-1] *= 1.0 - spot.share
    copy.rest_v_s[own] = 0.0
    copy.rest_u_s[-1] = 0.0
    return copy


def _cut_in_time(search: _Search, limit_s: float) -> Stretches:
    span = search.high - search.low
    to_v = _share_in_time(limit_s - search.rest_v_s, search.over_v_s) * span
    to_u = _share_in_time(limit_s - search.rest_u_s, search.over_u_s) * span
    whole = to_v + to_u >= span
    from_u, from_v = ~whole & (to_u > 0.0), ~whole & (to_v > 0.0)
    return Stretches(
        np.concatenate([search.edge[whole], search.edge[from_u], search.edge[from_v]]),
        np.concatenate([search.low[whole], search.low[from_u], (search.high - to_v)[from_v]]),
        np.concatenate([search.high[whole], (search.low + to_u)[from_u], search.high[from_v]]),
    )


def _share_in_time(left_s: FloatArray, over_s: FloatArray) -> FloatArray:
    """Share of a piece, at its end, that is run in the time left; nothing where it may not be run."""
    usable = np.isfinite(over_s) & (left_s > 0.0)
    share = np.divide(left_s, over_s, out=np.ones(len(over_s)), where=usable & (over_s > left_s))
    return np.where(usable, np.minimum(share, 1.0), 0.0)


@compiled
def _cut_segments(first: IntArray, xy: FloatArray, edge: IntArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """The straight segments of stretches as rows of x0, y0, x1, y1; shares are measured in metres."""
    count = 0
    for e in edge:
        count += first[e + 1] - first[e] - 1
    out = np.empty((count, 4))
    at = 0
    for i in range(len(edge)):
        begin, end = first[edge[i]], first[edge[i] + 1]
        total = 0.0
        for k in range(begin, end - 1):
            total += np.hypot(xy[k + 1, 0] - xy[k, 0], xy[k + 1, 1] - xy[k, 1])
        run, stop = 0.0, high[i] * total
        start = low[i] * total
        for k in range(begin, end - 1):
            length = np.hypot(xy[k + 1, 0] - xy[k, 0], xy[k + 1, 1] - xy[k, 1])
            a, b = max(start - run, 0.0), min(stop - run, length)
            if length > 0.0 and a <= b:
                dx, dy = (xy[k + 1, 0] - xy[k, 0]) / length, (xy[k + 1, 1] - xy[k, 1]) / length
                out[at, 0] = xy[k, 0] + a * dx
                out[at, 1] = xy[k, 1] + a * dy
                out[at, 2] = xy[k, 0] + b * dx
                out[at, 3] = xy[k, 1] + b * dy
                at += 1
            run += length
    return out[:at]


def _draw_strips(segments: Sequence[FloatArray]) -> list[shapely.Geometry]:
    """Areas about ever more segments, metres: each about its own and those before."""
    everything = np.vstack(segments).reshape(-1, 2)
    low, high = everything.min(axis=0), everything.max(axis=0)
    strip_m = max(_STRIP_M, float((high - low).max()) / _STRIPS_PER_EXTENT)
    square_m = strip_m / _SQUARES_PER_STRIP
    origin = low - strip_m - 2 * square_m
    columns, rows = (np.ceil((high - origin + strip_m) / square_m).astype(np.int64) + 3).tolist()
    distance_m2 = np.full((rows, columns), (4 * strip_m) ** 2)
    areas: list[shapely.Geometry] = []
    for part in segments:
        _measure_distance(distance_m2, part, origin, square_m, strip_m)
        area = _build_area(trace_level(np.sqrt(distance_m2), strip_m), strip_m / square_m)
        moved = shapely.transform(area, lambda xy: origin + square_m * xy)
        areas.append(moved)
    return areas


@compiled
def _measure_distance(
    distance_m2: FloatArray, segments: FloatArray, origin: FloatArray, square_m: float, strip_m: float
) -> None:
    """Lower the raster to the square of the distance from the nearest segment, as far as the strip needs it."""
    reach = strip_m + 1.5 * square_m
    for i in range(len(segments)):
        x0, y0, x1, y1 = segments[i]
        dx, dy = x1 - x0, y1 - y0
        length2 = dx * dx + dy * dy
        left = int((min(x0, x1) - reach - origin[0]) / square_m)
        right = int((max(x0, x1) + reach - origin[0]) / square_m) + 1
        for row in range(
            max(0, int((min(y0, y1) - reach - origin[1]) / square_m)),
            min(distance_m2.shape[0], int((max(y0, y1) + reach - origin[1]) / square_m) + 2),
        ):
            y = origin[1] + row * square_m
            for column in range(max(0, left), min(distance_m2.shape[1], right + 1)):
                x = origin[0] + column * square_m
                along = 0.0
                if length2 > 0.0:
                    along = min(1.0, max(0.0, ((x - x0) * dx + (y - y0) * dy) / length2))
                aside, ahead = x - x0 - along * dx, y - y0 - along * dy
                distance2 = aside * aside + ahead * ahead
                if distance2 < distance_m2[row, column]:
                    distance_m2[row, column] = distance2


def _build_area(rings: list[FloatArray], strip: float) -> shapely.Geometry:
    """Rings, in squares of the raster, with the inside at their left, as an area without small gaps."""
    signed = np.array([_signed_area(ring) for ring in rings])
    shells = [shapely.Polygon(ring) for ring, area in zip(rings, signed, strict=True) if area > 0]
    gaps = [ring for ring, area in zip(rings, signed, strict=True) if -area > (_GAP_STRIPS * strip) ** 2]
    order = np.argsort([shell.area for shell in shells])
    holes: dict[int, list[FloatArray]] = {}
    for gap in gaps:
        # An island may lie in a gap of a larger shell: the smallest shell around is the gap's own.
        owner = next((int(i) for i in order if shapely.contains_xy(shells[i], *gap[0])), None)
        if owner is not None:
            holes.setdefault(owner, []).append(gap)
    parts = [shapely.Polygon(shell.exterior, holes.get(i)) for i, shell in enumerate(shells)]
    return shapely.union_all(shapely.simplify(np.array(parts, object), _BEND_STRIPS * strip))


def _signed_area(ring: FloatArray) -> float:
    x, y = ring.T
    return float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])) / 2


def _as_multi(area: shapely.Geometry) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([part for part in shapely.get_parts(area) if part.geom_type == "Polygon"])
