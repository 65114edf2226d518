"""The road network as frozen arrays: junctions, edges with their times by mode, and where they lie."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from gridmap.domain.crs import FloatArray, to_metric, working_crs
from gridmap.domain.roads.chains import ModeGraph
from gridmap.domain.roads.landmarks import Landmarks, build_landmarks
from gridmap.domain.roads.mode_graph import build_mode_graph
from gridmap.domain.roads.profiles import SpeedProfile
from gridmap.domain.roads.speeds import (
    Mode,
    compute_car_speeds_kmh,
    compute_foot_speeds_kmh,
    compute_motorcycle_speeds_kmh,
)
from gridmap.domain.roads.turns import TurnRule

IntArray = npt.NDArray[np.int64]
ObjectArray = npt.NDArray[np.object_]

_S_PER_M_AT_1_KMH = 3.6


@dataclass(frozen=True)
class RoadNetwork:
    """Junctions and edges, positions counting from 0; `node_id` and `edge_id` are the store's.

    Attributes
    ----------
    lon, lat
        Of each node, degrees.
    own_node
        The position that stands for each stored node: equal junctions of two extracts share one.
    u, v
        Node positions at the two ends of each edge.
    length_m
        Along the ellipsoid.
    car_s, motorcycle_s, foot_s
        Time over the whole edge, whether or not it may be used.
    car_forward, car_backward, foot
        Who may use the edge; forward is from u to v, and people on foot are free in both directions.
    geometry
        WGS-84 LineStrings from u to v.
    road_class
        OSM highway values.
    turns
        Turns that vehicles may not make.
    u_turn_s
        What a U-turn takes where one could drive on, infinite where it is not made.
    u_turn_reach_s
        How far from the junctions of `turns` that counts, by the drive.
    speeds
        Speeds by the hour, for `drive_during`; the usual ones at any hour where there are none.
    base
        The network that this one is with other times and closures; what is alike is taken from there.
    """

    node_id: IntArray
    own_node: IntArray
    lon: FloatArray
    lat: FloatArray
    edge_id: IntArray
    u: IntArray
    v: IntArray
    length_m: FloatArray
    car_s: FloatArray
    motorcycle_s: FloatArray
    foot_s: FloatArray
    car_forward: npt.NDArray[np.bool_]
    car_backward: npt.NDArray[np.bool_]
    foot: npt.NDArray[np.bool_]
    geometry: ObjectArray
    road_class: ObjectArray
    name: ObjectArray
    turns: tuple[TurnRule, ...] = ()
    u_turn_s: float = np.inf
    u_turn_reach_s: float = 180.0
    speeds: SpeedProfile | None = None
    base: RoadNetwork | None = None

    @property
    def node_count(self) -> int:
        return len(self.node_id)

    @property
    def edge_count(self) -> int:
        return len(self.u)

    def seconds(self, mode: Mode) -> tuple[FloatArray, FloatArray]:
        """Time over each edge forward and backward, seconds, infinite where forbidden."""
        if mode is Mode.FOOT:
            walked = np.where(self.foot, self.foot_s, np.inf)
            return walked, walked
        whole = self.car_s if mode is Mode.CAR else self.motorcycle_s
        return np.where(self.car_forward, whole, np.inf), np.where(self.car_backward, whole, np.inf)

    def node_position(self, node_id: int) -> int | None:
        """Position of a node by the store's id, None where it is not part of the network."""
        return self._node_positions.get(node_id)

    def edge_position(self, edge_id: int) -> int | None:
        """Position of an edge by the store's id, None where it is not part of the network."""
        return self._edge_positions.get(edge_id)

    def mode_graph(self, mode: Mode) -> ModeGraph:
        """The contracted graph of `mode`, built when it is first asked for."""
        graph = self._mode_graphs.get(mode)
        if graph is None:
            graph = self._mode_graphs[mode] = self._build_mode_graph(mode)
        return graph

    def _build_mode_graph(self, mode: Mode) -> ModeGraph:
        forward_s, backward_s = self.seconds(mode)
        if self.base is not None:
            return self.base.mode_graph(mode).reweigh(forward_s=forward_s, backward_s=backward_s)
        minded = {Mode.CAR: "car", Mode.MOTORCYCLE: "motorcycle"}.get(mode)
        return build_mode_graph(
            node_count=self.node_count,
            u=self.u,
            v=self.v,
            length_m=self.length_m,
            forward_s=forward_s,
            backward_s=backward_s,
            rules=[rule for rule in self.turns if minded is not None and getattr(rule, minded)],
            u_turn_s=self.u_turn_s,
            u_turn_reach_s=self.u_turn_reach_s,
        )

    def landmarks(self, mode: Mode) -> Landmarks:
        """The landmarks of `mode`'s graph, built when they are first asked for."""
        found = self._landmarks.get(mode)
        if found is None:
            found = self._landmarks[mode] = self._find_landmarks(mode)
        return found

    def _find_landmarks(self, mode: Mode) -> Landmarks:
        if self.base is not None:
            before, now = self.base.seconds(mode), self.seconds(mode)
            # Where no edge became quicker, what the landmarks say at least remains true.
            if all((own >= old).all() for own, old in zip(now, before, strict=True)):
                return self.base.landmarks(mode)
        return build_landmarks(self.mode_graph(mode))

    def close_edges(self, edge_ids: Iterable[int]) -> RoadNetwork:
        """The same network with edges closed to everybody; unknown ids close nothing. Nothing but times is computed."""
        positions = self._positions_of(edge_ids)
        if not positions:
            return self
        open_ = np.ones(self.edge_count, bool)
        open_[positions] = False
        return replace(
            self,
            car_forward=self.car_forward & open_,
            car_backward=self.car_backward & open_,
            foot=self.foot & open_,
            base=self.base or self,
        )

    def slow_edges(self, speeds_kmh: Mapping[int, float]) -> RoadNetwork:
        """The same network where nobody is faster than a speed on edges, by id; unknown ids slow nothing."""
        known = {edge_id: kmh for edge_id, kmh in speeds_kmh.items() if self.edge_position(edge_id) is not None}
        if not known:
            return self
        least_s = np.zeros(self.edge_count)
        at = self._positions_of(known)
        least_s[at] = self.length_m[at] * _S_PER_M_AT_1_KMH / np.fromiter(known.values(), np.float64, len(known))
        return replace(
            self,
            car_s=np.maximum(self.car_s, least_s),
            motorcycle_s=np.maximum(self.motorcycle_s, least_s),
            foot_s=np.maximum(self.foot_s, least_s),
            base=self.base or self,
        )

    def leave_at(self, profile: SpeedProfile, at_s: float) -> RoadNetwork:
        """The same network with the speeds of `at_s` seconds after local midnight; see `profiles`."""
        code, classes = self._class_codes
        return self._drive({mode: profile.compute_shares(classes, mode=mode, at_s=at_s)[code] for mode in Mode})

    def know_speeds(self, profile: SpeedProfile) -> RoadNetwork:
        """The same network, with the same times, that knows its speeds by the hour."""
        return replace(self, speeds=profile, base=self.base or self)

    def drive_during(self, hours: tuple[int, ...]) -> RoadNetwork:
        """The same network with mean times over hours of the day by its `speeds`; itself where no hours are given.

        It is built when it is first asked for.
        """
        if self.speeds is None or not hours:
            return self
        found = self._by_hours.get(hours)
        if found is None:
            code, classes = self._class_codes
            share = {mode: self.speeds.compute_mean_shares(classes, mode=mode, hours=hours)[code] for mode in Mode}
            found = self._by_hours[hours] = self._drive(share)
        return found

    def _drive(self, share: Mapping[Mode, FloatArray]) -> RoadNetwork:
        """The same network with a share of the speed on each edge."""
        return replace(
            self,
            car_s=self.car_s / share[Mode.CAR],
            motorcycle_s=self.motorcycle_s / share[Mode.MOTORCYCLE],
            foot_s=self.foot_s / share[Mode.FOOT],
            base=self.base or self,
        )

    @cached_property
    def _class_codes(self) -> tuple[IntArray, list[str]]:
        """Number of each edge's road class, and the classes by number."""
        if self.base is not None:
            return self.base._class_codes
        code, classes = pd.factorize(self.road_class)
        return code.astype(np.int64), [str(name) for name in classes]

    def _positions_of(self, edge_ids: Iterable[int]) -> list[int]:
        return [p for p in (self.edge_position(edge_id) for edge_id in edge_ids) if p is not None]

    @cached_property
    def plane(self) -> Plane:
        """The edges in metres, for questions of nearness."""
        return _build_plane(self) if self.base is None else self.base.plane

    def usable_lines(self, mode: Mode) -> tuple[IntArray, shapely.STRtree]:
        """The edges `mode` may use and an index over their lines of `plane`, built when it is first asked for.

        Those of the base, so that edges closed since are among them.
        """
        if self.base is not None:
            return self.base.usable_lines(mode)
        found = self._usable_lines.get(mode)
        if found is None:
            edges = np.flatnonzero(self.mode_graph(mode).edge_chain >= 0)
            found = self._usable_lines[mode] = edges, shapely.STRtree(self.plane.lines[edges])
        return found

    @cached_property
    def _usable_lines(self) -> dict[Mode, tuple[IntArray, shapely.STRtree]]:
        return {}

    @cached_property
    def _by_hours(self) -> dict[tuple[int, ...], RoadNetwork]:
        return {}

    @cached_property
    def _mode_graphs(self) -> dict[Mode, ModeGraph]:
        return {}

    @cached_property
    def _landmarks(self) -> dict[Mode, Landmarks]:
        return {}

    @cached_property
    def _node_positions(self) -> dict[int, int]:
        if self.base is not None:
            return self.base._node_positions
        return dict(zip(self.node_id.tolist(), self.own_node.tolist(), strict=True))

    @cached_property
    def _edge_positions(self) -> dict[int, int]:
        if self.base is not None:
            return self.base._edge_positions
        return {edge_id: position for position, edge_id in enumerate(self.edge_id.tolist())}


