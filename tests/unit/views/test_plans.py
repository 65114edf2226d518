"""A plan in words and lines."""

from __future__ import annotations

from typing import Any

from gridmap.i18n import translator
from gridmap.views.plans import describe_task, draw_routes

CHINESE = translator("zh-CN")


def leg(mode: str, *xy: tuple[float, float]) -> dict[str, Any]:
    return {"mode": mode, "seconds": 60, "metres": 100.0, "steps": [], "coordinates": [list(point) for point in xy]}


def document() -> dict[str, Any]:
    """One car team: walks a segment while the car goes round, then looks at a hazard."""
    segment = {"key": "segment-7", "kind": "segment", "name": "清河线", "lon": 1.0, "lat": 2.0, "line_id": 3}
    walk = {"coordinates": [[1.0, 2.0], [1.1, 2.0]]}
    return {
        "lines": [{"id": 3, "name": "清河线", "prefix": "DK"}],
        "teams": [{"key": "T1", "name": "巡防一组", "kind": "car"}, {"key": "T2", "name": "步巡组", "kind": "foot"}],
        "tasks": [
            {**segment, "from_m": 12000.0, "to_m": 13450.0, "side": "left"},
            {"key": "hazard-1", "kind": "hazard", "name": "护栏缺口", "lon": 1.2, "lat": 2.1},
        ],
        "routes": [
            {
                "team": "T1",
                "stops": [
                    {
                        "number": 1,
                        "tasks": ["segment-7", "hazard-1"],
                        "leg": leg("car", (0.9, 2.0), (1.0, 2.0)),
                        "work": {"walk": walk, "drive": leg("car", (1.0, 2.0), (1.0, 1.9), (1.1, 2.0))},
                    }
                ],
                "return": leg("car", (1.1, 2.0), (0.9, 2.0)),
            },
            {
                "team": "T2",
                "stops": [
                    {
                        "number": 1,
                        "tasks": ["hazard-1"],
                        "leg": leg("foot", (1.0, 2.0), (1.2, 2.1)),
                        "work": {"walk": None, "drive": None},
                    }
                ],
                "return": leg("foot", (1.2, 2.1), (1.0, 2.0)),
            },
        ],
    }


def test_a_segment_is_told_by_line_mileages_and_side() -> None:
    plan = document()
    assert describe_task(plan["tasks"][0], plan, CHINESE) == "清河线 DK12+000–DK13+450 左侧"
    assert describe_task(plan["tasks"][1], plan, CHINESE) == "护栏缺口"


def test_walks_and_drives_are_told_apart_and_follow_each_other() -> None:
    car, foot = draw_routes(document(), translate=CHINESE)
    assert [part.kind for part in car.parts] == ["drive", "drive", "walk", "drive"]
    assert {part.kind for part in foot.parts} == {"walk"}
    assert car.parts[2].line == ((1.0, 2.0), (1.1, 2.0))


def test_a_stop_is_numbered_placed_and_says_everything_done_there() -> None:
    car, _ = draw_routes(document(), translate=CHINESE)
    (stop,) = car.stops
    assert (stop.number, stop.lon, stop.lat) == (1, 1.0, 2.0)
    assert stop.label == "清河线 DK12+000–DK13+450 左侧；护栏缺口"


def test_one_route_shown_puts_the_others_behind() -> None:
    assert [route.faded for route in draw_routes(document(), translate=CHINESE)] == [False, False]
    assert [route.faded for route in draw_routes(document(), translate=CHINESE, shown=1)] == [True, False]
    assert [route.colour for route in draw_routes(document(), translate=CHINESE)] == [0, 1]
