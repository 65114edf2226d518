"""Faults between cells and rules about neighbours, as the map draws them."""

from __future__ import annotations

import shapely

from gridmap.domain.topology import Fault
from gridmap.views.map import BorderKind, BorderMark, Line


def draw_fault(fault: Fault, *, chosen: bool = False) -> BorderMark:
    """The ground of a fault; its outer ring comes first."""
    return BorderMark(kind=fault.kind.value, lines=_list_lines(fault.shape_wgs84), chosen=chosen)


def draw_rule(kind: BorderKind, shape_wgs84: shapely.Geometry, *, chosen: bool = False) -> BorderMark:
    """The common border of a barrier, or the line between two cells that are joined."""
    return BorderMark(kind=kind, lines=_list_lines(shape_wgs84), chosen=chosen)


def _list_lines(shape: shapely.Geometry) -> tuple[Line, ...]:
    parts = shapely.get_parts(shapely.get_parts(shape))
    is_area = shapely.get_dimensions(parts) == 2
    lines = [*shapely.get_rings(parts[is_area]), *parts[shapely.get_dimensions(parts) == 1]]
    return tuple(tuple((float(lon), float(lat)) for lon, lat in shapely.get_coordinates(line)) for line in lines)
