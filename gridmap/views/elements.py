"""The elements that put our own map scripts into a folium map, and folium without a link to the outside.

Importing this module replaces folium's links once: a folium map out of the box loads eight files from the internet and
draws nothing when one of them fails. Only Leaflet is needed; jQuery, Bootstrap and the icon fonts serve folium markers
and popups, which this map never draws.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import folium
from branca.element import MacroElement
from folium.elements import JSCSSMixin
from folium.template import Template

_STATIC = Path(__file__).parent.parent / "static"

VENDOR_URL = "/vendor"
"""Where the web layer serves static/vendor."""
ASSETS_URL = "/assets"
"""Where the web layer serves static; Streamlit keeps /static for itself."""


@cache
def compute_static_version() -> str:
    """Short hash over our own scripts and the vendored ones: part of their address, so that browsers may keep them."""
    digest = hashlib.sha256()
    for file in sorted(path for path in _STATIC.rglob("*") if path.suffix in {".js", ".css"}):
        digest.update(file.relative_to(_STATIC).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _script_url(file: str) -> str:
    return f"{ASSETS_URL}/v/{compute_static_version()}/map/{file}"


folium.Map.default_js = [("leaflet", f"{VENDOR_URL}/leaflet/leaflet.js")]
folium.Map.default_css = [("leaflet_css", f"{VENDOR_URL}/leaflet/leaflet.css")]


class LivingMap(JSCSSMixin, MacroElement):  # type: ignore[misc]  # folium has no types
    """Turns the Leaflet map it is added to into ours; `options` are handed to static/map/index.js as they are."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        gridmap.mount({{ this._parent.get_name() }}, {{ this.options | tojson }});
        {% endmacro %}
        """
    )

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__()
        self._name = "LivingMap"
        self.options = dict(options)
        self.default_js = [("gridmap_js", _script_url("boot.js"))]
        self.default_css = [("gridmap_css", _script_url("map.css"))]


class OverlayCall(MacroElement):  # type: ignore[misc]
    """Hands what changes to the living map; lives in a feature group, which Streamlit replaces without a remount."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        gridmap.show({{ this.overlay | tojson }});
        {% endmacro %}
        """
    )

    def __init__(self, overlay: Mapping[str, Any]) -> None:
        super().__init__()
        self._name = "OverlayCall"
        self.overlay = dict(overlay)
