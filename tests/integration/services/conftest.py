"""A small database with a row in every table that can be exported or backed up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from shapely.geometry import LineString, MultiPolygon, Polygon, box

from gridmap.services.context import Context
from gridmap.store import tables as t
from gridmap.store.change_orders import save_order
from gridmap.store.datasets import save_setting
from gridmap.store.devices import save_refusals
from gridmap.store.geometry import geometry_values
from gridmap.store.order_notices import save_notices
from gridmap.store.positions import save_track
from gridmap.store.unit_of_work import UnitOfWork
from tests.counties import ADMIN
from tests.keeping import fill_once

NOON = datetime(2026, 3, 1, 4, 0, 0, 654_321, tzinfo=UTC)
RING = Polygon(
    [(112.1, 37), (112.2, 37), (112.2, 37.1), (112.1, 37.1)], [[(112.12, 37.02), (112.13, 37.02), (112.13, 37.03)]]
)


@pytest.fixture
def filled(context: Context) -> Context:
    """Two counties' worth of one thing each: 149998 in the west, 149999 (a village of it) in the east."""
    fill_once(context, "one of each", _fill)
    return context


def _fill(context: Context) -> None:
    with context.database.write(ADMIN, kind="fill", reason="测试") as work:
        save_setting(work, "synthetic", True)
        source = _add_source(work)
        cells = _add_areas(work, source)
        _add_railway(work, source)
        _add_roads(work, source)
        _add_operations(work, source)
        work.update_many(t.assignment, {i: {"since": date(2026, 2, 1)} for i in cells})
        work.touch("areas", "units", "rail")


def _add_source(work: UnitOfWork) -> int:
    return work.insert(
        t.source,
        {
            "kind": "osm",
            "name": "county.osm.pbf",
            "sha256": "0" * 64,
            "attribution": "© OpenStreetMap contributors",
            "licence": "ODbL-1.0",
            "crs": "EPSG:4326",
            "synthetic": True,
            "data_as_of": NOON,
            "imported_at": NOON + timedelta(days=1),
            "report": {"read": 3, "rejected": []},
        },
    )


def _add_areas(work: UnitOfWork, source: int) -> list[int]:
    shapes = {"149998": box(112, 37, 112.1, 37.1), "149999": RING, "149999001001001": MultiPolygon([RING])}
    common = {"kind": "base", "area_m2": 1.5, "valid_from": date(2026, 1, 1), "source_id": source}
    rows: list[dict[str, Any]] = [
        {"code": code, "name": f"区 {code}", "level": 6 if len(code) == 15 else 3, **common, **geometry_values(shape)}
        for code, shape in shapes.items()
    ]
    rows[2]["households"] = 310
    ids = work.insert_many(t.area, rows)
    point = {"lon": 112.15, "lat": 37.05, "source_id": source}
    unit = work.insert(t.grid_unit, {"code": "U1", "name": "Station", "kind": "team", "area_code": "149999", **point})
    work.insert(t.assignment, {"cell_id": ids[2], "unit_id": unit, "since": date(2026, 1, 1)})
    past = {"area_id": ids[2], "code": "149999001001002", "name": "旧", "valid_from": date(2025, 1, 1), "txn": 1}
    work.insert(t.area_past, {**past, "valid_to": date(2026, 1, 1)})
    share = {"predecessor_id": ids[2], "successor_id": ids[2], "share_households": 1.0, "share_area": 1.0, "txn": 1}
    work.insert(t.area_succession, {**share, "kind": "renumber", "effective_on": date(2026, 1, 1), "reason": "改码"})
    _add_order(work, ids[2], unit)
    closed = {"id": unit + 1, "code": "U2", "name": "旧站", "area_code": "149999", "closed_on": date(2026, 1, 1)}
    work.insert(t.closed_unit, closed)
    asked = {"request": {"codes": ["149999"]}, "seen": {"before": []}, "reason": "更名", "area_code": "149999"}
    when = {"effective_on": date(2027, 1, 1), "ordered_by": "li", "ordered_at": NOON}
    work.insert(t.area_order, {"kind": "rename", "state": "waiting", **asked, **when, "message": "", "facts": {}})
    return ids[2:]


