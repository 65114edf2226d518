"""Railways drawn along a meridian, a river that flows south beneath them: both distances are known exactly."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.domain.crs import GEOD
from gridmap.domain.statutes.announced import AnnouncedZones
from gridmap.domain.statutes.checking import check_shapes
from gridmap.domain.statutes.rules import Rule
from gridmap.domain.statutes.scene import Scene, build_scene
from gridmap.sources.statutes import read_statutes

STATUTES = read_statutes()
RULES = {rule.id: rule for law in STATUTES.laws for rule in law.rules}
LON, LAT = 113.99, 38.5
"""Beside the edge of a UTM zone, where its plane is off by some 0.6 m in a kilometre."""

Place = tuple[float, float]


def walk(place: Place, azimuth: float, metres: float) -> Place:
    """The place `metres` away on the ellipsoid."""
    lon, lat, _ = GEOD.fwd(*place, azimuth, metres)
    return float(lon), float(lat)


def measure(a: Place, b: Place) -> float:
    """Metres between two places on the ellipsoid."""
    return float(GEOD.inv(*a, *b)[2])


def draw(*places: Place) -> shapely.LineString:
    return shapely.LineString(places)


def build_track(
    line: shapely.LineString | None = None,
    *,
    fast: bool = False,
    electric: bool = True,
    structure: str = "plain",
    line_id: int | None = None,
    of_station: bool = False,
) -> dict[str, object]:
    """A row of `rail_track`; without a line, 20 km along the meridian."""
    line = line or draw(walk((LON, LAT), 0, 10_000), walk((LON, LAT), 180, 10_000))
    return {
        "geometry": line,
        "high_speed": fast,
        "electrified": electric,
        "bridge": structure == "bridge",
        "tunnel": structure == "tunnel",
        "line_id": line_id,
        "of_station": of_station,
    }


def build_world(
    *tracks: dict[str, object],
    setting: str = "open",
    rivers: tuple[shapely.LineString, ...] = (),
    cables: dict[str, shapely.LineString] | None = None,
) -> Scene:
    """A scene of these tracks, each in the same setting."""
    columns = ["geometry", "high_speed", "electrified", "bridge", "tunnel", "line_id", "of_station"]
    rows = pd.DataFrame(list(tracks), columns=columns)
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326")
    segments = gpd.GeoDataFrame({"setting": [setting] * len(rows)}, geometry=frame.geometry.to_numpy(), crs=frame.crs)
    laid = None
    if cables is not None:
        laid = gpd.GeoDataFrame({"kind": list(cables)}, geometry=list(cables.values()), crs=frame.crs)
    return build_scene(
        frame,
        segments=segments,
        rivers=np.array(rivers, object),
        assumptions=STATUTES.assumptions,
        cables=laid,
    )


def check(
    scene: Scene, rule: Rule | str, *shapes: shapely.Geometry | Place, announced: AnnouncedZones | None = None
) -> pd.DataFrame:
    """One rule held against shapes or places: a row each."""
    held = RULES[rule] if isinstance(rule, str) else rule
    geometries = np.array([shapely.Point(s) if isinstance(s, tuple) else s for s in shapes], object)
    kinds = [(held.kinds[0],)] * len(shapes)
    return check_shapes(scene, [held], kinds=kinds, geometries_wgs84=geometries, announced=announced)
