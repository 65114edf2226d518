"""Where an announced zone counts instead of what was screened, for each of many shapes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gridmap.domain.crs import FloatArray
from gridmap.domain.railways.zones import HeldZone
from gridmap.domain.statutes.announced import AnnouncedLine, Nearness
from gridmap.domain.statutes.plane import IntArray, find_within, measure_m
from gridmap.domain.statutes.rules import Assumptions, Origin, Rule
from gridmap.domain.statutes.scene import EDGE_NAMES, STRUCTURES, Origins

ANNOUNCED_ORIGIN = "announced"
"""Called so where the notice says how far from the track it measures."""

_SAME_M = 0.005


@dataclass(frozen=True)
class Measured:
    """One rule over some shapes, an entry each.

    `distance_m` is inf where there is nothing to measure from; `held` is the `HeldZone` that was announced there, None
    where the statute's own distance counts.
    """

    distance_m: FloatArray
    uncertainty_m: FloatArray
    limit_m: FloatArray
    origin: npt.NDArray[np.object_]
    note: npt.NDArray[np.object_]
    held: npt.NDArray[np.object_]


def override(rule: Rule, screened: Measured, *, near: Nearness, rows: IntArray) -> Measured:
    """`screened` with announced zones in the place of what `rule`, of shape zone, found along their stretches.

    Parameters
    ----------
    rows
        Positions of the shapes that `screened` is about.
    """
    announced, scene = near.zones, near.zones.scene
    fast = np.array([line.given.high_speed for line in announced.lines])
    held_here = np.isin(near.shape, rows) & (fast[near.line] | (not rule.high_speed_only))
    parts = np.flatnonzero(held_here)
    if len(parts) == 0:
        return screened
    reach_m = np.array([held.zone.reach_m for held in near.held[parts]])
    deep = near.distance_m[parts] - reach_m
    # Of a shape's parts the one counts that lies deepest in its zone.
    order = np.lexsort((deep, near.shape[parts]))
    shape, first = np.unique(near.shape[parts][order], return_index=True)
    part, deep = parts[order[first]], deep[order[first]]
    at = np.searchsorted(rows, shape)
    values = [_describe(announced.lines[near.line[i]].given, near.held[i], scene.assumptions) for i in part]
    found = replace(screened, **{name: column.copy() for name, column in vars(screened).items()})
    found.held[at] = near.held[part]
    found.limit_m[at] = [held.zone.width_m for held in near.held[part]]
    offset_m = np.array([held.zone.origin_offset_m for held in near.held[part]])
    found.distance_m[at] = np.maximum(near.distance_m[part] - offset_m, 0.0)
    found.uncertainty_m[at] = np.hypot([metres for metres, _ in values], scene.assumptions.position_m)
    found.origin[at], found.note[at] = [name for _, name in values], ""
    origins = scene.find_origins(rule)
    if origins is not None:
        _screen_rest(found, origins, near=near, rows=rows, shape=shape, deep=deep)
    return found


def _screen_rest(
    found: Measured, origins: Origins, *, near: Nearness, rows: IntArray, shape: IntArray, deep: FloatArray
) -> None:
    """Put back what was screened where a part of `shape` lies deeper in that than `deep`, in its announced zone.

    A track whose line has an announced zone beside a part of a shape concerns the other parts alone.
    """
    reach_m = origins.offset_m + origins.limit_m
    own = near.shapes.take(shape)
    row, item = find_within(own, origins.tree, metres=np.maximum(deep + reach_m.max(), 0.0))
    line = near.zones.owner[origins.number[item]]
    pairs = zip(shape[row].tolist(), line.tolist(), own.plane[row], strict=True)
    ground = np.array([near.rest.get((i, position), whole) for i, position, whole in pairs], object)
    kept = ground != None  # noqa: E711  (entry by entry)
    row, item = row[kept], item[kept]
    metres = measure_m(ground[kept], origins.tree.geometries[item])
    order = np.lexsort((item, metres - reach_m[item], row))
    _, first = np.unique(row[order], return_index=True)
    best = order[first]
    best = best[metres[best] - reach_m[item[best]] < deep[row[best]]]
    at, item = np.searchsorted(rows, shape[row[best]]), item[best]
    found.held[at] = None
    found.limit_m[at], found.uncertainty_m[at] = origins.limit_m[item], origins.uncertainty_m[item]
    found.distance_m[at] = np.maximum(metres[best] - origins.offset_m[item], 0.0)
    found.origin[at] = origins.name[item]


def _describe(line: AnnouncedLine, held: HeldZone, assumptions: Assumptions) -> tuple[float, str]:
    """How uncertain the origin of an announced zone is, metres, and what it is called."""
    offset_m = held.zone.origin_offset_m
    for structure, name in zip(STRUCTURES[:2], EDGE_NAMES[:2], strict=True):
        edge = assumptions.edges[structure, line.high_speed]
        if abs(edge.offset_m - offset_m) < _SAME_M:
            return edge.uncertainty_m, name
    return 0.0, Origin.CENTRELINE.value if offset_m < _SAME_M else ANNOUNCED_ORIGIN
