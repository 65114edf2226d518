"""The railway page's section on section chiefs: both posts of every kilometre, and what neither side may forget."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from functools import partial

import pandas as pd
import streamlit as st

from gridmap.domain.access import Permission
from gridmap.domain.days import BEIJING
from gridmap.domain.railways.chiefs import PARTIES, Kilometre
from gridmap.i18n.formats import format_date, format_day_time, format_number
from gridmap.i18n.labels import label
from gridmap.pages import readings, state
from gridmap.pages.hazard_referrals import describe_side
from gridmap.pages.panel import FEW, Row, attempt, draw_rows, heading
from gridmap.pages.state import Place, Thing
from gridmap.pages.visit import Visit
from gridmap.services import chiefs, railways
from gridmap.services.line_tables import Stretch
from gridmap.services.strips import LineStrip
from gridmap.views.cards import Column, draw_empty, draw_figures, draw_note, draw_table

_CLOSE_DEG = 0.02
_NOON = time(12)


def draw_chiefs(visit: Visit, lines: pd.DataFrame, strip: LineStrip | None) -> None:
    """The line shown: figures, kilometres, hazards that wait, and the form of a joint inspection."""
    _ = visit.translate
    if strip is None:
        return
    heading(strip.name)
    found = readings.list_kilometres(visit, line_id=strip.line_id)
    _draw_figures(visit, found)
    if not any(one.what.posts[party] for one in found for party in PARTIES):
        st.html(draw_note(_("Nobody is named on this line yet. An administrator imports the posts under Data.")))
    _draw_kilometres(visit, strip.line_id, found)
    _draw_waiting(visit, strip.line_id)
    if visit.may(Permission.PLAN_PATROLS):
        _draw_inspection(visit, strip.line_id)
    _draw_last_inspections(visit, strip.line_id)


def _draw_figures(visit: Visit, found: Sequence[Stretch[Kilometre]]) -> None:
    _ = visit.translate
    vacant = {party: sum(one.what.vacant_m[party] for one in found) / 1000 for party in PARTIES}
    both = sum(one.metres for one in found if one.what.is_staffed) / 1000
    overdue = sum(one.metres for one in found if one.what.overdue) / 1000
    figures = [
        (format_number(both, digits=1), _("km with both posts")),
        (format_number(vacant["local"], digits=1), _("km vacant, county side")),
        (format_number(vacant["railway"], digits=1), _("km vacant, railway")),
        (format_number(overdue, digits=1), _("km late for inspection")),
    ]
    st.html(draw_figures(figures))


def _draw_kilometres(visit: Visit, line_id: int, found: Sequence[Stretch[Kilometre]]) -> None:
    _ = visit.translate
    wanting = [one for one in found if not one.what.is_staffed or one.what.overdue]
    names = {"wanting": _("Needs attention"), "all": _("All")}
    shown = st.segmented_control(
        _("Show"),
        list(names),
        default="wanting",
        required=True,
        format_func=names.__getitem__,
        key="chiefs_shown",
        label_visibility="collapsed",
    )
    rows = [
        Row(
            f"{line_id}_{round(one.what.from_m)}",
            f"{one.start}–{one.end}",
            _describe(visit, one.what),
            "red" if not one.what.is_staffed or one.what.overdue else "gray",
        )
        for one in (found if shown == "all" else wanting)
    ]
    key = draw_rows(
        visit, "chiefs", rows, empty=_("Every kilometre has both posts and was inspected in time."), step=FEW
    )
    if key is not None:
        (chosen,) = (one for one in found if round(one.what.from_m) == int(key.rpartition("_")[2]))
        _go(visit, line_id, (chosen.what.from_m + chosen.what.to_m) / 2)


def _describe(visit: Visit, kilometre: Kilometre) -> str:
    """Both posts, and when the kilometre was inspected jointly and must be again."""
    _ = visit.translate
    words = []
    for party in PARTIES:
        offices = dict.fromkeys(post.office for post in kilometre.posts[party])
        told = [*offices, *([_(chiefs.VACANT)] if kilometre.vacant_m[party] else [])]
        words.append(describe_side(party, " / ".join(told), translate=_))
    if kilometre.last_at is not None:
        words.append(_("inspected {day}").format(day=format_date(kilometre.last_at)))
    elif kilometre.interval_days is not None:
        words.append(_("never inspected jointly"))
    if kilometre.due_at is not None:
        said = _("overdue since {day}") if kilometre.overdue else _("due {day}")
        words.append(said.format(day=format_date(kilometre.due_at)))
    return " · ".join(words)


def _draw_waiting(visit: Visit, line_id: int) -> None:
    """Hazards that a post was told of and did not take note of yet."""
    _ = visit.translate
    found = readings.list_waiting(visit, line_id=line_id)
    heading(_("Hazards not acknowledged ({number})").format(number=len(found)))
    offices = sorted(set(found["office"]))
    chosen = st.selectbox(
        _("Section chief post"),
        offices,
        index=None,
        format_func=lambda office: office or _(chiefs.VACANT),
        placeholder=_("All posts"),
        key=f"chiefs_office_{line_id}",
        label_visibility="collapsed",
    )
    shown = found if chosen is None else found[found["office"] == chosen]
    rows = [
        Row(
            str(row.id),
            f"{row.title} · {label('severity', row.severity, _)}",
            f"{describe_side(row.party, row.office or _(chiefs.VACANT), translate=_)} · "
            + _("due {time}").format(time=format_day_time(row.due_at)),
            "gray" if row.office else "red",
        )
        for row in shown.itertuples()
    ]
    key = draw_rows(visit, "waiting", rows, empty=_("Every open hazard was acknowledged by both sides."), step=FEW)
    if key is not None:
        hazard = shown[shown["id"] == int(key)].iloc[0]
        _go(visit, line_id, float(hazard["mileage_m"]), Thing("hazard", int(hazard["hazard_id"])))


def _go(visit: Visit, line_id: int, chainage_m: float, thing: Thing | None = None) -> None:
    """Move map and strip to a place on the line."""
    _, _, measured = railways.load_line(visit.context, line_id)
    lon, lat = measured.point_at(min(max(chainage_m, measured.start_m), measured.end_m))
    side = place[1] if (place := state.STRIP_PLACE.get()) is not None else "left"
    state.STRIP_PLACE.set((chainage_m, side))
    near = (lon - _CLOSE_DEG, lat - _CLOSE_DEG, lon + _CLOSE_DEG, lat + _CLOSE_DEG)
    state.look_at(thing, Place(lon, lat, near))
    st.rerun()


def _draw_inspection(visit: Visit, line_id: int) -> None:
    """The form of a joint inspection."""
    _ = visit.translate
    heading(_("Record a joint inspection"))
    with st.form(f"chiefs_inspection_{line_id}", border=False):
        with st.container(horizontal=True):
            start = st.text_input(_("From"), placeholder="K12+000", key="inspection_from")
            end = st.text_input(_("To"), placeholder="K15+300", key="inspection_to")
        today = visit.now.astimezone(BEIJING).date()
        day = st.date_input(_("Day"), value=today, max_value=today, key="inspection_day")
        note = st.text_input(_("Note"), key="inspection_note", placeholder=_("What was done or found"))
        if st.form_submit_button(_("Record")):
            at = visit.now if day == today else datetime.combine(day, _NOON, BEIJING)
            record = partial(chiefs.record_joint_inspection, line_id=line_id, start=start, end=end, at=at, note=note)
            attempt(visit, partial(record, visit.context, visit.actor), done=_("The joint inspection is recorded."))


def _draw_last_inspections(visit: Visit, line_id: int) -> None:
    _ = visit.translate
    heading(_("Last joint inspections"))
    made = readings.list_joint_inspections(visit, line_id=line_id)
    if made.empty:
        st.html(draw_empty(_("None was recorded yet.")))
        return
    rows = [(format_date(row.at), f"{row.start}–{row.end}", row.note) for row in made.head(FEW).itertuples()]
    st.html(draw_table([Column(_("Day"), whole=True), Column(_("Where")), Column(_("Note"))], rows))
