"""What a change of a drawn plan costs, were it made every time: asked for on the plan, computed by a worker."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from gridmap.domain.patrol.game.edits import EditCost
from gridmap.errors import N_
from gridmap.i18n import Translate
from gridmap.i18n.formats import format_number, format_share
from gridmap.pages import state
from gridmap.pages.job_panel import draw_job
from gridmap.pages.panel import heading
from gridmap.pages.visit import Visit
from gridmap.services import strategies, unpredictable
from gridmap.services.unpredictable import EditRequest
from gridmap.views.cards import draw_note
from gridmap.views.plan_words import describe_task, name_team

_KINDS = {
    "stay": N_("A team stays at its post"),
    "always": N_("A team always sees a place"),
    "never": N_("Nobody goes"),
}
_LITTLE = 0.005


def draw_edits(visit: Visit, document: dict[str, Any]) -> None:
    """The change to ask about and its price; nothing where the plan was not drawn."""
    _ = visit.translate
    if "drawn" not in document or not document["routes"]:
        return
    heading(_("What a change costs"))
    if state.EDIT_JOB.get():
        draw_job(visit, state.EDIT_JOB, finish=state.EDIT_COST.set)
        return
    st.html(draw_note(_("This plan was drawn by lot. Whoever makes the same change every time can be foretold.")))
    kind = st.selectbox(
        _("Change"), list(_KINDS), format_func=lambda name: _(_KINDS[name]), filter_mode=None, key="edit_kind"
    )
    choices = _list_choices(visit, document, kind or "stay")
    chosen = st.selectbox(
        _("Which"), list(range(len(choices))), format_func=lambda i: choices[i][0], filter_mode=None, key="edit_which"
    )
    if st.button(_("What would it cost?"), key="edit_price"):
        _start(visit, document, choices[chosen or 0][1])
    cost: EditCost | None = state.EDIT_COST.get()
    if cost is not None:
        st.html(draw_note(describe_cost(cost, _)))


def _list_choices(visit: Visit, document: dict[str, Any], kind: str) -> list[tuple[str, dict[str, Any]]]:
    """What can be chosen, in words and as arguments of the request."""
    _ = visit.translate
    tasks = {task["key"]: task for task in document["tasks"]}
    position = {team["key"]: (number, name_team(team, _)) for number, team in enumerate(document["teams"])}
    found: list[tuple[str, dict[str, Any]]] = []
    for route in document["routes"]:
        team, name = position[route["team"]]
        if kind == "stay":
            found.append((name, {"team": team, "route": ()}))
            continue
        for key in (key for stop in route["stops"] for key in stop["tasks"]):
            words = f"{name} · {describe_task(tasks[key], document, _)}"
            found.append((words, {"task": key} if kind == "never" else {"team": team, "task": key}))
    return found


def _start(visit: Visit, document: dict[str, Any], edit: dict[str, Any]) -> None:
    day = date.fromisoformat(document["service_date"])
    strategy = strategies.load_strategy(visit.context, visit.actor, strategy_id=document["drawn"]["strategy"])
    request = EditRequest(strategies.ask_again(strategy, day=day), **edit)
    jobs, settings = visit.context.jobs, visit.context.settings
    state.EDIT_COST.clear()
    state.EDIT_JOB.set(
        jobs.submit_for(visit.actor.name, "edit", unpredictable.edit_job, settings, visit.actor, request)
    )
    st.rerun()


def describe_cost(cost: EditCost, translate: Translate) -> str:
    """The price in one sentence."""
    _ = translate
    dearer = _describe_rise(cost, _)
    fall = cost.bits_lost / cost.bits_before if cost.bits_before > 0 else 0.0
    if fall <= 0:
        return _("{dearer}; nothing becomes easier to foretell.").format(dearer=dearer)
    words = _("{dearer}; patrols become {share} easier to foretell, at {number} places.")
    return words.format(dearer=dearer, share=format_share(fall), number=format_number(cost.places))


def _describe_rise(cost: EditCost, translate: Translate) -> str:
    _ = translate
    if cost.value_after - cost.value_before <= _LITTLE * cost.value_before:
        return _("Made every time, it leaves the worst place as it is")
    if cost.value_before < _LITTLE:
        return _("Made every time, it leaves gaps where somebody comes every day now")
    rise = format_share(cost.value_after / cost.value_before - 1)
    return _("Made every time, it raises what can be lost at the worst place by {share}").format(share=rise)
