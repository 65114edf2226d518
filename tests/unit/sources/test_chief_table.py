"""Tables of section chiefs: groups of columns for either side, and columns about persons left unread."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook

from gridmap.errors import InvalidInput
from gridmap.sources.chief_table import CHIEFS
from gridmap.sources.line_table import LineTable, read_line_table

NAMES = ("张三", "李四", "13800138000", "13900139000")


def read(content: bytes | str, *, name: str = "") -> LineTable:
    return read_line_table(content, form=CHIEFS, name=name)


def test_a_workbook_with_groups_keeps_posts_and_leaves_persons_unread() -> None:
    book = Workbook()
    for row in [
        ["石太线“双段长”责任表", *[None] * 8],
        ["序号", "起讫里程", "地方段长", None, None, "铁路段长", None, None, "联检周期"],
        [None, None, "职务", "姓名", "联系电话", "单位", "姓名", "手机", None],
        [1, "K1+000~K2+000", "柳林镇段长岗", "张三", "13800138000", "石太工务段", "李四", "13900139000", "每月"],
    ]:
        book.active.append(row)
    for area in ("A1:I1", "C2:E2", "F2:H2", "A2:A3", "B2:B3", "I2:I3"):
        book.active.merge_cells(area)
    packed = io.BytesIO()
    book.save(packed)
    table = read(packed.getvalue(), name="chiefs.xlsx")
    (row,) = table.rows
    assert dict(row.cells) == {
        "range": "K1+000~K2+000",
        "local": "柳林镇段长岗",
        "railway_unit": "石太工务段",
        "period": "每月",
    }
    assert table.left_out == ("地方段长 姓名", "地方段长 联系电话", "铁路段长 姓名", "铁路段长 手机")
    assert not any(name in str(table) for name in NAMES)


def test_in_pasted_text_a_group_stands_above_its_first_column_alone() -> None:
    table = read(
        "起点里程\t终点里程\t地方段长\t\t铁路段长\t\n\t\t单位\t姓名\t单位\t姓名\nK1+000\tK2+000\t柳林镇\t张三\t石太工务段\t李四"
    )
    assert {name: table.rows[0].cells[f"{name}_unit"] for name in ("local", "railway")} == {
        "local": "柳林镇",
        "railway": "石太工务段",
    }
    assert not any(name in str(table.rows) for name in NAMES)


@pytest.mark.parametrize(
    "heading", ["姓名", "联系电话", "手机号", "联系人", "负责人", "Name", "phone", "Contact person"]
)
def test_columns_about_persons_are_left_out(heading: str) -> None:
    table = read(f"line name,from,to,party,post,{heading}\nL,K1+000,K2+000,local,Town office,张三")
    assert table.left_out == (heading,)
    assert dict(table.rows[0].cells) == {
        "line": "L",
        "from": "K1+000",
        "to": "K2+000",
        "party": "local",
        "office": "Town office",
    }


@pytest.mark.parametrize(
    "text",
    [
        "起点里程,终点里程,地方段长(姓名),铁路段长姓名\nK1+000,K2+000,张三,李四",
        "起点里程,终点里程,地方段长,铁路段长\n,,姓名,姓名\nK1+000,K2+000,张三,李四",
        "起点里程,终点里程,周期\nK1+000,K2+000,每月",
    ],
)
def test_a_table_without_posts_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="No header of a table of section chiefs"):
        read(text)
