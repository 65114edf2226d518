"""Choosing one of many units: a province has thousands, and a browser gets as many as a person reads."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from gridmap.i18n.formats import format_number
from gridmap.pages import readings, state
from gridmap.pages.visit import Visit
from gridmap.services import grids
from gridmap.views.cards import draw_note

MOST = 50
"""More units than this are searched by words instead of being listed."""


def choose_unit(
    visit: Visit,
    name: str,
    *,
    key: str,
    placeholder: str,
    among: pd.DataFrame | None = None,
    beside_cells: Sequence[int] = (),
) -> int | None:
    """One of some units (all in scope where None), those that border cells first; None until one is chosen."""
    units = readings.list_units(visit) if among is None else among
    if len(units) <= MOST:
        names = dict(zip(units["id"].astype(int), units["name"], strict=True))
    else:
        names = _narrow(visit, units, key=key, beside_cells=beside_cells)
    chosen: int | None = st.selectbox(
        name, list(names), index=None, format_func=names.__getitem__, placeholder=placeholder, key=key
    )
    return chosen


def _narrow(visit: Visit, units: pd.DataFrame, *, key: str, beside_cells: Sequence[int]) -> dict[int, str]:
    """Names of the few units that fit the words typed, by id, with the area above each."""
    _ = visit.translate
    text = st.text_input(
        _("Find a unit"), key=f"{key}_text", placeholder=_("Name, code or area"), live=True, autocomplete="off"
    ).strip()
    tree = readings.load_tree(visit)
    cells = list(beside_cells)
    beside = grids.find_units_beside(visit.context, visit.actor, cell_ids=cells) if cells else ()
    found = _find(units, tree, text, beside)
    chosen = st.session_state.get(key)  # what was chosen stays a choice whatever is typed next
    shown = found.head(MOST)
    if chosen is not None and chosen not in set(shown["id"]):
        shown = pd.concat([units[units["id"] == chosen], shown])
    if found.empty:
        st.html(draw_note(_("No unit is called so."), tone="warn"))
    elif len(found) > MOST:
        facts = {"shown": MOST, "number": format_number(len(found))}
        st.html(draw_note(_("The first {shown} of {number} units: search for others.").format(**facts)))
    above = tree.set_index("code")["parent_code"].map(tree.set_index("code")["name"])
    return {
        int(row.id): f"{row.name} · {place}" if isinstance(place := above.get(row.area_code), str) else row.name
        for row in shown.itertuples()
    }


def _find(units: pd.DataFrame, tree: pd.DataFrame, text: str, beside: Sequence[int]) -> pd.DataFrame:
    """Units of that name, code or area, without words those of the area that is open; neighbours before all others."""
    rank = {unit: place for place, unit in enumerate(beside)}
    order = units["id"].map(rank).fillna(len(rank))
    if text:
        places = tuple(tree.loc[tree["name"].str.contains(text, case=False, regex=False), "code"])
        fits = units["name"].str.contains(text, case=False, regex=False)
        fits |= units["code"].str.contains(text, case=False, regex=False)
        fits |= units["area_code"].str.startswith(places)
    else:
        fits = units["area_code"].str.startswith(state.AREA.get()) | units["id"].isin(rank)
    return units.assign(order=order)[fits].sort_values(["order", "code"], kind="stable")
