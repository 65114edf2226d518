"""Railway: the lines, and one of them as a strip under the map; what is chosen on either is shown on the other."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from gridmap.i18n.formats import format_distance, format_number
from gridmap.i18n.labels import label
from gridmap.pages import readings, state
from gridmap.pages.cards import draw_card
from gridmap.pages.map_area import draw_map_area, thing_of
from gridmap.pages.map_panel import MapEvent
from gridmap.pages.panel import Row, draw_rows, heading, panel
from gridmap.pages.state import Place, Thing
from gridmap.pages.strip_panel import StripEvent, show_strip
from gridmap.pages.style import colours_of
from gridmap.pages.visit import Visit
from gridmap.services import railways, strips
from gridmap.services.strips import LineStrip
from gridmap.views.cards import draw_facts, draw_figures
from gridmap.views.palette import FRESHNESS
from gridmap.views.strips import describe_place, draw_strip

LAYERS = ("segments", "stations", "access_points", "hazards")
_CLOSE_DEG = 0.02


def draw(visit: Visit) -> None:
    """Map above, strip below, lines or the card of what was chosen beside."""
    _ = visit.translate
    lines = readings.list_lines(visit)
    line_id = _choose_line(lines)
    _take_map_event(visit, line_id, draw_map_area(visit, "railway", layers=LAYERS))
    strip = None
    if line_id is not None:
        strip = readings.load_strip(visit, line_id=line_id)
        _take_strip_event(visit, strip, show_strip(_draw(visit, strip)))
    with panel(visit, _("Railway")):
        if (thing := state.THING.get()) is not None:
            draw_card(visit, thing)
        if strip is not None:
            _draw_line(visit, strip)
        _draw_lines(visit, lines)


def _choose_line(lines: pd.DataFrame) -> int | None:
    """The line that was chosen, else the longest."""
    chosen = state.LINE.get()
    if chosen in set(lines["id"]):
        return chosen
    return None if lines.empty else int(lines.sort_values("length_m")["id"].iloc[-1])


def _draw(visit: Visit, strip: LineStrip) -> dict[str, object]:
    line = railways.load_line(visit.context, strip.line_id)
    return draw_strip(
        strip,
        translate=visit.translate,
        theme=visit.theme,
        chrome=colours_of(visit.theme),
        write=partial(railways.write_mileage, line),
        marker=state.STRIP_PLACE.get(),
    )


def _take_map_event(visit: Visit, line_id: int | None, event: MapEvent | None) -> None:
    """Show what was clicked on the map, and its place on the strip of its line."""
    if event is None:
        return
    thing = thing_of(event)
    place = Place(event.lon, event.lat) if (event.lon, event.lat) != (0, 0) else None
    if thing is not None and thing.kind == "segment":
        segment = railways.load_segment(visit.context, visit.actor, segment_id=thing.id)
        line_id = int(segment["line_id"])
        state.LINE.set(line_id)
    if place is not None and line_id is not None:
        seen = strips.find_on_strip(visit.context, visit.actor, line_id=line_id, lon=place.lon, lat=place.lat)
        state.STRIP_PLACE.set((seen.mileage_m, seen.side or "left"))
    state.point_at(thing, place)
    st.rerun()


def _take_strip_event(visit: Visit, strip: LineStrip, event: StripEvent | None) -> None:
    """Move the map to what was clicked on the strip."""
    if event is None:
        return
    state.STRIP_PLACE.set((event.at_m, event.side))
    _, _, measured = railways.load_line(visit.context, strip.line_id)
    lon, lat = measured.point_at(event.at_m)
    near = (lon - _CLOSE_DEG, lat - _CLOSE_DEG, lon + _CLOSE_DEG, lat + _CLOSE_DEG)
    thing = Thing("hazard", event.hazard) if event.hazard is not None else None
    state.look_at(thing, Place(lon, lat, near))
    st.rerun()


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


def _draw_lines(visit: Visit, lines: pd.DataFrame) -> None:
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
