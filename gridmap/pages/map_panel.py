"""The living map inside a Streamlit page: mounted once, heard when somebody clicks, and told what changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st
from streamlit_folium import st_folium

from gridmap.views.map import MapFrame, MapOverlay, draw_map, draw_overlay

EventKind = Literal["feature", "point", "cells", "undo", "redo"]

_FILL_HEIGHT_PX = 700
"""What Streamlit gives the frame before the page's own style stretches it over its container."""


@dataclass(frozen=True, kw_only=True)
class MapEvent:
    """What a person did on the map.

    Parameters
    ----------
    kind
        "feature": something was clicked, `layer` says what (team, incident, hazard, site, segment, station,
        access_point, cell, area; "" with no ids clears the selection). "cells": the set of chosen cells changed.
        "point": a place was picked. "undo", "redo": the key for it was pressed, `ids` names the change order meant.
    lon, lat
        Where, WGS-84 degrees; (0, 0) when a key was used.
    seq
        Larger for every later event, across mounts: compare it to act once.
    """

    kind: EventKind
    layer: str
    ids: tuple[int, ...]
    lon: float
    lat: float
    seq: int


def hear_map(key: str) -> MapEvent | None:
    """The last thing done on the map `key`, if any: known before a run draws anything, repeated by every later one."""
    return read_event(st.session_state.get(key))


def show_map(frame: MapFrame, overlay: MapOverlay, *, key: str) -> None:
    """Show the map.

    The folium map is drawn anew on every run on purpose: st_folium adds the overlay to the map it is given, so a map
    kept between runs would carry the overlays of all runs before and be mounted again each time.
    """
    st_folium(
        draw_map(frame),
        key=key,
        returned_objects=[],
        feature_group_to_add=draw_overlay(overlay, frame),
        use_container_width=True,
        height=frame.height or _FILL_HEIGHT_PX,
    )


def read_event(value: object) -> MapEvent | None:
    """The event in what the browser sent; None before the first one."""
    if not isinstance(value, Mapping) or "seq" not in value:
        return None
    fields: Mapping[str, Any] = value
    return MapEvent(
        kind=fields["kind"],
        layer=str(fields["layer"]),
        ids=tuple(int(identifier) for identifier in fields["ids"]),
        lon=float(fields["lon"]),
        lat=float(fields["lat"]),
        seq=int(fields["seq"]),
    )
