"""A new edition of real counties: compared, applied, and everything that hangs on them goes along; on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
import sqlalchemy as sa

from gridmap.domain.access import Actor, Role
from gridmap.domain.days import local_day
from gridmap.domain.districting.tenure import is_unbroken
from gridmap.domain.edition_places import GroundKind, PlaceChange
from gridmap.errors import Conflict, InvalidInput, MixedData, NoData, NotAllowed
from gridmap.services import area_history, areas, editions, hierarchy, journal
from gridmap.services.context import Context
from gridmap.services.edition_effect import apply_edition
from gridmap.services.edition_places import describe_places
from gridmap.services.hierarchy_undo import undo_area_change
from gridmap.services.imports import import_file
from gridmap.store import tables
from gridmap.store.datasets import save_setting
from gridmap.store.geometry import geometry_values
from gridmap.store.tenures import load_tenures
from tests.conftest import StoppedClock
from tests.counties import ADMIN

KEPT, RENAMED, RECODED, REDRAWN = "140105", "140106", "140107", "140108"


def read_counties(realdata: Path) -> gpd.GeoDataFrame:
    """Counties of one city: code, name, households, geometry."""
    table = gpd.read_file(realdata / "shanxi" / "counties_wgs84.geojson")
    code = table["district_adcode"].astype(str)
    city = table[code.str.startswith("1401")]
    return gpd.GeoDataFrame(
        {"code": code[city.index], "name": city["district_name"], "households": range(1000, 1000 + len(city))},
        geometry=city.geometry.to_numpy(),
        crs=table.crs,
    ).reset_index(drop=True)


def write(table: gpd.GeoDataFrame, path: Path) -> Path:
    table.to_file(path)
    return path


def merge_two(table: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    """The edition with two neighbours that are not among those above as one."""
    rest = [code for code in table["code"] if code not in {KEPT, RENAMED, RECODED, REDRAWN}]
    shapes = table.set_index("code").geometry
    pair = next([a, b] for a in rest for b in rest if a < b and shapes[a].intersection(shapes[b]).length > 0.05)
    whole = shapely.union_all([shapes[code] for code in pair])
    left = table[~table["code"].isin(pair)]
    row = gpd.GeoDataFrame(
        {"code": ["140197"], "name": ["合并区"], "households": [2222]}, geometry=[whole], crs=table.crs
    )
    return gpd.GeoDataFrame(pd.concat([left, row], ignore_index=True), crs=table.crs), pair


def change(table: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[str], list[str]]:
    """Another edition: a name, a code, a border, two merged, one split."""
    new, pair = merge_two(table)
    new = new.set_index("code", drop=False)
    new.loc[RENAMED, "name"] = "新名区"
    new.loc[RECODED, "code"] = "140190"
    x_min, y_min, x_max, _ = new.geometry[REDRAWN].bounds
    strip = shapely.box(x_min, y_min, x_max, y_min + 0.02)
    new.loc[[REDRAWN], "geometry"] = gpd.GeoSeries(
        [new.geometry[REDRAWN].difference(strip)], index=[REDRAWN], crs=new.crs
    )
    whole = new.geometry[KEPT]
    x_min, y_min, x_max, y_max = whole.bounds
    halves = [
        shapely.box(x_min, y_min, (x_min + x_max) / 2, y_max),
        shapely.box((x_min + x_max) / 2, y_min, x_max, y_max),
    ]
    parts = gpd.GeoDataFrame(
        {"code": ["140191", "140192"], "name": ["西区", "东区"], "households": [10, 20]},
        geometry=[whole.intersection(half) for half in halves],
        crs=new.crs,
    )
    rest = new[new["code"] != KEPT]
    return gpd.GeoDataFrame(pd.concat([rest, parts], ignore_index=True), crs=new.crs), pair, ["140191", "140192"]


@pytest.fixture
def counties(context: Context, realdata: Path, tmp_path: Path, clock: StoppedClock) -> gpd.GeoDataFrame:
    table = read_counties(realdata)
    import_file(context, ADMIN, path=write(table, tmp_path / "counties.geojson"))
    with context.database.write(ADMIN, kind="fill") as work:
        point = table.set_index("code").geometry[KEPT].representative_point()
        case = {"code": "H1", "kind": "dumping", "severity": 2, "title": "t", "state": "accepted", "area_code": KEPT}
        case |= {"lon": point.x, "lat": point.y, "reported_at": work.at, "due_at": work.at}
        work.insert(tables.hazard, case)
        account = {"password_hash": "x", "role": "supervisor", "team_id": None, "demo": False, "disabled": False}
        work.insert(tables.account, {"name": "c", "scope_code": RECODED, **account, "failures": 0})
        nature = {"electrified": True, "high_speed": False, "start_m": 0.0, "length_m": 1000.0}
        shape = shapely.LineString([(point.x, point.y), (point.x + 0.01, point.y)])
        line = work.insert(tables.rail_line, {"name": "L", **nature, **geometry_values(shape)})
        chief = {"line_id": line, "from_m": 0.0, "to_m": 1000.0, "party": "railway", "office": "Works section"}
        work.insert(tables.section_chief, chief)  # a post of the railway, of no area
    clock.advance(days=30)
    return table


def test_an_edition_is_compared_and_applied(context: Context, counties: gpd.GeoDataFrame, tmp_path: Path) -> None:
    new, pair, parts = change(counties)
    before = areas.load_cells(context, ADMIN).set_index("code")
    seen = editions.compare_edition(context, ADMIN, path=write(new, tmp_path / "new.geojson"))
    assert [item.code for item in seen.added] == sorted(["140197", *parts], key=list(new["code"]).index)
    assert {item.code for item in seen.removed} == {KEPT, *pair}
    assert [(item.old, item.new) for item in seen.codes] == [(RECODED, "140190")]
    assert [(item.new, item.after) for item in seen.names] == [(RENAMED, "新名区")]
    (redrawn,) = seen.redrawn
    assert redrawn.code == REDRAWN
    assert 0.5 < redrawn.iou < 1
    assert redrawn.changed_m2 > 1e5
    assert [(item.code, item.others) for item in seen.splits] == [(KEPT, tuple(parts))]
    assert [(item.code, set(item.others)) for item in seen.merges] == [("140197", set(pair))]
    assert seen.unchanged == len(counties) - 6
    check_places(seen, pair, parts, {code: int(number) for code, number in before["id"].items()})
    report = apply_edition(context, ADMIN, difference=seen, reason="2026 edition")
    assert (report.added, report.removed, report.redrawn, report.recoded) == (3, 3, 1, 1)
    assert dict(report.along)["hazard"] == 1
    after = areas.load_cells(context, ADMIN).set_index("code")
    assert int(after.loc["140190", "id"]) == int(before.loc[RECODED, "id"])
    assert after.loc["140190", "unit_id"] == before.loc[RECODED, "unit_id"]
    assert after.loc[parts[0], "unit_id"] == before.loc[KEPT, "unit_id"]
    assert after["unit_id"].notna().all()
    with context.database.read() as connection:
        assert connection.scalar(sa.select(tables.hazard.c.area_code)) in parts
        assert connection.scalar(sa.select(tables.account.c.scope_code)) == "140190"
        days = load_tenures(connection, [int(i) for i in after["id"]])
    assert all(
        is_unbroken(days[cell]) and days[cell][-1].unit == unit
        for cell, unit in zip(after["id"], after["unit_id"], strict=True)
    )
    assert area_history.find_code(context, ADMIN, code=RECODED).codes_now == "140190"
    assert area_history.find_code(context, ADMIN, code=KEPT).codes_now == ", ".join(parts)
    today = local_day(context.clock())
    frame = pd.DataFrame({"code": counties["code"], "cases": range(101, 101 + len(counties))})
    told = area_history.translate_totals(
        context, ADMIN, frame=frame, from_date=today - timedelta(days=1), to_date=today
    )
    assert told["cases"].sum() == frame["cases"].sum()
    assert set(told["code"]) == set(new["code"])
    history = area_history.list_history(context, ADMIN, code=parts[0])
    assert "split" in set(history["kind"])
    with pytest.raises(Conflict, match="new edition"):
        undo_area_change(context, ADMIN, txn=int(history["txn"].iloc[0]), reason="Wrong")
    assert editions.compare_edition(context, ADMIN, path=tmp_path / "new.geojson").is_empty
    assert journal.verify_journal(context, ADMIN) is None


def check_places(
    difference: editions.EditionDifference, pair: list[str], parts: list[str], ids: dict[str, int]
) -> None:
    """Every change is at its place, and drawn where it is."""
    seen = describe_places(difference)
    codes = {change: {seen.places[n].state.code for n in seen.list_places(change)} for change in PlaceChange}
    assert codes[PlaceChange.ADDED] == {"140197", *parts}
    assert codes[PlaceChange.REMOVED] == {KEPT, *pair}
    assert codes[PlaceChange.SPLIT] == {KEPT}
    assert codes[PlaceChange.MERGED] == {"140197"}
    assert (codes[PlaceChange.RECODED], codes[PlaceChange.RENAMED]) == ({"140190"}, {RENAMED})
    (number,) = seen.list_places(PlaceChange.REDRAWN)
    smaller = seen.places[number]
    assert (smaller.state.code, smaller.area_id) == (REDRAWN, ids[REDRAWN])
    assert (smaller.gained_m2, smaller.lost_m2) == (0.0, pytest.approx(difference.redrawn[0].changed_m2, rel=5e-3))
    (lost,) = [piece for piece in seen.ground if piece.kind is GroundKind.LOST]
    strip = difference.old.set_index("code").geometry[REDRAWN].intersection(lost.near_wgs84)
    assert strip.area == pytest.approx(lost.near_wgs84.area, rel=0.01)
    assert lost.place == number
    drawn = {piece.kind: 0 for piece in seen.ground}
    for piece in seen.ground:
        drawn[piece.kind] += 1
        assert shapely.box(*seen.places[piece.place].bounds_wgs84).buffer(0.01).covers(piece.far_wgs84)
    assert drawn == {GroundKind.ADDED: 3, GroundKind.REMOVED: 3, GroundKind.LOST: 1, GroundKind.RENAMED: 2}
    assert seen.left_out == 0


def test_codes_may_be_swapped_and_the_edition_before_applied_again(
    sqlite_context: Context, realdata: Path, tmp_path: Path, clock: StoppedClock
) -> None:
    context, table = sqlite_context, read_counties(realdata)
    old = write(table, tmp_path / "old.geojson")
    import_file(context, ADMIN, path=old)
    clock.advance(days=1)
    swapped = table.assign(code=table["code"].replace({KEPT: RENAMED, RENAMED: KEPT}))
    seen = editions.compare_edition(context, ADMIN, path=write(swapped, tmp_path / "swapped.geojson"))
    assert {(item.old, item.new) for item in seen.codes} == {(KEPT, RENAMED), (RENAMED, KEPT)}
    apply_edition(context, ADMIN, difference=seen, reason="Swap")
    with pytest.raises(Conflict, match="changed this first"):
        apply_edition(context, ADMIN, difference=seen, reason="Swap")
    with pytest.raises(Conflict, match="changed here"):
        import_file(context, ADMIN, path=old)
    clock.advance(days=1)
    back = editions.compare_edition(context, ADMIN, path=old)
    apply_edition(context, ADMIN, difference=back, reason="It was right")
    assert editions.compare_edition(context, ADMIN, path=old).is_empty


def test_what_cannot_be_is_refused(sqlite_context: Context, realdata: Path, tmp_path: Path) -> None:
    context, table = sqlite_context, read_counties(realdata)
    old = write(table, tmp_path / "old.geojson")
    with pytest.raises(NoData, match="No area"):
        editions.compare_edition(context, ADMIN, path=old)
    import_file(context, ADMIN, path=old)
    twice = pd.concat([table, table.iloc[:2]], ignore_index=True)
    with pytest.raises(InvalidInput, match=f"row/{len(table) + 1}, row/{len(table) + 2}"):
        editions.compare_edition(
            context, ADMIN, path=write(gpd.GeoDataFrame(twice, crs=table.crs), tmp_path / "twice.geojson")
        )
    for actor in (Actor("s", Role.SUPERVISOR), replace(ADMIN, scope_code="140105")):
        with pytest.raises(NotAllowed):
            editions.compare_edition(context, actor, path=old)
    with context.database.write(ADMIN, kind="fill") as work:
        save_setting(work, "synthetic", True)
    elsewhere = write(table.assign(code=table["code"].replace({KEPT: "990101"})), tmp_path / "elsewhere.geojson")
    with pytest.raises(MixedData, match="990101"):
        editions.compare_edition(context, ADMIN, path=elsewhere)
    same = editions.compare_edition(context, ADMIN, path=old)
    with pytest.raises(InvalidInput, match="what is loaded"):
        apply_edition(context, ADMIN, difference=same, reason="x")
    bad = table.assign(code=table["code"].replace({KEPT: "abc"}))
    faulty = editions.compare_edition(context, ADMIN, path=write(bad, tmp_path / "bad.geojson"))
    assert [item.code for item in faulty.removed] == [KEPT]
    with pytest.raises(InvalidInput, match="1 rows"):
        apply_edition(context, ADMIN, difference=faulty, reason="x")
    fewer = editions.compare_edition(context, ADMIN, path=write(table.iloc[1:], tmp_path / "fewer.geojson"))
    with pytest.raises(InvalidInput, match="reason"):
        apply_edition(context, ADMIN, difference=fewer, reason=" ")
    hierarchy.rename_area(context, ADMIN, code=RENAMED, name="x", reason="y")
    with pytest.raises(Conflict):
        apply_edition(context, ADMIN, difference=fewer, reason="x")
    with context.database.write(ADMIN, kind="fill") as work:
        account = {"password_hash": "x", "role": "supervisor", "team_id": None, "demo": False, "disabled": False}
        work.insert(tables.account, {"name": "c", "scope_code": table["code"].iloc[0], **account, "failures": 0})
    fewer = editions.compare_edition(context, ADMIN, path=tmp_path / "fewer.geojson")
    with pytest.raises(Conflict, match="confined"):
        apply_edition(context, ADMIN, difference=fewer, reason="x")
