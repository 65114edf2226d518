"""Tables of notices in every shape: workbooks with titles and merged cells, CSV, pasted text; and what is none."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from gridmap.errors import GridmapError, InvalidInput, TooLarge, UnreadableFile
from gridmap.sources.line_table import LineTable, read_line_table
from gridmap.sources.zone_table import NOTICE


def read_notice(content: Path | bytes | str, *, name: str = "") -> LineTable:
    return read_line_table(content, form=NOTICE, name=name)


def build_workbook(rows: Sequence[Sequence[object]], *, merged: Sequence[str] = (), sheets: int = 1) -> bytes:
    book = Workbook()
    for number in range(sheets):
        sheet = book.active if number == 0 else book.create_sheet()
        for row in rows:
            sheet.append(list(row))
        for area in merged:
            sheet.merge_cells(area)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def list_rows(table: LineTable) -> list[tuple[int, dict[str, str]]]:
    return [(row.number, dict(row.cells)) for row in table.rows]


PLAIN = {"place": "Village", "from": "K1+000", "to": "K2+000", "side": "left", "width": "15", "category": "open"}


@pytest.mark.parametrize("delimiter", ["\t", ",", ";", "|", "   ", "，"])
def test_text_is_split_by_what_parts_its_cells(delimiter: str) -> None:
    lines = [("place", "from mileage", "to mileage", "side", "metres", "category"), tuple(PLAIN.values())]
    table = read_notice("\n".join(delimiter.join(cells) for cells in lines))
    assert list_rows(table) == [(2, PLAIN)]
    assert table.title == ""


def test_chinese_full_width_text_with_single_spaces() -> None:
    table = read_notice(
        "区段 起点里程 终点里程 侧别 宽度（米）\n东山村　Ｋ１２＋３００　Ｋ１３＋５００　左侧　１５\n\n"
    )
    cells = {"place": "东山村", "from": "K12+300", "to": "K13+500", "side": "左侧", "width": "15"}
    assert list_rows(table) == [(2, cells)]


def test_titles_stand_above_the_header_which_may_repeat() -> None:
    head = "地点,起讫里程,左侧(m),右侧(m),类别"
    text = (
        f"石太线铁路线路安全保护区公告\n2024年3月1日,,,,\n{head}\nA,K1+000~K2+000,10,12,城市市区\n{head}\nB,K2~K3,8,,"
    )
    table = read_notice(text)
    assert table.title == "石太线铁路线路安全保护区公告 2024年3月1日"
    assert [(n, c["range"], c["left"], c["right"]) for n, c in list_rows(table)] == [
        (4, "K1+000~K2+000", "10", "12"),
        (6, "K2~K3", "8", ""),
    ]


def test_a_workbook_with_merged_cells_and_two_rows_of_header() -> None:
    rows = [
        ["石太线安全保护区里程表", None, None, None, None, None],
        ["区段", "起讫里程", None, "距离(m)", None, "类别"],
        [None, "起点", "终点", "左侧", "右侧", None],
        ["东山村", "K1+000", "K2+000", 15, 12.0, "村镇居民居住区"],
        [None, "K2+000", "K3+000", 15.5, None, None],
    ]
    merged = ["A1:F1", "B2:C2", "D2:E2", "A2:A3", "F2:F3", "A4:A5", "F4:F5"]
    table = read_notice(build_workbook(rows, merged=merged), name="notice.xlsx")
    assert table.title == "石太线安全保护区里程表"
    first = {"place": "东山村", "from": "K1+000", "to": "K2+000", "left": "15", "right": "12"}
    second = {"place": "东山村", "from": "K2+000", "to": "K3+000", "left": "15.5", "right": ""}
    category = {"category": "村镇居民居住区"}
    assert list_rows(table) == [(4, first | category), (5, second | category)]


def test_one_heading_merged_over_both_ends() -> None:
    rows = [["起讫里程", None, "侧别", "米"], ["K1+000", "K2+000", "左", 15], ["K2+000~K3+000", None, "左", 15]]
    table = read_notice(build_workbook(rows, merged=["A1:B1", "A3:B3"]), name="notice.xlsx")
    assert [(c["from"], c["to"]) for _, c in list_rows(table)] == [("K1+000", "K2+000"), ("K2+000~K3+000",) * 2]


def test_kilometres_in_the_heading_of_a_width_are_told() -> None:
    assert read_notice("from,to,side,width (km)\nK1+000,K2+000,left,0.02").kilometres == {"width"}
    assert read_notice("起点里程(km),终点里程(km),侧别,距离(m)\nK1+000,K2+000,左,20").kilometres == {"from", "to"}
    assert read_notice("起点里程,终点里程,左侧(公里),右侧(米)\nK1+000,K2+000,1,20").kilometres == {"left"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_files_of_text_are_decoded(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "notice.csv"
    path.write_bytes("线路,起点里程,终点里程,侧别,米\n石太线,K1+000,K2+000,左,15".encode(encoding))
    assert read_notice(path).rows[0].cells["line"] == "石太线"


def test_a_quoted_cell_may_hold_the_delimiter() -> None:
    table = read_notice('place,from,to,side,metres\n"A, B",K1+000,K2+000,left,15')
    assert table.rows[0].cells["place"] == "A, B"


GOOD = build_workbook([["from", "to", "side", "metres"], ["K1+000", "K2+000", "left", 15]])


def spoil(data: bytes) -> bytes:
    """A workbook whose sheet is no XML."""
    spoilt = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(spoilt, "w") as new:
        for item in old.namelist():
            new.writestr(item, b"<sheet" if "sheet1" in item else old.read(item))
    return spoilt.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "kind", "sentence"),
    [
        (b"", "notice.xlsx", UnreadableFile, "The file notice.xlsx is empty."),
        (b" \n", "notice.csv", UnreadableFile, "The file notice.csv is empty."),
        (b"from,to,side,metres", "notice.xlsx", UnreadableFile, "The file notice.xlsx is no workbook, or damaged."),
        (GOOD[: len(GOOD) // 2], "notice.xlsx", UnreadableFile, "The file notice.xlsx is no workbook, or damaged."),
        (spoil(GOOD), "notice.xlsx", UnreadableFile, "The file notice.xlsx is no workbook, or damaged."),
        (b"\xd0\xcf\x11\xe0old", "notice.xls", UnreadableFile, "The file notice.xls is a workbook of the old format."),
        (b"\x00\x01\x02\xff", "notice.csv", UnreadableFile, "The file notice.csv is neither a workbook nor text."),
        (b"hello\nworld", "notice.txt", InvalidInput, "No header of a table of zones was found."),
        (b"from,to,side\nK1+000,K2+000,left", "n.csv", InvalidInput, "No header of a table of zones was found."),
        (build_workbook([["hello"]]), "notice.xlsx", InvalidInput, "No header of a table of zones was found."),
        (build_workbook([["from", "to", "left"]], sheets=2), "n.xlsx", InvalidInput, "The workbook n.xlsx has tables"),
        (b"x," * 6_000_000, "n.csv", TooLarge, "The table is larger than any notice."),
        (b"from,to,left\n" + b"1,2,3\n" * 20_001, "n.csv", TooLarge, "The table is larger than any notice."),
    ],
)
def test_what_is_no_table_is_said_in_a_sentence(
    data: bytes, name: str, kind: type[GridmapError], sentence: str
) -> None:
    with pytest.raises(kind) as caught:
        read_notice(data, name=name)
    assert str(caught.value).startswith(sentence)


def test_a_workbook_is_known_by_its_content_too() -> None:
    assert read_notice(GOOD, name="notice.csv").rows[0].cells["width"] == "15"


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read_notice(tmp_path / "none.xlsx")
