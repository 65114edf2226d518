"""Why roads keep tasks out of a plan, in the words of a planner."""

from __future__ import annotations

import pytest

from gridmap.domain.roads.diagnosis import Obstacle
from gridmap.domain.roads.speeds import Mode
from gridmap.i18n import translator
from gridmap.pages.plan_reach import explain_reach
from gridmap.services.road_check import ExampleRoad, Reachability, RoadFault

HILL = RoadFault(Obstacle.ISLAND, 14, 2_000.0, (ExampleRoad(1, "Hill Lane", "residential", 112.5, 37.8),))
LANE = RoadFault(Obstacle.NO_WAY_IN, 1, 80.0, (ExampleRoad(2, "", "service", 112.5, 37.8),))
PATH = RoadFault(Obstacle.ON_FOOT_ONLY, 90, 9_000.0, (ExampleRoad(3, "Steps", "steps", 112.5, 37.8),))


@pytest.mark.parametrize(
    ("language", "first", "second", "third"),
    [
        (
            "en",
            "Out of reach of cars from North post: stretches of road 14, for example Hill Lane. "
            "It is not connected with the other roads.",
            "Out of reach of cars from North post: stretches of road 1, for example 112.5000°, 37.8000°. "
            "One-way streets only lead out of it.",
            "Near Far post there is no road for motorcycles.",
        ),
        (
            "zh-CN",
            "从North post出发，汽车到不了 14 段道路，例如Hill Lane。与其他道路不相连。",
            "从North post出发，汽车到不了 1 段道路，例如112.5000°, 37.8000°。单行道只出不进。",
            "Far post附近没有摩托车可走的道路。",
        ),
    ],
)
def test_each_post_says_what_it_cannot_reach_and_why(language: str, first: str, second: str, third: str) -> None:
    posts = [
        Reachability("North post", 5.0, 100, 9_000.0, (LANE, PATH, HILL)),
        Reachability("Far post", float("nan"), 0, 0.0, (), Mode.MOTORCYCLE),
    ]
    assert list(explain_reach(posts, translator(language))) == [first, second, third]
