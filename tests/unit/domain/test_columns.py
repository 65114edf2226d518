"""Tables of typed columns: the least width for numbers, words once, and what cannot travel refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.domain.columns import encode_table, list_columns
from tests.columns import read_header, read_rows


def column(values: object, **of: object) -> dict[str, object]:
    message = encode_table(pd.DataFrame({"it": pd.Series(values, **of)}))
    (described,) = read_header(message)["columns"]
    return dict(described)


@pytest.mark.parametrize(
    ("values", "kind"),
    [([0, 255], "u8"), ([0, 256], "u16"), ([65_536], "u32"), ([-1, 70_000], "i32"), ([0.5], "f32"), ([True], "u8")],
)
def test_numbers_take_the_least_width(values: list[object], kind: str) -> None:
    assert column(values)["type"] == kind


def test_a_missing_number_is_none_of_the_others() -> None:
    described = column([255, None], dtype="Int64")
    assert (described["type"], described["none"]) == ("u16", 65_535)
    message = encode_table(pd.DataFrame({"it": pd.array([255, None], "Int64")}))
    assert [row["it"] for row in read_rows(message)] == [255, None]


def test_words_that_come_often_are_a_category_and_others_are_text() -> None:
    assert column(["open", "shut"] * 3)["values"] == ["open", "shut"]
    assert column(["第一网格", "第二网格", "第三网格"])["type"] == "text"
    many = [f"word {i // 2}" for i in range(2 * 300)]
    table = pd.DataFrame({"it": many})
    assert read_header(encode_table(table))["columns"][0]["code"] == "u16"
    assert [row["it"] for row in read_rows(encode_table(table))] == many


def test_places_and_lines_come_back_to_a_hundredth_of_a_metre() -> None:
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(-180, 180, 50), rng.uniform(-85, 85, 50)
    lines = [shapely.LineString([(x, y), (x + 0.01, y)]) for x, y in zip(lon, lat, strict=True)]
    rows = read_rows(encode_table(pd.DataFrame({"lon": lon, "lat": lat, "geometry": lines})))
    assert [row["lon"] for row in rows] == pytest.approx(lon, abs=1e-7)
    assert [row["lat"] for row in rows] == pytest.approx(lat, abs=1e-7)
    assert [row["geometry"][1][0] for row in rows] == pytest.approx(lon + 0.01, abs=1e-7)


def test_no_rows_are_a_table_with_its_columns() -> None:
    message = encode_table(pd.DataFrame({"id": [], "lon": [], "lat": [], "name": pd.Series([], dtype=object)}))
    assert read_rows(message) == []
    assert [entry["name"] for entry in read_header(message)["columns"]] == ["id", "x", "y", "name"]


@pytest.mark.parametrize("values", [[object()], [None, "word"], [[1, 2]]])
def test_what_the_map_could_not_read_is_refused(values: list[object]) -> None:
    with pytest.raises(ValueError, match="neither numbers, instants, words nor lines"):
        encode_table(pd.DataFrame({"it": pd.Series(values, dtype=object)}))


def test_negative_and_missing_numbers_at_once_are_refused() -> None:
    with pytest.raises(ValueError, match="negative and missing"):
        encode_table(pd.DataFrame({"it": pd.array([-1, None], "Int64")}))


def test_single_rows_are_told_in_the_same_meaning_as_a_table() -> None:
    frame = pd.DataFrame(
        {
            "id": [3, 4],
            "unit_id": pd.array([7, None], "Int64"),
            "due_at": pd.to_datetime(["2026-03-01T00:00:00Z", None], utc=True),
            "overdue": [True, False],
            "title": ["one", "two"],
            "lon": [0.0, 180.0],
            "lat": [0.0, 0.0],
        }
    )
    assert list_columns(frame) == {
        "id": [3, 4],
        "unit_id": [7, None],
        "due_at": [1_772_323_200.0, None],
        "overdue": [True, False],
        "title": ["one", "two"],
        "x": [0.5, 1.0],
        "y": [pytest.approx(0.5), pytest.approx(0.5)],
    }


def test_lines_are_not_told_row_by_row() -> None:
    with pytest.raises(ValueError, match="geometry"):
        list_columns(pd.DataFrame({"id": [1], "geometry": [shapely.LineString([(0, 0), (1, 1)])]}))
