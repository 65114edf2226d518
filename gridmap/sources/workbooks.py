"""Workbooks (.xlsx) as grids of text: what a person sees in each cell, merged ones filled."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from gridmap.errors import N_, TooLarge, UnreadableFile

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_MOST_COLUMNS = 100
_LARGEST_UNPACKED_BYTES = 200_000_000


def is_workbook(data: bytes, name: str) -> bool:
    """Whether a file claims to be a workbook, by its name or by what it begins with."""
    return name.lower().endswith((".xlsx", ".xlsm", ".xls")) or data.startswith((_ZIP, _OLE))


def read_workbook(data: bytes, name: str, *, most_rows: int) -> Iterator[list[tuple[int, list[str]]]]:
    """The sheets of a workbook, each as its rows: number and cells. A merged cell's text stands in all it covers.

    Raises
    ------
    UnreadableFile
        It is damaged, or of the format before .xlsx.
    TooLarge
        A sheet has more rows than `most_rows`, or unpacks to more than any table.
    """
    if data.startswith(_OLE):
        raise UnreadableFile(
            N_("The file {name} is a workbook of the old format."), hint=N_("Save it as .xlsx."), name=name
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(item.file_size for item in packed.infolist()) > _LARGEST_UNPACKED_BYTES:
                raise _too_large()
        book = load_workbook(io.BytesIO(data), data_only=True)
    except (
        zipfile.BadZipFile,
        zlib.error,
        InvalidFileException,
        ParseError,
        KeyError,
        ValueError,
        TypeError,
        EOFError,
        OSError,
    ) as error:
        # openpyxl lets through whatever its parts meet in a damaged file.
        raise UnreadableFile(
            N_("The file {name} is no workbook, or damaged."),
            hint=N_("Open it in a spreadsheet and save it as .xlsx again."),
            name=name,
        ) from error
    for sheet in book.worksheets:
        if sheet.max_row > most_rows or sheet.max_column > _MOST_COLUMNS:
            raise _too_large()
        yield _read_sheet(sheet)


def _read_sheet(sheet: Worksheet) -> list[tuple[int, list[str]]]:
    cells = [[_write(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    for area in sheet.merged_cells.ranges:
        text = cells[area.min_row - 1][area.min_col - 1]
        for row in cells[area.min_row - 1 : area.max_row]:
            row[area.min_col - 1 : area.max_col] = [text] * (area.max_col - area.min_col + 1)
    return list(enumerate(cells, start=1))


def _write(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _too_large() -> TooLarge:
    return TooLarge(N_("The table is larger than any notice."), hint=N_("Import it in parts."))
