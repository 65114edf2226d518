"""A table for the teams as a file: CSV that a spreadsheet opens with its Chinese whole, or a workbook."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

Value = str | int | float | datetime | timedelta | None

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NO_NAME = re.compile(r"[\[\]:*?/\\]")
_NARROWEST, _WIDEST = 9, 60


@dataclass(frozen=True)
class Sheet:
    """A table of a workbook.

    Attributes
    ----------
    lead
        Rows above the table, their first cells in bold.
    formats
        Number format of a column by its position, as spreadsheets write it.
    """

    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Value]]
    lead: Sequence[Sequence[Value]] = ()
    formats: Mapping[int, str] = field(default_factory=dict)


def draw_csv(columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """UTF-8 with the mark that spreadsheets know it by; a text that would be read as a formula gets an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_defuse(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def draw_workbook(title: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """One sheet with a fixed bold header; every text stays a text."""
    return draw_book([Sheet(title, columns, rows)])


def draw_book(sheets: Iterable[Sheet]) -> bytes:
    """A workbook of several sheets, each with its header fixed and its columns as wide as what they hold."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        _fill(book.create_sheet(_name_sheet(sheet.title, book.sheetnames)), sheet)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _name_sheet(title: str, taken: Sequence[str]) -> str:
    """A name that spreadsheets take: 31 characters, none of `[]:*?/\\`, and no second of the same."""
    plain = _NO_NAME.sub(" ", title).strip().strip("'") or "-"
    names = (plain[:31], *(f"{plain[:27]} {number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name.casefold() not in {other.casefold() for other in taken})


def _fill(page: Worksheet, sheet: Sheet) -> None:
    lead = [list(row) for row in sheet.lead]
    head = len(lead) + (2 if lead else 1)
    widths: dict[int, int] = {}
    for number, row in enumerate([*lead, *([[]] if lead else []), sheet.columns, *sheet.rows], start=1):
        for at, value in enumerate(row, start=1):
            cell = page.cell(number, at, value)
            if isinstance(value, str):
                cell.data_type = "s"
                widths[at] = max(widths.get(at, 0), _measure(value))
            elif number > head and at - 1 in sheet.formats:
                cell.number_format = sheet.formats[at - 1]
            if number == head or (number < head and at == 1):
                cell.font = Font(bold=True)
    for at in range(1, len(sheet.columns) + 1):
        page.column_dimensions[get_column_letter(at)].width = min(_WIDEST, max(_NARROWEST, widths.get(at, 0) + 2))
    page.freeze_panes = f"A{head + 1}"
    # On paper all columns stand on one page, under the header on each.
    page.page_setup.orientation, page.page_setup.paperSize = Worksheet.ORIENTATION_LANDSCAPE, Worksheet.PAPERSIZE_A4
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_setup.fitToHeight = 0
    page.print_title_rows = f"{head}:{head}"


def _measure(text: str) -> int:
    """Width in digits; a Chinese character is as wide as two."""
    return sum(1 if sign.isascii() else 2 for sign in text)


def _defuse(value: Value) -> Value:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
