"""Zones in force: announced over screened, within an area, through a second import, taken back; and real lines."""

from __future__ import annotations

import dataclasses
import gzip
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from shapely.geometry import LineString, box

from gridmap.domain.access import Actor
from gridmap.domain.railways.calibration import CalibrationPoint
from gridmap.domain.statutes.findings import Finding
from gridmap.domain.tiling import to_world_xy
from gridmap.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gridmap.services import calibration, hazards, railways, statutes, zone_import, zones
from gridmap.services.context import Context
from gridmap.services.hazards import NewHazard
from gridmap.services.imports import import_file
from gridmap.services.journal import list_changes, undo_change
from gridmap.services.zone_audit import audit_zones
from gridmap.services.zone_plans import ZoneOptions
from gridmap.services.zone_tiles import ZOOM, load_zone_tile
from gridmap.store import tables as t
from gridmap.store.geometry import geometry_values
from gridmap.store.tiles import Tile
from tests.columns import read_rows

HEAD = "起点里程,终点里程,侧别,米,类别\n"


@pytest.fixture
def line_id(context: Context, administrator: Actor) -> int:
    """A line of 17.6 km through two counties, its middle kilometre a tunnel."""
    with context.database.write(administrator, kind="fill") as work:
        measured = LineString([(112.5, 37.7), (112.7, 37.7)])
        nature = {"high_speed": False, "electrified": True}
        shape = {"start_m": 0.0, "length_m": 17_640.0, **geometry_values(measured)}
        line = work.insert(t.rail_line, {"name": "石太线", **nature, **shape})
        place = {"level": 3, "kind": "official", "area_m2": 1.0, "valid_from": datetime(2026, 1, 1).date()}  # noqa: DTZ001
        for number, code in enumerate(("149998", "149999")):
            west = 112.5 + 0.1 * number
            ground = geometry_values(box(west, 37.6, west + 0.1, 37.8))
            work.insert(t.area, {"code": code, "name": code, **place, **ground})
            where = {"code": f"S{number}", "line_id": line, "from_m": 8_818.0 * number, "to_m": 8_818.0 * (number + 1)}
            rules = {"side": "both", "length_m": 8_818.0, "risk": 1, "interval_days": 7, "setting": "open"}
            work.insert(t.rail_segment, {**where, **rules, "area_code": code, **geometry_values(measured)})
        track = {"usage": "main", "service": "", "length_m": 880.0, "line_id": line, "bridge": False, "tunnel": True}
        bored = LineString([(112.55, 37.7), (112.56, 37.7)])
        work.insert(t.rail_track, {**track, **nature, **geometry_values(bored)})
        work.touch("rail", "areas")
    return line


def announce(context: Context, actor: Actor, rows: str, **options: Any) -> int:
    given = ZoneOptions(**{"line": "石太线", **options})
    plan = zone_import.read_notice(context, actor, content=HEAD + rows, options=given)
    return zone_import.import_zones(context, actor, plan=plan, options=given)


def list_left(context: Context, actor: Actor, **more: Any) -> list[tuple[str, str, str, float]]:
    found = zones.list_zones(context, actor, **more)
    left = found[found["side"] == "left"]
    return list(left[["start", "end", "kind", "width_m"]].itertuples(index=False, name=None))


def test_screened_zones_until_something_is_announced(context: Context, commander: Actor, line_id: int) -> None:
    assert list_left(context, commander) == [
        ("K0+000", "K4+409", "formation", 15.0),
        ("K4+409", "K5+291", "tunnel", 0.0),
        ("K5+291", "K8+818", "formation", 15.0),
        ("K8+818", "K17+636", "formation", 15.0),
    ]
    found = zones.list_zones(context, commander, line_ids=(line_id,))
    assert found["geometry"].is_empty.sum() == 2
    assert set(found["label"]) == {zones.LABELS["formation"], zones.LABELS["tunnel"]}
    assert not found["official"].any()
    assert zones.list_zones(context, commander, line_ids=(line_id + 1,)).empty
    (answer,) = zones.find_zone(context, commander, lon=112.555, lat=37.7001)
    assert (answer.inside, str(answer)) == (False, "The line runs in a tunnel here: there is no zone on the surface.")


