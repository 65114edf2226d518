"""Railway patrol: from what is due to routes for real teams, and the orders to print."""

from __future__ import annotations

import streamlit as st

from gridmap.domain.access import Permission
from gridmap.pages import state
from gridmap.pages.cards import draw_card
from gridmap.pages.job_panel import draw_job
from gridmap.pages.map_area import draw_map_area, follow
from gridmap.pages.panel import heading, panel
from gridmap.pages.plan_form import draw_request, draw_saved_plans
from gridmap.pages.plan_result import draw_plan
from gridmap.pages.visit import Visit
from gridmap.views.cards import draw_note
from gridmap.views.map import MapOverlay
from gridmap.views.plans import draw_routes


def draw(visit: Visit) -> None:
    """Map with routes; beside it the request, the progress or the plan."""
    _ = visit.translate
    plan = state.PLAN.get()
    routes = draw_routes(plan, translate=_, shown=state.ROUTE_SHOWN.get()) if plan else ()
    event = draw_map_area(
        visit, "patrol", layers=("segments", "stations", "access_points", "hazards"), overlay=MapOverlay(routes=routes)
    )
    follow(event)
    with panel(visit, _("Railway patrol")):
        if (thing := state.THING.get()) is not None:
            draw_card(visit, thing)
        if state.PLAN_JOB.get():
            heading(_("Computing the plan"))
            draw_job(visit, state.PLAN_JOB, finish=state.PLAN.set)
        elif plan is not None:
            draw_plan(visit, plan)
        else:
            if visit.may(Permission.PLAN_PATROLS):
                draw_request(visit)
            else:
                st.html(draw_note(_("A patrol planner computes plans; you can look at the saved ones.")))
            draw_saved_plans(visit)
