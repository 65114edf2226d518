"""Change orders of cells: the list with its states, one with what may be done to it, and what units are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Literal

import pandas as pd
import streamlit as st

from gridmap.domain.access import Permission, Role
from gridmap.domain.change_orders import WAITING, OrderState
from gridmap.domain.days import local_day
from gridmap.i18n.formats import format_datetime, format_day_time
from gridmap.i18n.labels import label
from gridmap.pages import readings, state
from gridmap.pages.grid_changes import draw_preview
from gridmap.pages.map_area import place_of
from gridmap.pages.panel import FEW, Row, act, draw_rows, heading
from gridmap.pages.visit import Visit
from gridmap.services import change_order_decisions as decisions
from gridmap.services import change_order_history as history
from gridmap.services.change_order_history import ShownOrder
from gridmap.services.change_orders import preview_order
from gridmap.views.cards import Column, draw_facts, draw_note, draw_table, draw_title

SECTION = "grids_section"
"""Key of the control that chooses the part of the Grids page."""

_TONES = {"pending": "orange", "approved": "blue", "overtaken": "red", "refused": "red"}
_CELLS_SHOWN = 20


def find_section() -> str:
    """The part of the page that is shown, before its control is drawn."""
    return str(st.session_state.get(SECTION) or state.GRID_SECTION.get())


def draw_orders(visit: Visit) -> None:
    """The orders, or the one that was chosen."""
    _ = visit.translate
    order_id = state.ORDER.get()
    if order_id is not None:
        st.button(_("Back to the list"), key="orders_back", on_click=state.ORDER.clear)
        _draw_order(visit, history.show_order(visit.context, visit.actor, order_id=order_id))
        return
    orders = history.list_orders(visit.context, visit.actor)
    if visit.may(Permission.REASSIGN_CELLS):
        _draw_steps(visit, orders)
    rows = [
        Row(str(row.id), f"{row.number} · {row.reason}", _describe(visit, row), _TONES.get(row.state, "gray"))
        for row in orders.itertuples()
    ]
    key = draw_rows(visit, "orders", rows, empty=_("No cell has been moved yet."), step=FEW)
    if key is not None:
        state.ORDER.set(int(key))
        _fly_to(visit, int(key))
        st.rerun()
    _draw_notices(visit)


def _describe(visit: Visit, row: Any) -> str:
    _ = visit.translate
    parts = [
        label("order_state", row.state, _),
        _("Cells: {number}").format(number=row.cells),
        _("from {day}").format(day=row.effective_on.isoformat()),
        row.ordered_by,
    ]
    return " · ".join(parts)


def _fly_to(visit: Visit, order_id: int) -> None:
    cells, mine = readings.load_cells(visit), _find_cells(visit, order_id)
    if len(found := cells[cells["id"].isin(mine)]):
        state.fly(place_of(found))


def _find_cells(visit: Visit, order_id: int) -> list[int]:
    return list(history.show_order(visit.context, visit.actor, order_id=order_id).cells["id"])


def list_shown_cells(visit: Visit) -> tuple[int, ...]:
    """Cells of the order that is looked at."""
    order_id = state.ORDER.get()
    return () if order_id is None else tuple(int(cell) for cell in _find_cells(visit, order_id))


# --- one step back, one forward -----------------------------------------------------------------------------------


def _draw_steps(visit: Visit, orders: pd.DataFrame) -> None:
    """Buttons that take the last order back and do again what was taken back last."""
    _ = visit.translate
    undo, redo = history.find_steps(orders)
    with st.container(horizontal=True):
        if undo is not None:
            work = partial(_undo, order_id=undo.id, number=undo.number)
            _draw_button(visit, _("Undo {number}").format(number=undo.number), f"undo_{undo.id}", work)
        if redo is not None:
            work = partial(_redo, order_id=redo.id, number=redo.number)
            _draw_button(visit, _("Redo {number}").format(number=redo.number), f"redo_{redo.id}", work)


def _draw_button(
    visit: Visit, name: str, key: str, work: Callable[[Visit], object], *, disabled: bool = False, primary: bool = False
) -> None:
    kind: Literal["primary", "secondary"] = "primary" if primary else "secondary"
    done = partial(act, visit, work, done=visit.translate("Done. The list shows what became of the order."))
    st.button(name, key=f"order_{key}", type=kind, disabled=disabled, on_click=done)


def _undo(visit: Visit, *, order_id: int, number: str, reason: str = "") -> None:
    reason = reason or visit.translate("Undo {number}").format(number=number)
    decisions.undo_order(visit.context, visit.actor, order_id=order_id, reason=reason)


def _redo(visit: Visit, *, order_id: int, number: str, reason: str = "") -> None:
    reason = reason or visit.translate("Redo {number}").format(number=number)
    decisions.redo_order(visit.context, visit.actor, order_id=order_id, reason=reason)


# --- one order ----------------------------------------------------------------------------------------------------


def _draw_order(visit: Visit, shown: ShownOrder) -> None:
    _ = visit.translate
    order = shown.order
    st.html(draw_title(f"{order.number} · {order.reason}", label("order_state", order.state, _)))
    facts = [
        (_("Kind"), label("order_kind", order.kind, _)),
        (_("Takes effect on"), order.effective_on.isoformat()),
        (_("Ordered"), f"{order.ordered_by} · {format_datetime(order.ordered_at)}"),
        (_("Decided"), f"{order.decided_by} · {format_datetime(order.decided_at)}" if order.decided_by else ""),
        (_("Note"), order.decision_note),
        (_("In effect since"), format_datetime(order.in_effect_at) if order.in_effect_at else ""),
    ]
    st.html(draw_facts((name, value) for name, value in facts if value))
    if visit.may(Permission.REASSIGN_CELLS):
        if order.state in WAITING:
            _draw_effect(visit, shown)
        _draw_decisions(visit, shown)
    heading(_("Cells ({number})").format(number=order.cells))
    rows = [
        (row.name or row.code or "–", row.from_unit or "–", row.to_unit or "–")
        for row in shown.cells.head(_CELLS_SHOWN).itertuples()
    ]
    st.html(draw_table([Column(_("Cell")), Column(_("From unit")), Column(_("To unit"))], rows))
    if order.cells > _CELLS_SHOWN:
        st.html(draw_note(_("and {number} more, outlined on the map").format(number=order.cells - _CELLS_SHOWN)))


def _draw_effect(visit: Visit, shown: ShownOrder) -> None:
    """What an order that waits would do as things stand, for whoever decides it.

    Nothing is told where a cell or a unit of it is gone, or a cell is to have none.
    """
    order, cells = shown.order, shown.cells
    cells_known, units_known = readings.load_cells(visit)["id"], readings.list_units(visit)["id"]
    if not (cells["id"].isin(cells_known) & cells["to_unit_id"].isin(units_known)).all():
        return
    preview = preview_order(
        visit.context,
        visit.actor,
        owners=dict(zip(cells["id"].astype(int).tolist(), cells["to_unit_id"].astype(int).tolist(), strict=True)),
        effective_on=max(order.effective_on, local_day(visit.now)),
    )
    others = tuple(item for item in preview.waiting if item.number != order.number)
    draw_preview(visit, replace(preview, waiting=others))


def _draw_decisions(visit: Visit, shown: ShownOrder) -> None:
    """What the person may do to the order, with a word why."""
    _ = visit.translate
    order, mine = shown.order, shown.order.ordered_by == visit.actor.name
    state_now = order.state
    if state_now not in {"pending", "approved", "in_effect", "undone"} or (state_now, order.kind) == ("undone", "undo"):
        return
    note = st.text_input(_("Why"), key=f"order_note_{order.id}_{order.version}", live=True).strip()
    call = {"order_id": order.id}
    with st.container(horizontal=True):
        if state_now == "pending" and not mine:
            _draw_button(
                visit, _("Approve"), "approve", partial(_decide, decisions.approve_order, note, call), primary=True
            )
            _draw_button(
                visit, _("Refuse"), "refuse", partial(_decide, decisions.refuse_order, note, call), disabled=not note
            )
        if state_now in {"pending", "approved"} and (mine or visit.actor.role is Role.ADMINISTRATOR):
            _draw_button(visit, _("Withdraw"), "withdraw", partial(_decide, decisions.withdraw_order, note, call))
        if state_now == "in_effect" and order.kind != "undo":
            _draw_button(visit, _("Undo"), "undo", partial(_undo, order_id=order.id, number=order.number, reason=note))
        if state_now == "undone" and order.kind != "undo":
            _draw_button(visit, _("Redo"), "redo", partial(_redo, order_id=order.id, number=order.number, reason=note))
    if state_now == "pending" and mine:
        st.html(draw_note(_("Somebody else must approve it.")))


def _decide(decide: Callable[..., object], note: str, call: dict[str, int], visit: Visit) -> None:
    decide(visit.context, visit.actor, note=note, **call)


# --- notices ------------------------------------------------------------------------------------------------------


def draw_new_notices(visit: Visit) -> None:
    """A line where others' orders wait, and one where units or the person were told what nobody took note of."""
    if find_section() == "orders":
        return  # they are listed there
    _ = visit.translate
    if visit.may(Permission.REASSIGN_CELLS):
        waiting = history.list_orders(visit.context, visit.actor, states=[OrderState.PENDING.value])
        others = int((waiting["ordered_by"] != visit.actor.name).sum())
        if others:
            st.html(
                draw_note(_("Change orders that wait for your approval: {number}").format(number=others), tone="warn")
            )
    new = len(history.list_notices(visit.context, visit.actor, only_new=True))
    if new:
        st.html(draw_note(_("{number} new notices about change orders").format(number=new), tone="warn"))


def _draw_notices(visit: Visit) -> None:
    _ = visit.translate
    notices = history.list_notices(visit.context, visit.actor, only_new=True)
    if notices.empty:
        return
    heading(_("Notices ({number})").format(number=len(notices)))
    for row in notices.head(FEW).itertuples():
        to = row.unit_name or _("To you")
        st.html(draw_note(f"{format_day_time(row.at)} · {to} · {_(row.message).format(**row.facts)}"))
    ids = [int(notice) for notice in notices["id"].head(FEW)]
    note = partial(_mark_seen, ids=ids)
    _draw_button(visit, _("Noted"), "noted", note)


def _mark_seen(visit: Visit, *, ids: list[int]) -> None:
    history.mark_notices_seen(visit.context, visit.actor, notice_ids=ids)
