"""A table of places with their names: columns id, lon and lat."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from gridmap.errors import N_, InvalidInput
from gridmap.sources.csv_rows import read_csv_rows

_NAMES = {"id": ("id", "编号"), "lon": ("lon", "longitude", "经度"), "lat": ("lat", "latitude", "纬度")}
"""Columns and what their headings may be."""

_SHOWN = 10


@dataclass(frozen=True)
class NamedPlaces:
    """Places (lon, lat) in WGS-84 degrees with what the table calls them, no two alike, in the order of its rows."""

    ids: tuple[str, ...]
    places: tuple[tuple[float, float], ...]


def read_points(path: Path) -> NamedPlaces:
    """Read a table of places; empty rows go.

    Raises
    ------
    UnreadableFile
        The file is missing or no text.
    InvalidInput
        A column is missing, there is no row, or rows have no place on the globe, no id or that of another row; they are
        named by their numbers as a spreadsheet counts them.
    """
    rows = read_csv_rows(path)
    headings = [cell.strip().casefold() for cell in rows[0]] if rows else []
    columns = {name: headings.index(h) for name, known in _NAMES.items() for h in known if h in headings}
    if columns.keys() != _NAMES.keys():
        raise InvalidInput(N_("The table {name} lacks columns."), hint=N_("Head them id, lon and lat."), name=path.name)
    places: dict[str, tuple[float, float]] = {}
    unplaced: list[int] = []
    unnamed: list[int] = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        key, lon, lat = (row[columns[name]].strip() if columns[name] < len(row) else "" for name in _NAMES)
        place = _parse_place(lon, lat)
        if place is None:
            unplaced.append(number)
        elif not key or key in places:
            unnamed.append(number)
        else:
            places[key] = place
    if unplaced:
        raise InvalidInput(
            N_("Rows of {name} have no place on the globe: {rows}."),
            hint=N_("Write lon and lat as degrees, for example 112.55 and 37.87."),
            name=path.name,
            rows=_list_rows(unplaced),
        )
    if unnamed:
        raise InvalidInput(
            N_("Rows of {name} have no id, or that of a row before: {rows}."),
            hint=N_("Give each row an id of its own."),
            name=path.name,
            rows=_list_rows(unnamed),
        )
    if not places:
        raise InvalidInput(N_("The table {name} has no rows."), hint=N_("Add a row for each place."), name=path.name)
    return NamedPlaces(tuple(places), tuple(places.values()))


def _parse_place(lon: str, lat: str) -> tuple[float, float] | None:
    try:
        x, y = float(lon), float(lat)
    except ValueError:
        return None
    return (x, y) if math.isfinite(x) and math.isfinite(y) and abs(x) <= 180 and abs(y) <= 90 else None


def _list_rows(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:_SHOWN])) + (" …" if len(numbers) > _SHOWN else "")
