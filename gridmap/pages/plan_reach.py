"""What the posts of a plan cannot reach by road and why, said where a task is left out for that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import streamlit as st

from gridmap.domain.patrol.reasons import Reason
from gridmap.domain.roads.diagnosis import Obstacle
from gridmap.errors import N_, NoData
from gridmap.i18n import Translate
from gridmap.i18n.formats import format_number
from gridmap.pages import readings
from gridmap.pages.visit import Visit
from gridmap.services.road_check import EXPLANATIONS, Reachability, RoadFault
from gridmap.views.cards import draw_note

_OF_ROADS = frozenset({Reason.NO_PATH.value, Reason.NO_ROAD_NEAR.value})
_MOST = 3


def draw_plan_reach(visit: Visit, document: dict[str, Any]) -> None:
    """A few sentences where roads keep tasks out; nothing where they do not, or where nothing is in the way."""
    if not any(item["reason"] in _OF_ROADS for item in document["unserved"]):
        return
    try:
        _, *posts = readings.check_roads(visit)
    except NoData:
        # Without roads there is no plan; of one that was kept nothing more can be said.
        return
    named = {post["name"] for post in document["posts"]}
    for sentence in explain_reach([post for post in posts if post.post in named], visit.translate):
        st.html(draw_note(sentence))


def explain_reach(posts: Iterable[Reachability], translate: Translate) -> Iterator[str]:
    """What keeps most roads out of reach of each post; ways for people on foot are no fault."""
    for post in posts:
        if not post.stretches:
            yield translate(N_("Near {post} there is no road for cars.")).format(post=post.post)
            continue
        faults = [fault for fault in post.faults if fault.obstacle is not Obstacle.ON_FOOT_ONLY]
        for fault in sorted(faults, key=lambda fault: -fault.stretches)[:_MOST]:
            yield _explain(post.post, fault, translate)


def _explain(post: str, fault: RoadFault, translate: Translate) -> str:
    example = fault.examples[0]
    said = translate(N_("Out of reach of cars from {post}: {number} stretches of road, for example {road}. {why}"))
    return said.format(
        post=post,
        number=format_number(fault.stretches),
        road=example.name or f"{example.lon:.4f}°, {example.lat:.4f}°",
        why=translate(EXPLANATIONS[fault.obstacle]),
    )
