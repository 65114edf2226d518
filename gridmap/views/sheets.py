"""A table for the teams as a file: CSV that a spreadsheet opens with its Chinese whole, or a workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

Value = str | int | float | None

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_WIDEST = 40


def draw_csv(columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """UTF-8 with the mark that spreadsheets know it by; a text that would be read as a formula gets an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_defuse(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def draw_workbook(title: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """One sheet with a fixed bold header; every text stays a text."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title[:31]
    sheet.append(list(columns))
    widths = [len(column) for column in columns]
    for number, row in enumerate(rows, start=2):
        for at, value in enumerate(row, start=1):
            cell = sheet.cell(number, at, value)
            if isinstance(value, str):
                cell.data_type = "s"
            widths[at - 1] = max(widths[at - 1], len(str(value or "")))
    for at, width in enumerate(widths, start=1):
        sheet.cell(1, at).font = Font(bold=True)
        # Chinese characters are twice as wide as a digit.
        sheet.column_dimensions[get_column_letter(at)].width = min(_WIDEST, 2 * width + 2)
    sheet.freeze_panes = "A2"
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _defuse(value: Value) -> Value:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
