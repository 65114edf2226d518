"""The table of a notice on protection zones, as a workbook, as CSV, or as text pasted from a page or a document."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from gridmap.errors import N_, InvalidInput, TooLarge, UnreadableFile
from gridmap.sources.workbooks import is_workbook, read_workbook

_HEADINGS: Mapping[str, str] = {
    "line": "line|railway|line name|线路|线名|线路名称|铁路|铁路名称|铁路线路|线别",
    "place": "place|section|location|地点|区段|区间|位置|地段|所在地|行政区|行政区划|地名|乡镇|所属地区|区段名称",
    "from": "from|start|begin|from mileage|start mileage|from_m"
    "|起点|起点里程|起始里程|起里程|起|开始里程|自|里程起点|起点桩号",
    "to": "to|end|to mileage|end mileage|to_m"
    "|终点|终点里程|终止里程|讫里程|讫点里程|止里程|讫|止|结束里程|至|里程终点|终点桩号",
    "range": "range|mileage|mileage range|stretch"
    "|起讫里程|起止里程|里程范围|里程|里程段|里程区间|起讫|起止|起讫里程范围",
    "side": "side|侧|侧别|方向|左右侧|左/右侧|线路侧别|位置侧别",
    "width": "metres|meters|width|distance|width_m|距离|宽度|米|米数|划定距离|划定宽度|范围"
    "|保护区宽度|保护区距离|保护区范围|安全保护区宽度|安全保护区距离",
    "left": "left|left side|left width|左|左侧|左侧距离|左侧宽度|线路左侧|左侧保护区宽度",
    "right": "right|right side|right width|右|右侧|右侧距离|右侧宽度|线路右侧|右侧保护区宽度",
    "category": "category|class|type|setting|类别|类型|地区类别|区域类别|地段类别|区域|地区|区域类型|地区类型|地段类型",
}
_COLUMNS = {heading: name for name, headings in _HEADINGS.items() for heading in headings.split("|")}
"""What a heading may be → the column it heads."""

_BRACKETED = re.compile(r"[((\[].*?[))\]]")
_KILOMETRES = re.compile(r"km|kilomet|公里|千米", re.IGNORECASE)
_UNIT = re.compile(r"(?<=.)(?:[/,\s]\s*(?:km|m)|公里|千米|米)$")
_SPACES = re.compile(r"\s+")
_FIGURE = re.compile(r"\d")

_LARGEST_BYTES = 10_000_000
_MOST_ROWS = 20_000

Grid = Sequence[tuple[int, Sequence[str]]]
"""Rows of cells with their numbers as a person counts them."""


@dataclass(frozen=True)
class ZoneTableRow:
    """One row: its number as a person counts, and its cells by column.

    Columns are line, place, from, to, range (both ends in one cell), side, width, left and right (a width for each
    side) and category, as far as the table has them.
    """

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class ZoneTable:
    """A table: what stands above its header, and its rows.

    `kilometres` are the columns whose heading says that they hold kilometres.
    """

    title: str
    rows: tuple[ZoneTableRow, ...]
    kilometres: frozenset[str]


def read_zone_table(path: Path) -> ZoneTable:
    """Read a table from a workbook (.xlsx) or a text file in UTF-8, UTF-16 or GB18030.

    Raises
    ------
    UnreadableFile
        The file is missing, empty, damaged, or neither workbook nor text.
    TooLarge
        It holds more than any notice.
    InvalidInput
        No header is found in it, or tables on several sheets.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            N_("The file {name} cannot be read."), hint=N_("Check the name and the folder."), name=path.name
        ) from error
    return parse_zone_table(data, name=path.name)


