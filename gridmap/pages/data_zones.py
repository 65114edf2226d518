"""Announced protection zones: paste or upload a notice's table, see what is wrong with each row, import the rest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from gridmap.domain.railways.zones import Gap, Narrow, Overlap, Zone
from gridmap.i18n.formats import format_distance, format_number
from gridmap.i18n.labels import label
from gridmap.pages import state
from gridmap.pages.panel import attempt, heading
from gridmap.pages.visit import Visit
from gridmap.services import railways, zone_import
from gridmap.services.zone_plans import Stretch, ZoneOptions, ZonePlan
from gridmap.views.cards import Column, draw_figures, draw_note, draw_table

_MOST_ROWS = 200


def draw_zones(visit: Visit) -> None:
    """One table from choosing to its import."""
    _ = visit.translate
    number = state.ZONES_TABLE.get()
    st.html(draw_note(_("The table of a notice: place, from, to, side, metres, category. Workbook, CSV or pasted.")))
    lines = railways.list_lines(visit.context, visit.actor)
    names = {f"#{i}": str(name) for i, name in zip(lines["id"], lines["name"], strict=True)}
    line = st.selectbox(
        _("Line"),
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=_("As the table says"),
        key=f"zones_line_{number}",
    )
    upload = st.file_uploader(_("File"), key=f"zones_upload_{number}", label_visibility="collapsed")
    pasted = st.text_area(_("Or paste the table"), key=f"zones_text_{number}") if upload is None else ""
    if upload is None and not pasted.strip():
        return
    options = ZoneOptions(
        line=line or "",
        notice=st.text_input(_("Title, number and date of the notice"), key=f"zones_notice_{number}"),
        valid_from=st.date_input(_("In force from"), value=None, key=f"zones_from_{number}"),
        valid_to=st.date_input(_("In force until"), value=None, key=f"zones_to_{number}"),
        replace=st.toggle(_("Replace what was announced on these lines before"), key=f"zones_replace_{number}"),
    )
    content: bytes | str = pasted if upload is None else upload.getvalue()
    name = "" if upload is None else upload.name
    plan = zone_import.read_notice(visit.context, visit.actor, content=content, name=name, options=options)
    _draw_plan(visit, plan)
    accepted = not plan.rejected or st.checkbox(
        _("Import the rest without the rejected rows"), key=f"zones_accept_{number}"
    )
    words = _("Import {number} zones").format(number=format_number(len(plan.zones)))
    if st.button(words, type="primary", disabled=not (plan.zones and accepted), key=f"zones_import_{number}"):
        attempt(visit, partial(_import, visit, plan, options), done=_("The zones are kept."))


def _import(visit: Visit, plan: ZonePlan, options: ZoneOptions) -> None:
    zone_import.import_zones(visit.context, visit.actor, plan=plan, options=options)
    state.ZONES_TABLE.set(state.ZONES_TABLE.get() + 1)


def _draw_plan(visit: Visit, plan: ZonePlan) -> None:
    """What the table brings, row by row where something is wrong."""
    _ = visit.translate
    heading(plan.title or _("What is in the table"))
    counted = [(plan.zones, _("zones")), (plan.rejected, _("rejected")), (plan.gaps, _("gaps"))]
    counted += [(plan.overlaps, _("overlaps")), (plan.below_statute, _("below Article 27"))]
    st.html(draw_figures((format_number(len(found)), words) for found, words in counted))
    if plan.replaced:
        said = _("{number} zones announced before will be taken out.")
        st.html(draw_note(said.format(number=format_number(len(plan.replaced))), tone="warn"))
    if plan.rejected:
        columns = [Column(_("Row"), numeric=True), Column(_("Why it was rejected"))]
        rows = [(str(row.row), _(row.message).format(**row.values)) for row in plan.rejected[:_MOST_ROWS]]
        st.html(draw_table(columns, rows))
    for title, found in (
        (_("Without a zone"), plan.gaps),
        (_("Contradict each other"), plan.overlaps),
        (_("Narrower than Article 27"), plan.below_statute),
        (_("Zones to import"), plan.zones),
    ):
        if found:
            heading(title)
            st.html(_draw_stretches(visit, found))


def _draw_stretches(visit: Visit, found: Sequence[Stretch]) -> str:
    _ = visit.translate
    rows = [
        (f"{one.line} {one.start}–{one.end}", label("side", one.what.side, _), _describe(visit, one))
        for one in found[:_MOST_ROWS]
    ]
    return draw_table([Column(_("Where")), Column(_("Side")), Column(_("Metres"), numeric=True)], rows)


def _describe(visit: Visit, one: Stretch) -> str:
    match one.what:
        case Zone(width_m=width):
            return f"{width:g}"
        case Gap():
            return format_distance(one.metres, visit.translate)
        case Overlap(widths_m=(first, second)):
            return f"{first:g} / {second:g}"
        case Narrow(width_m=width, limit_m=limit):
            return f"{width:g} < {limit:g}"
