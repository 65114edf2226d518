"""Patrols that cannot be foretold: how often places are seen, and today's plan drawn from the strategy."""

from __future__ import annotations

import secrets
from typing import Any

import shapely
import streamlit as st

from gridmap.domain.access import Permission
from gridmap.i18n.formats import format_number, format_share
from gridmap.pages import readings, state
from gridmap.pages.job_panel import draw_job
from gridmap.pages.panel import FEW, Row, draw_rows, heading
from gridmap.pages.plan_form import draw_shift, draw_teams, list_shift_keys, read_shift, read_teams
from gridmap.pages.visit import Visit
from gridmap.services import railways, strategies, unpredictable
from gridmap.services.patrol_request import PatrolRequest
from gridmap.services.strategies import StrategyDocument
from gridmap.services.unpredictable import DrawRequest
from gridmap.views.cards import draw_figures, draw_note
from gridmap.views.map import CellFill, Shade
from gridmap.views.plan_words import describe_task

LONGEST_S = 300
_ASKED = ("game_area", "game_teams", *list_shift_keys("game_shift"), "game_seconds")
_SEED_BITS = 31
_ALWAYS = 0.995
_CLASSES = (0.0, 0.2, 0.4, 0.6, 0.8)
_TONES = (0, 2, 3, 5, 6)


def draw_game(visit: Visit) -> None:
    """The strategy of an area: the job that makes it, what it is worth, and the draw."""
    _ = visit.translate
    if state.STRATEGY_JOB.get():
        hold_form()
        heading(_("Computing the strategy"))
        ready = state.Said(_("The strategy is ready; today's plan can be drawn from it."))
        draw_job(visit, state.STRATEGY_JOB, finish=lambda _number: state.SAID.set(ready))
        return
    if state.DRAW_JOB.get():
        hold_form()
        heading(_("Drawing today's plan"))
        draw_job(visit, state.DRAW_JOB, finish=state.PLAN.set)
        return
    if visit.may(Permission.PLAN_PATROLS):
        _draw_form(visit)
    found = find_strategy(visit)
    if found is None:
        st.html(draw_note(_("There is no strategy for this area as it is now.")))
        return
    _draw_worth(visit, found)
    if visit.may(Permission.PLAN_PATROLS):
        _draw_draw(visit)
    _draw_shortfalls(visit, found)


def hold_form() -> None:
    """Keep what the form asks for while it is not drawn."""
    state.hold(*_ASKED)


def find_strategy(visit: Visit) -> StrategyDocument | None:
    """What can be drawn from for the area that is chosen."""
    asked = _ask()
    shift = (asked.shift_start, asked.shift_end)
    return readings.find_strategy(visit, area_code=asked.area_code, team_ids=asked.team_ids, shift=shift)


def shade(visit: Visit, strategy: StrategyDocument) -> tuple[tuple[Shade, ...], CellFill]:
    """Every segment in the tone of how often it is seen, and the legend."""
    _ = visit.translate
    often = {key: target["coverage"] for target in strategy["targets"] for key in target["tasks"]}
    segments = railways.list_segments(visit.context, visit.actor)
    drawn, counts = [], [0] * len(_CLASSES)
    for number, line in zip(segments["id"], segments.geometry, strict=True):
        share = often.get(f"segment-{number}")
        if share is None:
            continue
        position = max(i for i, low in enumerate(_CLASSES) if share >= low)
        counts[position] += 1
        parts = shapely.get_parts(line)
        drawn += [Shade(tuple(map(tuple, shapely.get_coordinates(part).tolist())), _TONES[position]) for part in parts]
    ends = [*_CLASSES[1:], 1.0]
    labels = tuple(f"{low:.0%}–{high:.0%}" for low, high in zip(_CLASSES, ends, strict=True))
    legend = CellFill(
        classes={},
        scale="sequential",
        title=_("Seen on so many days"),
        labels=labels,
        counts=tuple(counts),
        tones=_TONES,
    )
    return tuple(drawn), legend


def _ask(seconds: float = 60.0) -> PatrolRequest:
    """What the form asks for, also where it is not drawn."""
    start, end = read_shift("game_shift")
    return PatrolRequest(
        area_code=st.session_state.get("game_area") or "",
        team_ids=read_teams(st.session_state.get("game_teams")),
        shift_start=start,
        shift_end=end,
        seconds=seconds,
    )


