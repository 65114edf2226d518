"""Announced zones in the rules of Article 27: at their edge, at their ends, on either side, over one another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.domain.railways.mileage import MeasuredLine
from gridmap.domain.railways.zones import Side, Zone
from gridmap.domain.statutes.announced import AnnouncedLine, AnnouncedZones
from gridmap.domain.statutes.checking import check_shapes
from gridmap.domain.statutes.scene import Scene
from tests.statute_worlds import LAT, LON, RULES, STATUTES, Place, build_track, build_world, check, draw, walk

LINE_ID = 7
LINE = draw(walk((LON, LAT), 180, 10_000), walk((LON, LAT), 0, 10_000))
"""Northwards: left is west."""

MEASURED = MeasuredLine(LINE)
TRACK = build_track(LINE, line_id=LINE_ID)
OFFSET_M = STATUTES.assumptions.edges["plain", False].offset_m
STATUTE_M = RULES["cn-639/30"].widths.metres[False, "open"]  # type: ignore[union-attr]


def announce(
    from_m: float, to_m: float, width_m: float, *, side: Side = "left", offset_m: float = OFFSET_M, notice: str = "公告"
) -> Zone:
    return Zone(
        line_id=LINE_ID,
        side=side,
        from_m=from_m,
        to_m=to_m,
        width_m=width_m,
        origin_offset_m=offset_m,
        category="",
        kind="official",
        notice=notice,
    )


def beside(chainage_m: float, metres: float, side: Side = "left") -> Place:
    return MEASURED.beside(chainage_m, side=side, offset_m=metres)


def hold(scene: Scene, *zones: Zone, high_speed: bool = False) -> AnnouncedZones:
    return AnnouncedZones(scene, [AnnouncedLine(LINE_ID, MEASURED, high_speed, zones)])


def ask(*places: shapely.Geometry | Place, zones: tuple[Zone, ...], scene: Scene | None = None) -> pd.DataFrame:
    scene = scene or build_world(TRACK)
    return check(scene, "cn-639/30", *places, announced=hold(scene, *zones))


@pytest.mark.parametrize("width_m", [8.0, STATUTE_M, 40.0, 180.0])
@pytest.mark.parametrize("offset_m", [0.0, OFFSET_M])
@pytest.mark.parametrize("side", ["left", "right"])
def test_the_announced_width_counts_from_its_own_origin(width_m: float, offset_m: float, side: Side) -> None:
    edge = offset_m + width_m
    places = [beside(5_000, edge + off, side) for off in (-0.5, 0.5)]
    found = ask(*places, zones=(announce(4_000, 6_000, width_m, side=side, offset_m=offset_m),))
    assert found["applies"].tolist() == [True, False]
    assert found["limit_m"].tolist() == [width_m, width_m]
    assert found["distance_m"].tolist() == pytest.approx([width_m - 0.5, width_m + 0.5], abs=0.05)
    assert found["official"].all()
    assert found["notice"].tolist() == ["公告", "公告"]


def test_the_uncertainty_shrinks_where_the_notice_says_where_it_measures_from() -> None:
    place = beside(5_000, 30)
    screened = check(build_world(TRACK), "cn-639/30", place).iloc[0]
    assert (screened["official"], screened["notice"], screened["overruled"]) == (False, "", ())
    assumed, track, stated = (
        ask(place, zones=(announce(4_000, 6_000, 20, offset_m=offset),)).iloc[0] for offset in (OFFSET_M, 0.0, 2.5)
    )
    position = STATUTES.assumptions.position_m
    assert assumed["uncertainty_m"] == screened["uncertainty_m"] > position
    assert track["uncertainty_m"] == stated["uncertainty_m"] == position
    assert [row["origin"] for row in (screened, assumed, track, stated)] == [
        "toe-or-top",
        "toe-or-top",
        "centreline",
        "announced",
    ]


@pytest.mark.parametrize("width_m", [5.0, 40.0])
def test_at_the_ends_of_a_stretch_the_statute_begins_again(width_m: float) -> None:
    """Straight across the line: neither the wider nor the narrower zone reaches round the corner."""
    middle = OFFSET_M + (width_m + STATUTE_M) / 2
    at = [3_999.5, 4_000.5, 5_999.5, 6_000.5]
    found = ask(*(beside(m, middle) for m in at), zones=(announce(4_000, 6_000, width_m),))
    assert found["official"].tolist() == [False, True, True, False]
    wider = width_m > STATUTE_M
    assert found["applies"].tolist() == [not wider, wider, wider, not wider]
    assert found["limit_m"].tolist() == [STATUTE_M, width_m, width_m, STATUTE_M]


def test_the_other_side_is_screened() -> None:
    places = [beside(5_000, OFFSET_M + 30, side) for side in ("left", "right")]
    found = ask(*places, zones=(announce(4_000, 6_000, 40),))
    assert found["applies"].tolist() == [True, False]
    assert found["official"].tolist() == [True, False]
    assert found["limit_m"].tolist() == [40, STATUTE_M]


def test_of_two_notices_the_wider_counts_and_the_other_is_named() -> None:
    zones = (announce(4_000, 6_000, 20, notice="甲"), announce(5_000, 7_000, 30, notice="乙"))
    found = ask(*(beside(m, OFFSET_M + 25) for m in (4_500, 5_500, 6_500)), zones=zones)
    assert found["notice"].tolist() == ["甲", "乙", "乙"]
    assert found["overruled"].tolist() == [(), ("甲 (20 m)",), ()]
    assert found["applies"].tolist() == [False, True, True]
    same = (zones[0], replace(zones[0], notice="丙"))
    assert ask(beside(5_000, 20), zones=same)["overruled"].tolist() == [()]


def test_other_rules_and_other_lines_are_left_alone() -> None:
    far = draw(walk(LINE.coords[0], 270, 60), walk(LINE.coords[-1], 270, 60))
    scene = build_world(TRACK, build_track(far))
    zones = (announce(0, 20_000, 8),)
    held = hold(scene, *zones)
    buffer = check(scene, "cn-639/34", beside(5_000, 300), announced=held)
    assert buffer.equals(check(scene, "cn-639/34", beside(5_000, 300)))
    # Between the two: 50 m from the announced one, 10 m from the other.
    found = check(scene, "cn-639/30", beside(5_000, 50), announced=held)
    assert (found["official"].item(), found["applies"].item()) == (False, True)
    assert found["distance_m"].item() == pytest.approx(10 - OFFSET_M, abs=0.05)
    near = check(scene, "cn-639/30", beside(5_000, 12.5), announced=held)
    assert (near["official"].item(), near["applies"].item()) == (True, False)


def test_a_siding_of_the_station_belongs_to_the_zone() -> None:
    aside = draw(beside(5_000, 30), beside(5_300, 30))
    scene = build_world(TRACK, build_track(aside, of_station=True))
    places = [beside(5_150, 30 + OFFSET_M + metres) for metres in (19.5, 20.5, 5)]
    found = ask(*places, zones=(announce(4_000, 6_000, 20),), scene=scene)
    assert found["applies"].tolist() == [True, False, True]
    assert found["official"].all()


def test_a_tunnel_that_was_announced_over_counts_and_another_does_not() -> None:
    scene = build_world(build_track(LINE, structure="tunnel", line_id=LINE_ID))
    found = ask(beside(5_000, 10), beside(9_000, 10), zones=(announce(4_000, 6_000, 20),), scene=scene)
    assert found["applies"].tolist() == [True, False]
    assert found["note"].tolist() == ["", "none_recorded"]


def test_a_shape_is_measured_part_by_part() -> None:
    """Beyond the end the statute's 15 m count, on the stretch the announced 40 m: each part for itself."""
    zones = (announce(4_000, 6_000, 40),)
    corners = [beside(5_990, OFFSET_M + 39), beside(6_200, OFFSET_M + 39), beside(6_200, 90), beside(5_990, 90)]
    outside = [beside(6_001, OFFSET_M + 20), *corners[1:3], beside(6_001, 90)]
    inward = [beside(5_900, 70), beside(6_100, OFFSET_M + 14), beside(6_100, 80), beside(5_900, 80)]
    found = ask(*(shapely.Polygon(ring) for ring in (corners, outside, inward)), zones=zones)
    assert found["applies"].tolist() == [True, False, True]
    assert found["official"].tolist() == [True, False, False]
    assert found["limit_m"].tolist() == [40, STATUTE_M, STATUTE_M]
    # Its part on the stretch lies deeper in 40 m than its corner beyond lies in 15 m.
    assert found["distance_m"].iloc[0] == pytest.approx(39, abs=0.05)
    crossing = draw(beside(5_000, 30), beside(5_000, 30, "right"))
    both = ask(crossing, draw(beside(7_000, 30), beside(7_000, 30, "right")), zones=zones)
    assert both["distance_m"].tolist() == [0, 0]
    assert both["limit_m"].tolist() == [40, STATUTE_M]


