"""Ways along roads as a plan document writes them, and what is written read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from gridmap.domain.patrol.document_parts import round_degrees
from gridmap.domain.patrol.stretches import round_up_s
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.roads.routes import RoadPath, Router, Step, cut_edge, draw_path
from gridmap.domain.roads.snapping import Spot
from gridmap.domain.roads.speeds import Mode
from gridmap.errors import N_, Conflict

Json = Mapping[str, Any]
Hours = tuple[int, ...]

_SHARE_DIGITS = 9


class LegWriter:
    """Legs over one network; asks for each path once. Not to be shared between threads."""

    def __init__(self, network: RoadNetwork) -> None:
        self._network = network
        self._routers: dict[tuple[Mode, Hours], Router] = {}

    def find(self, start: Spot, end: Spot, *, mode: Mode, hours: Hours = ()) -> RoadPath | None:
        """The fastest path at the mean speeds of some hours, None where there is none."""
        router = self._routers.get((mode, hours))
        if router is None:
            router = self._routers[mode, hours] = Router(self._network.drive_during(hours), mode)
        return router.find(start, end)

    def write(self, start: Spot, end: Spot, *, mode: Mode, hours: Hours = ()) -> dict[str, Any] | None:
        """The fastest way, None where no road leads there."""
        path = self.find(start, end, mode=mode, hours=hours)
        return None if path is None else self.write_path(path, mode=mode, at=start)

    def write_path(self, path: RoadPath, *, mode: Mode, at: Spot) -> dict[str, Any]:
        """A path that begins `at` a spot."""
        return {
            "mode": mode.value,
            "seconds": round_up_s(path.seconds),
            "metres": round(path.metres, 1),
            "steps": [_write_step(self._network, step) for step in path.steps],
            "coordinates": round_line(draw_path(self._network, path, at=at)),
        }


def _write_step(network: RoadNetwork, step: Step) -> list[float]:
    return [int(network.edge_id[step.edge]), round(step.start, _SHARE_DIGITS), round(step.end, _SHARE_DIGITS)]


def round_line(line: shapely.LineString) -> list[list[float]]:
    """Vertices of a line, degrees to a centimetre."""
    rounded: list[list[float]] = round_degrees(shapely.get_coordinates(line)).tolist()
    return rounded


def write_spot(network: RoadNetwork, spot: Spot) -> dict[str, Any]:
    """A place on an edge, which is named by its id."""
    return {
        "edge": int(network.edge_id[spot.edge]),
        "share": round(spot.share, _SHARE_DIGITS),
        "off_m": round(spot.off_m, 1),
    }


def read_spot(network: RoadNetwork, written: Json) -> Spot:
    """A spot of a document on the network.

    Raises
    ------
    Conflict
        The road is gone.
    """
    return Spot(_find_edge(network, int(written["edge"])), float(written["share"]), float(written["off_m"]))


def find_place(network: RoadNetwork, spot: Spot) -> tuple[float, float]:
    """Where a spot is on its road, WGS-84 degrees (lon, lat)."""
    lon, lat = cut_edge(network, Step(spot.edge, 0.0, spot.share))[-1]
    return float(lon), float(lat)


def write_rest(spot: Spot, *, network: RoadNetwork, mode: Mode) -> dict[str, Any]:
    """The way of who stays where they are."""
    path = RoadPath(0.0, 0.0, np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    return LegWriter(network).write_path(path, mode=mode, at=spot)


def cut_leg(network: RoadNetwork, leg: Json, *, after_s: float, at: Spot) -> tuple[Spot, dict[str, Any]]:
    """Where on a leg that begins `at` a spot one is after so many seconds, and the part of it behind.

    The times are those of `network`; who would be there by then is at its end.

    Raises
    ------
    Conflict
        A road is gone.
    """
    mode = Mode(leg["mode"])
    forward, backward = network.seconds(mode)
    steps: list[Step] = []
    spot, left_s = at, float(after_s)
    for edge_id, low, high in leg["steps"]:
        edge = _find_edge(network, int(edge_id))
        whole_s = abs(high - low) * float((forward if high > low else backward)[edge])
        share = 1.0 if whole_s <= left_s else max(left_s, 0.0) / whole_s
        reached = float(low + (high - low) * share)
        steps.append(Step(edge, float(low), reached))
        spot, left_s = Spot(edge, reached), left_s - whole_s
        if left_s <= 0:
            break
    behind = _join(network, steps, after_s - max(left_s, 0.0))
    return spot, LegWriter(network).write_path(behind, mode=mode, at=at)


def _join(network: RoadNetwork, steps: Sequence[Step], seconds: float) -> RoadPath:
    edge = np.array([step.edge for step in steps], np.int64)
    start, end = np.array([step.start for step in steps]), np.array([step.end for step in steps])
    metres = float(np.dot(np.abs(end - start), network.length_m[edge]))
    return RoadPath(seconds, metres, edge, start, end)


def _find_edge(network: RoadNetwork, edge_id: int) -> int:
    edge = network.edge_position(edge_id)
    if edge is None:
        raise Conflict(
            N_("The roads have changed since the plan was made."),
            hint=N_("Compute a new plan for the rest of the day."),
        )
    return edge
