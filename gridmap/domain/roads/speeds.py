"""How fast each kind of team moves."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import numpy.typing as npt

from gridmap.domain.crs import FloatArray


class Mode(StrEnum):
    """What moves over the road network; car and motorcycle share the roads and differ in speed."""

    CAR = "car"
    MOTORCYCLE = "motorcycle"
    FOOT = "foot"


FOOT_CLASSES = frozenset({"footway", "path", "pedestrian", "steps", "cycleway", "bridleway", "corridor"})
"""OSM highway values of ways made for people on foot; a car uses none of them."""

FOOT_KMH = 4.5
"""Walking on roads and paths, the usual planning value."""

_FOOT_CLASS_KMH = {"steps": 2.5, "path": 4.0, "track": 4.0, "bridleway": 4.0}
"""Where walking is slower."""

_MOTORCYCLE_CEILING_KMH = 60.0
"""A patrol motorcycle rides no faster than this however good the road."""

_MOTORCYCLE_FLOOR_KMH = {"track": 22.0, "service": 22.0, "living_street": 15.0}
"""Where a motorcycle gets on better than a car."""

_LEAST_KMH = 1.0
"""No stored speed is trusted below this, so that a time stays finite."""


def compute_car_speeds_kmh(speed_kmh: FloatArray) -> FloatArray:
    """A car's speed on each edge, from the speed stored with it."""
    return np.maximum(speed_kmh, _LEAST_KMH)


def compute_motorcycle_speeds_kmh(speed_kmh: FloatArray, road_class: npt.NDArray[np.object_]) -> FloatArray:
    """A motorcycle's speed on each edge, from a car's and the road class (OSM highway value)."""
    floor = _by_class(road_class, _MOTORCYCLE_FLOOR_KMH, default=_LEAST_KMH)
    return np.minimum(np.maximum(speed_kmh, floor), _MOTORCYCLE_CEILING_KMH)


def compute_foot_speeds_kmh(road_class: npt.NDArray[np.object_]) -> FloatArray:
    """Walking speed on each edge by its road class."""
    return _by_class(road_class, _FOOT_CLASS_KMH, default=FOOT_KMH)


def _by_class(road_class: npt.NDArray[np.object_], speeds: dict[str, float], *, default: float) -> FloatArray:
    return np.array([speeds.get(value, default) for value in road_class], np.float64)
