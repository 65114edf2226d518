"""Calibration of a line: which mileage is written where, given point by point or read from a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.railways.calibration import CalibrationPoint, find_contradictions
from gridmap.domain.railways.mileage import MeasuredLine, format_mileage, parse_mileage
from gridmap.errors import N_, GridmapError, InvalidInput
from gridmap.services import railways
from gridmap.services.context import Context
from gridmap.services.loading_mileage import point_row
from gridmap.sources.calibration_table import read_calibration_table
from gridmap.store import rail

_AT_LINE_M = 50.0
"""A post further from the line than this was taken down wrongly, or in another datum."""


@dataclass(frozen=True)
class RejectedRow:
    """A row of a table that is no calibration point: its number as a person counts, and why in one sentence.

    `message` is a catalogue message, `values` those of its fields.
    """

    row: int
    message: str
    values: dict[str, Any]

    def __str__(self) -> str:
        return self.message.format(**self.values)


@dataclass(frozen=True)
class CalibrationTable:
    """What a table says about a line: the points that can stand together, and the rows that cannot."""

    points: tuple[CalibrationPoint, ...]
    rejected: tuple[RejectedRow, ...]


def list_calibration(context: Context, actor: Actor, *, line_id: int) -> pd.DataFrame:
    """Known mileages of a line in its order.

    Columns: id, line_id, chainage_m, back_m, ahead_m, origin, lon, lat, and `back`, `ahead` as written.

    Raises
    ------
    NotFound
        No such line.
    """
    check_allowed(actor, Permission.VIEW)
    _, prefix, _ = railways.load_line(context, line_id)
    with context.database.read() as connection:
        points = rail.load_mileage_points(connection, line_ids=(line_id,))
    for side in ("back", "ahead"):
        points[side] = [format_mileage(float(metres), prefix=prefix) for metres in points[f"{side}_m"]]
    return points


def set_calibration(context: Context, actor: Actor, *, line_id: int, points: Sequence[CalibrationPoint]) -> int:
    """Put `points` in place of all that was known of a line's mileage; returns the number of the change.

    Raises
    ------
    NotFound
        No such line.
    InvalidInput
        A point lies beyond the line, or points contradict each other.
    """
    check_allowed(actor, Permission.IMPORT_DATA)
    name, _, line = railways.load_line(context, line_id)
    # Refuses contradictory points.
    MeasuredLine(line.geometry, start_m=line.start_m, calibration=points)
    ordered = sorted(points, key=lambda point: point.chainage_m)
    rows = [point_row(line, point, origin=rail.GIVEN) for point in ordered]
    with context.database.write(actor, kind="set_calibration", reason=name) as work:
        rail.save_mileage_points(work, line_id=line_id, rows=rows)
    assert work.txn_id is not None
    return work.txn_id


def read_calibration(context: Context, actor: Actor, *, line_id: int, path: Path) -> CalibrationTable:
    """Read a table of known mileages of a line (see `sources.calibration_table`) without keeping it.

    Raises
    ------
    NotFound
        No such line.
    InvalidInput
        The file cannot be read, or lacks the columns.
    """
    check_allowed(actor, Permission.VIEW)
    _, _, line = railways.load_line(context, line_id)
    rows: list[int] = []
    points: list[CalibrationPoint] = []
    rejected: list[RejectedRow] = []
    for number, row in read_calibration_table(path):
        try:
            points.append(_read_point(line, row))
        except GridmapError as error:
            rejected.append(RejectedRow(number, error.message, error.values))
        else:
            rows.append(number)
    against = find_contradictions(points, start_m=line.start_m, end_m=line.end_m)
    rejected += [RejectedRow(rows[c.position], c.message, c.values) for c in against]
    dropped = {contradiction.position for contradiction in against}
    kept = tuple(point for position, point in enumerate(points) if position not in dropped)
    return CalibrationTable(kept, tuple(sorted(rejected, key=lambda r: r.row)))


def _read_point(line: MeasuredLine, row: Mapping[str, str]) -> CalibrationPoint:
    if row.get("mileage"):
        back = ahead = parse_mileage(row["mileage"]).metres
    elif row.get("back") and row.get("ahead"):
        back, ahead = parse_mileage(row["back"]).metres, parse_mileage(row["ahead"]).metres
    else:
        raise InvalidInput(N_("The mileage is missing, or one of the two at a break."))
    if row.get("chainage_m"):
        return CalibrationPoint(_read_number(row["chainage_m"]), back, ahead)
    if not row.get("lon") or not row.get("lat"):
        raise InvalidInput(N_("The place is missing: longitude and latitude, or the chainage."))
    lon, lat = _read_number(row["lon"]), _read_number(row["lat"])
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise InvalidInput(N_("The place lies outside the globe; longitude comes first."))
    seen = line.locate(lon, lat)
    if seen.offset_m > _AT_LINE_M:
        raise InvalidInput(
            N_("It lies {metres} m from the line, more than {limit} m."),
            metres=round(seen.offset_m),
            limit=round(_AT_LINE_M),
        )
    return CalibrationPoint(seen.mileage_m, back, ahead)


def _read_number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise InvalidInput(N_("“{text}” is not a number."), text=text) from error
