"""Streets of a settlement: a warped lattice along the main road, with gaps, bends and dead ends."""

from __future__ import annotations

import numpy as np
import shapely

from gridmap.sources.demo.raster import FloatArray
from gridmap.sources.demo.settlements import Settlement

Street = tuple[shapely.LineString, str]
"""A street and its class."""


def build_streets(rng: np.random.Generator, place: Settlement, *, heading_rad: float) -> list[Street]:
    """Streets around the middle of a place, along and across `heading_rad`; metres."""
    spacing = {0: 165.0, 1: 135.0, 2: 88.0}[place.rank] * rng.uniform(0.9, 1.1)
    reach = place.radius_m
    count = max(1, int(reach / spacing))
    u, v = np.meshgrid(np.arange(-count, count + 1), np.arange(-count, count + 1), indexing="ij")
    nodes = _warp(rng, np.stack([u, v], axis=-1).astype(float), spacing, place, heading_rad)
    edge = reach * (1 + 0.18 * np.sin(3 * np.arctan2(v, u) + rng.uniform(0, 6.28)))
    kept = np.hypot(u, v) * spacing <= edge
    streets: list[Street] = []
    for axis in (0, 1):
        for i in range(2 * count + 1):
            for j in range(2 * count + 1):
                k, m = (i + 1, j) if axis == 0 else (i, j + 1)
                if k > 2 * count or m > 2 * count or not (kept[i, j] and kept[k, m]):
                    continue
                through = (j if axis == 0 else i) == count
                if not through and rng.random() < (0.20 if place.rank < 2 else 0.36):
                    continue
                streets.append((_bend(rng, nodes[i, j], nodes[k, m]), _class(place, through, rng)))
    return streets


def _warp(
    rng: np.random.Generator, lattice: FloatArray, spacing: float, place: Settlement, heading: float
) -> FloatArray:
    """Turn, skew and disturb the lattice, more so in a village."""
    disorder = {0: 0.10, 1: 0.15, 2: 0.27}[place.rank]
    skew = rng.uniform(-0.22, 0.22)
    phase = rng.uniform(0, 6.28, 2)
    u, v = lattice[..., 0], lattice[..., 1]
    a = u + skew * v + 0.35 * np.sin(v / 2.3 + phase[0]) + rng.normal(0, disorder, u.shape)
    b = v + 0.35 * np.sin(u / 2.7 + phase[1]) + rng.normal(0, disorder, u.shape)
    cos, sin = np.cos(heading), np.sin(heading)
    x = place.x + spacing * (a * cos - b * sin)
    y = place.y + spacing * (a * sin + b * cos)
    return np.stack([x, y], axis=-1)


def _bend(rng: np.random.Generator, start: FloatArray, end: FloatArray) -> shapely.LineString:
    way = end - start
    normal = np.array([-way[1], way[0]]) * rng.normal(0, 0.035)
    return shapely.LineString([start, start + way * 0.35 + normal, start + way * 0.7 + normal * 0.8, end])


def _class(place: Settlement, through: bool, rng: np.random.Generator) -> str:
    if through:
        return {0: "secondary", 1: "tertiary", 2: "unclassified"}[place.rank]
    draw = rng.random()
    if place.rank == 0 and draw < 0.15:
        return "tertiary"
    if draw < 0.16:
        return "service"
    if draw < 0.22:
        return "footway" if place.rank < 2 else "path"
    return "residential"