def _draw_form(visit: Visit) -> None:
    _ = visit.translate
    tree = readings.load_tree(visit)
    names = {"": _("All of my area"), **{row.code: row.name for row in tree[tree["level"] <= 4].itertuples()}}
    st.selectbox(_("Area"), list(names), format_func=names.__getitem__, filter_mode=None, key="game_area")
    draw_teams(visit, key="game_teams")
    draw_shift(visit, key="game_shift", day=None)
    seconds = st.slider(_("Seconds to compute"), 10, LONGEST_S, 60, step=10, key="game_seconds")
    if st.button(_("Compute the strategy"), type="primary", key="game_start"):
        jobs, settings = visit.context.jobs, visit.context.settings
        request = _ask(float(seconds))
        state.STRATEGY_JOB.set(
            jobs.submit_for(visit.actor.name, "strategy", strategies.strategy_job, settings, visit.actor, request)
        )
        st.rerun()


def _draw_worth(visit: Visit, strategy: StrategyDocument) -> None:
    """The value as an official reads it: on how many days somebody comes to the worst place."""
    _ = visit.translate
    seen = [target for target in strategy["targets"] if target["coverage"] > 0]
    if not seen:
        st.html(draw_note(_("No team can serve anything in this shift.")))
        return
    worst = max(seen, key=lambda target: target["loss"] * (1 - target["coverage"]))
    at_best = 1 - strategy["bound"] / worst["loss"]
    heading(_("How often places are seen"))
    st.html(
        draw_figures(
            [
                (format_share(worst["coverage"]), _("of days at the worst place")),
                (format_share(at_best), _("at best possible there")),
                (format_number(len(strategy["plans"])), _("plans to draw from")),
            ]
        )
    )
    hours = _("A place that is seen is seen in its likeliest hour on {share} of those days.")
    st.html(draw_note(hours.format(share=format_share(strategy["hours"]["foreseeable"]))))
    if worst["coverage"] >= _ALWAYS:
        st.html(draw_note(_("Every place that teams can reach is seen every day.")))
        return
    text = _("The worst place, {place}, is seen on {share} of days; more than {best} is not possible.")
    place = {
        "place": _name(visit, strategy, worst["tasks"][0]),
        "share": format_share(worst["coverage"]),
        "best": format_share(at_best),
    }
    st.html(draw_note(text.format(**place)))


def _draw_draw(visit: Visit) -> None:
    _ = visit.translate
    if st.button(_("Draw today's plan"), type="primary", key="game_draw"):
        jobs, settings = visit.context.jobs, visit.context.settings
        request = DrawRequest(_ask(), secrets.randbits(_SEED_BITS))
        state.DRAW_JOB.set(
            jobs.submit_for(visit.actor.name, "draw", unpredictable.draw_job, settings, visit.actor, request)
        )
        state.PLAN_SAVED_ID.clear()
        state.ROUTE_SHOWN.clear()
        st.rerun()


def _draw_shortfalls(visit: Visit, strategy: StrategyDocument) -> None:
    _ = visit.translate
    if strategy["missed"]:
        heading(_("Seen too rarely ({number})").format(number=len(strategy["missed"])))
        text = _("{reached} of days instead of {least}")
        rows = [
            Row(str(i), _name(visit, strategy, item["tasks"][0]), _describe_missed(item, text))
            for i, item in enumerate(strategy["missed"])
        ]
        draw_rows(visit, "missed", rows, empty="", step=FEW)
    if strategy["unreachable"]:
        heading(_("Out of reach of every team ({number})").format(number=len(strategy["unreachable"])))
        rows = [
            Row(item["task"], _name(visit, strategy, item["task"]), _(item["text"]).format(**item["values"]))
            for item in strategy["unreachable"]
        ]
        chosen = draw_rows(visit, "unreachable", rows, empty="", step=FEW)
        if chosen is not None:
            state.point_at(state.Thing("segment", int(chosen.removeprefix("segment-"))), None)
            st.rerun()


def _describe_missed(item: dict[str, Any], text: str) -> str:
    return text.format(reached=format_share(item["reached"]), least=format_share(item["least"]))


def _name(visit: Visit, strategy: StrategyDocument, key: str) -> str:
    (task,) = [task for task in strategy["tasks"] if task["key"] == key]
    return describe_task(task, strategy, visit.translate)