def test_announced_zones_override_and_are_taken_back(
    context: Context, administrator: Actor, commander: Actor, line_id: int
) -> None:
    change = announce(context, administrator, "K1+000,K2+000,左侧,20,其他地区", notice="晋铁护 1号")
    assert list_left(context, commander)[:3] == [
        ("K0+000", "K1+000", "formation", 15.0),
        ("K1+000", "K2+000", "official", 20.0),
        ("K2+000", "K4+409", "formation", 15.0),
    ]
    with context.database.read() as connection:
        kept = connection.execute(sa.select(t.protection_zone)).mappings().one()
    assert (kept["official"], kept["notice"], kept["category"]) == (True, "晋铁护 1号", "open")
    assert kept["geom"].equals(zones.list_zones(context, commander).query("official")["geometry"].iloc[0])
    entry = list_changes(context, administrator).iloc[0]
    assert (entry["kind"], entry["reason"]) == ("import_zones", "晋铁护 1号")
    undo_change(context, administrator, txn_id=change, reason="")
    assert all(kind != "official" for _, _, kind, _ in list_left(context, commander))


def test_a_zone_is_in_force_from_its_day(context: Context, administrator: Actor, line_id: int) -> None:
    announce(context, administrator, "K1+000,K2+000,左侧,20,", valid_from=datetime(2026, 5, 1, tzinfo=UTC).date())
    before, after = datetime(2026, 4, 30, 15, tzinfo=UTC), datetime(2026, 4, 30, 16, tzinfo=UTC)
    assert "official" not in {kind for _, _, kind, _ in list_left(context, administrator, at=before)}
    assert "official" in {kind for _, _, kind, _ in list_left(context, administrator, at=after)}


def test_a_zone_is_in_force_until_its_last_day(context: Context, administrator: Actor, line_id: int) -> None:
    announce(context, administrator, "K1+000,K2+000,左侧,20,", valid_to=date(2026, 5, 1))
    last, after = datetime(2026, 5, 1, 15, tzinfo=UTC), datetime(2026, 5, 1, 16, tzinfo=UTC)
    assert "official" in {kind for _, _, kind, _ in list_left(context, administrator, at=last)}
    assert "official" not in {kind for _, _, kind, _ in list_left(context, administrator, at=after)}
    with pytest.raises(InvalidInput):
        ZoneOptions(valid_from=date(2026, 5, 2), valid_to=date(2026, 5, 1))


def test_a_line_is_held_against_itself_and_the_statute(context: Context, administrator: Actor, line_id: int) -> None:
    announce(context, administrator, "K1+000,K2+000,左,20,\nK3+000,K4+000,左,10,\nK3+500,K4+200,左,25,")
    audit = audit_zones(context, administrator, line_id=line_id)
    assert [(gap.side, round(gap.from_m), round(gap.to_m)) for gap in audit.gaps] == [("left", 2_000, 3_000)]
    assert [overlap.widths_m for overlap in audit.overlaps] == [(10, 25)]
    assert [(one.width_m, one.limit_m) for one in audit.below_statute] == [(10, 15)]
    left = audit.zones[audit.zones["side"] == "left"].fillna(0.0)
    marks = left[["start", "in_gap", "other_m", "limit_m"]].itertuples(index=False, name=None)
    assert list(marks)[:5] == [
        ("K0+000", False, 0.0, 0.0),
        ("K1+000", False, 0.0, 0.0),
        ("K2+000", True, 0.0, 0.0),
        ("K3+000", False, 0.0, 15.0),
        ("K3+500", False, 10.0, 0.0),
    ]
    # Two segments of one setting are one stretch, and nobody sees beyond the own area.
    assert left["end"].iloc[-1] == "K17+636"
    west = dataclasses.replace(administrator, scope_code="149998")
    assert audit_zones(context, west, line_id=line_id).zones["end"].iloc[-1] == "K8+818"


def test_the_map_is_handed_zones_tile_by_tile(context: Context, administrator: Actor, line_id: int) -> None:
    def load(lon: float, actor: Actor = administrator) -> tuple[Tile, list[dict[str, Any]]]:
        x, y = to_world_xy(np.array([lon]), np.array([37.7]))
        tile = load_zone_tile(context, actor, x=int(x[0] * 2**ZOOM), y=int(y[0] * 2**ZOOM))
        return tile, read_rows(gzip.decompress(tile.data))

    first, rows = load(112.52)
    assert {(row["side"], row["official"], row["width_m"]) for row in rows} == {
        ("left", False, 15.0),
        ("right", False, 15.0),
    }
    assert load(112.52)[0] is first
    announce(context, administrator, "K1+000,K2+000,左侧,20,", notice="铁护 1 号")
    _, rows = load(112.52)
    (official,) = [row for row in rows if row["official"]]
    assert (official["start"], official["end"], official["notice"]) == ("K1+000", "K2+000", "铁护 1 号")
    outline = shapely.Polygon(official["geometry"])
    assert outline.covers(shapely.Point(112.517, 37.7001))
    assert not outline.covers(shapely.Point(112.517, 37.6999))
    west = dataclasses.replace(administrator, scope_code="149998")
    assert load(112.65, west)[1] == []
    assert load(112.65)[1]
    assert load(120.0)[1] == []
    with pytest.raises(NotFound):
        load_zone_tile(context, administrator, x=2**ZOOM, y=0)


