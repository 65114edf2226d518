"""A published plan mended in the middle of its day: what happened, and what the rest of the day becomes."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from gridmap.domain.access import Permission
from gridmap.domain.patrol.mending import count_stayed
from gridmap.domain.patrol.standing import Keep
from gridmap.i18n.formats import BEIJING, format_number
from gridmap.pages import state
from gridmap.pages.closure_form import draw_closure, draw_closure_form
from gridmap.pages.job_panel import draw_job
from gridmap.pages.panel import heading
from gridmap.pages.visit import Visit
from gridmap.services import closures, planning, replanning
from gridmap.services.replanning import Repaired, RepairRequest, Return
from gridmap.views.cards import draw_note

_STEP = timedelta(minutes=5)
_CLICKED = "clicked"
"""Choice of the place of return beside those of `Return`."""
_ASKED = tuple(
    f"repair_{name}" for name in ("dropped", "away", "from", "back", "return", "closures", "hazards", "keep", "change")
)


def draw_mending(visit: Visit) -> None:
    """The progress, alone in the panel, so that what comes of it is seen from its top on."""
    hold_form()
    heading(visit.translate("Mending the plan"))
    draw_job(visit, state.REPAIR_JOB, finish=_take)


def hold_form() -> None:
    """Keep what the form asks for while it is not drawn, so that a repair can be stopped or refused and asked anew."""
    state.hold(*_ASKED)


def forget_form() -> None:
    """Ask for nothing again: what was asked for is in the plan that is kept."""
    for name in _ASKED:
        st.session_state.pop(name, None)


def draw_repair(visit: Visit, document: dict[str, Any]) -> None:
    """The form, for a plan that is published and not over."""
    _ = visit.translate
    plan_id = state.PLAN_SAVED_ID.get()
    if plan_id is None or not visit.may(Permission.PLAN_PATROLS):
        return
    plans = planning.list_plans(visit.context, visit.actor).set_index("id")
    if plan_id not in plans.index or plans.loc[plan_id, "status"] != "published":
        return
    if replanning.is_over(document, at=visit.now):
        st.html(draw_note(_("The day of this plan is over: nothing of it can be mended. Close the plan.")))
        return
    with st.expander(_("Mend this plan"), expanded=state.REPAIR_ASKED.get() == plan_id, key="repair_form"):
        request = _ask(visit, document, plan_id)
        if st.button(_("Plan the rest anew"), type="primary", key="repair_start"):
            jobs, settings = visit.context.jobs, visit.context.settings
            job = jobs.submit_for(visit.actor.name, "repair", replanning.replan_job, settings, visit.actor, request)
            state.REPAIR_JOB.set(job)
            state.REPAIR_ASKED.set(plan_id)
            st.rerun()


def asks_for_place() -> bool:
    """Whether a click on the map would say something: where a road is closed, or where a team goes on."""
    if state.PLAN_SAVED_ID.get() is None or state.REPAIR_JOB.get():
        return False
    return any(st.session_state.get(key) for key in ("repair_closures", "repair_away"))


def draw_repaired(visit: Visit, document: dict[str, Any]) -> None:
    """What a mended plan leaves as it was, before everything else about it."""
    _ = visit.translate
    before, repair = state.PLAN_BEFORE.get(), document.get("repair")
    if repair is None:
        return
    if state.PLAN_SAVED_ID.get() is None and repair["plan_id"] is not None:
        st.html(draw_note(_("Saved and published, it takes the place of the plan before; what was done stays done.")))
    if before is not None:
        counts = count_stayed(before, document, since_s=repair["at_s"])
        words = _("Of what was left {stayed} stay with their team, {moved} go to another, {dropped} are dropped.")
        st.html(draw_note(words.format(**{name: format_number(count) for name, count in counts.items()})))


def _take(repaired: Repaired) -> None:
    """Show the mended plan beside the one that it mends."""
    state.forget_plan()
    state.PLAN.set(repaired.document)
    state.PLAN_BEFORE.set(dict(repaired.before))


def _ask(visit: Visit, document: dict[str, Any], plan_id: int) -> RepairRequest:
    _ = visit.translate
    names = {team["key"]: team["name"] for team in document["teams"]}
    at = _ask_moment(visit, document)
    dropped = st.pills(
        _("Teams that drop out"),
        list(names),
        selection_mode="multi",
        format_func=names.__getitem__,
        key="repair_dropped",
    )
    away = _ask_away(visit, document, [key for key in names if key not in dropped], names)
    _draw_closures(visit, document)
    hazards = st.toggle(_("Plan in hazards that came up since"), value=True, key="repair_hazards")
    keep = st.toggle(_("Teams go on to the stop they are driving to"), value=True, key="repair_keep")
    words = {0: _("whatever saves time"), 5: _("from 5 minutes on"), 20: _("from 20 minutes on"), 120: _("hardly ever")}
    minutes = st.select_slider(
        _("A task goes to another team"),
        list(words),
        value=5,
        format_func=words.__getitem__,
        help=_("What has to be gained before people are told anew."),
        key="repair_change",
    )
    return RepairRequest(
        plan_id=plan_id,
        at=at,
        dropped=tuple(dropped),
        away=away,
        include_hazards=hazards,
        keep=Keep.NEXT if keep else Keep.WORK,
        change_s=60 * minutes,
        seed=1,
    )


def _draw_closures(visit: Visit, document: dict[str, Any]) -> None:
    """What is closed or slowed in the rest of the day, to be opened, and a road to be closed at once."""
    _ = visit.translate
    end = datetime.combine(date.fromisoformat(document["service_date"]), time(), BEIJING)
    end += timedelta(seconds=document["shift"]["end_s"])
    standing = closures.list_closures(visit.context, visit.actor)
    standing = standing[pd.to_datetime(standing["starts_at"], utc=True) <= end]
    words = _("Closed and slowed roads ({number})").format(number=format_number(len(standing)))
    if not st.toggle(words, key="repair_closures", help=_("All of them count; a road that is opened here is open.")):
        return
    for number in range(len(standing)):
        draw_closure(visit, standing.iloc[number])
    if visit.may(Permission.CLOSE_ROADS):
        draw_closure_form(visit, len(standing))


def _ask_moment(visit: Visit, document: dict[str, Any]) -> datetime:
    """From when on is planned anew: from now on where it is the day of the plan, else from the time that is chosen."""
    _ = visit.translate
    day = date.fromisoformat(document["service_date"])
    if visit.now.astimezone(BEIJING).date() == day:
        return visit.now
    chosen = st.time_input(_("Planned anew from"), time(10, 0), step=_STEP, key="repair_from")
    return datetime.combine(day, chosen, BEIJING)


def _ask_away(
    visit: Visit, document: dict[str, Any], keys: list[str], names: dict[str, str]
) -> tuple[tuple[str, datetime, tuple[float, float] | Return], ...]:
    """Teams sent to an incident, when they are back and where."""
    _ = visit.translate
    chosen = st.pills(
        _("Teams sent to an incident"),
        keys,
        selection_mode="multi",
        format_func=names.__getitem__,
        key="repair_away",
    )
    if not chosen:
        return ()
    day = date.fromisoformat(document["service_date"])
    later = visit.now.astimezone(BEIJING) + timedelta(hours=1)
    usual = time(later.hour, later.minute // 5 * 5) if later.date() == day else time(12, 0)
    back = st.time_input(_("Back at"), usual, step=_STEP, key="repair_back")
    place = _ask_return(visit)
    return tuple((key, datetime.combine(day, back, BEIJING), place) for key in chosen)


def _ask_return(visit: Visit) -> tuple[float, float] | Return:
    """Where teams that were sent away go on; a place clicked on the map can be chosen too."""
    _ = visit.translate
    names: dict[str, str] = {
        Return.SENT: _("Where they were sent to"),
        Return.HERE: _("Where they were before"),
        Return.POST: _("At their post"),
    }
    point = state.POINT.get()
    if point is not None:
        names[_CLICKED] = _("At the place marked on the map")
    chosen = st.selectbox(
        _("They go on from"),
        list(names),
        format_func=names.__getitem__,
        filter_mode=None,
        help=_("Click the map for another place."),
        key="repair_return",
    )
    return (point.lon, point.lat) if point is not None and chosen == _CLICKED else Return(chosen)
