"""Files beside changes of the hierarchy: shapes of the parts of an area, and reports to be translated."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import shapely

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.codes import parse_code
from gridmap.errors import N_, UnreadableFile
from gridmap.sources.csv_rows import read_csv_rows
from gridmap.sources.files import AreaFileOptions, place_in_wgs84, read_table


def read_parts(actor: Actor, *, path: Path) -> list[shapely.Geometry]:
    """Shapes of a vector file in WGS-84, in its order.

    Raises
    ------
    UnreadableFile, NoData, UnknownCrs
        As `sources.files.read_table` and `place_in_wgs84`.
    """
    check_allowed(actor, Permission.REASSIGN_CELLS)
    placed, _ = place_in_wgs84(read_table(path), options=AreaFileOptions(), name=path.name)
    return [shapely.make_valid(shape) for shape in placed.geometry if shape is not None]


def read_report(actor: Actor, *, path: Path) -> pd.DataFrame:
    """A CSV with a column `code` and columns of numbers; whole numbers stay whole.

    Raises
    ------
    UnreadableFile
        It is no text, has no rows, or a row is shorter than its heading.
    InvalidInput
        A code is none.
    """
    check_allowed(actor, Permission.VIEW)
    rows = [row for row in read_csv_rows(path) if any(cell.strip() for cell in row)]
    head = [cell.strip() for cell in rows[0]] if rows else []
    if len(rows) < 2 or any(len(row) != len(head) for row in rows):
        raise UnreadableFile(
            N_("The file {name} is no table of rows as long as their heading."),
            hint=N_("Save it as CSV with a heading and a row for each area."),
            name=path.name,
        )
    frame = pd.DataFrame(rows[1:], columns=head)
    if "code" in frame:
        frame["code"] = [parse_code(text) for text in frame["code"]]
    for name in head:
        numbers = pd.to_numeric(frame[name], errors="coerce") if name != "code" else None
        if numbers is not None and numbers.notna().all():
            frame[name] = numbers
    return frame
