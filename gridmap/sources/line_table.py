"""Tables about stretches of railway lines, as a workbook, as CSV, or as text pasted from a page or a document.

Which columns such a table has says its `TableForm`: `sources.zone_table`, `sources.chief_table`.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from gridmap.errors import N_, InvalidInput, TooLarge, UnreadableFile
from gridmap.sources.workbooks import is_workbook, read_workbook

_BRACKETED = re.compile(r"[((\[].*?[))\]]")
_KILOMETRES = re.compile(r"km|kilomet|公里|千米", re.IGNORECASE)
_UNIT = re.compile(r"(?<=.)(?:[/,\s]\s*(?:km|m)|公里|千米|米)$")
_SPACES = re.compile(r"\s+")
_FIGURE = re.compile(r"\d")

_LARGEST_BYTES = 10_000_000
_MOST_ROWS = 20_000

Grid = Sequence[tuple[int, Sequence[str]]]
"""Rows of cells with their numbers as a person counts them."""


@dataclass(frozen=True, kw_only=True)
class TableForm:
    """What a kind of table looks like.

    Attributes
    ----------
    columns
        What a heading may be, simplified, → the column it heads. Of these `line`, `from`, `to` and `range` (both ends
        in one cell) are the same in every form.
    is_complete
        Whether the columns found make a header.
    missing, hint
        Sentences for a table without one.
    private
        What the heading of a column says that must not be kept, such as names of persons: it is left out unread.
    has_stretches
        Whether each row is about a stretch of a line, so that a header has to name its ends.
    """

    columns: Mapping[str, str]
    is_complete: Callable[[Set[str]], bool]
    missing: str
    hint: str
    private: re.Pattern[str] | None = None
    has_stretches: bool = True

    def is_private(self, heading: str) -> bool:
        """Whether a column must not be read."""
        if self.private is None:
            return False
        # “line name” is a column we know; of “section chief (name)” what stands in brackets counts.
        told = "".join(_BRACKETED.findall(heading)) if _simplify(heading) in self.columns else heading
        return bool(self.private.search(told))


def list_headings(columns: Mapping[str, str]) -> dict[str, str]:
    """Heading → column, out of column → headings parted by bars."""
    return {heading: name for name, headings in columns.items() for heading in headings.split("|")}


PLACE_COLUMNS: Mapping[str, str] = {
    "line": "line|railway|line name|线路|线名|线路名称|铁路|铁路名称|铁路线路|线别",
    "from": "from|start|begin|from mileage|start mileage|from_m"
    "|起点|起点里程|起始里程|起里程|起|开始里程|自|里程起点|起点桩号",
    "to": "to|end|to mileage|end mileage|to_m"
    "|终点|终点里程|终止里程|讫里程|讫点里程|止里程|讫|止|结束里程|至|里程终点|终点桩号",
    "range": "range|mileage|mileage range|stretch"
    "|起讫里程|起止里程|里程范围|里程|里程段|里程区间|起讫|起止|起讫里程范围",
}
"""The columns that say which stretch of which line a row is about."""


def has_ends(found: Set[str]) -> bool:
    """Whether the columns found say where a stretch begins and ends."""
    return {"from", "to"} <= found or "range" in found


@dataclass(frozen=True)
class LineTableRow:
    """One row: its number as a person counts, and its cells by column, as far as the table has them."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class LineTable:
    """A table: what stands above its header, and its rows.

    `kilometres` are the columns whose heading says that they hold kilometres, `left_out` the headings of those that
    were not read because they hold what must not be kept.
    """

    title: str
    rows: tuple[LineTableRow, ...]
    kilometres: frozenset[str]
    left_out: tuple[str, ...] = ()


def read_line_table(content: Path | bytes | str, *, form: TableForm, name: str = "") -> LineTable:
    """Read a table.

    Parameters
    ----------
    content
        A file, a workbook (.xlsx) or text in UTF-8, UTF-16 or GB18030; the bytes of one that is called `name`; or
        pasted text, its cells parted by tabs, commas, semicolons, bars or spaces.

    Raises
    ------
    UnreadableFile
        The file is missing, empty, damaged, or neither workbook nor text.
    TooLarge
        It holds more than any such table.
    InvalidInput
        No header is found in it, or tables on several sheets.
    """
    if isinstance(content, str):
        return _parse_text(content, form)
    if isinstance(content, bytes):
        return _parse_file(content, name, form)
    try:
        data = content.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            N_("The file {name} cannot be read."), hint=N_("Check the name and the folder."), name=content.name
        ) from error
    return _parse_file(data, content.name, form)


def _parse_file(data: bytes, name: str, form: TableForm) -> LineTable:
    if len(data) > _LARGEST_BYTES:
        raise _too_large()
    if not data.strip():
        raise UnreadableFile(N_("The file {name} is empty."), hint=N_("Choose the file again."), name=name)
    if not is_workbook(data, name):
        return _parse_text(_decode(data, name), form)
    sheets = read_workbook(data, name, most_rows=_MOST_ROWS)
    found = [table for sheet in sheets if (table := _read_grid(sheet, form)) is not None]
    if len(found) > 1:
        raise InvalidInput(
            N_("The workbook {name} has tables on several sheets."),
            hint=N_("Keep one of them, and import the others by themselves."),
            name=name,
        )
    if not found:
        raise InvalidInput(form.missing, hint=form.hint)
    return found[0]


