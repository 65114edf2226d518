"""The tree of areas, walked down by clicks and searched by name or code."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from gridmap.errors import NotFound
from gridmap.i18n.formats import format_number
from gridmap.i18n.labels import label
from gridmap.pages import readings, state
from gridmap.pages.map_area import place_of
from gridmap.pages.panel import FEW, Row, draw_rows, heading
from gridmap.pages.visit import Visit
from gridmap.services.area_history import find_code


def draw_tree(visit: Visit) -> None:
    """What lies below the area that is open, or what fits the words typed."""
    _ = visit.translate
    tree = readings.load_tree(visit)
    heading(_("Areas"))
    text = st.text_input(
        _("Find an area"), key="area_text", placeholder=_("Name or code"), label_visibility="collapsed", live=True
    ).strip()
    code = state.AREA.get()
    if text:
        shown = tree[tree["name"].str.contains(text, regex=False) | tree["code"].str.startswith(text)]
    else:
        _draw_trail(visit, tree, code)
        shown = tree[tree["parent_code"].fillna("") == code]
        if not code:
            shown = tree[~tree["parent_code"].isin(tree["code"])]
    rows = [
        Row(row.code, row.name, f"{label('level', row.level, _)} · {_('Cells: {number}').format(number=row.cells)}")
        for row in shown.itertuples()
    ]
    own = tree.loc[tree["code"] == code, "cells"]
    empty = _("Below this area are cells alone: {number}.").format(number=format_number(own.sum()))
    chosen = draw_rows(visit, "areas", rows, empty=_("No such area.") if text else empty, step=FEW)
    if chosen is not None:
        _open_area(visit, chosen)


def follow_area(visit: Visit) -> None:
    """Where the open area has another code by now, or is no more, open what became of it, else the area above."""
    code, known = state.AREA.get(), set(readings.load_tree(visit)["code"])
    if not code or code in known:
        return
    try:
        now = [new for _, new, _ in find_code(visit.context, visit.actor, code=code).now if new in known]
    except NotFound:
        now = []
    above = sorted((other for other in known if code.startswith(other)), key=len)
    state.AREA.set(next(iter([*now, *reversed(above)]), ""))


def _draw_trail(visit: Visit, tree: pd.DataFrame, code: str) -> None:
    """The way up: every area above the one that is open."""
    above = tree[[bool(code) and code.startswith(other) for other in tree["code"]]].sort_values("level")
    if above.empty:
        return
    with st.container(horizontal=True, key="gm_trail"):
        st.button(visit.translate("All"), key="trail_all", type="tertiary", on_click=state.AREA.clear)
        for row in above.itertuples():
            if st.button(row.name, key=f"trail_{row.code}", type="tertiary"):
                _open_area(visit, row.code)


def _open_area(visit: Visit, code: str) -> None:
    state.AREA.set(code)
    cells = readings.load_cells(visit)
    inside = cells[cells["code"].str.startswith(code)]
    if len(inside):
        state.fly(place_of(inside))
    st.rerun()
