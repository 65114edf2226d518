"""Before wind and rain: what is listed, in which order, and only inside the own area."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest
from shapely.geometry import LineString

from gridmap.domain.crs import GEOD
from gridmap.domain.railways.exposure import Wind
from gridmap.services import hazard_kinds, hazards, railways, weather
from gridmap.services.context import Context
from gridmap.services.hazard_kinds import KindChange
from gridmap.services.hazards import NewHazard
from gridmap.services.weather import RAIN_COLUMNS, WIND_COLUMNS
from gridmap.store import tables
from gridmap.store.geometry import geometry_values
from tests.counties import ADMIN, EAST_SUPERVISOR, RAIL_LAT, STEP_DEG, WEST, fill_county

MIDDLE = WEST + 1.2 * STEP_DEG


on_one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what is computed alike on either engine; other tests show that both read and write what it is computed of."""


@pytest.fixture
def county(context: Context) -> Context:
    fill_county(context)
    return context


def report(context: Context, *, north_m: float = 0.0, lon: float = MIDDLE, **values: object) -> int:
    azimuth = 0.0 if north_m >= 0 else 180.0
    x, y, _ = GEOD.fwd(lon, RAIL_LAT, azimuth, abs(north_m))
    given = {"kind": "light_objects", "severity": 2, "title": f"{north_m:+.0f}", "lon": x, "lat": y, **values}
    return hazards.add_hazard(context, ADMIN, new=NewHazard(**given))


def titles(found: pd.DataFrame) -> list[str]:
    return found["title"].tolist()


@on_one_engine
def test_light_material_is_listed_by_its_true_distance(county: Context) -> None:
    for north_m in (300.0, 499.0, 501.0, -30.0):
        report(county, north_m=north_m)
    report(county, north_m=20.0, kind="burning")
    done = report(county, north_m=10.0)
    hazards.advance_hazard(county, ADMIN, hazard_id=done, to="cancelled")
    found = weather.list_wind(county, ADMIN)
    assert tuple(found.columns) == WIND_COLUMNS
    assert titles(found) == ["-30", "+300", "+499"]
    assert found["distance_m"].to_numpy() == pytest.approx([30, 300, 499], abs=0.05)
    assert found["side"].tolist() == ["right", "left", "left"]
    assert set(found["line"]) == {"Clear River Line"}
    assert found["mileage"].iloc[0] == "K1+057"
    assert found["electrified"].all()


@on_one_engine
def test_the_wind_changes_the_order(county: Context) -> None:
    report(county, north_m=40.0)
    report(county, north_m=-60.0)
    assert titles(weather.list_wind(county, ADMIN)) == ["+40", "-60"]
    from_south = weather.list_wind(county, ADMIN, wind=Wind(speed_ms=18.0, from_deg=180.0))
    assert titles(from_south) == ["-60", "+40"]
    assert from_south["wind"].tolist() == pytest.approx([1.0, 0.2], abs=0.01)


def test_a_kind_marked_as_light_material_is_listed(county: Context) -> None:
    tent = KindChange(name_zh="彩棚", is_line_side=False, is_light=True)
    hazard_kinds.add_kind(county, ADMIN, code="marquee", change=tent)
    report(county, north_m=450.0, kind="marquee")
    assert titles(weather.list_wind(county, ADMIN)) == ["+450"]


@on_one_engine
def test_a_bank_raises_the_exposure_and_a_tunnel_takes_it_away(county: Context) -> None:
    report(county, north_m=40.0)
    report(county, north_m=40.0, lon=WEST + 2.5 * STEP_DEG, title="beside the bank")
    add_feature(county, "embankment", WEST + 2.5 * STEP_DEG, length_m=200.0)
    found = weather.list_wind(county, ADMIN)
    assert titles(found) == ["beside the bank", "+40"]
    assert found["raised"].tolist() == [True, False]
    with county.database.write(ADMIN, kind="fill") as work:
        work.connection.execute(tables.rail_track.update().values(tunnel=True))
        work.note("tunnel", {})
        work.touch("rail")
    empty = weather.list_wind(county, ADMIN)
    assert empty.empty
    assert tuple(empty.columns) == WIND_COLUMNS


def add_feature(context: Context, kind: str, lon: float, **values: object) -> None:
    line_id = int(railways.list_lines(context, ADMIN)["id"].iloc[0])
    at = railways.load_line(context, line_id)[2].locate(lon, RAIL_LAT).mileage_m
    row = {"kind": kind, "line_id": line_id, "mileage_m": at, "lon": lon, "lat": RAIL_LAT, **values}
    with context.database.write(ADMIN, kind="fill") as work:
        work.insert(tables.rail_feature, row)
        work.touch("rail")


