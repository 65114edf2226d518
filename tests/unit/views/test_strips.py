"""A strip's pieces that are alike are one run, with words for whoever points at it."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from gridmap.domain.railways.mileage import format_mileage
from gridmap.i18n import translator
from gridmap.views.strips import describe_place, draw_strip

AT = pd.Timestamp("2026-03-03 02:00", tz="UTC")
CHROME = {"ground": "#fff", "ink": "#000", "quiet": "#555", "accent": "#00f"}


def make_piece(from_m: float, side: str, **changes: object) -> dict[str, object]:
    visit = {"freshness": "never", "last_at": pd.NaT, "kind": "", "team": "", "due_at": AT}
    return {"from_m": from_m, "to_m": from_m + 100.0, "side": side, **visit, **changes}


@pytest.fixture
def strip() -> SimpleNamespace:
    walked = {"freshness": "fresh", "last_at": AT, "kind": "foot", "team": "一组", "due_at": AT + pd.Timedelta(days=7)}
    pieces = [make_piece(0, "left"), make_piece(100, "left"), make_piece(200, "left", **walked)]
    pieces += [make_piece(500, "left", **walked), make_piece(0, "right")]
    return SimpleNamespace(
        line_id=3,
        name="柳原线",
        from_m=0.0,
        to_m=600.0,
        posts=(SimpleNamespace(chainage_m=0.0, text="K0"),),
        pieces=pd.DataFrame(pieces),
        features=pd.DataFrame([{"kind": "bridge", "name": "", "chainage_m": 250.0, "length_m": 80.0}]),
        hazards=pd.DataFrame(
            [{"id": 5, "severity": 3, "title": "<b>", "overdue": True, "chainage_m": 40.0, "side": None}]
        ),
        zones=pd.DataFrame(
            [
                {
                    "side": "left",
                    "from_m": 0.0,
                    "to_m": 600.0,
                    "start": "K0",
                    "end": "K0+600",
                    "official": True,
                    "label": "Announced zone",
                    "width_m": 12.0,
                }
            ]
        ),
        lapses=pd.DataFrame(
            [("vacant", "railway", 0.0, 300.0, "K0", "K0+300"), ("inspection", "", 0.0, 600.0, "K0", "K0+600")],
            columns=["kind", "party", "from_m", "to_m", "start", "end"],
        ),
    )


def test_alike_pieces_are_one_run_and_a_hole_parts_them(strip: SimpleNamespace) -> None:
    data = draw_strip(strip, translate=translator("zh-CN"), theme="light", chrome=CHROME, write=format_mileage)
    left = [(run["from"], run["to"], run["freshness"]) for run in data["runs"] if run["side"] == "left"]
    assert left == [(0.0, 200.0, "never"), (200.0, 300.0, "fresh"), (500.0, 600.0, "fresh")]
    text = data["runs"][1]["text"]
    assert text == "K0+200–K0+300 · 左侧 · 已巡 · 最近 03-03 10:00 步巡 一组 · 应巡 03-10 10:00"
    assert data["features"][0]["text"] == "桥梁 · K0+250 · 80 米"
    assert data["hazards"][0]["side"] == ""
    assert data["marker"] is None
    assert [(lapse["kind"], lapse["text"]) for lapse in data["lapses"]] == [
        ("vacant", "K0–K0+300 · 铁路段长 · 段长空缺"),
        ("inspection", "K0–K0+600 · 联合巡查逾期"),
    ]
    assert [item["text"] for item in data["lapseLegend"]] == ["段长空缺", "联合巡查逾期"]
    assert data["zoneLegend"] == [{"official": True, "text": "公告的保护区"}]


def test_a_long_line_is_drawn_narrower(strip: SimpleNamespace) -> None:
    strip.to_m = 800_000.0
    data = draw_strip(
        strip, translate=translator("en"), theme="dark", chrome=CHROME, write=format_mileage, marker=(40.0, "left")
    )
    assert data["pxPerKm"] * 800 <= 16_000
    assert data["marker"] == {"at": 40.0, "side": "left"}


def test_a_place_says_what_is_known_of_it(strip: SimpleNamespace) -> None:
    facts = describe_place(strip, (250.0, "left"), translate=translator("zh-CN"), write=format_mileage)
    assert facts == [
        ("地点", "K0+250 · 左侧"),
        ("巡防", "已巡"),
        ("上次巡防", "03-03 10:00 · 步巡 · 一组"),
        ("期限", "03-10 10:00"),
        ("安全保护区", "12 米 · 公告的保护区"),
        ("铁路段长", "空缺"),
        ("联合巡查", "已超期"),
    ]
    assert len(describe_place(strip, (50.0, "right"), translate=translator("en"), write=format_mileage)) == 4
