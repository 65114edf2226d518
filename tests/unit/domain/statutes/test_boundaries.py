"""Every rule of the data files, half a metre inside its limit and outside; a new rule is tested by being."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from gridmap.domain.statutes.rules import SETTINGS, Origin, Rule, Shape
from gridmap.domain.statutes.scene import STRUCTURES, Scene
from tests.statute_worlds import LAT, LON, RULES, STATUTES, Place, build_track, build_world, check, draw, walk

HALF_M = 0.5
HERE = (LON, LAT)


@dataclass(frozen=True)
class Case:
    """A world, the limit of a rule in it, and how far from the mapped line the origin lies there."""

    name: str
    scene: Scene
    limit_m: float
    offset_m: float
    azimuth: float


def find_cases(rule: Rule) -> Iterator[Case]:
    """Every limit of a rule: each class and setting of a zone, each structure, each length of bridge up and down."""
    if rule.shape is Shape.ALONG_RIVER:
        yield from find_river_cases(rule)
    elif rule.origin in {Origin.CABLE, Origin.RIVER_CABLE}:
        kind = {"cable": "buried", "river-cable": "river"}[rule.origin.value]
        cable = draw(walk(HERE, 0, 2_000), walk(HERE, 180, 2_000))
        assert rule.limit_m is not None
        yield Case(kind, build_world(cables={kind: cable}), rule.limit_m, 0.0, 90)
    else:
        yield from find_track_cases(rule)


def find_track_cases(rule: Rule) -> Iterator[Case]:
    for fast in (True,) if rule.high_speed_only else (False, True):
        for structure in STRUCTURES if rule.above_tunnels else STRUCTURES[:2]:
            for setting in SETTINGS if rule.shape is Shape.ZONE else ("open",):
                limit = rule.widths.metres[fast, setting] if rule.widths else rule.limit_m
                assumed = STATUTES.assumptions
                edge = assumed.edges[structure, fast]
                offset = edge if rule.origin is Origin.EDGE else assumed.others[rule.origin]
                world = build_world(build_track(fast=fast, structure=structure), setting=setting)
                assert limit is not None
                yield Case(f"{fast} {structure} {setting}", world, limit, offset.offset_m, 90)


def find_river_cases(rule: Rule) -> Iterator[Case]:
    river = draw(walk(HERE, 0, 5_000), walk(HERE, 180, 5_000))
    for azimuth, limits in ((0, rule.upstream), (180, rule.downstream)):
        for limit in limits:
            half_m = max(limit.bridge_m, 1.0) / 2 + 0.01
            bridge = draw(walk(HERE, 270, half_m), walk(HERE, 90, half_m))
            world = build_world(build_track(bridge, structure="bridge"), rivers=(river,))
            yield Case(f"{azimuth} {limit.bridge_m}", world, limit.limit_m, 0.0, azimuth)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_begins_and_ends_at_its_limit(rule: Rule) -> None:
    cases = list(find_cases(rule))
    assert cases
    for case in cases:
        inside, outside = (walk(HERE, case.azimuth, case.offset_m + case.limit_m + by) for by in (-HALF_M, HALF_M))
        found = check(case.scene, rule, inside, outside)
        assert found["applies"].tolist() == [True, False], case.name
        assert found["limit_m"].tolist() == [case.limit_m] * 2, case.name
        expected = [case.limit_m - HALF_M, case.limit_m + HALF_M]
        assert found["distance_m"].tolist() == pytest.approx(expected, abs=0.05), case.name
        assert (found["uncertainty_m"] > 0).all(), case.name


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_where_nothing_is_recorded_a_rule_is_listed_and_says_so(rule: Rule) -> None:
    (found,) = check(build_world(), rule, HERE).itertuples()
    assert not found.applies
    assert found.distance_m != found.distance_m
    assert found.note == "none_recorded"


def test_a_bridge_just_short_of_a_class_has_the_limit_below_it() -> None:
    river = draw(walk(HERE, 0, 5_000), walk(HERE, 180, 5_000))
    place: Place = walk(HERE, 180, 1_500)
    for half_m, applies in ((49.9, False), (50.1, True)):
        bridge = draw(walk(HERE, 270, half_m), walk(HERE, 90, half_m))
        scene = build_world(build_track(bridge, structure="bridge"), rivers=(river,))
        assert check(scene, "cn-639/38", place)["applies"].tolist() == [applies]
