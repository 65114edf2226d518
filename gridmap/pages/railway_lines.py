"""The railway page's first section: how fresh the line shown is, and all lines to choose from."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from gridmap.i18n.formats import format_distance, format_number
from gridmap.i18n.labels import label
from gridmap.pages import state
from gridmap.pages.panel import Row, draw_rows, heading
from gridmap.pages.state import Place
from gridmap.pages.visit import Visit
from gridmap.services import railways
from gridmap.services.strips import LineStrip
from gridmap.views.cards import draw_facts, draw_figures
from gridmap.views.palette import FRESHNESS
from gridmap.views.strips import describe_place


def draw_lines(visit: Visit, lines: pd.DataFrame, strip: LineStrip | None) -> None:
    """The line shown, then the list."""
    if strip is not None:
        _draw_line(visit, strip)
    _draw_list(visit, lines)


def _draw_line(visit: Visit, strip: LineStrip) -> None:
    """How much of the line is fresh, in kilometres of either side."""
    _ = visit.translate
    heading(_("{line} · kilometres, either side counted").format(line=strip.name))
    metres = (strip.pieces["to_m"] - strip.pieces["from_m"]).groupby(strip.pieces["freshness"]).sum()
    figures = [
        (format_number(float(metres.get(name, 0.0)) / 1000, digits=1), label("freshness", name, _))
        for name in FRESHNESS
    ]
    st.html(draw_figures(figures))
    if (place := state.STRIP_PLACE.get()) is not None:
        write = partial(railways.write_mileage, railways.load_line(visit.context, strip.line_id))
        st.html(draw_facts(describe_place(strip, place, translate=_, write=write)))


def _draw_list(visit: Visit, lines: pd.DataFrame) -> None:
    _ = visit.translate
    heading(_("Lines ({number})").format(number=len(lines)))
    rows = [
        Row(
            str(row.id),
            row.name,
            _("{length} · {number} segments, {overdue} overdue").format(
                length=format_distance(row.length_m, _),
                number=format_number(row.segments),
                overdue=format_number(row.overdue),
            ),
            "red" if row.overdue else "gray",
        )
        for row in lines.itertuples()
    ]
    key = draw_rows(visit, "lines", rows, empty=_("No railway line here."))
    if key is not None:
        state.LINE.set(int(key))
        state.STRIP_PLACE.clear()
        _, _, measured = railways.load_line(visit.context, int(key))
        west, south, east, north = measured.geometry.bounds
        state.fly(Place((west + east) / 2, (south + north) / 2, (west, south, east, north)))
        st.rerun()
