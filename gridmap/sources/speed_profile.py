"""Speeds by the hour out of a CSV table: mode, class, and a share of the usual speed for each hour 00 to 23."""

from __future__ import annotations

from pathlib import Path

from gridmap.domain.roads.profiles import HOURS, SpeedProfile
from gridmap.domain.roads.speeds import Mode
from gridmap.errors import N_, InvalidInput
from gridmap.sources.csv_rows import read_csv_rows

USUAL = Path(__file__).parent.parent / "speeds" / "hours.csv"
"""Planning values, not measurements: heavier traffic in the two peaks of a working day."""

_HEADING = ["mode", "class", *(f"{hour:02d}" for hour in range(HOURS))]


def read_speed_profile(path: Path = USUAL) -> SpeedProfile:
    """Read a table with the columns mode (car, motorcycle or foot), class (OSM highway value) and 00 to 23.

    Raises
    ------
    UnreadableFile
        The file is missing or no text.
    InvalidInput
        Another heading, a row that is none of this, or shares that cannot be; the row is named.
    """
    heading, *rows = read_csv_rows(path) or [[]]
    if [cell.strip() for cell in heading] != _HEADING:
        raise InvalidInput(
            N_("{name} has not the columns mode, class and 00 to 23."),
            hint=N_("Take the table that comes with the program as a model."),
            name=path.name,
        )
    return SpeedProfile(dict(_read_row(row, number, path.name) for number, row in enumerate(rows, start=2) if any(row)))


def _read_row(row: list[str], number: int, name: str) -> tuple[tuple[Mode, str], tuple[float, ...]]:
    try:
        mode, road_class, *shares = (cell.strip() for cell in row)
        return (Mode(mode), road_class), tuple(map(float, shares))
    except ValueError as error:
        raise InvalidInput(
            N_("{name}, row {number}: a mode, a class and 24 numbers are expected."),
            hint=N_("Correct the row."),
            name=name,
            number=number,
        ) from error
