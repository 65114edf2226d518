"""The strip of a line under the map: drawn by a script of ours, answered by a click."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).parent.parent / "static" / "strip"


@dataclass(frozen=True)
class StripEvent:
    """A place chosen on the strip: chainage, metres; side left or right; id of the hazard that was clicked, or None."""

    at_m: float
    side: str
    hazard: int | None


def show_strip(data: dict[str, Any]) -> StripEvent | None:
    """Draw the strip (`views.strips.draw_strip`) and answer what was chosen on it just now."""
    with st.container(key="gm_dock"):
        told = _open_component()(data=data, key="strip", on_place_change=_nothing)
    place = told.get("place")
    return None if place is None else StripEvent(float(place["at"]), place["side"], place["hazard"])


@cache
def _open_component() -> Any:
    read = {suffix: (_FOLDER / f"strip.{suffix}").read_text(encoding="utf-8") for suffix in ("js", "css")}
    return st.components.v2.component("gridmap_strip", js=read["js"], css=read["css"])


def _nothing() -> None:
    """Streamlit answers a trigger only where somebody listens."""
