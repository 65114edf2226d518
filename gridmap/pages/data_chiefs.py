"""Section chiefs: paste or upload their table, see what is wrong with it and what stays vacant, import the rest."""

from __future__ import annotations

from functools import partial

import streamlit as st

from gridmap.i18n.formats import format_distance, format_number, join_names
from gridmap.i18n.labels import label
from gridmap.pages import state
from gridmap.pages.line_table import MOST_ROWS, TableFields, draw_rejected
from gridmap.pages.panel import attempt, heading
from gridmap.pages.visit import Visit
from gridmap.services import chief_import
from gridmap.services.chief_import import ChiefOptions, ChiefPlan
from gridmap.views.cards import Column, draw_figures, draw_note, draw_table


def draw_chiefs(visit: Visit) -> None:
    """One table from choosing to its import."""
    _ = visit.translate
    fields = TableFields(visit, "chiefs", state.CHIEFS_TABLE)
    st.html(
        draw_note(_("A table of section chiefs: from, to, county-side post, railway post, period. Posts, no names."))
    )
    given = fields.ask()
    if given is None:
        return
    replaced = st.toggle(_("Replace the posts that the same side has on these lines"), key=fields.key("replace"))
    options = ChiefOptions(line=given.line, replace=replaced)
    plan = chief_import.read_chiefs(visit.context, visit.actor, content=given.content, name=given.name, options=options)
    _draw_plan(visit, plan)
    if fields.confirm(_("Import {number} posts"), found=plan.chiefs, rejected=plan.rejected):
        attempt(visit, partial(_import, visit, plan, fields), done=_("The section chiefs are kept."))


def _import(visit: Visit, plan: ChiefPlan, fields: TableFields) -> None:
    chief_import.import_chiefs(visit.context, visit.actor, plan=plan)
    fields.finish()


def _draw_plan(visit: Visit, plan: ChiefPlan) -> None:
    """What the table brings, row by row where something is wrong."""
    _ = visit.translate
    heading(_("What is in the table"))
    counted = [(plan.chiefs, _("posts")), (plan.rejected, _("rejected"))]
    counted += [(plan.vacancies, _("vacancies")), (plan.clashes, _("contradictions"))]
    st.html(draw_figures((format_number(len(found)), words) for found, words in counted))
    if plan.left_out:
        said = _("Not read, because only posts are kept: {columns}.")
        st.html(draw_note(said.format(columns=join_names(plan.left_out, _)), tone="warn"))
    if plan.replaced:
        said = _("{number} posts named before will be taken out.")
        st.html(draw_note(said.format(number=format_number(len(plan.replaced))), tone="warn"))
    draw_rejected(visit, plan.rejected)
    _draw_vacancies(visit, plan)
    _draw_clashes(visit, plan)
    _draw_posts(visit, plan)


def _draw_vacancies(visit: Visit, plan: ChiefPlan) -> None:
    _ = visit.translate
    if not plan.vacancies:
        return
    heading(_("Without a post"))
    rows = [
        (f"{one.line} {one.start}–{one.end}", label("party", one.what.party, _), format_distance(one.metres, _))
        for one in plan.vacancies[:MOST_ROWS]
    ]
    st.html(draw_table([Column(_("Where")), Column(_("Responsible side")), Column(_("Length"), numeric=True)], rows))


def _draw_clashes(visit: Visit, plan: ChiefPlan) -> None:
    _ = visit.translate
    if not plan.clashes:
        return
    heading(_("Contradict each other"))
    rows = [(f"{one.line} {one.start}–{one.end}", " / ".join(one.what.offices)) for one in plan.clashes[:MOST_ROWS]]
    st.html(draw_table([Column(_("Where")), Column(_("Section chief posts"))], rows))


def _draw_posts(visit: Visit, plan: ChiefPlan) -> None:
    _ = visit.translate
    if not plan.chiefs:
        return
    heading(_("Posts to import"))
    rows = [
        (f"{one.line} {one.start}–{one.end}", label("party", one.what.party, _), one.what.office)
        for one in plan.chiefs[:MOST_ROWS]
    ]
    st.html(draw_table([Column(_("Where")), Column(_("Responsible side")), Column(_("Section chief post"))], rows))
