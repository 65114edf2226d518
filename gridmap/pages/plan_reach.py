"""What the posts of a plan cannot reach by road and why, said where a task is left out for that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import streamlit as st

from gridmap.domain.patrol.reasons import Reason
from gridmap.domain.roads.diagnosis import Obstacle
from gridmap.domain.roads.speeds import Mode
from gridmap.errors import N_, NoData
from gridmap.i18n import Translate
from gridmap.i18n.formats import format_number
from gridmap.pages import readings
from gridmap.pages.visit import Visit
from gridmap.services.road_check import EXPLANATIONS, Reachability, RoadFault, list_starts
from gridmap.views.cards import draw_note

_OF_ROADS = frozenset({Reason.NO_PATH.value, Reason.NO_ROAD_NEAR.value})
_NO_FAULTS = frozenset({Obstacle.ON_FOOT_ONLY, Obstacle.NO_WALKING})
_MOST = 3

TRAVELLERS = {
    Mode.CAR: N_("cars"),
    Mode.MOTORCYCLE: N_("motorcycles"),
    Mode.FOOT: N_("people on foot"),
}


def draw_plan_reach(visit: Visit, document: dict[str, Any]) -> None:
    """A few sentences where roads keep tasks out; nothing where they do not, or where nothing is in the way."""
    if not any(item["reason"] in _OF_ROADS for item in document["unserved"]):
        return
    closures = tuple(int(edge) for edge in document["closures"])
    try:
        found = readings.check_starts(visit, starts=list_starts(document), closures=closures)
    except NoData:
        # Without roads there is no plan; of one that was kept nothing more can be said.
        return
    for sentence in explain_reach(found, visit.translate):
        st.html(draw_note(sentence))


def explain_reach(posts: Iterable[Reachability], translate: Translate) -> Iterator[str]:
    """What keeps most roads out of reach of each post; what is not made for who sets out is no fault."""
    for post in posts:
        who = translate(TRAVELLERS[post.mode])
        if not post.stretches:
            yield translate(N_("Near {post} there is no road for {who}.")).format(post=post.post, who=who)
            continue
        faults = [fault for fault in post.faults if fault.obstacle not in _NO_FAULTS]
        for fault in sorted(faults, key=lambda fault: -fault.stretches)[:_MOST]:
            yield _explain(post.post, who, fault, translate)


def _explain(post: str, who: str, fault: RoadFault, translate: Translate) -> str:
    example = fault.examples[0]
    said = translate(N_("Out of reach of {who} from {post}: {number} stretches of road, for example {road}. {why}"))
    return said.format(
        who=who,
        post=post,
        number=format_number(fault.stretches),
        road=example.name or f"{example.lon:.4f}°, {example.lat:.4f}°",
        why=translate(EXPLANATIONS[fault.obstacle]),
    )
