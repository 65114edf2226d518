"""Level lines of a raster: closed rings around what lies below a level, by marching squares.

Lorensen and Cline 1987, in the plane. Every side between two neighbouring points that lie on different sides of the
level carries one crossing, and every crossing is left for exactly one other, so that the rings close by themselves.
"""

from __future__ import annotations

import numpy as np

from gridmap.domain.crs import FloatArray
from gridmap.domain.roads.chains import IntArray
from gridmap.domain.roads.compiled import compiled


def trace_level(values: FloatArray, level: float) -> list[FloatArray]:
    """Rings (first point repeated) of (column, row) around all values below `level`, which lie at their left.

    The raster's rim must not lie below the level.
    """
    xy, first = _trace(values, level)
    return [xy[first[i] : first[i + 1]] for i in range(len(first) - 1)]


@compiled
def _trace(values: FloatArray, level: float) -> tuple[FloatArray, IntArray]:
    rows, columns = values.shape
    onward = _link(values, level)
    sides = rows * columns
    count = 0
    for side in range(len(onward)):
        if onward[side] >= 0:
            count += 1
    # Each ring repeats its first point, and no ring has fewer than three.
    xy = np.empty((2 * count + 1, 2))
    first = np.zeros(count + 1, np.int64)
    rings = 0
    at = 0
    for begin in range(len(onward)):
        if onward[begin] < 0:
            continue
        side = begin
        start = at
        while onward[side] >= 0:
            point = side % sides
            row, column = point // columns, point % columns
            here = values[row, column]
            if side < sides:
                share = (level - here) / (values[row, column + 1] - here)
                xy[at, 0] = column + share
                xy[at, 1] = row
            else:
                share = (level - here) / (values[row + 1, column] - here)
                xy[at, 0] = column
                xy[at, 1] = row + share
            at += 1
            after = onward[side]
            onward[side] = -1
            side = after
        xy[at] = xy[start]
        at += 1
        rings += 1
        first[rings] = at
    return xy[:at], first[: rings + 1]


@compiled
def _link(values: FloatArray, level: float) -> IntArray:
    """For each side that is crossed the one crossed next, else -1.

    Sides to the right of point p are numbered p, those above it rows * columns + p.
    """
    rows, columns = values.shape
    up = rows * columns
    onward = np.full(2 * up, -1, np.int64)
    for row in range(rows - 1):
        for column in range(columns - 1):
            p = row * columns + column
            a, b = values[row, column] < level, values[row, column + 1] < level
            d, c = values[row + 1, column] < level, values[row + 1, column + 1] < level
            if a == b and b == c and c == d:
                continue
            bottom, right, top, left = p, up + p + 1, p + columns, up + p
            if a == c and b == d:
                middle = values[row, column] + values[row, column + 1]
                middle += values[row + 1, column] + values[row + 1, column + 1]
                joined = middle < 4 * level
                if a:
                    onward[bottom] = right if joined else left
                    onward[top] = left if joined else right
                else:
                    onward[right] = top if joined else bottom
                    onward[left] = bottom if joined else top
                continue
            # Round the square against the clock: from where the inside ends to where it begins, with it at the left.
            if a and not b:
                begin = bottom
            elif b and not c:
                begin = right
            elif c and not d:
                begin = top
            else:
                begin = left
            if b and not a:
                end = bottom
            elif c and not b:
                end = right
            elif d and not c:
                end = top
            else:
                end = left
            onward[begin] = end
    return onward
