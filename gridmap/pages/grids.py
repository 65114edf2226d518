"""Grids: the tree of areas, the units and their cells; cells move by orders, seen first, undone after."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gridmap.domain.access import Permission
from gridmap.i18n.formats import format_number
from gridmap.pages import readings, state
from gridmap.pages.area_changes import add_split_point, draw_area_change, draw_area_history, draw_split_line
from gridmap.pages.area_pending import draw_pending_changes
from gridmap.pages.area_tree import draw_tree, follow_area
from gridmap.pages.grid_borders import draw_borders, draw_new_findings, list_marks
from gridmap.pages.grid_changes import draw_locking, draw_reassignment
from gridmap.pages.grid_days import build_fill, draw_cell_history, draw_comparison
from gridmap.pages.grid_orders import SECTION, draw_new_notices, draw_orders, find_section, list_shown_cells
from gridmap.pages.grid_rules import draw_pairing
from gridmap.pages.grid_selection import draw_selection
from gridmap.pages.grid_steps import find_keys, take_step
from gridmap.pages.grid_suggest import build_suggestion_fill, draw_suggestions, list_moving_cells
from gridmap.pages.grid_workload import build_workload_fill, draw_workload, show_unit
from gridmap.pages.map_area import draw_map_area, hold_ground, take_event
from gridmap.pages.map_panel import MapEvent
from gridmap.pages.panel import FEW, Row, act, choose_section, draw_rows, heading, panel
from gridmap.pages.visit import Visit
from gridmap.services.units import close_unit
from gridmap.views.cards import draw_note
from gridmap.views.map import CellFill, MapOverlay


def draw(visit: Visit) -> None:
    """Map of cells; beside it tree and units, the orders, two days compared, or the change at hand."""
    event = take_event("grids")
    if event is not None:
        _take_event(visit, event)
    follow_area(visit)
    splitting, ground = _is_splitting(visit), hold_ground()
    parts = [partial(_draw_ground, visit, ground, splitting=splitting), partial(_draw_panel, visit)]
    if state.CELLS.get():
        # Who chooses cells sees them on the map at once, and waits for the panel; who comes to the page for the map.
        parts.reverse()
    for draw_part in parts:
        draw_part()


def _draw_ground(visit: Visit, ground: DeltaGenerator, *, splitting: bool) -> None:
    undo, redo = find_keys(visit)
    cells = state.CELLS.get()
    overlay = MapOverlay(
        selected={"cell": cells},
        outlined=_list_outlined(visit),
        cell_fill=_find_fill(visit),
        borders=list_marks(visit, with_faults=find_section() == "borders" and not cells),
        undo=undo,
        redo=redo,
    )
    draw_map_area(
        visit,
        "grids",
        layers=("units",),
        select="none" if splitting else "cells",
        pick_point=splitting,
        overlay=draw_split_line(visit, overlay) if splitting else overlay,
        ground=ground,
    )


def _draw_panel(visit: Visit) -> None:
    _, cells = visit.translate, state.CELLS.get()
    with panel(visit, _("Grids")):
        if cells:
            _draw_chosen(visit, cells)
            return
        draw_new_notices(visit)
        draw_pending_changes(visit)
        if visit.may(Permission.REASSIGN_CELLS):
            draw_new_findings(visit)
            st.html(draw_note(_("Click a cell; hold Ctrl for several, or draw around them with the lasso.")))
        sections: dict[str, tuple[str, Callable[[Visit], None]]] = {
            "units": (_("Units"), _draw_areas),
            "workload": (_("Workload"), draw_workload),
        }
        if visit.may(Permission.REASSIGN_CELLS):
            sections["suggest"] = (_("Suggestions"), draw_suggestions)
        sections |= {
            "orders": (_("Change orders"), draw_orders),
            "days": (_("Compare days"), draw_comparison),
            "borders": (_("Borders"), draw_borders),
        }
        state.GRID_SECTION.set(find_section())
        choose_section(visit, sections, key=SECTION, first=state.GRID_SECTION.get())(visit)


def _take_event(visit: Visit, event: MapEvent) -> None:
    """What was done on the map: an order taken back or done again, a point of a line, another choice of cells."""
    if event.kind in {"undo", "redo"}:
        take_step(visit, event)
        st.rerun()  # what this run knows of the data is from before
    elif _is_splitting(visit):
        add_split_point(event.lon, event.lat)
    else:
        state.CELLS.set(tuple(event.ids))
        state.FLY_TO.clear()


def _is_splitting(visit: Visit) -> bool:
    """Whether an area is in sight whose line is being drawn; a line that was left is forgotten."""
    seen = bool(state.CELLS.get() or (state.AREA.get() and find_section() == "units"))
    if not (seen and visit.may(Permission.REASSIGN_CELLS)):
        state.SPLITTING.clear()
        state.SPLIT_LINE.clear()
    return state.SPLITTING.get()


def _draw_chosen(visit: Visit, cells: tuple[int, ...]) -> None:
    _ = visit.translate
    if visit.may(Permission.REASSIGN_CELLS):
        draw_reassignment(visit, cells)
        draw_locking(visit, cells)
        if len(cells) == 2:
            draw_pairing(visit, cells)
    else:
        st.html(draw_note(_("Cells chosen: {number}. Only a grid supervisor may move them.").format(number=len(cells))))
    if len(cells) == 1:
        draw_cell_history(visit, cells[0])
    known = readings.load_cells(visit)
    _draw_area(visit, tuple(sorted(known.loc[known["id"].isin(cells), "code"])))


def _draw_area(visit: Visit, codes: tuple[str, ...]) -> None:
    """The history of one area, and for who may the change of one or of several."""
    may_change = visit.may(Permission.REASSIGN_CELLS)
    if len(codes) == 1:
        draw_area_history(visit, codes[0], may_undo=may_change)
    if may_change and codes:
        draw_area_change(visit, codes)


def _list_outlined(visit: Visit) -> tuple[int, ...]:
    """Cells of the order or proposal that is looked at, else of the unit."""
    if find_section() == "orders":
        return () if state.CELLS.get() else list_shown_cells(visit)
    if find_section() == "suggest" and state.SUGGESTION.get() is not None:
        return list_moving_cells()
    unit = state.UNIT.get()
    if unit is None:
        return _list_cells_of_area(visit)
    cells = readings.load_cells(visit)
    return tuple(int(cell) for cell in cells.loc[cells["unit_id"] == unit, "id"])


def _list_cells_of_area(visit: Visit) -> tuple[int, ...]:
    """Cells of the open area where nothing else lies below it."""
    code, tree = state.AREA.get(), readings.load_tree(visit)
    if not code or find_section() != "units" or tree["parent_code"].eq(code).any():
        return ()
    cells = readings.load_cells(visit)
    return tuple(int(cell) for cell in cells.loc[cells["code"].str.startswith(code), "id"])


def _find_fill(visit: Visit) -> CellFill | None:
    build = {"days": build_fill, "workload": build_workload_fill, "suggest": build_suggestion_fill}.get(find_section())
    return None if build is None or state.CELLS.get() else build(visit)


def _draw_areas(visit: Visit) -> None:
    if visit.may(Permission.REASSIGN_CELLS):
        draw_selection(visit)
    draw_tree(visit)
    code = state.AREA.get()
    if code in set(readings.load_tree(visit)["code"]):
        _draw_area(visit, (code,))
    _draw_units(visit)


def _draw_units(visit: Visit) -> None:
    _ = visit.translate
    units = readings.list_units(visit)
    code = state.AREA.get()
    if code:
        cells = readings.load_cells(visit)
        here = cells.loc[cells["code"].str.startswith(code), "unit_id"]
        units = units[units["area_code"].str.startswith(code) | units["id"].isin(here)]
    heading(_("Units ({number})").format(number=len(units)))
    rows = [
        Row(
            str(row.id),
            row.name,
            _("Cells: {cells} · households: {households}").format(
                cells=format_number(row.cells), households=format_number(row.households)
            ),
        )
        for row in units.itertuples()
    ]
    key = draw_rows(visit, "units", rows, empty=_("No unit here."), step=FEW)
    if key is not None:
        show_unit(visit, int(key))
        st.rerun()
    idle = units[(units["id"] == state.UNIT.get()) & (units["cells"] == 0)]
    if len(idle) and visit.may(Permission.REASSIGN_CELLS):
        _draw_closing(visit, int(idle["id"].iloc[0]), str(idle["name"].iloc[0]))


def _draw_closing(visit: Visit, unit_id: int, name: str) -> None:
    """A unit without cells may be closed."""
    _ = visit.translate
    heading(name)
    st.html(draw_note(_("This unit has no cell.")))
    reason = st.text_input(_("Reason"), key="close_reason", placeholder=_("It is kept in the journal"), live=True)
    close = partial(_close, unit_id=unit_id, reason=reason.strip())
    st.button(
        _("Close this unit"),
        key="close_unit",
        disabled=not reason.strip(),
        on_click=partial(act, visit, close, done=_("Closed.")),
    )


def _close(visit: Visit, *, unit_id: int, reason: str) -> None:
    close_unit(visit.context, visit.actor, unit_id=unit_id, reason=reason)
    state.UNIT.clear()
