"""The peer of the living map: cells of the province drawn by folium.GeoJson, its page served like ours without a link
to the outside."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd

import gridmap.views.elements  # folium's links lead to this machine

VENDOR = Path(gridmap.views.elements.__file__).parents[1] / "static" / "vendor"


def write_page(file: Path, cells: gpd.GeoDataFrame, *, center: tuple[float, float], zoom: int) -> None:
    """The cells as folium draws them out of the box, at `center` (lon, lat); `window.peer` is the map."""
    lon, lat = center
    page = folium.Map(location=(lat, lon), zoom_start=zoom, tiles=None)
    folium.GeoJson(cells.__geo_interface__, style_function=lambda _: {"weight": 0.5, "fillOpacity": 0.4}).add_to(page)
    page.get_root().script.add_child(folium.Element(f"window.peer = {page.get_name()};"))
    page.save(str(file))


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """A bench prints its own figures only."""


@contextmanager
def serve_folder(folder: Path) -> Iterator[str]:
    """Address at which the folder, with the vendored scripts, is served while the block lasts."""
    shutil.copytree(VENDOR, folder / "vendor", dirs_exist_ok=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
