"""Railway patrol: from what is due to routes for real teams, and the orders to print."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from gridmap.domain.access import Permission
from gridmap.domain.patrol.comparison import compare_plans
from gridmap.pages import state
from gridmap.pages.cards import draw_card
from gridmap.pages.job_panel import draw_job
from gridmap.pages.map_area import draw_map_area, follow
from gridmap.pages.panel import choose_section, heading, panel
from gridmap.pages.patrol_game import draw_game, find_strategy, hold_form, shade
from gridmap.pages.patrol_roster import draw_roster
from gridmap.pages.plan_form import draw_request, draw_saved_plans
from gridmap.pages.plan_repair import asks_for_place, draw_mending
from gridmap.pages.plan_result import choose_route, draw_plan
from gridmap.pages.timeline_panel import show_timeline
from gridmap.pages.visit import Visit
from gridmap.views.cards import draw_note
from gridmap.views.map import MapOverlay, RouteLine
from gridmap.views.plan_difference import draw_difference
from gridmap.views.plans import draw_routes
from gridmap.views.timeline import draw_timeline

LAYERS = ("segments", "stations", "access_points", "hazards")


def draw(visit: Visit) -> None:
    """Map with routes; beside it the request, the progress or the plan."""
    _ = visit.translate
    follow("patrol")
    plan = state.PLAN.get()
    overlay = _draw_overlay(visit, plan)
    draw_map_area(visit, "patrol", layers=LAYERS, pick_point=asks_for_place(), overlay=overlay)
    if plan is not None and plan["teams"] and not state.PLAN_JOB.get():
        _draw_timeline(visit, plan)
    with panel(visit, _("Railway patrol")):
        if (thing := state.THING.get()) is not None:
            draw_card(visit, thing)
        if state.PLAN_JOB.get():
            heading(_("Computing the plan"))
            draw_job(visit, state.PLAN_JOB, finish=state.PLAN.set)
        elif state.REPAIR_JOB.get():
            draw_mending(visit)
        elif plan is not None:
            hold_form()
            draw_plan(visit, plan)
        else:
            _choose_section(visit)(visit)


def _draw_overlay(visit: Visit, plan: dict[str, Any] | None) -> MapOverlay:
    """The routes of the plan; without one, while strategies are looked at, how often places are seen."""
    if plan is not None:
        return MapOverlay(routes=_draw_routes(visit, plan))
    if st.session_state.get("patrol_section") == "game" and (found := find_strategy(visit)):
        shades, legend = shade(visit, found)
        return MapOverlay(shades=shades, cell_fill=legend)
    return MapOverlay()


def _draw_routes(visit: Visit, plan: dict[str, Any]) -> tuple[RouteLine, ...]:
    """The routes of the plan, or where they part from those of the plan it is compared with."""
    before = state.PLAN_BEFORE.get()
    if before is None:
        return draw_routes(plan, translate=visit.translate, shown=state.ROUTE_SHOWN.get())
    return draw_difference(before, plan, compare_plans(before, plan), translate=visit.translate)


def _draw_timeline(visit: Visit, plan: dict[str, Any]) -> None:
    shown = state.ROUTE_SHOWN.get()
    drawn = draw_timeline(plan, translate=visit.translate, theme=visit.theme, shown=shown)
    if (chosen := show_timeline(drawn)) is not None:
        choose_route(chosen)
        st.rerun()


def _choose_section(visit: Visit) -> Callable[[Visit], None]:
    """A plan, a strategy or a roster: one at a time."""
    _ = visit.translate
    sections = {
        "plan": (_("One day"), _draw_plans),
        "game": (_("Unpredictable"), draw_game),
        "roster": (_("Several days"), draw_roster),
    }
    return choose_section(visit, sections, key="patrol_section")


def _draw_plans(visit: Visit) -> None:
    _ = visit.translate
    if visit.may(Permission.PLAN_PATROLS):
        draw_request(visit)
    else:
        st.html(draw_note(_("A patrol planner computes plans; you can look at the saved ones.")))
    draw_saved_plans(visit)
