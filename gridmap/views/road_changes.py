"""Closed and slowed roads as the map shows them: the stretches dotted, a mark where they lie."""

from __future__ import annotations

import geopandas as gpd
import shapely

from gridmap.views.map import Mark, RouteLine, RoutePart

_CLOSED_COLOUR, _SLOWED_COLOUR = 3, 1
"""Counted through the route colours."""


def draw_road_changes(closures: gpd.GeoDataFrame) -> tuple[tuple[RouteLine, ...], tuple[Mark, ...]]:
    """Lines and marks of `services.closures.list_closures`."""
    lines, marks = [], []
    for row in closures.itertuples():
        parts = [
            RoutePart(line=tuple((float(x), float(y)) for x, y in shapely.get_coordinates(part)), kind="walk")
            for part in row.roads.geoms
        ]
        colour = _CLOSED_COLOUR if row.speed_kmh is None else _SLOWED_COLOUR
        lines.append(RouteLine(name=row.reason, parts=tuple(parts), colour=colour))
        place = shapely.point_on_surface(row.geometry)
        marks.append(Mark(lon=place.x, lat=place.y, kind="end", label=row.reason))
    return tuple(lines), tuple(marks)