def test_a_shape_across_a_line_announced_on_both_sides_is_not_screened_along_the_cut() -> None:
    zones = (announce(4_000, 6_000, 8), announce(4_000, 6_000, 8, side="right"))
    block = shapely.Polygon([beside(5_000, 9), beside(5_050, 9), beside(5_050, 9, "right"), beside(5_000, 9, "right")])
    found = ask(block, zones=zones)
    assert (found["official"].item(), found["limit_m"].item(), found["applies"].item()) == (True, 8, True)


def test_round_a_bend_points_and_small_shapes_agree() -> None:
    bend = draw(walk((LON, LAT), 200, 900), (LON, LAT), walk((LON, LAT), 50, 900))
    measured = MeasuredLine(bend)
    scene = build_world(build_track(bend, line_id=LINE_ID))
    zones = tuple(announce(a, b, w, side=s) for a, b, w, s in ((200, 880, 25, "left"), (905, 1_500, 6, "right")))
    held = AnnouncedZones(scene, [AnnouncedLine(LINE_ID, measured, False, zones)])
    rng = np.random.default_rng(3)
    at, off = rng.uniform(100, 1_700, 150), rng.uniform(0.5, 60, 150)
    sides: list[Side] = ["left", "right"]
    places = [measured.beside(a, side=sides[i % 2], offset_m=o) for i, (a, o) in enumerate(zip(at, off, strict=True))]
    specks = [shapely.Point(place).buffer(1e-7, quad_segs=2) for place in places]
    points = check(scene, "cn-639/30", *places, announced=held)
    shapes = check(scene, "cn-639/30", *specks, announced=held)
    assert points["official"].sum() > 20
    assert np.allclose(points["distance_m"], shapes["distance_m"], atol=0.03)
    assert (points["official"] == shapes["official"]).mean() > 0.98


