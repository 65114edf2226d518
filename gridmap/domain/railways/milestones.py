"""Milestones (里程标): what posts beside a line say about its mileage, and about the way it grows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.domain.crs import FloatArray, Geometries
from gridmap.domain.railways.calibration import CalibrationPoint, find_contradictions
from gridmap.domain.railways.mileage import MeasuredLine

_AT_LINE_M = 25.0
"""A post stands beside the outer track; its line may be drawn along another one."""

_NEAR_DEG = 0.001
_SAME_POST_M = 30.0
"""Each track has a post of its own."""

_FEWEST = 2
"""A single post may belong to another line and says nothing about the way in which mileage grows."""


@dataclass(frozen=True)
class Posts:
    """What milestones say.

    Attributes
    ----------
    calibration
        Of each line, by position, the points that agree.
    falling
        Positions of lines whose geometry has to be turned round before these points hold.
    unused
        Milestones at a line that do not fit the others there, or are the only one, by position in their table.
    """

    calibration: dict[int, tuple[CalibrationPoint, ...]]
    falling: tuple[int, ...]
    unused: tuple[int, ...]


def empty_posts() -> Posts:
    """No milestones."""
    return Posts({}, (), ())


def find_posts(lines_wgs84: Geometries, milestones: pd.DataFrame) -> Posts:
    """Put milestones (`dataset.MILESTONE_COLUMNS`) to the lines beside them and keep those that agree."""
    owner, chainage, lengths = _locate(lines_wgs84, milestones)
    mileage = milestones["mileage_m"].to_numpy(float)
    calibration: dict[int, tuple[CalibrationPoint, ...]] = {}
    falling: list[int] = []
    unused: list[int] = []
    for line, length in lengths.items():
        rows = np.flatnonzero(owner == line)
        at = chainage[rows]
        if _falls(at, mileage[rows]):
            falling.append(line)
            at = length - at
        rows, at = _merge(rows, at, mileage)
        points = [CalibrationPoint(float(c), m, m) for c, m in zip(at, mileage[rows].tolist(), strict=True)]
        against = find_contradictions(points, start_m=0.0, end_m=length)
        kept = set(range(len(points))) - {contradiction.position for contradiction in against}
        if len(kept) < _FEWEST:
            kept = set()
        else:
            calibration[line] = tuple(points[i] for i in sorted(kept))
        unused += [int(row) for i, row in enumerate(rows) if i not in kept]
    return Posts(calibration, tuple(line for line in falling if line in calibration), tuple(unused))


def _locate(lines: Geometries, milestones: pd.DataFrame) -> tuple[npt.NDArray[np.int64], FloatArray, dict[int, float]]:
    """Line of each milestone (-1 for none), its chainage there, and the length of each line that has one."""
    lon, lat = (milestones[name].to_numpy(float) for name in ("lon", "lat"))
    owner, chainage = np.full(len(milestones), -1), np.zeros(len(milestones))
    nearest, lengths = np.full(len(milestones), _AT_LINE_M), {}
    at, near = shapely.STRtree(lines).query(shapely.points(lon, lat), "dwithin", distance=_NEAR_DEG)
    for line in np.unique(near).tolist():
        rows, measured = at[near == line], MeasuredLine(lines[line])
        seen = measured.locate_all(lon[rows], lat[rows])
        closer = seen.offset_m < nearest[rows]
        nearest[rows[closer]] = seen.offset_m[closer]
        owner[rows[closer]], chainage[rows[closer]] = line, seen.chainage_m[closer]
        lengths[line] = measured.end_m
    return owner, chainage, {line: length for line, length in lengths.items() if (owner == line).any()}


def _falls(chainage: FloatArray, mileage: FloatArray) -> bool:
    """Whether mileage falls along the line, by most pairs of neighbouring posts."""
    steps = np.sign(np.diff(mileage[np.argsort(chainage, kind="stable")]))
    return bool(steps.sum() < 0)


def _merge(
    rows: npt.NDArray[np.int64], chainage: FloatArray, mileage: FloatArray
) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """One row for the posts of one mileage side by side, in the middle between them."""
    groups: list[list[int]] = []
    for i in np.argsort(chainage, kind="stable").tolist():
        last = groups[-1][0] if groups else i
        if groups and mileage[rows[last]] == mileage[rows[i]] and chainage[i] - chainage[last] <= _SAME_POST_M:
            groups[-1].append(i)
        else:
            groups.append([i])
    return rows[[group[0] for group in groups]], np.array([chainage[group].mean() for group in groups])
