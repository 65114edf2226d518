"""Rows of a table of section chiefs: posts of either side, periods as people write them, and no persons."""

from __future__ import annotations

import pytest

from gridmap.domain.railways.chief_rows import check_office, read_chief_row, read_interval_days, refuse_telephone
from gridmap.errors import InvalidInput

PLACE = {"range": "K1+000~K2+000"}


def test_a_row_may_name_both_sides() -> None:
    row = read_chief_row(
        {**PLACE, "local": "柳林镇段长岗", "railway": "石太工务段", "period": "每月", "area": "140321100000"}
    )
    assert row.offices == (("local", "柳林镇段长岗"), ("railway", "石太工务段"))
    assert (row.interval_days, row.area_code, row.start.metres) == (30, "140321100", 1_000)
    both = {"local_unit": "柳林镇", "local": "综治办", "railway_unit": "石太工务段", "railway": ""}
    assert read_chief_row({**PLACE, **both}).offices == (("local", "柳林镇 综治办"), ("railway", "石太工务段"))
    assert read_chief_row({**PLACE, "local": "-", "railway": "石太工务段"}).offices == (("railway", "石太工务段"),)


@pytest.mark.parametrize(
    ("cells", "offices"),
    [
        ({"party": "地方", "office": "柳林镇段长岗"}, ("local", "柳林镇段长岗")),
        ({"party": "Railway", "office": "Works section 3"}, ("railway", "Works section 3")),
        ({"unit": "铁路", "office": "石太工务段"}, ("railway", "石太工务段")),
        ({"unit": "柳林镇人民政府", "office": "段长岗"}, ("local", "柳林镇人民政府 段长岗")),
        ({"unit": "阳泉车务段", "office": ""}, ("railway", "阳泉车务段")),
        ({"unit": "柳林镇", "office": ""}, ("local", "柳林镇")),
        ({"unit": "柳林镇线路工区"}, ("railway", "柳林镇线路工区")),
        ({"party": "地方", "unit": "柳林镇", "office": "综治办"}, ("local", "柳林镇 综治办")),
    ],
)
def test_a_row_may_name_one_side_in_whatever_column(cells: dict[str, str], offices: tuple[str, str]) -> None:
    assert read_chief_row({**PLACE, **cells}).offices == (offices,)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"local": "", "railway": "无"}, "No post is named."),
        ({"party": "地方", "office": ""}, "No post is named."),
        ({"party": "左侧", "office": "柳林镇"}, "The responsible side is neither"),
        ({"office": "第三岗"}, "Whether “第三岗” is a post of the county or of the railway"),
        ({"local": "柳林镇", "period": "常常"}, "“常常” is no period"),
        ({"local": "柳林镇", "area": "柳林"}, "“柳林” is not an area code."),
        ({"local": "镇" * 81}, "The post has more than 80 characters."),
        ({"local": "柳林镇段长 13800138000"}, "A telephone number is not kept here"),
        ({"unit": "第三 13800138000"}, "A telephone number is not kept here"),
    ],
)
def test_what_is_wrong_is_said(cells: dict[str, str], sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_chief_row({**PLACE, **cells})
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    "text", ["张三", "柳林镇 张三", "柳林镇（李明）", "段长：王建国", "欧阳修", "李明同志", "王先生"]
)
def test_a_person_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(InvalidInput, match="A person stands where the post should be") as caught:
        check_office(text)
    assert caught.value.values == {}


@pytest.mark.parametrize(
    "text",
    ["柳林镇段长岗", "石家庄工务段", "石太 线路车间", "王庄村", "高平市综治办", "Town of Willow, section chief post"],
)
def test_offices_that_begin_like_a_surname_are_offices(text: str) -> None:
    assert check_office(f" {text} ") == text


@pytest.mark.parametrize("text", ["13800138000", "138-0013-8000", "电话１３８００１３８０００", "0353-2345678"])
def test_telephone_numbers_are_refused_however_they_are_written(text: str) -> None:
    with pytest.raises(InvalidInput, match="telephone"):
        refuse_telephone(f"见面 {text}")


@pytest.mark.parametrize("text", ["K138+001 左 38000", "20260304 联巡", "第13800号", "140321100000"])
def test_other_figures_are_no_telephone_numbers(text: str) -> None:
    refuse_telephone(text)
    assert check_office(f"某镇{text}") == f"某镇{text}"


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("", None),
        ("—", None),
        ("15", 15),
        ("３０天", 30),
        ("every 10 days", 10),
        ("每7天一次", 7),
        ("Monthly", 30),
        ("每月", 30),
        ("半月", 15),
        ("每半个月一次", 15),
        ("每季度", 91),
        ("季", 91),
        ("每季度2次", 45),
        ("每月两次", 15),
        ("2次/月", 15),
        ("每周1次", 7),
        ("半年", 182),
        ("年", 365),
    ],
)
def test_periods_as_people_write_them(text: str, days: int | None) -> None:
    assert read_interval_days(text) == days


@pytest.mark.parametrize("text", ["0", "400", "千年", "每月0次", "经常"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="is no period"):
        read_interval_days(text)
