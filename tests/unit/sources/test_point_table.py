"""Tables of places: what is read, and which rows are named when they cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from gridmap.errors import InvalidInput, UnreadableFile
from gridmap.sources.point_table import read_points


def write(tmp_path: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path = tmp_path / "points.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_headings_may_stand_in_any_order_and_in_chinese(tmp_path: Path) -> None:
    found = read_points(
        write(tmp_path, "纬度;编号;经度;备注\n37.8;甲;-71.1;x\n;;;\n37.9;乙;112.6\n", encoding="gb18030")
    )
    assert found.ids == ("甲", "乙")
    assert found.places == ((-71.1, 37.8), (112.6, 37.9))


@pytest.mark.parametrize(
    ("rows", "named"),
    [("a,1,2\nb,x,2\nc,1,91\nd,nan,0", "3, 4, 5"), ("a,1,2\n,1,2\na,3,4", "3, 4"), ("\n", "no rows")],
)
def test_rows_that_cannot_be_used_are_named(tmp_path: Path, rows: str, named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        read_points(write(tmp_path, f"id,lon,lat\n{rows}\n"))


def test_a_table_without_its_columns_or_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="lacks columns"):
        read_points(write(tmp_path, "id,x,y\na,1,2\n"))
    with pytest.raises(InvalidInput, match="lacks columns"):
        read_points(write(tmp_path, ""))
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read_points(tmp_path / "none.csv")
