"""What lies around a plan's routes on a printed map."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Coordinates = npt.NDArray[np.float64]
"""Vertices of one line or ring, WGS-84, shape (points, 2)."""

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class Backdrop:
    """Lines and areas, WGS-84; roads by their weight on the map ("major", "middle", "minor").

    `places` are (name, lon, lat); `credits` name where it all comes from.
    """

    roads: dict[str, list[Coordinates]] = field(default_factory=dict)
    rails: list[Coordinates] = field(default_factory=list)
    rivers: list[Coordinates] = field(default_factory=list)
    waters: list[Coordinates] = field(default_factory=list)
    places: list[tuple[str, float, float]] = field(default_factory=list)
    credits: tuple[str, ...] = ()


def compute_plan_bounds(
    document: dict[str, object], *, margin: float = 0.06
) -> tuple[float, float, float, float] | None:
    """West, south, east, north of all that a plan drives or walks, degrees, with a margin; None for no routes."""
    xy = [point for line in iterate_lines(document) for point in line]
    if not xy:
        return None
    west, south = np.min(xy, axis=0)
    east, north = np.max(xy, axis=0)
    pad = max(east - west, north - south, 0.004) * margin
    return float(west - pad), float(south - pad), float(east + pad), float(north + pad)


def iterate_lines(document: dict[str, Any]) -> list[list[list[float]]]:
    """Every line a plan draws."""
    lines: list[list[list[float]]] = []
    for route in document["routes"]:
        lines.append(route["return"]["coordinates"])
        for stop in route["stops"]:
            lines.append(stop["leg"]["coordinates"])
            if stop["work"]["walk"] is not None:
                lines.append(stop["work"]["walk"]["coordinates"])
            if stop["work"]["drive"] is not None:
                lines.append(stop["work"]["drive"]["coordinates"])
    return lines
