"""One hazard: its facts, the steps open from its state, and how it came there."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from gridmap.domain.access import Permission
from gridmap.i18n.formats import format_datetime, format_day_time
from gridmap.i18n.kinds import name_kinds
from gridmap.i18n.labels import label
from gridmap.pages import readings, state
from gridmap.pages.hazard_photos import draw_photos
from gridmap.pages.hazard_referrals import draw_referrals
from gridmap.pages.panel import attempt, heading
from gridmap.pages.visit import Visit
from gridmap.services import hazards, railways, statutes
from gridmap.views.cards import Column, draw_empty, draw_facts, draw_table, draw_title
from gridmap.views.findings import draw_findings


def draw_hazard(visit: Visit, hazard_id: int) -> None:
    """The hazard in place of the list."""
    _ = visit.translate
    st.button(_("Back to the list"), on_click=state.look_away)
    found = readings.list_hazards(visit)
    chosen = found[found["id"] == hazard_id]
    if chosen.empty:
        st.html(draw_empty(_("This hazard is no longer there.")))
        return
    row = next(chosen.itertuples())
    names = name_kinds(readings.load_kinds(visit), visit.language)
    st.html(draw_title(row.title, f"{row.code} · {names.get(row.kind, row.kind)}"))
    facts = [
        (_("State"), label("hazard_state", row.state, _)),
        (_("Severity"), label("severity", row.severity, _)),
        (_("Reported"), format_datetime(row.reported_at)),
        (_("Due"), format_datetime(row.due_at) + (f" · {_('overdue')}" if row.overdue else "")),
        (_("Area"), row.area_name),
    ]
    if pd.notna(row.mileage_m) and pd.notna(row.line_id):
        facts.append((_("Mileage"), _describe_mileage(visit, row)))
    if row.description:
        facts.append((_("Description"), row.description))
    st.html(draw_facts(facts))
    draw_referrals(visit, hazard_id)
    _draw_distances(visit, hazard_id)
    draw_photos(visit, row)
    if visit.may(Permission.EDIT_HAZARDS):
        _draw_next_steps(visit, row)
    _draw_history(visit, hazard_id)


def _describe_mileage(visit: Visit, row: Any) -> str:
    line = railways.load_line(visit.context, int(row.line_id))
    side = label("side", row.side, visit.translate) if row.side else ""
    return " ".join(part for part in (line[0], railways.write_mileage(line, row.mileage_m), side) if part)


def _draw_distances(visit: Visit, hazard_id: int) -> None:
    """Which rules of distance concern the hazard; nothing for a kind that has none."""
    findings = statutes.check_hazard(visit.context, visit.actor, hazard_id=hazard_id)
    if findings:
        heading(visit.translate("Statutory distances"))
        st.html(draw_findings(findings, translate=visit.translate, language=visit.language))


def _draw_next_steps(visit: Visit, row: Any) -> None:
    """Buttons of the steps open from the state of hazard `row`, with the note they are journalled with."""
    _ = visit.translate
    following = hazards.next_states(row.state)
    if not following:
        return
    heading(_("Next step"))
    note = st.text_input(_("Note"), key=f"hazard_note_{row.id}_{row.version}", placeholder=_("What was done or found"))
    with st.container(horizontal=True):
        for index, step in enumerate(following):
            name = label("hazard_step", str(step), _)
            if st.button(name, key=f"hazard_step_{step}", type="primary" if index == 0 else "secondary"):
                advance = partial(
                    hazards.advance_hazard, hazard_id=int(row.id), to=step, note=note.strip(), version=int(row.version)
                )
                attempt(visit, partial(advance, visit.context, visit.actor), done=_("Done: {step}.").format(step=name))


def _draw_history(visit: Visit, hazard_id: int) -> None:
    _ = visit.translate
    heading(_("History"))
    steps = hazards.load_steps(visit.context, visit.actor, hazard_id=hazard_id)
    rows = [
        (format_day_time(s.at), label("hazard_state", s.to_state, _), s.actor, s.note)
        if not s.order_number
        else (
            format_day_time(s.at),
            _("Handed over by order {number}").format(number=s.order_number),
            s.actor,
            f"{s.from_unit or '–'} → {s.to_unit or '–'}",
        )
        for s in steps.itertuples()
    ]
    st.html(draw_table([Column(_("Time")), Column(_("Step")), Column(_("By")), Column(_("Note"))], rows))