def _parse_text(text: str, form: TableForm) -> LineTable:
    for split in _SPLITS:
        grid = split(text)
        if len(grid) > _MOST_ROWS:
            raise _too_large()
        table = _read_grid(grid, form)
        if table is not None:
            return table
    raise InvalidInput(form.missing, hint=form.hint)


def _too_large() -> TooLarge:
    return TooLarge(N_("The table is larger than any notice."), hint=N_("Import it in parts."))


# --- text -------------------------------------------------------------------------------------------------------


def _decode(data: bytes, name: str) -> str:
    encodings = ["utf-16"] if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableFile(
        N_("The file {name} is neither a workbook nor text."),
        hint=N_("Save the table as .xlsx or CSV, or paste it as text."),
        name=name,
    )


def _split_by(delimiter: str) -> Callable[[str], Grid]:
    def split(text: str) -> Grid:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            return [(reader.line_num, row) for row in reader]
        except csv.Error:
            # A cell without an end; another way of splitting may do without quotes.
            return []

    return split


def _split_by_spaces(least: int) -> Callable[[str], Grid]:
    gap = re.compile(rf"[ \t\u3000]{{{least},}}")

    def split(text: str) -> Grid:
        return [(n, gap.split(line.strip())) for n, line in enumerate(text.splitlines(), start=1)]

    return split


_SPLITS = (*map(_split_by, "\t,;|，"), _split_by_spaces(2), _split_by_spaces(1))


# --- header and rows --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Header:
    """Column → position, and the positions and headings of columns that must not be read."""

    columns: Mapping[str, int]
    left_out: tuple[str, ...]


def _read_grid(grid: Grid, form: TableForm) -> LineTable | None:
    """The table in a grid of cells, None where it has no header of one or two rows."""
    for start, (_, cells) in enumerate(grid):
        below = grid[start + 1][1] if start + 1 < len(grid) else ()
        joined, alone = _join_headings(cells, below, form), [_clean(cell) for cell in cells]
        if any(map(form.is_private, joined)):
            # What stands below says of what its own headings do not: that names are there.
            alone = []
        for height, headings in ((2, joined), (1, alone)):
            header = _find_columns(headings, form)
            if header is not None:
                return _read_rows(grid, start, height, header)
    return None


def _join_headings(upper: Sequence[str], lower: Sequence[str], form: TableForm) -> list[str]:
    """Headings of a header of two rows, where a group such as 距离 stands above 左侧 and 右侧; none where it is not."""
    above, cleaned = [_clean(cell) for cell in upper], [_clean(cell) for cell in lower]
    both = (above, cleaned)
    if not all(any(_simplify(cell) in form.columns or form.is_private(cell) for cell in row) for row in both):
        return []
    if any(map(_FIGURE.search, cleaned)):
        return []
    joined, group = [], ""
    for high, low in zip_longest(above, cleaned, fillvalue=""):
        # In pasted text a group stands above the first of its columns alone.
        group = high if high or not low else group
        joined.append(_join_heading(high, low, group=group, form=form))
    return joined


def _join_heading(high: str, low: str, *, group: str, form: TableForm) -> str:
    if form.is_private(low):
        return f"{group} {low}".strip() if group != low else low
    if group != low and _simplify(f"{group}{low}") in form.columns:
        return f"{group}{low}"
    return low if _simplify(low) in form.columns or not high else high


def _find_columns(headings: Sequence[str], form: TableForm) -> _Header | None:
    """Where the columns stand; None where what makes a header is missing."""
    found: dict[str, int] = {}
    left_out: list[str] = []
    for position, heading in enumerate(headings):
        if form.is_private(heading):
            left_out.append(heading)
            continue
        name = form.columns.get(_simplify(heading))
        if name == "range" and found.get("range") == position - 1:
            # One heading over both ends, merged.
            found |= {"from": found.pop("range"), "to": position}
        elif name is not None:
            found.setdefault(name, position)
    complete = (has_ends(found.keys()) or not form.has_stretches) and form.is_complete(found.keys())
    return _Header(found, tuple(dict.fromkeys(left_out))) if complete else None


def _read_rows(grid: Grid, start: int, height: int, header: _Header) -> LineTable:
    titles = dict.fromkeys(_clean(cell) for _, cells in grid[:start] for cell in cells)
    headings = [[_clean(cell) for cell in cells] for _, cells in grid[start : start + height]]
    rows = []
    for number, cells in grid[start + height :]:
        cleaned = [_clean(cell) for cell in cells]
        # Long tables repeat their header on every page.
        if any(cleaned) and cleaned not in headings:
            at = {name: cleaned[i] if i < len(cleaned) else "" for name, i in header.columns.items()}
            rows.append(LineTableRow(number, at))
    kilometres = frozenset(
        name for name, i in header.columns.items() for row in headings if i < len(row) and _KILOMETRES.search(row[i])
    )
    return LineTable(" ".join(filter(None, titles)), tuple(rows), kilometres, header.left_out)


def _clean(cell: str) -> str:
    """A cell in half-width characters, spaces reduced."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", cell)).strip()


def _simplify(heading: str) -> str:
    """A heading without its unit, in small letters, Chinese without spaces."""
    bare = _BRACKETED.sub("", heading).strip().casefold()
    bare = _UNIT.sub("", bare)
    return bare if bare.isascii() else bare.replace(" ", "")
