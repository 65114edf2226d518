"""Announced protection zones: paste or upload a notice's table, see what is wrong with each row, import the rest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from gridmap.domain.railways.zones import Gap, Narrow, Overlap, Zone
from gridmap.i18n.formats import format_distance, format_number
from gridmap.i18n.labels import label
from gridmap.pages import state
from gridmap.pages.line_table import MOST_ROWS, TableFields, draw_rejected
from gridmap.pages.panel import attempt, heading
from gridmap.pages.visit import Visit
from gridmap.services import zone_import
from gridmap.services.zone_plans import ZoneOptions, ZonePlan, ZoneStretch
from gridmap.views.cards import Column, draw_figures, draw_note, draw_table


def draw_zones(visit: Visit) -> None:
    """One table from choosing to its import."""
    _ = visit.translate
    fields = TableFields(visit, "zones", state.ZONES_TABLE)
    st.html(draw_note(_("The table of a notice: place, from, to, side, metres, category. Workbook, CSV or pasted.")))
    given = fields.ask()
    if given is None:
        return
    options = ZoneOptions(
        line=given.line,
        notice=st.text_input(_("Title, number and date of the notice"), key=fields.key("notice")),
        valid_from=st.date_input(_("In force from"), value=None, key=fields.key("from")),
        valid_to=st.date_input(_("In force until"), value=None, key=fields.key("to")),
        replace=st.toggle(_("Replace what was announced on these lines before"), key=fields.key("replace")),
    )
    plan = zone_import.read_notice(visit.context, visit.actor, content=given.content, name=given.name, options=options)
    _draw_plan(visit, plan)
    if fields.confirm(_("Import {number} zones"), found=plan.zones, rejected=plan.rejected):
        attempt(visit, partial(_import, visit, plan, options, fields), done=_("The zones are kept."))


def _import(visit: Visit, plan: ZonePlan, options: ZoneOptions, fields: TableFields) -> None:
    zone_import.import_zones(visit.context, visit.actor, plan=plan, options=options)
    fields.finish()


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
    draw_rejected(visit, plan.rejected)
    for title, found in (
        (_("Without a zone"), plan.gaps),
        (_("Contradict each other"), plan.overlaps),
        (_("Narrower than Article 27"), plan.below_statute),
        (_("Zones to import"), plan.zones),
    ):
        if found:
            heading(title)
            st.html(_draw_stretches(visit, found))


def _draw_stretches(visit: Visit, found: Sequence[ZoneStretch]) -> str:
    _ = visit.translate
    rows = [
        (f"{one.line} {one.start}–{one.end}", label("side", one.what.side, _), _describe(visit, one))
        for one in found[:MOST_ROWS]
    ]
    return draw_table([Column(_("Where")), Column(_("Side")), Column(_("Metres"), numeric=True)], rows)


def _describe(visit: Visit, one: ZoneStretch) -> str:
    match one.what:
        case Zone(width_m=width):
            return f"{width:g}"
        case Gap():
            return format_distance(one.metres, visit.translate)
        case Overlap(widths_m=(first, second)):
            return f"{first:g} / {second:g}"
        case Narrow(width_m=width, limit_m=limit):
            return f"{width:g} < {limit:g}"
