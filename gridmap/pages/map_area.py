"""The map of a page: what stays the same makes the frame, what a person does makes the overlay.

A page hears its map first and draws it after, so that a click is answered by one run of the script.
"""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gridmap.i18n.kinds import name_kinds
from gridmap.pages import readings, state
from gridmap.pages.map_panel import MapEvent, hear_map, show_map
from gridmap.pages.state import Place, Thing
from gridmap.pages.visit import Visit
from gridmap.views.map import FlyTo, MapFrame, MapOverlay, Mark, Select

GROUND = frozenset({"cell", "area"})
"""Things so large that a click on one means its place as well."""

BASE = ("roads", "land", "borders", "rail", "labels")
"""Layers every page shows."""


def take_event(page: str) -> MapEvent | None:
    """What the person did on the map of `page` since the last run, once."""
    event = hear_map(_key(page))
    return event if event is not None and state.is_new_event(page, event.seq) else None


def hold_ground() -> DeltaGenerator:
    """The place of the map, where something else is drawn first: the map keeps it, and is not mounted anew."""
    return st.container(key="gm_map")


def draw_map_area(
    visit: Visit,
    page: str,
    *,
    layers: tuple[str, ...],
    select: Select = "feature",
    pick_point: bool = False,
    overlay: MapOverlay | None = None,
    ground: DeltaGenerator | None = None,
) -> None:
    """Draw the map of `page`, into the ground that was held for it before."""
    settings = visit.context.settings
    frame = MapFrame(
        bounds_wgs84=readings.load_bounds(visit),
        language=visit.language,
        theme=visit.theme,
        layers=(*BASE, *layers),
        switches=True,
        select=select,
        pick_point=pick_point,
        legend=True,
        revisions=visit.revisions,
        raster=next(iter(settings.raster_basemaps), None),
        title=readings.load_scope_name(visit),
        stale_s=settings.stale_position_s,
        retention_days=settings.track_retention_days,
        hazard_kinds=name_kinds(readings.load_kinds(visit), visit.language),
    )
    with ground or hold_ground():
        show_map(frame, _with_gaze(overlay or MapOverlay()), key=_key(page))


def follow(page: str) -> None:
    """Show what was clicked on the map of `page` beside it; a click on nothing closes the card."""
    event = take_event(page)
    if event is None:
        return
    thing = thing_of(event)
    if thing is None and event.kind == "feature":
        state.look_away()
    else:
        state.point_at(thing, place_at(event))


def place_at(event: MapEvent) -> Place | None:
    """Where the map was clicked; None when a key was used."""
    return Place(event.lon, event.lat) if (event.lon, event.lat) != (0, 0) else None


def thing_of(event: MapEvent) -> Thing | None:
    """What was clicked, where it has a card."""
    return Thing(event.layer, event.ids[0]) if event.kind == "feature" and event.ids else None


def place_of(features: gpd.GeoDataFrame) -> Place:
    """Where `features` (WGS-84) lie, for the map to move to."""
    west, south, east, north = (float(value) for value in features.total_bounds)
    return Place((west + east) / 2, (south + north) / 2, (west, south, east, north))


def _key(page: str) -> str:
    return f"map_{page}"


def _with_gaze(overlay: MapOverlay) -> MapOverlay:
    """Add what the person points at, and the last move asked for."""
    selected = dict(overlay.selected)
    thing, point, goal = state.THING.get(), state.POINT.get(), state.FLY_TO.get()
    if thing is not None:
        selected[thing.kind] = (*selected.get(thing.kind, ()), thing.id)
    marks = overlay.marks
    if point is not None and (thing is None or thing.kind in GROUND):
        marks = (*marks, Mark(lon=point.lon, lat=point.lat))
    move = overlay.fly_to
    if goal is not None:
        move = FlyTo(bounds_wgs84=goal.bounds, lon=goal.lon, lat=goal.lat, count=state.FLY_COUNT.get())
    return replace(overlay, selected=selected, marks=marks, fly_to=move)
