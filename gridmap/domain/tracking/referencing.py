"""Linear referencing of many points at once: where each lies along a line, on which side, and how far off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import CRS

from gridmap.domain.crs import FloatArray, compute_step_lengths_m, points_to_metric
from gridmap.domain.railways.mileage import MeasuredLine
from gridmap.domain.tracking.track import IntArray

NEAR_M = 200.0
"""Points further from a line than this are not seen from it."""

_BEYOND_END_M = 30.0
"""A point this far beyond a line's end is no longer beside the line."""


@dataclass(frozen=True)
class Seen:
    """Points near one line; equally long arrays.

    `point` counts in the points that were asked for, increasing; `along_m` is the mileage of the nearest place on the
    line, `offset_m` the distance to it, positive on the left facing increasing mileage.
    """

    line_id: int
    point: IntArray
    along_m: FloatArray
    offset_m: FloatArray


@dataclass(frozen=True)
class LinePieces:
    """The straight pieces of lines in a metric plane; equally long arrays.

    `start` and `step` are (x, y) of the first corner and from there to the second, `from_m` and `length_m` the mileage
    at the first corner and the metres to the second along the ellipsoid.
    """

    line_id: IntArray
    start: FloatArray
    step: FloatArray
    from_m: FloatArray
    length_m: FloatArray
    tree: shapely.STRtree


def cut_pieces(lines: Mapping[int, MeasuredLine], *, crs: CRS, box: tuple[float, float, float, float]) -> LinePieces:
    """The pieces of lines within `NEAR_M` of a box (x_min, y_min, x_max, y_max) of the plane `crs`."""
    # Each begins with nothing, so that no line at all is no special case.
    owner = [np.zeros(0, np.int64)]
    starts, steps = [np.zeros((0, 2))], [np.zeros((0, 2))]
    marks, lengths = [np.zeros(0)], [np.zeros(0)]
    for line_id, line in lines.items():
        lon, lat = shapely.get_coordinates(line.geometry).T
        xy = np.column_stack(points_to_metric(lon, lat, crs))
        low, high = np.minimum(xy[:-1], xy[1:]) - NEAR_M, np.maximum(xy[:-1], xy[1:]) + NEAR_M
        near = (low <= box[2:]).all(axis=1) & (high >= box[:2]).all(axis=1)
        length_m = compute_step_lengths_m(lon, lat)
        owner.append(np.full(int(near.sum()), line_id, np.int64))
        starts.append(xy[:-1][near])
        steps.append(np.diff(xy, axis=0)[near])
        marks.append((line.start_m + np.cumsum(length_m) - length_m)[near])
        lengths.append(length_m[near])
    start, step = np.vstack(starts), np.vstack(steps)
    corners = np.stack([start, start + step], axis=1)
    tree = shapely.STRtree(np.asarray(shapely.linestrings(corners), object).reshape(-1))
    return LinePieces(np.concatenate(owner), start, step, np.concatenate(marks), np.concatenate(lengths), tree)


def see_from_lines(pieces: LinePieces, x: FloatArray, y: FloatArray) -> Iterator[Seen]:
    """Every line with points within `NEAR_M`, and how they lie seen from it; each point by its nearest place.

    Points beyond a line's end are left out.
    """
    points = np.asarray(shapely.points(x, y), object).reshape(-1)
    point, piece = pieces.tree.query(points, predicate="dwithin", distance=NEAR_M)
    away = np.column_stack([x, y])[point] - pieces.start[piece]
    step = pieces.step[piece]
    square = np.maximum((step**2).sum(axis=1), 1e-12)
    raw_share = (away * step).sum(axis=1) / square
    share = raw_share.clip(0.0, 1.0)
    off = away - share[:, None] * step
    distance = np.hypot(off[:, 0], off[:, 1])
    order = np.lexsort((distance, point, pieces.line_id[piece]))
    line_id = pieces.line_id[piece[order]]
    first = np.ones(len(order), bool)
    first[1:] = (point[order][1:] != point[order][:-1]) | (line_id[1:] != line_id[:-1])
    best = order[first]
    beyond_m = np.abs(raw_share - share) * np.sqrt(square)
    # Between two pieces that meet in a bend a point may lie beyond both: only at a line's end is it further than that.
    best = best[(beyond_m[best] <= _BEYOND_END_M) | (distance[best] > beyond_m[best] + 1e-6)]
    side = np.where(step[best, 0] * away[best, 1] - step[best, 1] * away[best, 0] >= 0, 1.0, -1.0)
    along_m = pieces.from_m[piece[best]] + share[best] * pieces.length_m[piece[best]]
    for found in np.unique(pieces.line_id[piece[best]]):
        own = pieces.line_id[piece[best]] == found
        yield Seen(int(found), point[best][own], along_m[own], (side * distance[best])[own])
