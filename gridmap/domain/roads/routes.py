"""Routes between places: seconds, metres, the edges run and the line on the map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.domain.crs import FloatArray
from gridmap.domain.roads.chains import Arcs, IntArray, ModeGraph, run_chains
from gridmap.domain.roads.components import explain_unreachable
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.shortest import Ends, PathFinder, compute_rows
from gridmap.domain.roads.snapping import (
    NO_ENDS,
    REACH_M,
    Spot,
    along_chain,
    enter,
    join_ends,
    leave,
    locate_on_chain,
    snap,
    snap_all,
)
from gridmap.domain.roads.speeds import Mode
from gridmap.errors import N_, Unreachable

Place = tuple[float, float]

_NO_EDGES = (np.zeros(0, np.int64), np.zeros(0))


@dataclass(frozen=True)
class Step:
    """A stretch of one edge, from `start` to `end` as shares of the way from u to v; backwards where end < start."""

    edge: int
    start: float
    end: float


@dataclass(frozen=True)
class RoadPath:
    """A way along roads: the edges run in their order, each as a `Step` is."""

    seconds: float
    metres: float
    edge: IntArray
    start: FloatArray
    end: FloatArray

    @property
    def steps(self) -> tuple[Step, ...]:
        """The same as objects; hundreds of them cost more than the search itself."""
        return tuple(map(Step, self.edge.tolist(), self.start.tolist(), self.end.tolist()))


@dataclass(frozen=True)
class RoadRoute:
    """The fastest way between two places.

    `geometry` (WGS-84) runs along roads only, from `start_off_m` beside the start to `end_off_m` beside the end.
    """

    seconds: float
    metres: float
    geometry: shapely.LineString
    start_off_m: float
    end_off_m: float


class Router:
    """Paths between spots of one network for one mode; not to be shared between threads."""

    def __init__(self, network: RoadNetwork, mode: Mode) -> None:
        self._network = network
        self._graph = network.mode_graph(mode)
        self._finder = PathFinder(self._graph, network.landmarks(mode))

    def find(self, start: Spot, end: Spot) -> RoadPath | None:
        """The fastest path, None where there is none."""
        graph = self._graph
        direct_s, _ = along_chain(graph, start, end)
        out, into = leave(graph, start), enter(graph, end)
        found = self._finder.find(out, into) if len(out.state) and len(into.state) else None
        if found is None or direct_s <= found[0]:
            if not np.isfinite(direct_s):
                return None
            return self._build_path(direct_s, _run_along(graph, start, end), _NO_EDGES, ())
        seconds, chains, begin, finish = found
        first, last = (
            _run_to_junction(graph, start, out.way_by(begin), leaving=True),
            _run_to_junction(graph, end, into.way_by(finish), leaving=False),
        )
        return self._build_path(seconds, first, run_chains(graph.chains, chains), last)

    def _build_path(
        self, seconds: float, first: Sequence[Step], between: tuple[IntArray, FloatArray], last: Sequence[Step]
    ) -> RoadPath:
        """A path of stretches, of whole edges with the shares they are run from, and of stretches again."""
        edge, start = between
        end = 1.0 - start
        if first or last:
            edge = np.concatenate([[step.edge for step in first], edge, [step.edge for step in last]]).astype(np.int64)
            start = np.concatenate([[step.start for step in first], start, [step.start for step in last]])
            end = np.concatenate([[step.end for step in first], end, [step.end for step in last]])
        metres = float(np.dot(np.abs(end - start), self._network.length_m[edge]))
        return RoadPath(seconds, metres, edge, start, end)


def find_route(network: RoadNetwork, start: Place, end: Place, *, mode: Mode = Mode.CAR) -> RoadRoute:
    """The fastest route between two (lon, lat) places.

    Raises
    ------
    Unreachable
        A place lies too far from any usable road, or no path joins them.
    """
    a, b = require_snap(network, start, mode=mode), require_snap(network, end, mode=mode)
    path = Router(network, mode).find(a, b)
    if path is None:
        raise Unreachable(
            N_("No road joins these two places for this way of travelling."),
            hint=explain_unreachable(network.mode_graph(mode), a.edge, b.edge),
        )
    return RoadRoute(path.seconds, path.metres, draw_path(network, path, at=a), a.off_m, b.off_m)


def compute_times(
    network: RoadNetwork,
    origins: Sequence[Spot | None],
    targets: Sequence[Spot | None],
    *,
    mode: Mode,
    limit_s: float = np.inf,
) -> tuple[FloatArray, FloatArray]:
    """Seconds and metres of the fastest path from each origin to each target, shape (origins, targets).

    Infinite where a spot is None, cannot be reached, or takes longer than `limit_s`.
    """
    graph = network.mode_graph(mode)
    starts = [NO_ENDS if spot is None else leave(graph, spot) for spot in origins]
    ends = [NO_ENDS if spot is None else enter(graph, spot) for spot in targets]
    # A search costs as much for one goal as for all: it begins at whichever side has fewer places.
    if len(targets) < len(origins):
        found_s, found_m = _search_from(graph.reverse, ends, starts, limit_s=limit_s)
        seconds, metres = found_s.T.copy(), found_m.T.copy()
    else:
        seconds, metres = _search_from(graph.arcs, starts, ends, limit_s=limit_s)
    _shorten_on_common_chains(graph, origins, targets, seconds, metres)
    beyond = seconds > limit_s
    seconds[beyond], metres[beyond] = np.inf, np.inf
    return seconds, metres


def _search_from(arcs: Arcs, roots: list[Ends], others: list[Ends], *, limit_s: float) -> tuple[FloatArray, FloatArray]:
    """Seconds and metres between places and others, shape (roots, others), over junctions alone."""
    goals, at = np.unique(np.concatenate([[0], *(e.state for e in others)]).astype(np.int64), return_inverse=True)
    if len(arcs.first) == 1:  # a network without a junction
        goals = goals[:0]
    row_s, row_m = compute_rows(arcs, roots, goals, limit_s=limit_s)
    seconds, metres = np.full((len(roots), len(others)), np.inf), np.full((len(roots), len(others)), np.inf)
    cursor = 1
    for column, end in enumerate(others):
        for way in range(len(end.state)):
            reach = row_s[:, at[cursor]] + end.seconds[way]
            better = reach < seconds[:, column]
            seconds[better, column] = reach[better]
            metres[better, column] = row_m[better, at[cursor]] + end.metres[way]
            cursor += 1
    return seconds, metres


def compute_nearest_times(
    network: RoadNetwork, origins: Sequence[Place], targets: Sequence[Place], *, mode: Mode = Mode.CAR
) -> FloatArray:
    """Seconds to each (lon, lat) target from whichever origin reaches it first, infinite where none does.

    One search that begins at all origins at once: the same as the least of `compute_travel_times` in each column, but
    that an origin on the very stretch between two junctions on which the target lies may be passed by a junction.
    """
    graph = network.mode_graph(mode)
    leaving = [leave(graph, spot) for spot in snap_all(network, origins, mode=mode) if spot is not None]
    nearest = np.full(len(targets), np.inf)
    if not leaving or not graph.state_count:
        return nearest
    start = join_ends(leaving)
    goals = np.arange(graph.state_count, dtype=np.int64)
    reach = compute_rows(graph.arcs, [start], goals)[0][0]
    for column, spot in enumerate(snap_all(network, targets, mode=mode)):
        if spot is not None:
            end = enter(graph, spot)
            nearest[column] = min(reach[end.state] + end.seconds, default=np.inf)
    return nearest


def compute_travel_times(
    network: RoadNetwork,
    origins: Sequence[Place],
    targets: Sequence[Place],
    *,
    mode: Mode = Mode.CAR,
    limit_s: float = np.inf,
) -> tuple[FloatArray, FloatArray]:
    """`compute_times` between (lon, lat) places; one that is off the network is reached by nobody."""
    return compute_times(
        network,
        snap_all(network, origins, mode=mode),
        snap_all(network, targets, mode=mode),
        mode=mode,
        limit_s=limit_s,
    )


def require_snap(network: RoadNetwork, place: Place, *, mode: Mode) -> Spot:
    """`snap`, or Unreachable where no usable road is near."""
    found = snap(network, place, mode=mode)
    if found is None:
        raise Unreachable(
            N_("There is no road within {distance:.0f} m of {lon:.5f}, {lat:.5f} that could be used."),
            hint=N_("Choose a place nearer to a road; longitude comes first."),
            distance=REACH_M,
            lon=place[0],
            lat=place[1],
        )
    return found


def draw_path(network: RoadNetwork, path: RoadPath, *, at: Spot) -> shapely.LineString:
    """The path in WGS-84; one without steps is a point-like line at `at`."""
    steps = path.steps or (Step(at.edge, at.share, at.share),)
    xy = np.vstack([cut_edge(network, step) for step in steps])
    keep = np.append(True, (np.diff(xy, axis=0) != 0).any(axis=1))
    xy = xy[keep]
    return shapely.LineString(xy if len(xy) > 1 else np.vstack([xy, xy]))


def cut_edge(network: RoadNetwork, step: Step) -> FloatArray:
    """Vertices (lon, lat) of a stretch of an edge, in the order it is run; shares are measured in metres."""
    xy = shapely.get_coordinates(network.geometry[step.edge])
    if abs(step.end - step.start) == 1.0:
        return xy if step.end > step.start else xy[::-1]
    planar = shapely.get_coordinates(network.plane.lines[step.edge])
    run = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(planar, axis=0).T))])
    share = run / run[-1] if run[-1] > 0 else np.linspace(0.0, 1.0, len(run))
    low, high = min(step.start, step.end), max(step.start, step.end)
    marks: npt.NDArray[np.float64] = np.concatenate([[low], share[(share > low) & (share < high)], [high]])
    cut = np.column_stack([np.interp(marks, share, xy[:, 0]), np.interp(marks, share, xy[:, 1])])
    return cut if step.end >= step.start else cut[::-1]


def _shorten_on_common_chains(
    graph: ModeGraph,
    origins: Sequence[Spot | None],
    targets: Sequence[Spot | None],
    seconds: FloatArray,
    metres: FloatArray,
) -> None:
    """Two spots on one chain may reach each other without passing a junction."""
    by_chain: dict[int, list[int]] = {}
    for column, spot in enumerate(targets):
        if spot is not None:
            by_chain.setdefault(int(graph.edge_chain[spot.edge]), []).append(column)
    for row, origin in enumerate(origins):
        if origin is None:
            continue
        for column in by_chain.get(int(graph.edge_chain[origin.edge]), ()):
            target = targets[column]
            assert target is not None
            direct_s, direct_m = along_chain(graph, origin, target)
            if direct_s < seconds[row, column]:
                seconds[row, column], metres[row, column] = direct_s, direct_m


def _whole(graph: ModeGraph, item: int, *, forward: bool) -> Step:
    ahead = bool(graph.chains.ahead[item]) == forward
    return Step(int(graph.chains.edge[item]), 0.0 if ahead else 1.0, 1.0 if ahead else 0.0)


def _run_along(graph: ModeGraph, start: Spot, end: Spot) -> tuple[Step, ...]:
    """Steps between two spots of one chain."""
    if start.edge == end.edge:
        return () if start.share == end.share else (Step(start.edge, start.share, end.share),)
    a, b = int(graph.edge_item[start.edge]), int(graph.edge_item[end.edge])
    forward = b > a
    between = range(a + 1, b) if forward else range(a - 1, b, -1)
    first, last = _whole(graph, a, forward=forward), _whole(graph, b, forward=forward)
    steps = [
        Step(start.edge, start.share, first.end),
        *(_whole(graph, item, forward=forward) for item in between),
        Step(end.edge, last.start, end.share),
    ]
    return tuple(step for step in steps if step.start != step.end)


def _run_to_junction(graph: ModeGraph, spot: Spot, to_end: bool, *, leaving: bool) -> list[Step]:
    """Steps from a spot to the end of its chain, or its start, or the other way round when not `leaving`."""
    at = locate_on_chain(graph, spot)
    assert at is not None
    if at.junction >= 0:
        return []
    chains, item, chain = graph.chains, int(graph.edge_item[spot.edge]), at.chain
    others = (
        range(item + 1, int(chains.first[chain + 1])) if to_end else range(item - 1, int(chains.first[chain]) - 1, -1)
    )
    steps = [
        Step(spot.edge, spot.share, _whole(graph, item, forward=to_end).end),
        *(_whole(graph, other, forward=to_end) for other in others),
    ]
    if not leaving:
        steps = [Step(step.edge, step.end, step.start) for step in reversed(steps)]
    return [step for step in steps if step.start != step.end]
