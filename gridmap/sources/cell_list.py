"""A list of cells as a table: CSV with a column `code`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from gridmap.domain.codes import parse_code
from gridmap.errors import N_, InvalidInput, NoData, UnreadableFile
from gridmap.sources.csv_rows import read_csv_rows

_HEADINGS = {"code", "编码", "网格编码", "代码"}


def read_cell_codes(path: Path) -> list[str]:
    """The codes of the list in canonical form, in its order; what else the table holds is not read.

    Raises
    ------
    UnreadableFile
        It is missing, no text, or has no column `code`.
    NoData
        It names no cell.
    InvalidInput
        A code is none, or stands there twice.
    """
    rows = [row for row in read_csv_rows(path) if any(cell.strip() for cell in row)]
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    column = next((i for i, name in enumerate(head) if name in _HEADINGS), None)
    if column is None:
        raise UnreadableFile(
            N_("The file {name} has no column “code”."),
            hint=N_("Head the column of the cells' codes “code”."),
            name=path.name,
        )
    written = [row[column].strip() if column < len(row) else "" for row in rows[1:]]
    codes = [parse_code(text) for text in written if text]
    if not codes:
        raise NoData(N_("The file {name} names no cell."), hint=N_("Write one code a line."), name=path.name)
    twice = [code for code, times in Counter(codes).items() if times > 1]
    if twice:
        raise InvalidInput(
            N_("The file {name} names {number} cells twice, {code} among them."),
            hint=N_("Leave each cell in the list once."),
            name=path.name,
            number=len(twice),
            code=twice[0],
        )
    return codes
