"""Railway: the lines, and one of them as a strip under the map; what is chosen on either is shown on the other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from gridmap.domain.access import Permission
from gridmap.pages import readings, state
from gridmap.pages.cards import draw_card
from gridmap.pages.map_area import draw_map_area, place_at, take_event, thing_of
from gridmap.pages.panel import choose_section, panel
from gridmap.pages.railway_chiefs import draw_chiefs
from gridmap.pages.railway_lines import draw_lines
from gridmap.pages.railway_tracks import draw_tracks
from gridmap.pages.railway_zones import draw_zones
from gridmap.pages.segment_form import draw_segment_form, offer_segment_form
from gridmap.pages.state import Place, Thing
from gridmap.pages.strip_panel import StripEvent, show_strip
from gridmap.pages.style import colours_of
from gridmap.pages.visit import Visit, calm
from gridmap.services import railways, strips
from gridmap.services.strips import LineStrip
from gridmap.views.strips import draw_strip

Section = Callable[[Visit, pd.DataFrame, LineStrip | None], None]
"""Draws a section of the panel, of all lines and the strip of the one that is shown."""

LAYERS = ("zones", "segments", "stations", "access_points", "hazards")
_CLOSE_DEG = 0.02


def draw(visit: Visit) -> None:
    """Map above, strip below, lines or the card of what was chosen beside."""
    _ = visit.translate
    lines = readings.list_lines(visit)
    with calm(_):
        _take_map_event(visit, _choose_line(lines))
    line_id = _choose_line(lines)
    draw_map_area(visit, "railway", layers=LAYERS)
    strip = None
    if line_id is not None:
        strip = readings.load_strip(visit, line_id=line_id)
        _take_strip_event(visit, strip, show_strip(_draw(visit, strip)))
    with panel(visit, _("Railway")):
        if (thing := state.THING.get()) is not None:
            draw_card(visit, thing, beside=partial(offer_segment_form, visit, thing))
            draw_segment_form(visit, thing)
        _choose_section(visit)(visit, lines, strip)


def _choose_section(visit: Visit) -> Section:
    """One section at a time; what a person may not do is not offered."""
    _ = visit.translate
    sections: dict[str, tuple[str, Section]] = {
        "line": (_("Lines"), draw_lines),
        "zones": (_("Zones"), draw_zones),
        "chiefs": (_("Chiefs"), draw_chiefs),
    }
    if visit.may(Permission.PLAN_PATROLS):
        sections["tracks"] = (_("Tracks"), draw_tracks)
    return choose_section(visit, sections, key="railway_section")


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


def _take_map_event(visit: Visit, line_id: int | None) -> None:
    """Show what was clicked on the map, and its place on the strip of its line."""
    event = take_event("railway")
    if event is None:
        return
    thing, place = thing_of(event), place_at(event)
    if thing is not None and thing.kind == "segment":
        segment = railways.load_segment(visit.context, visit.actor, segment_id=thing.id)
        line_id = int(segment["line_id"])
        state.LINE.set(line_id)
    if place is not None and line_id is not None:
        seen = strips.find_on_strip(visit.context, visit.actor, line_id=line_id, lon=place.lon, lat=place.lat)
        state.STRIP_PLACE.set((seen.mileage_m, seen.side or "left"))
    state.point_at(thing, place)


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