def test_rain_lists_what_water_passes_and_low_crossings_near_it(county: Context) -> None:
    add_feature(county, "culvert", WEST + 0.4 * STEP_DEG, name="Willow Brook")
    add_feature(county, "cutting", WEST + 2.5 * STEP_DEG, length_m=300.0)
    add_feature(county, "bridge", WEST + 3.5 * STEP_DEG, length_m=80.0)
    with county.database.write(ADMIN, kind="fill") as work:
        shape = geometry_values(LineString([(WEST + 5 * STEP_DEG, RAIL_LAT - 0.002), (WEST + 5 * STEP_DEG, RAIL_LAT)]))
        work.insert(tables.basemap_shape, {"kind": "river", **shape})
        work.touch("basemap")
    found = weather.list_rain(county, ADMIN)
    assert tuple(found.columns) == RAIN_COLUMNS
    assert found["kind"].tolist() == ["culvert", "cutting", "level_crossing"]
    assert found["days"].isna().all()
    row = found.iloc[1]
    assert (row["mileage"], row["until"]) == ("K2+051", "K2+351")
    assert found["until"].iloc[0] == ""


def test_open_hazards_near_come_first_then_what_was_not_seen_for_longest(county: Context) -> None:
    for column in (0.4, 2.5, 4.4):
        add_feature(county, "culvert", WEST + column * STEP_DEG, name=str(column))
    segments = railways.list_segments(county, ADMIN)
    now = county.clock()
    middle = [i for i, row in zip(segments["id"], segments.itertuples(), strict=True) if row.from_m < 2200 < row.to_m]
    railways.record_patrol(county, ADMIN, segment_ids=[int(i) for i in segments["id"]], at=now - timedelta(days=3))
    assert weather.list_rain(county, ADMIN)["days"].tolist() == [3, 3, 3]
    railways.record_patrol(county, ADMIN, segment_ids=[int(i) for i in middle], at=now - timedelta(hours=1))
    report(county, north_m=30.0, lon=WEST + 4.5 * STEP_DEG, kind="drainage", severity=3)
    report(county, north_m=310.0, lon=WEST + 2.5 * STEP_DEG, kind="landslide", severity=4)
    found = weather.list_rain(county, ADMIN)
    assert found["name"].iloc[0] == "4.4"
    assert found["hazards"].tolist() == [1, 0, 0]
    assert found["severities"].tolist() == [3, 0, 0]
    assert found["days"].is_monotonic_decreasing


def test_nobody_sees_beyond_the_own_area(county: Context) -> None:
    report(county, north_m=40.0)
    report(county, north_m=40.0, lon=WEST + 4.5 * STEP_DEG, title="east")
    for column in (0.4, 4.4):
        add_feature(county, "culvert", WEST + column * STEP_DEG, name=str(column))
    assert titles(weather.list_wind(county, EAST_SUPERVISOR)) == ["east"]
    assert weather.list_rain(county, EAST_SUPERVISOR)["name"].tolist() == ["4.4"]


def test_without_railways_there_is_nothing_to_list(context: Context) -> None:
    assert tuple(weather.list_wind(context, ADMIN).columns) == WIND_COLUMNS
    assert tuple(weather.list_rain(context, ADMIN).columns) == RAIN_COLUMNS
    assert len(weather.list_wind(context, ADMIN)) == len(weather.list_rain(context, ADMIN)) == 0


@on_one_engine
def test_below_a_short_bridge_a_road_is_a_low_crossing_and_below_a_viaduct_none(county: Context) -> None:
    line_id = int(railways.list_lines(county, ADMIN)["id"].iloc[0])
    with county.database.write(ADMIN, kind="fill") as work:
        common = {"kind": "underpass", "line_id": line_id, "node_id": 1, "walk_m": 5.0, "drivable": True}
        for at in (500.0, 3_000.0):
            lon, lat = railways.load_line(county, line_id)[2].point_at(at)
            work.insert(tables.access_point, {**common, "mileage_m": at, "lon": lon, "lat": lat, "name": f"{at:.0f}"})
        work.touch("rail")
    add_feature(county, "bridge", WEST + 3_000 / 88_000, length_m=400.0)
    add_feature(county, "bridge", WEST + 500 / 88_000, length_m=12.0)
    assert weather.list_rain(county, ADMIN)["name"].tolist() == ["500"]
