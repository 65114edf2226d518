"""A plan on the page: what it achieves, each team's way, how even it is, what stays undone and why."""

from __future__ import annotations

from typing import Any

import streamlit as st

from gridmap.domain.access import Permission
from gridmap.domain.patrol.balance import Measure, measure_balance
from gridmap.errors import N_
from gridmap.i18n import Translate
from gridmap.i18n.formats import format_distance, format_duration, format_number
from gridmap.i18n.labels import label
from gridmap.pages import state
from gridmap.pages.panel import FEW, Row, draw_rows, heading
from gridmap.pages.plan_compare import draw_comparison
from gridmap.pages.plan_edits import draw_edits
from gridmap.pages.plan_files import draw_files
from gridmap.pages.plan_form import open_plan
from gridmap.pages.plan_gains import draw_gains
from gridmap.pages.plan_progress import draw_progress
from gridmap.pages.plan_reach import draw_plan_reach
from gridmap.pages.plan_repair import draw_repair, draw_repaired, hold_form
from gridmap.pages.visit import Visit
from gridmap.views.cards import Column, draw_empty, draw_figures, draw_note, draw_table, draw_title
from gridmap.views.palette import palette_for
from gridmap.views.plan_advice import advise, describe_effort, describe_gap
from gridmap.views.plan_loads import MEASURES, describe_balance, draw_load_bars
from gridmap.views.plan_words import describe_task, explain_unserved, name_team, write_clock
from gridmap.views.plans import describe_stop


def draw_plan(visit: Visit, document: dict[str, Any]) -> None:
    """The plan in place of the form."""
    _ = visit.translate
    _draw_way_back(visit, document)
    subtitle = " · ".join(part for part in (document.get("area_name", ""), document["service_date"]) if part)
    st.html(draw_title(_("Patrol plan"), subtitle))
    summary = document["summary"]
    st.html(
        draw_figures(
            [
                (f"{format_number(summary['served'])} / {format_number(summary['tasks'])}", _("tasks served")),
                (format_duration(summary["duration_s"], _), _("on the way and at work")),
                (format_distance(summary["driven_m"], _), _("driven")),
                (format_distance(summary["walked_m"], _), _("walked")),
            ]
        )
    )
    if "drawn" not in document:  # What is thrown is not meant to be the best, nor was it searched for.
        told = (describe_gap(document, _).rstrip(".。"), describe_effort(document, _))
        st.html(draw_note(" · ".join(part for part in told if part)))
    for note in document["notes"]:
        st.html(draw_note(_(note["text"]).format(**note["values"]), tone="warn"))
    draw_repaired(visit, document)
    draw_files(visit, document)
    if document.get("repair"):
        draw_comparison(visit, document)
    draw_progress(visit, document)
    draw_repair(visit, document)
    _draw_teams(visit, document)
    _draw_balance(visit, document)
    _draw_unserved(visit, document)
    if visit.may(Permission.PLAN_PATROLS):
        draw_gains(visit, document)
        draw_edits(visit, document)
    if not document.get("repair"):
        draw_comparison(visit, document)


def _draw_way_back(visit: Visit, document: dict[str, Any]) -> None:
    """From a repair that is not kept to the plan that it mends, where another can be asked for; else to the form."""
    _ = visit.translate
    mended = (document.get("repair") or {}).get("plan_id")
    if mended is None or state.PLAN_SAVED_ID.get() is not None:
        st.button(_("Back to the form"), on_click=state.forget_plan, key="plan_leave")
        return
    hold_form()
    if st.button(_("Discard, back to the plan as it was"), key="repair_discard"):
        open_plan(visit, mended)


def choose_route(position: int) -> None:
    """Show one route before the others, or all again where it was chosen already."""
    state.ROUTE_SHOWN.set(None if state.ROUTE_SHOWN.get() == position else position)


