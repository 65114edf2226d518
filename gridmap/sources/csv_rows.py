"""A table as CSV out of a spreadsheet: in UTF-8 or GB18030, its cells parted by commas, semicolons or tabs."""

from __future__ import annotations

import csv
from pathlib import Path

from gridmap.errors import N_, UnreadableFile

_DELIMITERS = ",;\t"


def read_csv_rows(path: Path) -> list[list[str]]:
    """All rows with their cells, the heading first; the heading decides what parts the cells.

    Raises
    ------
    UnreadableFile
        The file is missing or no text.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            N_("The file {name} cannot be read."), hint=N_("Check the name and the folder."), name=path.name
        ) from error
    lines = _decode(data, path.name).splitlines()
    delimiter = max(_DELIMITERS, key=lines[0].count) if lines else ","
    return list(csv.reader(lines, delimiter=delimiter))


def _decode(data: bytes, name: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(N_("The file {name} is not text."), hint=N_("Save the table as CSV."), name=name)