def check_at(context: Context, actor: Actor, line_id: int, chainage_m: float, metres: float, **law: Any) -> Finding:
    _, _, measured = railways.load_line(context, line_id)
    place = shapely.Point(measured.beside(chainage_m, side="left", offset_m=metres))
    (found,) = statutes.check_distance(context, actor, kind="stacking", geometry=place, **law)
    return found


def test_the_distance_rules_take_the_zones_of_the_day(context: Context, administrator: Actor, line_id: int) -> None:
    announce(context, administrator, "K1+000,K2+000,左侧,30,", notice="旧", valid_to=date(2026, 2, 1))
    announce(context, administrator, "K1+000,K2+000,左侧,50,", notice="将来", valid_from=date(2027, 1, 1))
    none = check_at(context, administrator, line_id, 1_500, 25)
    # The only track is the tunnel's, which the statute's zone leaves out.
    assert (none.official, none.distance_m) == (False, None)
    announce(context, administrator, "K1+000,K2+000,左侧,20,", notice="现行", origin_offset_m=0.0)
    inside, outside = (check_at(context, administrator, line_id, 1_500, metres) for metres in (19.5, 20.5))
    assert [(one.applies, one.official, one.notice) for one in (inside, outside)] == [
        (True, True, "现行"),
        (False, True, "现行"),
    ]
    assert (inside.limit_m, inside.uncertainty_m, inside.overruled) == (20, 2.0, ())
    before = check_at(context, administrator, line_id, 1_500, 25, at=date(2026, 1, 1))
    assert (before.applies, before.notice, before.overruled) == (True, "旧", ("现行 (20 m)",))
    later = check_at(context, administrator, line_id, 1_500, 45, at=date(2027, 1, 1))
    assert (later.applies, later.notice) == (True, "将来")


def test_a_hazard_and_a_layer_are_held_against_announced_zones(
    context: Context, administrator: Actor, line_id: int
) -> None:
    announce(context, administrator, "K1+000,K2+000,左侧,20,", notice="现行", origin_offset_m=0.0)
    _, _, measured = railways.load_line(context, line_id)
    places = [measured.beside(at, side="left", offset_m=18) for at in (1_500, 2_500)]
    layer = gpd.GeoDataFrame(geometry=[shapely.Point(place) for place in places], crs="EPSG:4326")
    found = statutes.check_layer(context, administrator, objects=layer, kind="stacking")
    assert found["official"].tolist() == [True, False]
    new = NewHazard(kind="dumping", severity=2, title="堆土", lon=places[0][0], lat=places[0][1])
    hazard_id = hazards.add_hazard(context, administrator, new=new)
    official = [one for one in statutes.check_hazard(context, administrator, hazard_id=hazard_id) if one.official]
    assert {one.article for one in official} <= {"29", "30"}
    assert all(one.applies and one.notice == "现行" for one in official)
    assert official
    zones_before = official[0].limit_m
    announce(context, administrator, "K1+000,K2+000,左侧,25,", notice="更宽", origin_offset_m=0.0)
    again = statutes.check_hazard(context, administrator, hazard_id=hazard_id)
    assert [one.limit_m for one in again if one.official] == [25.0] * len(official)
    assert zones_before == 20.0


def test_nobody_sees_or_imports_beyond_the_own_area(
    context: Context, administrator: Actor, planner: Actor, line_id: int
) -> None:
    announce(context, administrator, "K8+000,K9+500,左侧,20,\nK16+000,K17+000,左,30,")
    west = dataclasses.replace(administrator, scope_code="149998")
    assert list_left(context, west)[-1] == ("K8+000", "K8+818", "official", 20.0)
    assert "K16+000" not in {start for start, _, _, _ in list_left(context, west)}
    rows = HEAD + "K8+000,K9+000,右,15,\nK7+000,K8+000,右,15,"
    plan = zone_import.read_notice(context, west, content=rows, options=ZoneOptions(line="石太线", replace=True))
    assert [str(row) for row in plan.rejected] == ["The stretch lies outside your area, or a part of it."]
    assert [stretch.start for stretch in plan.zones] == ["K7+000"]
    assert plan.replaced == ()
    with pytest.raises(NotAllowed):
        zone_import.read_notice(context, planner, content=rows)
    with pytest.raises(NotAllowed):
        zone_import.import_zones(context, planner, plan=plan)


