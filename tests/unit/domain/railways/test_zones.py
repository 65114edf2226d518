"""Widths of Article 27, which zone holds, and what is wrong with announced ones."""

from __future__ import annotations

from typing import Any

from gridmap.domain.railways.zones import (
    Gap,
    Narrow,
    Overlap,
    SettingStretch,
    Structure,
    Zone,
    ZoneRules,
    choose_in_force,
    clip_zones,
    find_gaps,
    find_narrow,
    find_overlaps,
    merge_spans,
    screen_zones,
    subtract_spans,
)

RULES = ZoneRules(
    {(False, "urban"): 8.0, (False, "suburban"): 10.0, (False, "village"): 12.0, (False, "open"): 15.0},
    {False: 4.0, True: 4.3},
    {False: 3.0, True: 3.8},
)


def announced(from_m: float, to_m: float, width_m: float = 15.0, *, side: Any = "left", **more: Any) -> Zone:
    given = {"origin_offset_m": 4.0, "category": "", "kind": "official", **more}
    return Zone(line_id=1, side=side, from_m=from_m, to_m=to_m, width_m=width_m, **given)


def test_screened_zones_follow_setting_class_and_structures() -> None:
    stretches = [SettingStretch(0, 1_000, "both", "urban"), SettingStretch(1_000, 2_000, "left", "open")]
    structures = [Structure("tunnel", 800, 1_200), Structure("bridge", 1_500, 1_600), Structure("bridge", 100, 120)]
    zones = screen_zones(stretches, line_id=7, high_speed=False, structures=structures, rules=RULES)
    left = [(z.from_m, z.to_m, z.width_m, z.origin_offset_m, z.kind) for z in zones if z.side == "left"]
    assert left == [
        (0, 800, 8.0, 4.0, "formation"),
        (800, 1_000, 0.0, 0.0, "tunnel"),
        (1_000, 1_200, 0.0, 0.0, "tunnel"),
        (1_200, 1_500, 15.0, 4.0, "formation"),
        (1_500, 1_600, 15.0, 3.0, "bridge"),
        (1_600, 2_000, 15.0, 4.0, "formation"),
    ]
    assert [(z.from_m, z.to_m) for z in zones if z.side == "right"] == [(0, 800), (800, 1_000)]
    assert not any(zone.is_official for zone in zones)


def test_an_announced_zone_overrides_the_screened_one() -> None:
    stretches, tunnel = [SettingStretch(0, 1_000, "both", "open")], Structure("tunnel", 0, 50)
    screened = screen_zones(stretches, line_id=1, high_speed=False, structures=[tunnel], rules=RULES)
    official = [announced(200, 500, 20.0, row=3), announced(20, 40, 9.0, row=4)]
    held = [(z.from_m, z.to_m, z.width_m, z.kind) for z in choose_in_force(official, screened) if z.side == "left"]
    assert held == [
        (0, 20, 0.0, "tunnel"),
        (20, 40, 9.0, "official"),
        (40, 50, 0.0, "tunnel"),
        (50, 200, 15.0, "formation"),
        (200, 500, 20.0, "official"),
        (500, 1_000, 15.0, "formation"),
    ]


def test_where_announced_zones_lie_over_one_another_the_wider_holds() -> None:
    zones = [announced(0, 100, 10.0, row=1), announced(50, 200, 12.0, row=2), announced(60, 70, 8.0, row=3)]
    assert [(z.from_m, z.to_m, z.row) for z in choose_in_force(zones, [])] == [(0, 50, 1), (50, 200, 2)]


def test_zones_are_clipped_to_what_somebody_may_see() -> None:
    zones = clip_zones([announced(0, 100), announced(300, 400)], [(50, 80), (80, 350)])
    assert [(z.from_m, z.to_m) for z in zones] == [(50, 100), (300, 350)]


def test_gaps_lie_between_rows_of_a_side_and_say_what_of_them_is_tunnel() -> None:
    zones = [announced(900, 1_500), announced(0, 300), announced(300.6, 500), announced(0, 100, side="right")]
    gaps = find_gaps(zones, structures=[Structure("tunnel", 450, 600), Structure("bridge", 600, 700)])
    assert gaps == [Gap("left", 500, 900, 100.0)]


def test_overlaps_are_rows_that_contradict_each_other() -> None:
    zones = [announced(0, 500, 15.0, row=2), announced(400, 900, 12.0, row=3), announced(450, 600, 15.0, row=4)]
    assert find_overlaps(zones) == [
        Overlap("left", 400, 500, (15.0, 12.0), (2, 3)),
        Overlap("left", 450, 600, (12.0, 15.0), (3, 4)),
    ]
    assert find_overlaps([announced(0, 500), announced(500, 600, 12.0), announced(0, 500, 9.0, side="right")]) == []


def test_a_width_is_held_against_the_category_or_the_ground() -> None:
    settings = [SettingStretch(0, 500, "both", "urban"), SettingStretch(500, 1_000, "both", "open")]
    zones = [
        announced(0, 1_000, 10.0, row=2),
        announced(0, 1_000, 10.0, row=3, category="suburban"),
        announced(0, 1_000, 10.0, row=4, category="village", side="right"),
    ]
    assert find_narrow(zones, high_speed=False, settings=settings, rules=RULES) == [
        Narrow("left", 500, 1_000, 10.0, 15.0, "open", 2),
        Narrow("right", 0, 1_000, 10.0, 12.0, "village", 4),
    ]


def test_spans_are_merged_and_subtracted() -> None:
    assert merge_spans([(5, 6), (0, 2), (1, 3), (3.5, 4)], touching_m=0.5) == [(0, 4), (5, 6)]
    assert subtract_spans((0, 10), [(-5, 1), (3, 4), (3.5, 5), (9, 20)]) == [(1, 3), (5, 9)]
    assert subtract_spans((0, 10), [(0, 10)]) == []
    assert subtract_spans((0, 10), [(20, 30)]) == [(0, 10)]
