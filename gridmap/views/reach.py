"""From where a place is reached in time, as the map draws it."""

from __future__ import annotations

from collections.abc import Sequence

import shapely

from gridmap.domain.roads.isochrones import ReachBand as Band
from gridmap.i18n import Translate
from gridmap.i18n.formats import format_duration
from gridmap.views.map import ReachBand


def draw_reach(bands: Sequence[Band], *, translate: Translate) -> tuple[ReachBand, ...]:
    """Bands with their times in words."""
    return tuple(
        ReachBand(label=format_duration(band.limit_s, translate), rings=tuple(_list_rings(band.area_wgs84)))
        for band in bands
    )


def _list_rings(area: shapely.MultiPolygon) -> list[tuple[tuple[float, float], ...]]:
    rings = [ring for polygon in area.geoms for ring in (polygon.exterior, *polygon.interiors)]
    return [tuple((float(lon), float(lat)) for lon, lat in ring.coords) for ring in rings]