def _add_order(work: UnitOfWork, cell: int, unit: int) -> None:
    row = {"kind": "reassign", "state": "in_effect", "reason": "改线", "area_code": "149999001001001", "sequence": 1}
    asked = {"effective_on": date(2026, 1, 1), "ordered_by": "li", "ordered_at": NOON, "in_effect_at": NOON}
    moves: dict[int, tuple[int | None, int | None]] = {cell: (None, unit)}
    order = save_order(work, {**row, **asked, "undoes": None}, moves=moves, year=2026)
    days = {"cell_id": cell, "unit_id": unit, "valid_from": date(2026, 1, 1), "order_id": order}
    work.connection.execute(t.tenure.insert().values(**days))
    work.insert(
        t.adjacency_rule,
        {"first_id": cell - 1, "second_id": cell, "kind": "barrier", "reason": "有河", "set_by": "li", "set_at": NOON},
    )
    work.insert(t.cell_lock, {"cell_id": cell, "reason": "界线未定", "locked_by": "li", "locked_at": NOON})
    save_notices(work, [{"order_id": order, "unit_id": unit, "message": "m", "facts": {"count": 1}}])


def _add_railway(work: UnitOfWork, source: int) -> None:
    line = geometry_values(LineString([(112.05, 37.05), (112.15, 37.05)])) | {"source_id": source}
    nature = {"gauge_mm": 1435, "electrified": True, "high_speed": False}
    line_id = work.insert(t.rail_line, {"name": "Line", "start_m": 0.1, "length_m": 8_881.3, **nature, **line})
    post = {"chainage_m": 100.5, "back_m": 7_000.25, "ahead_m": 7_100.0, "origin": "given", "lon": 112.06, "lat": 37.05}
    work.insert(t.mileage_point, {"line_id": line_id, **post})
    stretch = {"line_id": line_id, "from_m": 100.0, "to_m": 900.5, "side": "left", "width_m": 15.0}
    words = {"category": "open", "place": "村", "official": True, "notice": "公告", "valid_from": date(2026, 1, 5)}
    words["valid_to"] = date(2036, 1, 5)
    ground = geometry_values(box(112.05, 37.05, 112.06, 37.0502))
    work.insert(t.protection_zone, {"origin_offset_m": 5.0, **stretch, **words, **ground})
    post = {"line_id": line_id, "from_m": 100.0, "to_m": 900.5, "party": "local", "office": "柳林镇段长岗"}
    since = {"area_code": "149999", "interval_days": 30, "valid_from": date(2026, 1, 5)}
    work.insert(t.section_chief, {**post, **since})
    work.insert(
        t.joint_inspection, {"line_id": line_id, "from_m": 100.0, "to_m": 900.5, "at": NOON, "note": "联合巡查"}
    )
    track = {"usage": "main", "service": "", "bridge": False, "tunnel": False, "length_m": 1.0, "line_id": line_id}
    work.insert(t.rail_track, {"way_id": 2**40, **track, **nature, **line})
    segment = {"code": "L-1", "line_id": line_id, "from_m": 0.0, "to_m": 1500.0, "side": "both", "length_m": 1500.0}
    rules = {"setting": "open", "risk": 1, "interval_days": 7, "last_patrol_at": NOON, "area_code": "149999"}
    work.insert(t.rail_segment, {**segment, **rules, **line})
    point = {"line_id": line_id, "mileage_m": 100.0, "lon": 112.15, "lat": 37.05, "source_id": source}
    work.insert(t.rail_feature, {"kind": "station", "name": "站", **point})
    work.insert(t.access_point, {"kind": "station", "node_id": 1, "walk_m": 5.0, "drivable": True, **point})


def _add_roads(work: UnitOfWork, source: int) -> None:
    nodes = [{"osm_id": n, "lon": 112.0 + n / 50, "lat": 37.05, "source_id": source} for n in (1, 2)]
    u, v = work.insert_many(t.road_node, nodes)
    edge = {"u": u, "v": v, "road_class": "primary", "length_m": 10.5, "speed_kmh": 60.0, "car_forward": True}
    more = {"car_backward": False, "foot": True, "bridge": False, "tunnel": False, "source_id": source}
    road = LineString([(112.02, 37.05), (112.04, 37.05)])
    edge_id = work.insert(t.road_edge, {**edge, **more, **geometry_values(road)})
    turn = {"from_edge": edge_id, "via_node": v, "to_edge": edge_id, "only": False, "car": True, "motorcycle": True}
    work.insert(t.turn_restriction, {**turn, "source_id": source})
    closure = {"reason": "水毁", "area_code": "149998", "starts_at": NOON, "ends_at": NOON + timedelta(hours=1)}
    work.insert(t.closure, {**closure, **geometry_values(road)})
    lines = [LineString([(112.15, 37), (112.16, 37.1)]), box(112.15, 37, 112.16, 37.01)]
    work.insert_many(
        t.basemap_shape, [{"kind": "river", "source_id": source, **geometry_values(shape)} for shape in lines]
    )
    work.insert(t.place, {"kind": "town", "name": "镇", "lon": 112.05, "lat": 37.05, "source_id": source})


