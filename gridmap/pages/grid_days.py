"""Who answered for which cell when: the days of one cell, and two days compared on the map."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from gridmap.domain.days import local_day
from gridmap.i18n.formats import format_number
from gridmap.pages import readings, state
from gridmap.pages.grid_legend import explain_gains
from gridmap.pages.grid_playback import build_day_fill, draw_playback, is_on
from gridmap.pages.map_area import place_of
from gridmap.pages.panel import heading
from gridmap.pages.visit import Visit
from gridmap.services.change_order_history import DayComparison, list_cell_history
from gridmap.views.cards import Column, draw_empty, draw_note, draw_table
from gridmap.views.map import CellFill

_EARLIER, _LATER = "days_earlier", "days_later"
_BACK = timedelta(days=30)


def draw_cell_history(visit: Visit, cell_id: int) -> None:
    """Units of a cell with their days, and who ordered it and why."""
    _ = visit.translate
    heading(_("History of this cell"))
    days = list_cell_history(visit.context, visit.actor, cell_id=cell_id).tenures
    rows = [
        (
            row.valid_from.isoformat(),
            row.unit_name or "–",
            f"{row.number} · {row.ordered_by} · {row.reason}" if row.number else _("came with the data"),
        )
        for row in days.itertuples()
    ]
    if rows:
        st.html(draw_table([Column(_("Since"), whole=True), Column(_("Unit")), Column(_("Why"))], rows))
    else:
        st.html(draw_empty(_("No unit ever answered for it.")))


# --- two days -----------------------------------------------------------------------------------------------------


def draw_comparison(visit: Visit) -> None:
    """Two days; what changed between them per unit, and on the map by the unit that each cell went to."""
    _ = visit.translate
    earlier, later = _days(visit)
    with st.container(horizontal=True):
        st.date_input(_("On"), value=earlier, format="YYYY-MM-DD", key=_EARLIER)
        st.date_input(_("and on"), value=later, format="YYYY-MM-DD", key=_LATER)
    if later > local_day(visit.now):
        st.html(draw_note(_("Days to come are as the approved orders say.")))
    if earlier <= later:
        draw_playback(visit, earlier=earlier, later=later)
    compared = _compare(visit)
    if compared.unknown:
        text = _("Cells left out, as no unit is known for them on one of the days: {number}.")
        st.html(draw_note(text.format(number=format_number(compared.unknown)), tone="warn"))
    if compared.cells.empty:
        st.html(draw_empty(_("Every cell had the same unit on both days.")))
        return
    heading(_("Cells changed: {number}").format(number=len(compared.cells)))
    st.button(_("Show on the map"), key="days_show", on_click=_fly_to, args=(visit, set(compared.cells["id"])))
    rows = [
        (
            row.name or "–",
            f"{format_number(row.cells_before)} → {format_number(row.cells_after)}",
            f"{format_number(row.households_before)} → {format_number(row.households_after)}",
        )
        for row in compared.units.itertuples()
    ]
    columns = [Column(_("Unit")), Column(_("Cells"), numeric=True), Column(_("Households"), numeric=True)]
    st.html(draw_table(columns, rows))


def _fly_to(visit: Visit, changed: set[int]) -> None:
    cells = readings.load_cells(visit)
    if len(found := cells[cells["id"].isin(changed)]):
        state.fly(place_of(found))


def _days(visit: Visit) -> tuple[date, date]:
    today = local_day(visit.now)
    earlier, later = (st.session_state.get(key) for key in (_EARLIER, _LATER))
    return earlier or today - _BACK, later or today


def _compare(visit: Visit) -> DayComparison:
    earlier, later = _days(visit)
    return readings.compare_dates(visit, earlier=earlier, later=later)


def build_fill(visit: Visit) -> CellFill:
    """The cells that changed, each in the hue of the unit it went to, the others blank; or a day of the playback."""
    earlier, later = _days(visit)
    if is_on() and earlier <= later:
        played = build_day_fill(visit, earlier=earlier, later=later)
        if played is not None:
            return played
    units = readings.list_units(visit)
    hue = dict(zip(units["id"], units["color"], strict=True))
    changed = _compare(visit).cells
    classes = {
        int(cell): int(hue[unit]) for cell, unit in zip(changed["id"], changed["after"], strict=True) if unit in hue
    }
    title = visit.translate("Cells by the unit they went to")
    legend = explain_gains(visit, title, gained=changed["after"], hue=hue)
    return CellFill(classes=classes, scale="units", **legend)
