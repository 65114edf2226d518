"""What an import says of the mileage of its lines: milestones, points that people gave before, missing pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gridmap.domain.railways.calibration import CalibrationPoint, find_contradictions
from gridmap.domain.railways.lines import Lines
from gridmap.domain.railways.mileage import MeasuredLine
from gridmap.errors import N_
from gridmap.sources.reconciliation import Notice
from gridmap.store.rail import GIVEN, MILESTONE, name_line

_MOVED_M = 50.0
"""How far a line may have been redrawn and still carry the points that were given on it."""


@dataclass(frozen=True)
class MileagePoints:
    """Rows of `mileage_point` to be written, and what a person should know about those that are not."""

    rows: list[dict[str, Any]]
    notices: list[Notice]


def describe_gaps(built: Lines) -> list[Notice]:
    """One notice for each piece of track that is missing between two lines."""
    missing = N_("Railway {line}: {distance} m of track are missing near {lon}, {lat}.")
    bridged = N_("Railway {line}: a gap of {distance} m near {lon}, {lat} was bridged by a straight piece.")
    return [
        Notice(
            bridged if gap.bridged else missing,
            {
                "line": _name(built, gap.lines[0]),
                "distance": round(gap.distance_m),
                "lon": round(gap.from_wgs84[0], 5),
                "lat": round(gap.from_wgs84[1], 5),
            },
        )
        for gap in built.gaps
    ]


def build_mileage_points(
    built: Lines, line_ids: Sequence[int], *, held: pd.DataFrame, milestones: pd.DataFrame
) -> MileagePoints:
    """The mileage points of lines that now have the ids `line_ids`.

    Points that people gave (`held`, columns of `store.rail.load_mileage_points`) are found again on the ground; a line
    that has any does without the milestones of the file.
    """
    given = held[held["origin"] == GIVEN]
    found = MileagePoints([], [])
    for position, line_id in enumerate(line_ids):
        line = built.lines.iloc[position]
        measured = MeasuredLine(line.geometry, start_m=line.start_m)
        own = given[given["line_id"] == line_id]
        if len(own):
            points, lost = _find_again(measured, own)
            if lost:
                message = N_("Railway {line}: {number} calibration point(s) no longer fit and were left out.")
                found.notices.append(Notice(message, {"line": _name(built, position), "number": lost}))
        else:
            points = list(built.posts.calibration.get(position, ()))
        origin = GIVEN if len(own) else MILESTONE
        found.rows.extend({"line_id": line_id, **point_row(measured, point, origin=origin)} for point in points)
    for name in milestones["external_id"].iloc[list(built.posts.unused)]:
        found.notices.append(Notice(N_("Milestone {name} does not fit the others on its line."), {"name": name}))
    return found


def point_row(line: MeasuredLine, point: CalibrationPoint, *, origin: str) -> dict[str, Any]:
    """The columns of `mileage_point` but the line."""
    lon, lat = line.point_at(point.chainage_m)
    row = {"chainage_m": point.chainage_m, "back_m": point.back_m, "ahead_m": point.ahead_m}
    return {**row, "origin": origin, "lon": lon, "lat": lat}


def _find_again(line: MeasuredLine, rows: pd.DataFrame) -> tuple[list[CalibrationPoint], int]:
    """Points on a line that may have been redrawn, and how many no longer fit."""
    seen = line.locate_all(rows["lon"].to_numpy(float), rows["lat"].to_numpy(float))
    near = seen.offset_m <= _MOVED_M
    values = zip(seen.chainage_m[near].tolist(), rows["back_m"][near], rows["ahead_m"][near], strict=True)
    points = [CalibrationPoint(at, float(back), float(ahead)) for at, back, ahead in values]
    against = {c.position for c in find_contradictions(points, start_m=line.start_m, end_m=line.end_m)}
    kept = [point for position, point in enumerate(points) if position not in against]
    return kept, len(rows) - len(kept)


def _name(built: Lines, position: int) -> str:
    line = built.lines.iloc[position]
    return name_line(line["name"], line["ref"], position)
