"""Turn restrictions of an OpenStreetMap extract: which turns vehicles may not make, and which alone they may.

Read are relations with type=restriction whose value begins with no_ or only_, over a node or over one way between. The
tag that is most about the vehicle counts: restriction:motorcar, :motor_vehicle, :vehicle, then the plain one; `except`
frees the vehicles it names. What is only about lorries or buses, or only at certain times, is left out and said so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.errors import N_
from gridmap.sources.dataset import TURN_COLUMNS
from gridmap.sources.osm_reader import IntArray, Member, Relation, Tags
from gridmap.sources.osm_roads import Roads
from gridmap.sources.reconciliation import Tally

_OTHER_VEHICLES = N_("The turn restriction is not about cars or motorcycles.")
_AT_TIMES = N_("The turn restriction holds only at certain times.")
_NOT_SAID = N_("The turn restriction does not say which turn it forbids.")
_MEMBERS = N_("The turn restriction is not from a road by way of a node or one road into a road.")
_NOT_USABLE = N_("The turn restriction is about roads that cannot be used or are not in the file.")
_APART = N_("The roads of the turn restriction do not meet where it says, or meet twice.")

_KEYS = {
    "car": ("restriction:motorcar", "restriction:motor_vehicle", "restriction:vehicle", "restriction"),
    "motorcycle": ("restriction:motorcycle", "restriction:motor_vehicle", "restriction:vehicle", "restriction"),
}
_FREED = {"car": {"motorcar", "motor_vehicle", "vehicle"}, "motorcycle": {"motorcycle", "motor_vehicle", "vehicle"}}
_HOURS = ("hour_on", "day_on")


class _Unusable(ValueError):
    """Why a relation is left out."""


def build_turns(relations: Sequence[Relation], roads: Roads, *, tally: Tally) -> pd.DataFrame:
    """The restrictions as `dataset.TURN_COLUMNS`; every relation is an object of interest to the tally."""
    index = _Edges(roads)
    rows: list[tuple[object, ...]] = []
    for relation in relations:
        try:
            rows += _read(relation, index)
        except _Unusable as error:
            tally.reject(f"relation/{relation.relation_id}", str(error))
        else:
            tally.accept()
    return pd.DataFrame(rows, columns=list(TURN_COLUMNS))


def _read(relation: Relation, index: _Edges) -> Iterator[tuple[object, ...]]:
    minded = _read_vehicles(relation.tags)
    by_role = {role: [m for m in relation.members if m.role == role] for role in ("from", "via", "to")}
    from_, via, to = by_role["from"], by_role["via"], by_role["to"]
    # Several roads may lead in (no_entry) or out (no_exit); each of them is a turn of its own.
    if not from_ or not to or len(via) != 1 or any(m.kind != "w" for m in (*from_, *to)) or via[0].kind == "r":
        raise _Unusable(_MEMBERS)
    found = [index.find(start.ref, via[0], end.ref) for start in from_ for end in to]
    for only in sorted(set(minded.values())):
        vehicles = {vehicle for vehicle, is_only in minded.items() if is_only == only}
        for start, node, between, end in found:
            path = " ".join(map(str, between))
            yield relation.relation_id, start, node, path, end, only, "car" in vehicles, "motorcycle" in vehicles


def _read_vehicles(tags: Tags) -> dict[str, bool]:
    """The vehicles that mind a restriction, and whether the turn is then the only one."""
    freed = {value.strip() for value in tags.get("except", "").split(";")}
    minded: dict[str, bool] = {}
    for vehicle, keys in _KEYS.items():
        said = next((tags[key] for key in keys if key in tags), None)
        if said is None or freed & _FREED[vehicle]:
            continue
        if not said.startswith(("no_", "only_")):
            raise _Unusable(_NOT_SAID)
        minded[vehicle] = said.startswith("only_")
    if any(key in tags for key in _HOURS) or (not minded and any(key.endswith(":conditional") for key in tags)):
        raise _Unusable(_AT_TIMES)
    if not minded:
        raise _Unusable(
            _OTHER_VEHICLES if any(key.startswith(("restriction:", "except")) for key in tags) else _NOT_SAID
        )
    return minded


@dataclass
class _Edges:
    """The edges of a graph by the ways they are of, and its nodes by their ids."""

    roads: Roads

    def __post_init__(self) -> None:
        edges: gpd.GeoDataFrame = self.roads.edges
        way = edges["way_id"].to_numpy(np.int64)
        self._order = np.argsort(way, kind="stable")
        self._way = way[self._order]
        self._u, self._v = edges["u"].to_numpy(np.int64), edges["v"].to_numpy(np.int64)
        self._ahead = edges["car_forward"].to_numpy(bool)
        self._back = edges["car_backward"].to_numpy(bool)
        self._node = {int(ref): at for at, ref in enumerate(self.roads.nodes["osm_id"].tolist())}

    def find(self, start: int, via: Member, end: int) -> tuple[int, int, tuple[int, ...], int]:
        """Edge in, node where it ends, edges between and edge out."""
        if via.kind == "n":
            node = self._node.get(via.ref)
            if node is None:
                raise _Unusable(_NOT_USABLE)
            return self._one_into(start, node), node, (), self._one_out_of(end, node)
        between = self._edges_of(via.ref)
        nodes = [int(self._u[between[0]]), *self._v[between].tolist()]
        if (self._u[between[1:]] != self._v[between[:-1]]).any() or len(set(nodes)) < len(nodes):
            raise _Unusable(_APART)
        ways = [(between.tolist(), nodes), (between[::-1].tolist(), nodes[::-1])]
        found = [
            (into[0], at[0], tuple(path), out[0])
            for path, at in ways
            if len(into := self._into(start, at[0])) == 1 and len(out := self._out_of(end, at[-1])) == 1
        ]
        if len(found) != 1:
            raise _Unusable(_APART)
        return found[0]

    def _edges_of(self, way: int) -> IntArray:
        low, high = np.searchsorted(self._way, [way, way + 1])
        if low == high:
            raise _Unusable(_NOT_USABLE)
        return self._order[low:high]

    def _into(self, way: int, node: int) -> list[int]:
        """Edges of a way by which vehicles come to a node."""
        edges = self._edges_of(way)
        comes = (self._ahead[edges] & (self._v[edges] == node)) | (self._back[edges] & (self._u[edges] == node))
        return [int(edge) for edge in edges[comes]]

    def _out_of(self, way: int, node: int) -> list[int]:
        edges = self._edges_of(way)
        leaves = (self._ahead[edges] & (self._u[edges] == node)) | (self._back[edges] & (self._v[edges] == node))
        return [int(edge) for edge in edges[leaves]]

    def _one_into(self, way: int, node: int) -> int:
        return _require_one(self._into(way, node))

    def _one_out_of(self, way: int, node: int) -> int:
        return _require_one(self._out_of(way, node))


def _require_one(edges: list[int]) -> int:
    if len(edges) != 1:
        raise _Unusable(_APART)
    return edges[0]