def test_what_changed_since_the_table_was_read_is_not_overwritten(
    context: Context, administrator: Actor, line_id: int
) -> None:
    options = ZoneOptions(line="石太线", replace=True)
    plan = zone_import.read_notice(context, administrator, content=HEAD + "K1+000,K2+000,左,15,", options=options)
    announce(context, administrator, "K5+000,K6+000,左,15,")
    with pytest.raises(Conflict):
        zone_import.import_zones(context, administrator, plan=plan, options=options)
    with pytest.raises(InvalidInput):
        zone_import.import_zones(context, administrator, plan=dataclasses.replace(plan, zones=()), options=options)


def test_mileages_at_broken_chains_are_understood_or_refused(
    context: Context, administrator: Actor, line_id: int
) -> None:
    long, short = CalibrationPoint(9_000.0, 9_000.0, 8_500.0), CalibrationPoint(14_000.0, 13_500.0, 14_000.0)
    calibration.set_calibration(context, administrator, line_id=line_id, points=[long, short])
    rows = "K8+000,K8+800,左,15,\nK8+600,K8+900,左,15,\nK8+700,K10+000,左,15,\nK13+000,K13+700,左,15,"
    plan = zone_import.read_notice(context, administrator, content=HEAD + rows, options=ZoneOptions(line="石太线"))
    assert [(s.what.from_m, s.what.to_m) for s in plan.zones] == [(8_000.0, 8_800.0), (9_200.0, 10_500.0)]
    reasons = [(row.row, str(row)) for row in plan.rejected]
    assert reasons[0] == (
        3,
        "K8+600 to K8+900 may mean 2 stretches of this line, on both sides of a long chain.",
    )
    assert reasons[1][1].startswith("K13+700 does not exist on this line: at the short chain after K13+500")


def test_liechtensteins_zones_hold_its_tracks_and_outlive_a_second_import(
    sqlite_context: Context, administrator: Actor, thinned: Path
) -> None:
    import_file(sqlite_context, administrator, path=thinned)
    lines = railways.load_lines(sqlite_context)
    line_id = max(lines, key=lambda i: lines[i][2].end_m)
    end_m = int(lines[line_id][2].end_m)
    found = zones.list_zones(sqlite_context, administrator, line_ids=(line_id,))
    assert found["geometry"].is_valid.all()
    assert set(found["geometry"].geom_type) == {"Polygon"}
    whole = shapely.union_all(found["geometry"].to_numpy())
    with sqlite_context.database.read() as connection:
        own = list(connection.scalars(sa.select(t.rail_track.c.geom).where(t.rail_track.c.line_id == line_id)))
    assert shapely.intersection(shapely.union_all(own), whole).length > 0.97 * shapely.union_all(own).length
    for side in ("left", "right"):
        spans = found[found["side"] == side].sort_values("from_m")
        assert np.allclose(spans["from_m"].to_numpy()[1:], spans["to_m"].to_numpy()[:-1])
    content = f"{HEAD}K1+000,K3+000,左侧,20,\nK{end_m // 1000}+000,K{end_m // 1000}+100,右侧,20,"
    options = ZoneOptions(line=f"#{line_id}")
    plan = zone_import.read_notice(sqlite_context, administrator, content=content, options=options)
    zone_import.import_zones(sqlite_context, administrator, plan=plan, options=options)

    def load() -> list[Any]:
        with sqlite_context.database.read() as connection:
            columns = [t.protection_zone.c[name] for name in ("from_m", "to_m", "side", "width_m", "geom")]
            return connection.execute(sa.select(*columns).order_by(t.protection_zone.c.from_m)).all()

    before = load()
    import_file(sqlite_context, administrator, path=thinned)
    after = load()
    assert len(after) == 2
    for old, new in zip(before, after, strict=True):
        assert (new.side, new.width_m) == (old.side, old.width_m)
        assert (new.from_m, new.to_m) == pytest.approx((old.from_m, old.to_m), abs=0.01)
        assert shapely.symmetric_difference(old.geom, new.geom).area < 1e-4 * old.geom.area
