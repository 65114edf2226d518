"""What browsers fetch before they need it: scripts while somebody signs in, tables while the map's page is built."""

from __future__ import annotations

import html
import re
from functools import cache
from pathlib import Path

import streamlit

from gridmap.views.elements import ASSETS_URL, VENDOR_URL, compute_static_version

_STREAMLIT = Path(streamlit.__file__).parent / "static"
_NAMED = re.compile(r'(?:src|href)="\./(static/(?:js|css)/[^"]+)"')
_ICONS = "MaterialSymbols-Rounded.*.woff2"
_MAP = Path(__file__).parent.parent / "static" / "map"
_LEAFLET = ("leaflet/leaflet.js", "leaflet/leaflet.css")

_KINDS = {"js": "script", "css": "style", "woff2": "font"}

HASHED_FOLDERS = ("/static/js/", "/static/css/", "/static/media/")
"""Streamlit's own files, whose names hold a hash of their content."""


@cache
def list_scripts() -> tuple[str, ...]:
    """Addresses of the scripts, styles and fonts that every page with a map loads."""
    page = (_STREAMLIT / "index.html").read_text("utf-8")
    icons = sorted((_STREAMLIT / "static" / "media").glob(_ICONS))
    ours = sorted(file for file in _MAP.iterdir() if file.suffix in {".js", ".css"})
    return (
        *(f"/{name}" for name in _NAMED.findall(page)),
        *(f"/static/media/{file.name}" for file in icons),
        *(f"{VENDOR_URL}/{name}" for name in _LEAFLET),
        *(f"{ASSETS_URL}/v/{compute_static_version()}/map/{file.name}" for file in ours),
    )


def draw_prefetch() -> str:
    """Links for the head of a page on which somebody has time: what comes next is then in the browser already."""
    return "".join(
        f'<link rel="prefetch" href="{html.escape(address, quote=True)}" as="{_KINDS[address.rpartition(".")[2]]}"'
        f"{'' if VENDOR_URL in address else ' crossorigin'}>"
        for address in list_scripts()
    )


def draw_ahead() -> str:
    """The script that asks for the map's tables while the page around it is put together."""
    return f'<script type="module" src="{ASSETS_URL}/v/{compute_static_version()}/map/ahead.js"></script>'
