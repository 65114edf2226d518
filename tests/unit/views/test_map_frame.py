"""The folium map: no outside links, the same as long as it may live, and telling the browser what was asked for."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import folium
import numpy as np
import pytest
import shapely

from gridmap.domain.edition_places import EditionPlace, GroundKind, PlaceChange, PlaceState, simplify_ground
from gridmap.domain.roads.isochrones import ReachBand
from gridmap.i18n import translator
from gridmap.settings import RasterBasemap
from gridmap.views.editions import draw_changes
from gridmap.views.elements import LivingMap, OverlayCall
from gridmap.views.map import (
    CellFill,
    FlyTo,
    MapFrame,
    MapOverlay,
    Mark,
    RouteLine,
    RoutePart,
    RouteStop,
    draw_map,
    draw_overlay,
)
from gridmap.views.reach import draw_reach

FRAME = MapFrame(bounds_wgs84=(111.0, 37.0, 111.6, 37.4))


def read_script(drawn: folium.Map) -> str:
    """The generated page without the names folium numbers at random."""
    return re.sub(r"_[0-9a-f]{32}", "", drawn.get_root().render())


def read_options(drawn: folium.Map) -> dict[str, Any]:
    return next(child.options for child in drawn._children.values() if isinstance(child, LivingMap))


def read_overlay(group: folium.FeatureGroup) -> dict[str, Any]:
    return next(child.overlay for child in group._children.values() if isinstance(child, OverlayCall))


def test_no_link_leads_outside() -> None:
    page = draw_map(FRAME).get_root().render()
    links = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert [re.sub("/v/[0-9a-f]{12}/", "/", link) for link in links] == [
        "/vendor/leaflet/leaflet.js",
        "/vendor/leaflet/leaflet.css",
        "/assets/map/boot.js",
        "/assets/map/map.css",
    ]
    assert "https:" not in page
    assert re.findall(r"http://(?!www\.w3\.org/)", page) == []


@pytest.mark.parametrize(
    "later",
    [
        replace(FRAME, revisions={"hazards": 7}),
        replace(FRAME, pick_point=True),
        replace(FRAME, select="cells"),
        replace(FRAME, height=420),
    ],
)
def test_what_changes_while_a_page_is_open_makes_no_new_map(later: MapFrame) -> None:
    assert read_script(draw_map(later)) == read_script(draw_map(FRAME))


@pytest.mark.parametrize(
    "other", [replace(FRAME, theme="dark"), replace(FRAME, language="en"), replace(FRAME, layers=("roads",))]
)
def test_theme_language_and_layers_make_another_map(other: MapFrame) -> None:
    assert read_script(draw_map(other)) != read_script(draw_map(FRAME))


def test_location_is_turned_to_lat_lon_once() -> None:
    drawn = draw_map(FRAME)
    assert drawn.location == pytest.approx([37.2, 111.3])
    assert read_options(drawn)["bounds"] == [111.0, 37.0, 111.6, 37.4]


def test_without_bounds_the_country_is_shown() -> None:
    west, south, east, north = read_options(draw_map(MapFrame(bounds_wgs84=None)))["bounds"]
    assert west < 104 < east
    assert south < 36 < north


def test_raster_carries_its_review_number() -> None:
    raster = RasterBasemap(name="R", url="/r/{z}/{x}/{y}", attribution="A", datum="gcj02", review_number="GS(2026)1")
    described = read_options(draw_map(replace(FRAME, raster=raster)))["raster"]
    assert described == {"name": "R", "url": "/r/{z}/{x}/{y}", "datum": "gcj02", "attribution": "A GS(2026)1"}


def test_overlay_says_mode_and_revisions() -> None:
    overlay = read_overlay(draw_overlay(MapOverlay(), replace(FRAME, select="cells", revisions={"units": 3})))
    assert (overlay["select"], overlay["pick"], overlay["revisions"]) == ("cells", False, {"units": 3})


def test_overlay_describes_what_is_drawn() -> None:
    route = RouteLine(
        name="一组",
        parts=(RoutePart(line=((111.12345678, 37.1), (111.2, 37.2)), kind="walk"),),
        stops=(RouteStop(number=1, lon=111.1, lat=37.1),),
        colour=2,
    )
    overlay = MapOverlay(
        routes=(route,),
        marks=(Mark(lon=111.1, lat=37.1),),
        selected={"cell": (4, 5)},
        outlined=(6,),
        cell_fill=CellFill(classes={4: 1}, scale="sequential", title="t", labels=("a",), counts=(1,)),
        fly_to=FlyTo(lon=111.0, lat=37.0, count=2),
    )
    described = read_overlay(draw_overlay(overlay))
    assert json.loads(json.dumps(described)) is not None
    assert described["routes"][0]["parts"] == [{"kind": "walk", "line": [[111.123457, 37.1], [111.2, 37.2]]}]
    assert described["selected"] == {"cell": [4, 5]}
    assert described["outlined"] == [6]
    assert described["fill"]["classes"] == {"4": 1}
    assert described["flyTo"]["count"] == 2


def test_changes_of_an_edition_are_told_in_steps_of_a_metre() -> None:
    ring = shapely.box(111.1, 37.1, 111.20001, 37.2)
    state = PlaceState("140106001001", "新村", None)
    place = EditionPlace(
        before=None,
        after=state,
        changes=frozenset({PlaceChange.ADDED}),
        iou=0.0,
        gained_m2=0.0,
        lost_m2=0.0,
        split_into=(),
        merged_from=(),
        area_id=None,
        bounds_wgs84=ring.bounds,
    )
    ground, left_out = simplify_ground([GroundKind.ADDED], [0], np.array([ring], object))
    assert left_out == 0
    described = read_overlay(draw_overlay(MapOverlay(changes=draw_changes([place], ground, chosen=0))))["changes"]
    (mark,), (near,) = described["marks"], described["near"]
    assert (mark["kind"], mark["place"], mark["label"]) == ("added", 0, "140106001001 新村")
    assert near == mark
    corners = np.cumsum(np.array(mark["rings"][0]).reshape(-1, 2), axis=0)
    assert shapely.Polygon(corners / 1e5).symmetric_difference(ring).area < 1e-12
    assert described["chosen"] == 0


def test_reach_is_described_ring_by_ring_with_its_time_in_words() -> None:
    hole = [(111.12345678, 37.12), (111.13, 37.12), (111.13, 37.13), (111.12345678, 37.12)]
    area = shapely.MultiPolygon([shapely.Polygon(shapely.box(111.1, 37.1, 111.2, 37.2).exterior, [hole])])
    bands = draw_reach([ReachBand(300.0, area), ReachBand(900.0, area)], translate=translator("zh-CN"))
    described = read_overlay(draw_overlay(MapOverlay(reach=bands)))["reach"]
    assert [band["label"] for band in described] == ["5 分钟", "15 分钟"]
    assert [len(ring) for ring in described[0]["rings"]] == [5, 4]
    assert described[0]["rings"][1][0] == [111.123457, 37.12]


def test_overlay_text_cannot_end_the_script() -> None:
    drawn = draw_map(FRAME)
    draw_overlay(MapOverlay(marks=(Mark(lon=0, lat=0, label="</script><b>"),))).add_to(drawn)
    assert "</script><b>" not in drawn.get_root().render()


def test_the_map_is_told_when_a_position_is_old_and_how_far_back_tracks_go() -> None:
    options = read_options(draw_map(replace(FRAME, title="清河县", stale_s=90, retention_days=7)))
    assert (options["title"], options["staleS"], options["retentionDays"]) == ("清河县", 90, 7)
