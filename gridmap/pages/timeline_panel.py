"""The days of a plan's teams under the map: drawn by a view, put there by a script of ours, answered by a click."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from gridmap.views.timeline import AXIS_PX, ROW_PX

_FOLDER = Path(__file__).parent.parent / "static" / "timeline"
_LEGEND_PX, _MOST_PX, _MOST_ON_PHONE_PX = 34, 220, 150


def show_timeline(data: dict[str, Any]) -> int | None:
    """Show what `views.timeline.draw_timeline` drew and answer the position of the route clicked just now."""
    height = min(_MOST_PX, _LEGEND_PX + AXIS_PX + ROW_PX * max(1, data["rows"]) + 10)
    phone = f"@media (max-width:640px){{:root:has(.st-key-gm_dock){{--gm-dock:{min(height, _MOST_ON_PHONE_PX)}px}}}}"
    st.html(f"<style>:root:has(.st-key-gm_dock){{--gm-dock:{height}px}}{phone}</style>")
    with st.container(key="gm_dock"):
        told = _open_component()(data=data, key="timeline", on_route_change=_nothing)
    route = told.get("route")
    return None if route is None else int(route)


@cache
def _open_component() -> Any:
    read = {suffix: (_FOLDER / f"timeline.{suffix}").read_text(encoding="utf-8") for suffix in ("js", "css")}
    return st.components.v2.component("gridmap_timeline", js=read["js"], css=read["css"])


def _nothing() -> None:
    """Streamlit answers a trigger only where somebody listens."""
