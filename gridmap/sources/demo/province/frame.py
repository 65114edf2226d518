"""Where the province lies: its own metres, whose middle is (0, 0), in WGS-84 and back."""

from __future__ import annotations

import numpy as np
import shapely

from gridmap.domain.crs import Geometries, points_to_metric, to_wgs84, working_crs
from gridmap.sources.demo.province.relief import FloatArray

CENTRE = (112.4, 37.6)
"""The middle, degrees; the land there is borrowed, everything on it is invented."""

_CRS = working_crs(*CENTRE)


def place(geometries: Geometries) -> Geometries:
    """Geometries in the province's metres as WGS-84 on a grid of a centimetre: equal places stay equal."""
    x, y = points_to_metric(np.array([CENTRE[0]]), np.array([CENTRE[1]]), _CRS)
    moved = shapely.transform(np.asarray(geometries, object), lambda xy: xy + np.array([x[0], y[0]]))
    return np.asarray(shapely.transform(to_wgs84(moved, _CRS), lambda xy: np.round(xy, 7)), object)


def place_points(xy: FloatArray) -> FloatArray:
    """Points (n, 2) in the province's metres as longitudes and latitudes."""
    return np.asarray(shapely.get_coordinates(place(np.asarray(shapely.points(xy), object))), np.float64)
