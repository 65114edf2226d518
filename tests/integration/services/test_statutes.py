"""Distances by the data of a database, on both engines: whose law, in whose area, for a hazard and for a layer."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gridmap.domain.statutes.checking import FINDING_COLUMNS
from gridmap.errors import InvalidInput, NotAllowed, NotFound, UnknownCrs
from gridmap.services import areas, hazards, railways, statutes, zones
from gridmap.services.context import Context
from gridmap.services.hazards import NewHazard
from gridmap.store.datasets import save_setting
from tests.counties import ADMIN, EAST_SUPERVISOR, RAIL_LAT, WEST, WEST_SUPERVISOR, fill_county, place_in
from tests.statute_worlds import walk

LINE = (WEST + 0.015, RAIL_LAT)


@pytest.fixture
def county(context: Context) -> Context:
    fill_county(context)
    return context


def check(context: Context, kind: str, metres: float = 0.0, **options: object) -> list[statutes.Finding]:
    place = shapely.Point(walk(LINE, 0, metres))
    return statutes.check_distance(context, ADMIN, kind=kind, geometry=place, **options)


def report(context: Context, kind: str, metres: float) -> int:
    lon, lat = walk(LINE, 0, metres)
    new = NewHazard(kind=kind, severity=3, title="Pit", lon=lon, lat=lat)
    return hazards.add_hazard(context, ADMIN, new=new)


def set_jurisdiction(context: Context, code: str) -> None:
    with context.database.write(ADMIN, kind="settings") as work:
        save_setting(work, "jurisdiction", code)


def test_every_rule_of_the_kind_is_listed(county: Context) -> None:
    near, far = check(county, "kite", 300), check(county, "kite", 600)
    assert [finding.rule for finding in near] == ["cn-639/53-conductor", "cn-14-2021/airborne"]
    assert [finding.applies for finding in near] == [True, True]
    assert [finding.applies for finding in far] == [False, False]
    assert [finding.distance_m for finding in near] == pytest.approx([300, 296], abs=0.05)
    assert all(finding.approximate and finding.uncertainty_m and finding.article for finding in near)


def test_whose_rules_is_asked_then_set_then_assumed_and_never_guessed(county: Context) -> None:
    assert {finding.jurisdiction for finding in check(county, "kite")} == {"CN", "CN-14"}
    set_jurisdiction(county, "CN-37")
    assert {finding.jurisdiction for finding in check(county, "kite")} == {"CN"}
    assert {finding.jurisdiction for finding in check(county, "kite", jurisdiction="CN-14")} == {"CN", "CN-14"}
    assert check(county, "kite", jurisdiction="LI") == []
    assert not statutes.has_rules(county, jurisdiction="LI")


def test_the_law_of_the_day_counts(county: Context) -> None:
    assert [finding.rule for finding in check(county, "kite", at=date(2020, 6, 1))] == ["cn-639/53-conductor"]


def test_only_the_own_area_is_answered_for(county: Context) -> None:
    place = shapely.Point(*place_in(1, 2))
    assert statutes.check_distance(county, WEST_SUPERVISOR, kind="mining", geometry=place)
    layer = gpd.GeoDataFrame({"kind": ["mining"]}, geometry=[place], crs="EPSG:4326")
    with pytest.raises(NotAllowed):
        statutes.check_distance(county, EAST_SUPERVISOR, kind="mining", geometry=place)
    with pytest.raises(NotAllowed):
        statutes.check_layer(county, EAST_SUPERVISOR, objects=layer)
    with pytest.raises(NotFound):
        statutes.check_hazard(county, EAST_SUPERVISOR, hazard_id=report(county, "quarrying", 500))


@pytest.mark.parametrize(
    "geometry", [shapely.Point(), shapely.Point(400, 37), shapely.LineString([(112, 37), (112, 95)])]
)
def test_what_is_no_place_is_refused(county: Context, geometry: shapely.Geometry) -> None:
    with pytest.raises(InvalidInput):
        statutes.check_distance(county, ADMIN, kind="mining", geometry=geometry)


def test_an_unknown_kind_is_refused(county: Context) -> None:
    with pytest.raises(InvalidInput, match="dragon"):
        check(county, "dragon")


def test_a_hazard_is_checked_by_what_it_is_and_what_applies_comes_first(county: Context) -> None:
    found = statutes.check_hazard(county, ADMIN, hazard_id=report(county, "quarrying", 416))
    assert [(finding.article, finding.applies, finding.effect) for finding in found] == [("34", True, "consent")]
    assert found[0].distance_m == pytest.approx(412, abs=0.05)
    digging = statutes.check_hazard(county, ADMIN, hazard_id=report(county, "cable_digging", 15))
    assert [finding.applies for finding in digging] == sorted((f.applies for f in digging), reverse=True)
    assert {finding.rule for finding in digging if finding.applies} == {"cn-639/30", "cn-639/53-pole"}
    assert statutes.check_hazard(county, ADMIN, hazard_id=report(county, "road_damage", 5)) == []


def test_the_card_of_a_hazard_tells_what_applies(county: Context) -> None:
    card = areas.load_card(county, ADMIN, kind="hazard", id=report(county, "quarrying", 416))
    assert [finding.article for finding in card.findings] == ["34"]
    assert areas.load_card(county, ADMIN, kind="hazard", id=report(county, "quarrying", 1_200)).findings == ()


def test_a_layer_is_checked_in_its_own_coordinates(county: Context) -> None:
    places = [shapely.Point(walk(LINE, 0, metres)) for metres in (10, 300, 2_000)]
    layer = gpd.GeoDataFrame({"kind": ["building", "mining", "mining"]}, geometry=places, crs="EPSG:4326")
    found = statutes.check_layer(county, ADMIN, objects=layer.to_crs("EPSG:32649"))
    assert list(found.columns) == list(FINDING_COLUMNS)
    assert found["object"].tolist() == [0, 0, 1, 2]
    assert found.loc[found["rule"] == "cn-639/34", "applies"].tolist() == [True, False]
    one = statutes.check_layer(county, ADMIN, objects=layer.drop(columns="kind"), kind="mining")
    assert np.allclose(one["distance_m"], [6, 296, 1_996], atol=0.05)
    assert statutes.check_layer(county, ADMIN, objects=layer, jurisdiction="LI").empty


def test_a_layer_that_cannot_be_checked_is_refused(county: Context) -> None:
    place = [shapely.Point(*LINE)]
    for broken in ({"kind": ["dragon"]}, {"kind": [None]}, {"name": ["x"]}):
        with pytest.raises(InvalidInput):
            statutes.check_layer(county, ADMIN, objects=gpd.GeoDataFrame(broken, geometry=place, crs="EPSG:4326"))
    with pytest.raises(UnknownCrs):
        statutes.check_layer(county, ADMIN, objects=gpd.GeoDataFrame({"kind": ["mining"]}, geometry=place))


def test_a_new_line_is_seen_at_once_and_a_patrol_rebuilds_nothing(county: Context) -> None:
    before = statutes.load_scene(county)
    segments = railways.list_segments(county, ADMIN)["id"].tolist()
    lines, line = railways.load_lines(county), zones.load_zone_line(county, 1)
    railways.record_patrol(county, ADMIN, segment_ids=segments[:1], at=county.clock())
    assert statutes.load_scene(county) is before
    assert railways.load_lines(county) is lines
    assert zones.load_zone_line(county, 1) is line
    with county.database.write(ADMIN, kind="fill") as work:
        work.touch("rail")
    assert statutes.load_scene(county) is not before


def test_zones_are_screened_by_the_same_files(county: Context) -> None:
    rules = statutes.load_zone_rules(county)
    settings = ("urban", "suburban", "village", "open")
    # Article 27 of order 639: high-speed, and other lines.
    assert rules.widths_m == {
        **{(True, setting): metres for setting, metres in zip(settings, (10, 12, 15, 20), strict=True)},
        **{(False, setting): metres for setting, metres in zip(settings, (8, 10, 12, 15), strict=True)},
    }
    assert rules.formation_m[False] == statutes.load_statutes(county).assumptions.edges["plain", False].offset_m
    assert set(zones.list_zones(county, ADMIN)["official"]) == {False}
    with county.database.write(ADMIN, kind="move") as work:
        save_setting(work, "jurisdiction", "LI")
    assert statutes.load_zone_rules(county).widths_m == {}
    assert zones.list_zones(county, ADMIN).empty