def _draw_teams(visit: Visit, document: dict[str, Any]) -> None:
    _ = visit.translate
    teams = {team["key"]: team for team in document["teams"]}
    heading(_("Routes ({number})").format(number=len(document["routes"])))
    _draw_swatches(visit, len(document["routes"]))
    rows = [
        Row(
            str(position),
            f"{name_team(teams[route['team']], _)} · {label('team_kind', teams[route['team']]['kind'], _)}",
            " · ".join(_list_figures(route, _)),
        )
        for position, route in enumerate(document["routes"])
    ]
    chosen = draw_rows(visit, "routes", rows, empty=_("No team can serve anything in this shift."))
    shown = state.ROUTE_SHOWN.get()
    if chosen is not None:
        choose_route(int(chosen))
        st.rerun()
    if shown is not None and shown < len(document["routes"]):
        _draw_stops(visit, document, document["routes"][shown])


def _list_figures(route: dict[str, Any], translate: Translate) -> list[str]:
    """When a route begins and ends, and how far it leads; a length of nothing is not told."""
    lengths = [
        f"{translate(word)} {format_distance(route[name], translate)}"
        for name, word in (("driven_m", N_("driven")), ("walked_m", N_("walked")))
        if route[name]
    ]
    times = f"{write_clock(route['start_s'])}–{write_clock(route['end_s'])}"
    return [times, translate("{number} stops").format(number=len(route["stops"])), *lengths]


def _draw_swatches(visit: Visit, number: int) -> None:
    """The colour a route has on the map, at the edge of its row."""
    colours = palette_for(visit.theme).routes
    rules = (
        f".st-key-row_routes_{n} button{{border-left:5px solid {colours[n % len(colours)]}!important}}"
        for n in range(number)
    )
    st.html(f"<style>{''.join(rules)}</style>")


def _draw_stops(visit: Visit, document: dict[str, Any], route: dict[str, Any]) -> None:
    _ = visit.translate
    (team,) = (team for team in document["teams"] if team["key"] == route["team"])
    heading(_("Stops of {team}").format(team=name_team(team, _)))
    columns = [
        Column("", numeric=True),
        Column(_("Task")),
        Column(_("Arrival"), numeric=True),
        Column(_("Leaving"), numeric=True),
    ]
    rows = [
        (
            str(stop["number"]),
            describe_stop(stop, document, _),
            write_clock(stop["arrive_s"]),
            write_clock(stop["leave_s"]),
        )
        for stop in route["stops"]
    ]
    st.html(draw_table(columns, rows))


def _draw_balance(visit: Visit, document: dict[str, Any]) -> None:
    _ = visit.translate
    if not document["routes"]:
        return
    heading(_("Balance between the teams"))
    measure = st.segmented_control(
        _("Measured by"),
        list(MEASURES),
        default=Measure.DURATION,
        required=True,
        format_func=lambda name: _(MEASURES[name]),
        key="plan_measure",
        label_visibility="collapsed",
    )
    balance, measure = measure_balance(document), Measure(measure or Measure.DURATION)
    st.html(draw_note(describe_balance(document, balance, measure=measure, translate=_)))
    st.html(draw_load_bars(document, balance, measure=measure, translate=_, theme=visit.theme))


def _draw_unserved(visit: Visit, document: dict[str, Any]) -> None:
    _ = visit.translate
    tasks = {task["key"]: task for task in document["tasks"]}
    heading(_("Not served ({number})").format(number=len(document["unserved"])))
    if not document["unserved"]:
        st.html(draw_empty(_("Every task is served.")))
        return
    ordered = sorted(document["unserved"], key=lambda item: -tasks[item["task"]]["priority"])
    rows = [
        Row(
            item["task"],
            f"{describe_task(tasks[item['task']], document, _)} · "
            + _("priority {number}").format(number=tasks[item["task"]]["priority"]),
            " ".join(part for part in (explain_unserved(item, document, _), advise(item, _)) if part),
        )
        for item in ordered
    ]
    chosen = draw_rows(visit, "unserved", rows, empty="", step=FEW)
    draw_plan_reach(visit, document)
    if chosen is not None:
        task = tasks[chosen]
        state.look_at(state.Thing(task["kind"], task["id"]), state.Place(task["lon"], task["lat"]))
        st.rerun()