@dataclass(frozen=True)
class Plane:
    """Edges in a metric CRS with an index over them."""

    crs: CRS
    lines: ObjectArray
    tree: shapely.STRtree

    @cached_property
    def vertices(self) -> tuple[IntArray, FloatArray]:
        """Vertices of all edges in one array of (x, y), and where each edge's begin, with a last mark behind them."""
        xy, owner = shapely.get_coordinates(self.lines, return_index=True)
        return np.searchsorted(owner, np.arange(len(self.lines) + 1)).astype(np.int64), xy


def build_network(nodes: pd.DataFrame, edges: gpd.GeoDataFrame, turns: pd.DataFrame | None = None) -> RoadNetwork:
    """Put the tables `road_node` (id, osm_id, lon, lat), `road_edge` and `turn_restriction` together.

    Nodes with the same `osm_id` are one junction, so that neighbouring extracts join.
    """
    node_id = nodes["id"].to_numpy(np.int64)
    own_node = _merge_equal(nodes["osm_id"])
    position = pd.Series(own_node, index=node_id)
    length_m = edges["length_m"].to_numpy(np.float64)
    road_class = edges["road_class"].to_numpy(object)
    stored_kmh = edges["speed_kmh"].to_numpy(np.float64)
    return RoadNetwork(
        node_id=node_id,
        own_node=own_node,
        lon=nodes["lon"].to_numpy(np.float64),
        lat=nodes["lat"].to_numpy(np.float64),
        edge_id=edges["id"].to_numpy(np.int64),
        u=position.loc[edges["u"]].to_numpy(np.int64),
        v=position.loc[edges["v"]].to_numpy(np.int64),
        length_m=length_m,
        car_s=length_m * _S_PER_M_AT_1_KMH / compute_car_speeds_kmh(stored_kmh),
        motorcycle_s=length_m * _S_PER_M_AT_1_KMH / compute_motorcycle_speeds_kmh(stored_kmh, road_class),
        foot_s=length_m * _S_PER_M_AT_1_KMH / compute_foot_speeds_kmh(road_class),
        car_forward=edges["car_forward"].to_numpy(np.bool_),
        car_backward=edges["car_backward"].to_numpy(np.bool_),
        foot=edges["foot"].to_numpy(np.bool_),
        geometry=edges.geometry.to_numpy(),
        road_class=road_class,
        name=edges["name"].to_numpy(object),
        turns=() if turns is None else _build_rules(turns, position, pd.Series(range(len(edges)), index=edges["id"])),
    )