def parse_zone_table(data: bytes, *, name: str) -> ZoneTable:
    """As `read_zone_table`, for the content of a file called `name`."""
    if len(data) > _LARGEST_BYTES:
        raise _too_large()
    if not data.strip():
        raise UnreadableFile(N_("The file {name} is empty."), hint=N_("Choose the file again."), name=name)
    if is_workbook(data, name):
        found = [table for table in map(_read_grid, read_workbook(data, name, most_rows=_MOST_ROWS)) if table]
        if len(found) > 1:
            raise InvalidInput(
                N_("The workbook {name} has tables on several sheets."),
                hint=N_("Keep one of them, and import the others by themselves."),
                name=name,
            )
        if not found:
            raise _no_header()
        return found[0]
    return parse_zone_text(_decode(data, name))


def parse_zone_text(text: str) -> ZoneTable:
    """Read a table pasted as text, its cells parted by tabs, commas, semicolons, bars or spaces."""
    for split in _SPLITS:
        grid = split(text)
        if len(grid) > _MOST_ROWS:
            raise _too_large()
        table = _read_grid(grid)
        if table is not None:
            return table
    raise _no_header()


def _no_header() -> InvalidInput:
    return InvalidInput(
        N_("No header of a table of zones was found."),
        hint=N_("Head the columns, for example: from, to, side, metres; or 起点里程, 终点里程, 侧别, 距离."),
    )


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


def _read_grid(grid: Grid) -> ZoneTable | None:
    """The table in a grid of cells, None where it has no header of one or two rows."""
    for start, (_, cells) in enumerate(grid):
        below = grid[start + 1][1] if start + 1 < len(grid) else ()
        for height, headings in ((2, _join_headings(cells, below)), (1, [_clean(c) for c in cells])):
            columns = _find_columns(headings)
            if columns:
                return _read_rows(grid, start, height, columns)
    return None


def _join_headings(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Headings of a header of two rows, where a group such as 距离 stands above 左侧 and 右侧; none where it is not."""
    above, cleaned = [_clean(cell) for cell in upper], [_clean(cell) for cell in lower]
    both = (above, cleaned)
    if not all(any(_simplify(cell) in _COLUMNS for cell in row) for row in both) or any(map(_FIGURE.search, cleaned)):
        return []
    return [
        low if _simplify(low) in _COLUMNS or not high else high
        for high, low in zip_longest(above, cleaned, fillvalue="")
    ]


def _find_columns(headings: Sequence[str]) -> dict[str, int]:
    """Column → position; empty where a place on the line or a width is missing."""
    found: dict[str, int] = {}
    for position, heading in enumerate(headings):
        name = _COLUMNS.get(_simplify(heading))
        if name == "range" and found.get("range") == position - 1:
            # One heading over both ends, merged.
            found |= {"from": found.pop("range"), "to": position}
        elif name is not None:
            found.setdefault(name, position)
    has_ends = {"from", "to"} <= found.keys() or "range" in found
    has_width = {"side", "width"} <= found.keys() or {"left", "right"} & found.keys()
    return found if has_ends and has_width else {}


def _read_rows(grid: Grid, start: int, height: int, columns: Mapping[str, int]) -> ZoneTable:
    titles = dict.fromkeys(_clean(cell) for _, cells in grid[:start] for cell in cells)
    header = [[_clean(cell) for cell in cells] for _, cells in grid[start : start + height]]
    rows = []
    for number, cells in grid[start + height :]:
        cleaned = [_clean(cell) for cell in cells]
        # Long tables repeat their header on every page.
        if any(cleaned) and cleaned not in header:
            at = {name: cleaned[i] if i < len(cleaned) else "" for name, i in columns.items()}
            rows.append(ZoneTableRow(number, at))
    kilometres = frozenset(
        name for name, i in columns.items() for row in header if i < len(row) and _KILOMETRES.search(row[i])
    )
    return ZoneTable(" ".join(filter(None, titles)), tuple(rows), kilometres)


def _clean(cell: str) -> str:
    """A cell in half-width characters, spaces reduced."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", cell)).strip()


def _simplify(heading: str) -> str:
    """A heading without its unit, in small letters, Chinese without spaces."""
    bare = _BRACKETED.sub("", heading).strip().casefold()
    bare = _UNIT.sub("", bare)
    return bare if bare.isascii() else bare.replace(" ", "")
