"""A new edition of areas: what it changes, in figures and lists, and applying it with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import streamlit as st

from gridmap.i18n.formats import format_area, format_number, format_share
from gridmap.pages import readings, state
from gridmap.pages.panel import heading
from gridmap.pages.visit import Visit
from gridmap.services.edition_effect import edition_job
from gridmap.services.editions import EditionDifference, build_options
from gridmap.views.cards import Column, draw_empty, draw_figures, draw_note, draw_table

_SHOWN = 100
"""So many rows of a list are shown."""


def draw_edition(visit: Visit, *, path: Path, options: dict[str, Any]) -> None:
    """From the difference to the job that applies it."""
    _ = visit.translate
    chosen = {name: value for name, value in options.items() if name != "replace"}
    seen = readings.compare_edition(visit, path=path, **chosen)
    heading(_("What the edition changes"))
    counts = [
        (seen.unchanged, _("as before")),
        (len(seen.added), _("added")),
        (len(seen.removed), _("removed")),
        (len(seen.redrawn), _("other borders")),
        (len(seen.codes), _("other codes")),
        (len(seen.names), _("other names")),
        (len(seen.households), _("other households")),
    ]
    st.html(draw_figures([(format_number(count), words) for count, words in counts]))
    if seen.rejected:
        text = _("Rows that cannot be taken: {number}. Correct the file; what they name would be removed.")
        st.html(draw_note(text.format(number=format_number(len(seen.rejected))), tone="alert"))
    if seen.is_empty:
        st.html(draw_empty(_("This edition is what is loaded.")))
        return
    _draw_lists(visit, seen)
    reason = st.text_input(
        _("Reason"), key="edition_reason", placeholder=_("It is kept in the journal"), live=True
    ).strip()
    ready = bool(reason) and not seen.rejected
    if st.button(_("Apply the edition"), type="primary", key="edition_apply", disabled=not ready):
        job = visit.context.jobs.submit_for(
            visit.actor.name,
            "edition",
            edition_job,
            visit.context.settings,
            visit.actor,
            path,
            build_options(**chosen),
            seen.revision,
            reason,
        )
        state.EDITION_JOB.set(job)
        st.rerun()


def _draw_lists(visit: Visit, seen: EditionDifference) -> None:
    _ = visit.translate
    old_new = (_("Loaded now"), _("New edition"))
    _draw_list(visit, _("Split"), old_new, ((item.code, ", ".join(item.others)) for item in seen.splits))
    _draw_list(visit, _("Merged"), old_new, ((", ".join(item.others), item.code) for item in seen.merges))
    _draw_list(visit, _("Other codes"), old_new, ((item.old, f"{item.new} {item.after}") for item in seen.codes))
    names = ((f"{item.new} {item.before}", item.after) for item in seen.names)
    _draw_list(visit, _("Other names"), old_new, names)
    borders = (
        (f"{item.code} {item.name}", f"{format_area(item.changed_m2, _)} · {format_share(item.iou)}")
        for item in seen.redrawn
    )
    _draw_list(visit, _("Other borders"), (_("Area"), _("Changed ground · share in common")), borders)
    counts = ((f"{item.new} {item.before}", item.after) for item in seen.households)
    _draw_list(visit, _("Other households"), old_new, counts)
    for title, items in ((_("Added"), seen.added), (_("Removed"), seen.removed)):
        _draw_list(visit, title, (_("Code"), _("Name")), ((item.code, item.name) for item in items))


def _draw_list(visit: Visit, title: str, columns: tuple[str, str], rows: Iterable[tuple[str, str]]) -> None:
    listed = list(rows)
    if not listed:
        return
    with st.expander(f"{title} ({format_number(len(listed))})"):
        st.html(draw_table([Column(name) for name in columns], listed[:_SHOWN]))
        if len(listed) > _SHOWN:
            rest = format_number(len(listed) - _SHOWN)
            st.html(draw_note(visit.translate("{number} more are in the file.").format(number=rest)))


def draw_applied(visit: Visit, report: dict[str, Any]) -> None:
    """What was applied."""
    _ = visit.translate
    text = _("Applied: {added} added, {removed} removed, {redrawn} redrawn, {recoded} with another code.")
    st.html(draw_note(text.format(**report), tone="good"))
