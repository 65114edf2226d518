"""Segments by hand: set, refused, taken back, kept through imports; and cut anew where areas change."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import geopandas as gpd
import pytest
import shapely

from gridmap.domain.access import Actor, Role
from gridmap.domain.railways.segment_edits import SegmentEdit
from gridmap.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gridmap.services import cards, railways, segments, statutes, zones
from gridmap.services.context import Context
from gridmap.services.journal import list_changes, undo_change
from gridmap.services.loading import SourceInfo, load_dataset
from gridmap.sources.dataset import AREA_COLUMNS, TRACK_COLUMNS, WGS84, Dataset, empty_layer
from tests.counties import (
    ADMIN,
    EAST_PLANNER,
    EAST_TOWN,
    RAIL_LAT,
    WEST,
    WEST_TOWN,
    build_dataset,
    fill_county,
    set_patrols,
)
from tests.statute_worlds import walk

PLANNER = Actor("planner", Role.PLANNER)


@pytest.fixture
def county(context: Context) -> Context:
    fill_county(context)
    return context


def load(context: Context, actor: Actor = ADMIN) -> gpd.GeoDataFrame:
    return railways.list_segments(context, actor)


def edit(context: Context, found: gpd.GeoDataFrame, actor: Actor = PLANNER, **values: object) -> int:
    versions = {int(row.id): int(row.version) for row in found.itertuples()}
    return segments.edit_segments(
        context, actor, segment_ids=list(versions), edit=SegmentEdit(**values), versions=versions
    )


def find(context: Context, start: str, end: str, actor: Actor = PLANNER) -> gpd.GeoDataFrame:
    line_id = int(railways.list_lines(context, ADMIN)["id"].iloc[0])
    return segments.find_segments(context, actor, line_id=line_id, start=start, end=end)


def store(context: Context, dataset: Dataset, name: str) -> None:
    source = SourceInfo("file", name, "0" * 64, "nobody", "CC0", WGS84, False, context.clock(), {})
    with context.database.write(ADMIN, kind="import") as work:
        load_dataset(work, dataset, source=source, access_distance_m=50)


def without_areas(dataset: Dataset) -> Dataset:
    return dataclasses.replace(dataset, areas=empty_layer(AREA_COLUMNS))


def without_rails(dataset: Dataset) -> Dataset:
    features = dataset.rail_features.iloc[:0]
    return dataclasses.replace(dataset, tracks=empty_layer(TRACK_COLUMNS), rail_features=features)


# --- edits ------------------------------------------------------------------------------------------------------


def test_what_is_set_shows_is_journalled_and_taken_back(county: Context) -> None:
    set_patrols(county, at=county.clock() - timedelta(days=3))
    before = load(county)
    assert set(before["freshness"]) == {"fresh"}
    change = edit(county, before.iloc[:2], setting="urban", interval_days=4, visits=2, spacing_min=60, night=True)
    after = load(county)
    changed = after[["setting", "interval_days", "visits", "spacing_min", "night", "by_hand", "freshness"]]
    set_now = ["urban", 4, 2, 60, True, "setting interval_days visits spacing_min night", "overdue"]
    assert changed.iloc[:2].to_numpy().tolist() == [set_now, set_now]
    assert after["due_at"].iloc[0] == county.clock() - timedelta(days=1)
    assert set(after["by_hand"].iloc[2:]) == {""}
    newest = list_changes(county, ADMIN).iloc[0]
    assert (newest["kind"], newest["events"], newest["actor"]) == ("edit_segments", 2, "planner")
    assert newest["reason"].startswith("Clear River Line K0+000–K")
    undo_change(county, ADMIN, txn_id=change, reason="slip")
    columns = ["setting", "interval_days", "visits", "spacing_min", "night", "by_hand", "due_at"]
    assert load(county)[columns].equals(before[columns])


def test_the_card_says_what_is_set_and_whose_it_is(county: Context) -> None:
    first = load(county).iloc[:1]
    row_id = int(first["id"].iloc[0])
    plain = dict(cards.load_card(county, PLANNER, kind="segment", id=row_id).rows)
    assert (plain["Responsible area"], plain["Visits in each interval"]) == ("Willow Village", 1)
    assert "Set by hand" not in plain
    edit(county, first, risk=4, night=True)
    card = dict(cards.load_card(county, PLANNER, kind="segment", id=row_id).rows)
    assert (card["Risk"], card["Every … days"], card["Visits by night"]) == ("Very high", 1, True)
    assert card["Set by hand"] == ("Risk", "Visits by night")


def test_a_state_that_was_not_seen_is_a_conflict(county: Context) -> None:
    seen = load(county)
    edit(county, seen.iloc[:1], risk=4)
    with pytest.raises(Conflict):
        edit(county, seen, setting="urban")
    assert set(load(county)["setting"]) == {"open"}


def test_who_may_set_what(county: Context) -> None:
    everywhere = load(county)
    west = everywhere[everywhere["area_code"].str.startswith(WEST_TOWN)]
    with pytest.raises(NotFound):
        edit(county, west, EAST_PLANNER, risk=4)
    with pytest.raises(NotFound):
        edit(county, everywhere, EAST_PLANNER, risk=4)
    with pytest.raises(NotAllowed):
        edit(county, west, Actor("c", Role.COMMANDER), risk=4)
    edit(county, load(county, EAST_PLANNER), EAST_PLANNER, risk=4)
    assert set(load(county).groupby("area_code")["risk"].max().items()) == {
        (f"{WEST_TOWN}001", 1),
        (f"{EAST_TOWN}001", 4),
    }


def test_what_changes_nothing_is_refused(county: Context) -> None:
    edit(county, load(county), setting="urban")
    with pytest.raises(InvalidInput, match="set so already"):
        edit(county, load(county), setting="urban")
    with pytest.raises(NotFound):
        edit(county, load(county).iloc[:0], setting="urban")


def test_the_setting_decides_the_zone_and_what_check_distance_says(county: Context) -> None:
    place = walk((WEST + 0.015, RAIL_LAT), 0, 17.0)
    asked = {"kind": "building", "geometry": shapely.Point(place)}

    def find_limit() -> tuple[float, bool]:
        (finding,) = [f for f in statutes.check_distance(county, PLANNER, **asked) if f.rule.startswith("cn-639/30")]
        return finding.limit_m, finding.applies

    def find_width() -> tuple[float, bool]:
        answer = zones.find_zone(county, PLANNER, lon=place[0], lat=place[1])[0]
        return answer.width_m, answer.inside

    assert (find_limit(), find_width()) == ((15.0, True), (15.0, True))
    change = edit(county, load(county), setting="urban")
    assert (find_limit(), find_width()) == ((8.0, False), (8.0, False))
    undo_change(county, ADMIN, txn_id=change, reason="slip")
    assert (find_limit(), find_width()) == ((15.0, True), (15.0, True))


# --- between two mileages ---------------------------------------------------------------------------------------


def test_a_stretch_means_the_segments_that_lie_in_it_by_more_than_half(county: Context) -> None:
    everything = load(county)
    ends = [0, *everything["to_m"].round().astype(int)]
    assert len(find(county, "K0+000", "K5+000")) == len(everything)
    first = find(county, "K0+000", f"K{ends[1] // 1000}+{ends[1] % 1000 + 20:03d}")
    assert first["id"].tolist() == everything["id"].iloc[:1].tolist()
    within = find(county, "K0+010", "K0+050")
    assert within["id"].tolist() == everything["id"].iloc[:1].tolist()


def test_a_stretch_that_cannot_be_says_why(county: Context) -> None:
    with pytest.raises(InvalidInput, match="reversed"):
        find(county, "K2+000", "K1+000")
    with pytest.raises(InvalidInput):
        find(county, "K1+000", "K900+000")
    with pytest.raises(NotFound):
        find(county, "K0+000", "K1+000", EAST_PLANNER)


# --- imports ----------------------------------------------------------------------------------------------------


def test_what_was_set_by_hand_outlives_a_second_import(context: Context) -> None:
    store(context, build_dataset(), "county.osm.pbf")
    set_patrols(context, at=context.clock())
    edit(context, load(context).iloc[1:3], setting="urban", risk=3, visits=2)
    before = load(context)
    store(context, build_dataset(), "county.osm.pbf")
    after = load(context)
    columns = ["id", "code", "setting", "risk", "interval_days", "visits", "by_hand", "last_patrol_at", "area_code"]
    assert after[columns].equals(before[columns])


def test_lines_are_cut_anew_where_areas_come(context: Context) -> None:
    store(context, without_areas(build_dataset()), "rails.osm.pbf")
    whole = load(context)
    assert set(whole["area_code"]) == {""}
    edit(context, whole[whole["to_m"] < 3_000], risk=4)
    store(context, without_rails(build_dataset()), "areas.gpkg")
    cut = load(context)
    assert set(cut["area_code"]) == {f"{WEST_TOWN}001", f"{EAST_TOWN}001"}
    assert len(load(context, EAST_PLANNER)) == (cut["area_code"] == f"{EAST_TOWN}001").sum() > 0
    kept = cut.merge(whole, on=["from_m", "to_m"])
    assert (kept["id_x"] == kept["id_y"]).all()
    west = cut[cut["to_m"] < 2_500]
    assert set(west["by_hand"]) == {"risk"}
    assert cut["code"].is_unique
