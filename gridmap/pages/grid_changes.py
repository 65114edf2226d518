"""Moving cells to another unit: what it would do, what stands against it, the day, the reason, the confirmation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

import streamlit as st

from gridmap.domain.change_orders import NewOrder
from gridmap.domain.days import local_day
from gridmap.errors import N_
from gridmap.i18n import Translate
from gridmap.i18n.formats import format_duration, format_number, join_names
from gridmap.i18n.labels import label
from gridmap.pages import state
from gridmap.pages.grid_workload import format_deviation
from gridmap.pages.panel import FEW, act, count_shown, draw_alone, draw_more, heading
from gridmap.pages.unit_choice import choose_unit
from gridmap.pages.visit import Visit
from gridmap.services import cell_locks
from gridmap.services.change_orders import OrderPreview, place_order, preview_order
from gridmap.services.grids import Notice, UnitBalance, UnitFigures
from gridmap.views.cards import Column, draw_empty, draw_note, draw_table
from gridmap.views.charts import BalanceBar, draw_balance_bars

_MEASURED = (N_("Deviation"), N_("Farthest cell"), N_("Compactness"))
_UNITS, _WARNINGS = "balance_units", "balance_warnings"
_SOME = 5
"""So many codes of locked cells are named."""


def draw_reassignment(visit: Visit, cells: tuple[int, ...]) -> None:
    """From the chosen cells to a placed order."""
    _ = visit.translate
    heading(_("Cells chosen: {number}").format(number=len(cells)))
    draw_alone(visit, partial(_draw_move, cells=cells))
    st.button(_("Clear the choice"), on_click=state.CELLS.clear, key="clear_cells")


def _draw_move(visit: Visit, *, cells: tuple[int, ...]) -> None:
    _ = visit.translate
    unit_id = choose_unit(
        visit, _("Move to unit"), key="target_unit", placeholder=_("Choose a unit"), beside_cells=cells
    )
    if unit_id is not None:
        _draw_order(visit, cells, unit_id)


def _draw_order(visit: Visit, cells: tuple[int, ...], unit_id: int) -> None:
    _ = visit.translate
    today = local_day(visit.now)
    day = st.date_input(
        _("Takes effect on"), value=today, min_value=today, format="YYYY-MM-DD", key="reassign_day", width="stretch"
    )
    preview = preview_order(visit.context, visit.actor, owners=dict.fromkeys(cells, unit_id), effective_on=day)
    draw_preview(visit, preview)
    reason = st.text_input(
        _("Reason"), key="reassign_reason", placeholder=_("It is kept in the journal"), live=True
    ).strip()
    if preview.needs_approval:
        name, done = _("Send for approval"), _("Placed. It waits until somebody else approves it.")
    elif day > today:
        name, done = _("Confirm for that day"), _("Placed. It takes effect on its day.")
    else:
        name, done = _("Confirm the move"), _("Moved. It can be undone below.")
    place = partial(_place, cells=cells, unit_id=unit_id, reason=reason, day=day, preview=preview)
    st.button(
        name,
        type="primary",
        disabled=not (reason and preview.may_be_placed),
        key="reassign",
        on_click=partial(act, visit, place, done=done),
    )


def _place(
    visit: Visit, *, cells: tuple[int, ...], unit_id: int, reason: str, day: date, preview: OrderPreview
) -> None:
    order = NewOrder(
        owners=dict.fromkeys(cells, unit_id),
        reason=reason,
        effective_on=day,
        versions=preview.balance.versions,
    )
    state.ORDER.set(place_order(visit.context, visit.actor, order=order).id)
    state.CELLS.clear()
    state.GRID_SECTION.set("orders")


def draw_preview(visit: Visit, preview: OrderPreview) -> None:
    """What an order does to its units, and what stands against it."""
    _ = visit.translate
    balance = preview.balance
    if not balance.moves:
        if not preview.locked:
            st.html(draw_empty(_("These cells already belong to this unit.")))
        _draw_obstacles(visit, preview)
        return
    if balance.new_stray_parts:
        text = _("The units would fall apart: {number} more separate part(s).").format(number=balance.new_stray_parts)
        st.html(draw_note(text, tone="alert"))
    else:
        st.html(draw_note(_("Every unit stays in one piece."), tone="good"))
    _draw_obstacles(visit, preview)
    units = sorted(balance.units, key=_rank_change)
    shown = count_shown(_UNITS, FEW)
    bars = [
        BalanceBar(
            unit.name,
            unit.before.households,
            unit.after.households,
            f"{format_number(unit.before.households)} → {format_number(unit.after.households)}",
        )
        for unit in units[:shown]
    ]
    heading(_("Households"))
    st.html(draw_balance_bars(bars, before_label=_("before"), after_label=_("after")))
    st.html(draw_table(*_tabulate(units[:shown], _)))
    draw_more(visit, _UNITS, shown, of=len(units))
    if balance.old_stray_parts:
        text = _("Separate before as well, and not by this move: {number} part(s).")
        st.html(draw_note(text.format(number=balance.old_stray_parts)))
    _draw_warnings(visit, balance.warnings)
    if preview.hazards:
        st.html(draw_note(_("Open hazards that go along: {number}.").format(number=preview.hazards)))


def _rank_change(unit: UnitBalance) -> tuple[bool, int]:
    """Who gets the cells comes first, then whoever gives most households."""
    return unit.after.cells <= unit.before.cells, unit.after.households - unit.before.households


def _draw_warnings(visit: Visit, warnings: Sequence[Notice]) -> None:
    _ = visit.translate
    if not warnings:
        return
    shown = count_shown(_WARNINGS, FEW)
    st.html("".join(draw_note(_(item.message).format(**item.values), tone="warn") for item in warnings[:shown]))
    draw_more(visit, _WARNINGS, shown, of=len(warnings))


def _tabulate(units: Sequence[UnitBalance], _: Translate) -> tuple[list[Column], list[list[str]]]:
    """Deviation, farthest cell and compactness of each unit, before and after."""
    columns = [Column(_("Unit")), *(Column(_(name), numeric=True) for name in _MEASURED)]
    rows = []
    for unit in units:
        pair = [
            (format_deviation(side.deviation), _write_minutes(side, _), f"{side.compactness:.2f}")
            for side in (unit.before, unit.after)
        ]
        rows.append([unit.name, *(f"{before} → {after}" for before, after in zip(*pair, strict=True))])
    return columns, rows


def _write_minutes(figures: UnitFigures, _: Translate) -> str:
    return "–" if figures.minutes is None else format_duration(60 * figures.minutes, _)


def _draw_obstacles(visit: Visit, preview: OrderPreview) -> None:
    """Locked cells and orders that wait."""
    _ = visit.translate
    if preview.locked:
        codes = join_names(preview.locked, _, most=_SOME)
        text = _("{number} of the cells are locked: {codes}. Leave them out, or unlock them first.")
        st.html(draw_note(text.format(number=len(preview.locked), codes=codes), tone="alert"))
    for item in preview.waiting:
        facts = {
            "number": item.number,
            "who": item.ordered_by,
            "state": label("order_state", item.state, _),
            "count": item.cells,
            "day": item.effective_on.isoformat(),
        }
        text = _("Order {number} by {who} moves {count} of these cells from {day} ({state}).").format(**facts)
        if item.contradicts:
            text += " " + _("It says otherwise for this very day: choose another day, or have it decided first.")
        st.html(draw_note(text, tone="alert" if item.contradicts else "warn"))


# --- locks --------------------------------------------------------------------------------------------------------


def draw_locking(visit: Visit, cells: tuple[int, ...]) -> None:
    """Lock the chosen cells against every order, or unlock them."""
    _ = visit.translate
    locks = cell_locks.list_locks(visit.context, visit.actor)
    locked = locks[locks["id"].isin(cells)]
    for row in locked.head(_SOME).itertuples():
        facts = {"code": row.code, "who": row.locked_by, "reason": row.reason}
        st.html(draw_note(_("{code} is locked by {who}: {reason}").format(**facts), tone="warn"))
    with st.expander(_("Lock or unlock")):
        reason = st.text_input(_("Why"), key="lock_reason", live=True).strip()
        acts = {
            "lock": (_("Lock"), cell_locks.lock_cells, len(locked) == len(cells), _("Locked. No order moves them.")),
            "unlock": (_("Unlock"), cell_locks.unlock_cells, locked.empty, _("Unlocked.")),
        }
        with st.container(horizontal=True):
            for key, (name, work, idle, done) in acts.items():
                call = partial(_lock, work=work, cells=cells, reason=reason)
                st.button(
                    name, key=f"{key}_cells", disabled=idle or not reason, on_click=partial(act, visit, call, done=done)
                )


def _lock(visit: Visit, *, work: Callable[..., int], cells: tuple[int, ...], reason: str) -> None:
    work(visit.context, visit.actor, cell_ids=list(cells), reason=reason)