def _add_operations(work: UnitOfWork, source: int) -> None:
    point = {"lon": 112.15, "lat": 37.05, "area_code": "149999", "source_id": source}
    case = {"code": "H1", "kind": "dumping", "severity": 2, "title": "堆放", "state": "accepted"}
    hazard = work.insert(t.hazard, {**case, "reported_at": NOON, "due_at": NOON + timedelta(days=3), **point})
    step = {"from_state": "reported", "to_state": "accepted", "at": NOON, "actor": "a"}
    work.insert(t.hazard_step, {"hazard_id": hazard, **step})
    told = {"party": "local", "office": "柳林镇段长岗", "acknowledged_at": NOON, "acknowledged_note": "知悉"}
    work.insert(t.hazard_referral, {"hazard_id": hazard, **told})
    picture = {"width": 2, "height": 1, "sha256": "0" * 64, "jpeg": bytes(range(256))}
    work.insert(t.hazard_photo, {"hazard_id": hazard, "taken_at": NOON, "lon": 112.1, "lat": 37.05, **picture})
    work.insert(t.network_site, {"network": "street", "kind": "square", "name": "Square", **point})
    post = work.insert(t.post, {"name": "Post", "kind": "police_post", **point})
    needs = {"skill": "登高", "inspect_min": 25, "hours": "08:00-11:00; 14:00-17:00"}
    work.update_many(t.hazard_kind, {1: needs})
    crew = {"name": "Team", "kind": "car", "post_id": post, "members": 2, "on_duty": True, "source_id": source}
    shift = {"shift_start_min": 480, "shift_end_min": 1080, "area_code": "149999"}
    team = work.insert(t.team, {**crew, **shift})
    duty = {"end_post_id": post, "breaks": "12:00-13:00/30", "latest_return_min": 1050, "skills": "登高;潜水"}
    work.insert(t.team_duty, {"team_id": team, **duty, "max_walk_m": 8_000.5})
    fix = {"team_id": team, "at": NOON, "lon": 112.1, "lat": 37.1, "simulated": True}
    work.connection.execute(t.position.insert().values(**fix))
    save_track(work.connection, [fix])
    device = {"key": "D1", "kind": "device", "token_hash": "0" * 64, "team_id": team, "scope_code": ""}
    work.insert(t.device, {**device, "simulated": False, "created_at": NOON})
    save_refusals(
        work.connection, [{"day": 20260301, "reason": "swapped", "device_key": "", "count": 2, "last_at": NOON}]
    )
    at = {"lon": 112.15, "lat": 37.05, "area_code": "149999", "reported_at": NOON, "closed_at": None}
    incident = work.insert(t.incident, {"title": "树倒", "kind": "line_obstruction", "severity": 3, **at})
    way = {"sent_at": NOON, "sent_by": "commander", "changed_at": NOON, "seconds": 301.5, "metres": 2_500.0}
    work.insert(t.dispatch, {"incident_id": incident, "team_id": team, "state": "accepted", **way})
    line_id = work.connection.scalars(sa.select(t.rail_line.c.id)).one()
    walked = {"line_id": line_id, "from_m": 0.5, "to_m": 900.25, "side": "left", "at": NOON, "kind": "foot"}
    work.insert(t.coverage, {**walked, "team_id": team, "confidence": 0.93, "source": "轨迹.gpx"})
    plan = {"name": "Plan", "area_code": "", "service_date": date(2026, 3, 2), "status": "draft", "created_at": NOON}
    document = {"version": 1, "routes": [{"stops": [1.5, None, "站"]}], "空": {}}
    outcome = {"teams": [{"team": "Team", "tracked_m": None}]}
    end = {"created_by": "p", "document": document, "outcome": outcome, "source_id": source}
    plan_id = work.insert(t.patrol_plan, {**plan, **end})
    work.insert(t.patrol_strategy, {"area_code": "", "made_at": NOON, "made_by": "p", "document": document})
    shift = {"starts_at": NOON, "ends_at": NOON + timedelta(hours=8), "confirmed_at": NOON}
    order = work.insert(t.patrol_order, {"plan_id": plan_id, "team_id": team, **shift})
    when = {"planned_at": NOON, "planned_leave_at": NOON, "arrived_at": NOON, "ended_at": NOON}
    why = {"number": 1, "tasks": ["segment-1"], "state": "cannot", "reason": "other", "note": "封路"}
    stop = work.insert(t.order_stop, {"order_id": order, "lon": 112.1, "lat": 37.05, **when, **why})
    work.insert(t.stop_photo, {"stop_id": stop, "at": NOON, **picture})
    work.connection.execute(t.team_action.insert().values(team_id=team, key="k" * 36, at=NOON))
