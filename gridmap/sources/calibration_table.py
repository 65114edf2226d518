"""A table of known mileages as people keep it: CSV out of a spreadsheet, in UTF-8 or GB18030."""

from __future__ import annotations

from pathlib import Path

from gridmap.errors import N_, InvalidInput
from gridmap.sources.csv_rows import read_csv_rows

_NAMES = {
    "mileage": ("mileage", "里程"),
    "back": ("back", "来向里程", "断链前里程"),
    "ahead": ("ahead", "去向里程", "断链后里程"),
    "lon": ("lon", "longitude", "经度"),
    "lat": ("lat", "latitude", "纬度"),
    "chainage_m": ("chainage_m", "连续里程"),
}
"""Columns and what their headings may be."""


def read_calibration_table(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Rows with their numbers as a spreadsheet counts them, and the cells of the known columns; empty rows go.

    Known columns are mileage, or back and ahead (the mileages that arrive at and leave a broken chain), and lon and lat
    or chainage_m, in any order, by these names or in Chinese.

    Raises
    ------
    UnreadableFile
        The file is missing or no text.
    InvalidInput
        The columns of a place or of a mileage are missing.
    """
    rows = read_csv_rows(path)
    headings = [cell.strip().casefold() for cell in rows[0]] if rows else []
    columns = {name: headings.index(h) for name, known in _NAMES.items() for h in known if h in headings}
    if not ({"mileage"} <= columns.keys() or {"back", "ahead"} <= columns.keys()) or not (
        {"lon", "lat"} <= columns.keys() or "chainage_m" in columns
    ):
        raise InvalidInput(
            N_("The table {name} lacks columns."),
            hint=N_("Head them mileage (or back and ahead), and lon and lat (or chainage_m)."),
            name=path.name,
        )
    found = []
    for number, row in enumerate(rows[1:], start=2):
        cells = {name: row[at].strip() for name, at in columns.items() if at < len(row)}
        if any(cells.values()):
            found.append((number, cells))
    return found