def _build_rules(turns: pd.DataFrame, node: pd.Series, edge: pd.Series) -> tuple[TurnRule, ...]:
    """Turn restrictions by positions; `node` and `edge` hold these by the store's ids."""
    return tuple(
        TurnRule(
            from_edge=int(edge[row.from_edge]),
            via_node=int(node[row.via_node]),
            via_edges=tuple(int(edge[int(number)]) for number in row.via_edges.split()),
            to_edge=int(edge[row.to_edge]),
            only=bool(row.only),
            car=bool(row.car),
            motorcycle=bool(row.motorcycle),
        )
        for row in turns.itertuples()
    )


def _merge_equal(osm_ids: pd.Series) -> IntArray:
    """For each node the position of the first node with its `osm_id`; nodes without one stand for themselves."""
    own = np.arange(len(osm_ids), dtype=np.int64)
    known = np.flatnonzero(osm_ids.notna().to_numpy())
    if len(known):
        # Through Python integers: the ids outgrow what a float column would hold exactly.
        values = np.array([int(value) for value in osm_ids.to_numpy(object)[known]], np.int64)
        _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
        own[known] = known[first[inverse]]
    return own


def _build_plane(network: RoadNetwork) -> Plane:
    crs = working_crs(float(network.lon.mean()), float(network.lat.mean()))
    lines = to_metric(network.geometry, crs)
    return Plane(crs, lines, shapely.STRtree(lines))
