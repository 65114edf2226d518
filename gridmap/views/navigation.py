"""Links with which a telephone opens the way to a place in a map app."""

from __future__ import annotations

from urllib.parse import quote

import numpy as np

from gridmap.domain.crs import wgs84_to_gcj02

_AMAP = "https://uri.amap.com/navigation?to={lon:.6f},{lat:.6f},{name}&mode={mode}&coordinate=gaode&callnative=1"
"""https://lbs.amap.com/api/uri-api/guide/travel/route; `gaode` says that the place is in GCJ-02."""


def link_geo(lon: float, lat: float, *, name: str) -> str:
    """A geo: address (RFC 5870) of a place in WGS-84 degrees, which any map app of the telephone may open."""
    return f"geo:{lat:.6f},{lon:.6f}?q={lat:.6f},{lon:.6f}({quote(name, safe='')})"


def link_amap(lon: float, lat: float, *, name: str, on_foot: bool = False) -> str:
    """The way to a place in WGS-84 degrees in Amap (高德地图), which wants it in GCJ-02."""
    shifted_lon, shifted_lat = wgs84_to_gcj02(np.array([lon]), np.array([lat]))
    mode = "walk" if on_foot else "car"
    return _AMAP.format(lon=float(shifted_lon[0]), lat=float(shifted_lat[0]), name=quote(name, safe=""), mode=mode)
