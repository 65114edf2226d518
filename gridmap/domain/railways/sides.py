"""Which side of its line each track runs on (上行, 下行): what is left and right of it along increasing mileage."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.domain.crs import FloatArray, Geometries
from gridmap.domain.railways.mileage import MeasuredLine

_SAMPLES = (1 / 6, 1 / 2, 5 / 6)
_APART_M = 1.0
"""Tracks lie four metres apart; what is nearer on average runs on the line itself or crosses it."""

_SHARE = 0.5
"""How much of a track must have another beside it to be one of two."""

IntArray = npt.NDArray[np.int64]
SideArray = npt.NDArray[np.str_]


def compute_track_sides(
    lines_wgs84: Geometries, tracks_wgs84: Geometries, *, track_line: IntArray, running: IntArray, members: IntArray
) -> SideArray:
    """Left or right for each track, "" where it is the only one, one in the middle, or of no line.

    Parameters
    ----------
    track_line
        Line of each track, -1 for none.
    running
        Tracks that trains run through on: only these make another one a side.
    members
        Tracks that the lines are made of.
    """
    side = np.full(len(tracks_wgs84), "", "U5")
    is_member, is_running = (np.isin(np.arange(len(tracks_wgs84)), rows) for rows in (members, running))
    for line in np.unique(track_line[track_line >= 0]).tolist():
        rows = np.flatnonzero(track_line == line)
        others = rows[~is_member[rows]]
        if len(others) == 0:
            continue
        measured = MeasuredLine(lines_wgs84[line])
        side[others] = _find_sides(measured, tracks_wgs84[others])
        own = rows[is_member[rows]]
        beside = {which: others[is_running[others] & (side[others] == which)] for which in ("left", "right")}
        left, right = (_cover(measured, tracks_wgs84[own], tracks_wgs84[beside[w]]) for w in ("left", "right"))
        side[own] = np.where(left & ~right, "right", np.where(right & ~left, "left", ""))
    return side


def _find_sides(line: MeasuredLine, tracks: Geometries) -> SideArray:
    points = [shapely.line_interpolate_point(tracks, share, normalized=True) for share in _SAMPLES]
    xy = shapely.get_coordinates(np.concatenate(points))
    seen = line.locate_all(xy[:, 0], xy[:, 1])
    signed = np.where(seen.side == "left", seen.offset_m, -seen.offset_m).reshape(len(_SAMPLES), -1).mean(axis=0)
    return np.where(np.abs(signed) < _APART_M, "", np.where(signed > 0, "left", "right"))


def _cover(line: MeasuredLine, own: Geometries, others: Geometries) -> npt.NDArray[np.bool_]:
    """Which of a line's own tracks have others beside them over half of their length."""
    covered = np.zeros(len(own))
    intervals = _locate_ends(line, others)
    intervals = intervals[np.argsort(intervals[:, 0], kind="stable")]
    spans = _locate_ends(line, own)
    reached = -np.inf
    for start, end in intervals.tolist():
        # What an earlier one covered already counts once.
        low, high = max(start, reached), end
        reached = max(reached, end)
        covered += np.clip(np.minimum(spans[:, 1], high) - np.maximum(spans[:, 0], low), 0.0, None)
    return np.asarray(covered >= _SHARE * np.maximum(spans[:, 1] - spans[:, 0], 1e-9), np.bool_)


def _locate_ends(line: MeasuredLine, tracks: Geometries) -> FloatArray:
    """Chainages (n, 2) between which each track lies."""
    ends = [shapely.get_coordinates(shapely.get_point(tracks, index)) for index in (0, -1)]
    xy = np.concatenate(ends).reshape(-1, 2)
    at = line.locate_all(xy[:, 0], xy[:, 1]).chainage_m.reshape(2, -1)
    return np.sort(at, axis=0).T