def test_many_are_answered_like_each_alone() -> None:
    scene = build_world(TRACK, build_track(draw((LON, LAT), walk((LON, LAT), 60, 4_000)), fast=True))
    held = hold(scene, announce(2_000, 9_000, 30), announce(8_000, 12_000, 12), announce(0, 9_999, 50, side="right"))
    rng = np.random.default_rng(5)
    at, off = rng.uniform(100, 19_000, 40), rng.uniform(1, 400, 40)
    sides: list[Side] = ["left", "right"]
    shapes = np.array(
        [shapely.Point(beside(a, o, sides[i % 2])) for i, (a, o) in enumerate(zip(at, off, strict=True))], object
    )
    kinds, rules = [("building",), ("mining",)] * 20, list(RULES.values())
    table = check_shapes(scene, rules, kinds=kinds, geometries_wgs84=shapes, announced=held)
    assert table["official"].sum() > 5
    for row in range(40):
        alone = check_shapes(scene, rules, kinds=[kinds[row]], geometries_wgs84=shapes[row : row + 1], announced=held)
        asked = table[table["object"] == row].drop(columns="object").reset_index(drop=True)
        assert asked.equals(alone.drop(columns="object"))


def test_nothing_announced_changes_nothing() -> None:
    scene = build_world(TRACK)
    places = [beside(5_000, metres) for metres in (5, 50, 500)]
    plain = check(scene, "cn-639/30", *places)
    assert check(scene, "cn-639/30", *places, announced=AnnouncedZones(scene, [])).equals(plain)
    assert check(scene, "cn-639/30", *places, announced=hold(scene, announce(9_000, 9_500, 30))).equals(plain)
