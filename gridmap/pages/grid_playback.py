"""Changes played back day by day on the map, with who ordered them and why."""

from __future__ import annotations

import time
from datetime import date

import streamlit as st

from gridmap.domain.districting.coloring import COLOURS
from gridmap.i18n.formats import format_number
from gridmap.i18n.labels import label
from gridmap.pages import readings, state
from gridmap.pages.grid_legend import explain_gains
from gridmap.pages.panel import heading
from gridmap.pages.visit import Visit
from gridmap.services.change_playback import Playback
from gridmap.services.topology import MOST_CELLS
from gridmap.views.cards import draw_empty, draw_item, draw_note
from gridmap.views.map import CellFill

_ON, _DAY = "playback_on", "playback_day"
STEP_S = 1.5
"""How long a day stands while it plays: long enough to read one order."""


def draw_playback(visit: Visit, *, earlier: date, later: date) -> None:
    """A switch, the days with changes to step through, and the orders of the day that is shown."""
    _ = visit.translate
    heading(_("Day by day"))
    played = readings.load_playback(visit, earlier=earlier, later=later)
    if not played.days:
        st.html(draw_empty(_("Nothing changed between these days.")))
        return
    st.toggle(_("Show on the map day by day"), key=_ON)
    if not is_on():
        return
    days = [played.start, *played.days]
    shown = _find_day(days)
    st.select_slider(_("Day"), days, key=_DAY, format_func=date.isoformat)
    playing = state.PLAYING.get() is not None
    with st.container(horizontal=True):
        st.button(_("Pause") if playing else _("Play"), key="playback_play", on_click=_switch, args=(days,))
    if playing:
        _draw_clock()
    if len(played.before) > MOST_CELLS:
        st.html(draw_note(_("Coloured are the cells that change between the two days.")))
    _draw_orders(visit, played, shown)


def is_on() -> bool:
    """Whether the map shows a day of the playback."""
    return bool(st.session_state.get(_ON))


def build_day_fill(visit: Visit, *, earlier: date, later: date) -> CellFill | None:
    """Cells in the hue of the unit that has them on the day shown; None where nothing changes between the days."""
    played = readings.load_playback(visit, earlier=earlier, later=later)
    if not played.days:
        return None
    days = [played.start, *played.days]
    _advance(days)
    units = readings.list_units(visit)
    hue = dict(zip(units["id"], units["color"], strict=True))
    day = _find_day(days)
    owners = played.find_owners(day)
    hue = {unit: unit % COLOURS for unit in owners.values()} | hue  # units that are closed have none today
    if len(played.before) > MOST_CELLS:
        owners = {cell: owners[cell] for cell in played.list_moving() if cell in owners}
    classes = {cell: int(hue[unit]) for cell, unit in owners.items()}
    moved = played.changes.loc[played.changes["day"] == day, "cell_id"]
    title = visit.translate("Cells by the unit they went to")
    legend = explain_gains(visit, title, gained=[owners[cell] for cell in moved if cell in owners], hue=hue)
    return CellFill(classes=classes, scale="units", **legend)


def _draw_orders(visit: Visit, played: Playback, day: date) -> None:
    _ = visit.translate
    if day == played.start:
        st.html(draw_note(_("The units as they were on {day}.").format(day=day.isoformat())))
        return
    for row in played.list_orders(day).itertuples():
        cells = _("Cells: {number}").format(number=format_number(row.cells))
        if row.number is None:
            st.html(draw_item(_("came with the data"), cells))
            continue
        note = " · ".join((label("order_kind", row.kind, _), cells, row.ordered_by, row.reason))
        st.html(draw_item(row.number, note))


# --- playing ------------------------------------------------------------------------------------------------------


def _find_day(days: list[date]) -> date:
    """The day that the slider is or will be set to."""
    at = st.session_state.get(_DAY)
    if at not in days:
        at = st.session_state[_DAY] = days[0]
    return at


def _advance(days: list[date]) -> None:
    """Set the slider one day further where that is due; called once in a run, before it is drawn."""
    since = state.PLAYING.get()
    if since is None or time.monotonic() - since < STEP_S:
        return
    place = min(days.index(_find_day(days)) + 1, len(days) - 1)
    st.session_state[_DAY] = days[place]
    state.PLAYING.set(time.monotonic() if place < len(days) - 1 else None)


def _switch(days: list[date]) -> None:
    if state.PLAYING.get() is not None:
        state.PLAYING.clear()
        return
    if st.session_state.get(_DAY) == days[-1]:
        st.session_state[_DAY] = days[0]
    state.PLAYING.set(time.monotonic())


@st.fragment(run_every=STEP_S / 3)
def _draw_clock() -> None:
    """Nothing to see: has the page drawn anew once the next day is due."""
    since = state.PLAYING.get()
    if since is not None and time.monotonic() - since >= STEP_S:
        st.rerun()
