"""What tags say about a road."""

from __future__ import annotations

import pytest

from gridmap.sources.osm_road_use import parse_maxspeed_kmh, read_road_use


def _directions(**tags: str) -> str:
    use = read_road_use({"highway": "residential", **{k.replace("__", ":"): v for k, v in tags.items()}})
    return "".join(
        letter for letter, open_ in zip("><f", (use.car_forward, use.car_backward, use.foot), strict=True) if open_
    )


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, "><f"),
        ({"oneway": "yes"}, ">f"),
        ({"oneway": "-1"}, "<f"),
        ({"oneway": "no", "junction": "roundabout"}, "><f"),
        ({"junction": "roundabout"}, ">f"),
        ({"oneway": "reversible"}, "f"),
        ({"highway": "motorway"}, ">"),
        ({"highway": "motorway_link"}, "><"),
        ({"highway": "trunk", "motorroad": "yes"}, "><"),
        ({"highway": "trunk", "motorroad": "yes", "foot": "yes"}, "><f"),
        ({"highway": "footway"}, "f"),
        ({"highway": "cycleway", "foot": "use_sidepath"}, ""),
        ({"highway": "steps", "access": "no"}, ""),
        ({"access": "private"}, ""),
        ({"access": "no", "foot": "yes"}, "f"),
        ({"access": "private", "motor_vehicle": "yes"}, "><"),
        ({"access": "destination"}, "><f"),
        ({"vehicle": "no"}, "f"),
        ({"vehicle": "no", "motorcar": "yes"}, "><f"),
        ({"motor_vehicle": "agricultural;forestry"}, "f"),
        ({"motor_vehicle": "forestry;destination"}, "><f"),
        ({"foot": "no"}, "><"),
        ({"highway": "pedestrian", "area": "yes"}, "f"),
        ({"highway": "service", "area": "yes"}, "f"),
    ],
)
def test_who_may_use_it_and_which_way(tags, expected):
    assert _directions(**tags) == expected


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("50", 50.0),
        ("50 km/h", 50.0),
        ("30 mph", 48.28032),
        ("30mph", 48.28032),
        ("10 knots", 18.52),
        ("CH:urban", 50.0),
        ("DE:rural", 100.0),
        ("CN:rural", 70.0),
        ("GB:nsl_single", 96.56064),
        ("DE:zone:30", 30.0),
        ("DE:zone30", 30.0),
        ("walk", 5.0),
        ("50;30", 50.0),
        ("none", None),
        ("signals", None),
        ("", None),
        ("0", None),
        ("fast", None),
    ],
)
def test_speed_limits_in_every_spelling(text, kmh):
    assert parse_maxspeed_kmh(text) == pytest.approx(kmh) if kmh is not None else parse_maxspeed_kmh(text) is None


def test_a_limit_caps_the_speed_and_raises_it_by_no_more_than_a_fifth():
    speeds = [read_road_use({"highway": "residential", "maxspeed": limit}).speed_kmh for limit in ("20", "100", "1")]
    assert speeds == [20.0, 36.0, 5.0]
