"""Moving cells to another unit: what it would do, the reason, the confirmation; and the list of changes with undo."""

from __future__ import annotations

from functools import partial

import streamlit as st

from gridmap.domain.access import Permission
from gridmap.i18n.formats import format_day_time, format_number
from gridmap.pages import readings, state
from gridmap.pages.panel import act, heading
from gridmap.pages.visit import Visit
from gridmap.services import grids, journal
from gridmap.services.grids import ReassignmentPreview
from gridmap.views.cards import draw_empty, draw_note
from gridmap.views.charts import BalanceBar, draw_balance_bars


def draw_reassignment(visit: Visit, cells: tuple[int, ...]) -> None:
    """From the chosen cells to a confirmed change."""
    _ = visit.translate
    heading(_("{number} cells chosen").format(number=len(cells)))
    units = readings.list_units(visit)
    names = dict(zip(units["id"], units["name"], strict=True))
    unit_id = st.selectbox(
        _("Move to unit"),
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=_("Choose a unit"),
        key="target_unit",
    )
    if unit_id is not None:
        preview = grids.preview_reassignment(visit.context, visit.actor, cell_ids=list(cells), unit_id=int(unit_id))
        _draw_preview(visit, preview)
        reason = st.text_input(
            _("Reason"), key="reassign_reason", placeholder=_("It is kept in the journal"), live=True
        ).strip()
        st.button(
            _("Confirm the move"),
            type="primary",
            disabled=not (reason and preview.moves),
            key="reassign",
            on_click=partial(
                act,
                visit,
                partial(_reassign, cells=cells, unit_id=int(unit_id), reason=reason, preview=preview),
                done=_("Moved. It can be undone below."),
            ),
        )
    st.button(_("Clear the choice"), on_click=state.CELLS.clear, key="clear_cells")


def _reassign(visit: Visit, *, cells: tuple[int, ...], unit_id: int, reason: str, preview: ReassignmentPreview) -> None:
    grids.reassign_cells(
        visit.context, visit.actor, cell_ids=list(cells), unit_id=unit_id, reason=reason, versions=preview.versions
    )
    state.CELLS.clear()


def _draw_preview(visit: Visit, preview: ReassignmentPreview) -> None:
    _ = visit.translate
    if not preview.moves:
        st.html(draw_empty(_("These cells already belong to this unit.")))
        return
    if preview.new_stray_parts:
        text = _("The units would fall apart: {number} more separate part(s).").format(number=preview.new_stray_parts)
        st.html(draw_note(text, tone="alert"))
    else:
        st.html(draw_note(_("Every unit stays in one piece."), tone="good"))
    bars = [
        BalanceBar(
            unit.name,
            unit.households_before,
            unit.households_after,
            f"{format_number(unit.households_before)} → {format_number(unit.households_after)}",
        )
        for unit in preview.units
    ]
    heading(_("Households"))
    st.html(draw_balance_bars(bars, before_label=_("before"), after_label=_("after")))
    for warning in preview.warnings:
        st.html(draw_note(_(warning.message).format(**warning.values), tone="warn"))


def draw_changes(visit: Visit) -> None:
    """The last reassignments, each with a way back."""
    _ = visit.translate
    changes = grids.list_reassignments(visit.context, visit.actor, limit=20)
    heading(_("Changes"))
    if changes.empty:
        st.html(draw_empty(_("No cell has been moved yet.")))
        return
    for row in changes.itertuples():
        undone = row.undone_by is not None and row.undone_by == row.undone_by
        text = (
            f"{format_day_time(row.at)} · {row.actor} · {_('{number} cells').format(number=row.events)} · {row.reason}"
        )
        st.html(draw_note(text + (f" · {_('undone')}" if undone else "")))
        if undone or row.kind == "undo" or not visit.may(Permission.REASSIGN_CELLS):
            continue
        undo = partial(_undo, txn_id=int(row.txn_id))
        st.button(
            _("Undo"),
            key=f"undo_{row.txn_id}",
            on_click=partial(act, visit, undo, done=_("Undone. Everything is as it was before.")),
        )


def _undo(visit: Visit, *, txn_id: int) -> None:
    journal.undo_change(visit.context, visit.actor, txn_id=txn_id, reason=visit.translate("Undone on the page"))
