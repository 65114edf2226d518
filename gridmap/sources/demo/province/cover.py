"""What lies on the ground: rivers, woods on the slopes, fields in the basins, built-up land around towns."""

from __future__ import annotations

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.domain.crs import Geometries
from gridmap.sources.demo.province.mosaic import Mosaic, build_faces
from gridmap.sources.demo.province.relief import BoolArray, IntArray, Relief
from gridmap.sources.demo.province.water import RIVER_KM2, WIDE_KM2, Rivers

_FOREST_M2, _FIELD_M2, _TOWN_M2 = 6e6, 4e6, 4e5
"""Smaller patches of woods, fields and built-up land are left out."""

_STEEP, _LEVEL = 0.055, 0.028


def build_cover(relief: Relief, mosaic: Mosaic, rivers: Rivers, urban: BoolArray) -> list[tuple[str, Geometries]]:
    """(kind, shapes) from below to above, metres; patches end at borders of cells, which follow the rivers."""
    seeds = mosaic.seeds[: mosaic.count]
    slope = relief.sample(relief.slope, seeds)
    comfort = relief.sample(relief.comfort, seeds)
    woods = (slope > _STEEP) & (comfort < 0.16) & ~urban
    fields = (slope < _LEVEL) & (comfort > 0.1) & ~urban & ~woods
    wide = rivers.size_km2 >= WIDE_KM2
    banks = shapely.buffer(rivers.lines[wide], np.clip(np.sqrt(rivers.size_km2[wide]) * 1.4, 60, 260), quad_segs=3)
    return [
        ("farmland", _build_patches(mosaic, fields, _FIELD_M2)),
        ("forest", _build_patches(mosaic, woods, _FOREST_M2)),
        ("settlement", _build_patches(mosaic, urban, _TOWN_M2)),
        ("river", rivers.lines[(rivers.size_km2 >= RIVER_KM2) & ~wide]),
        ("stream", rivers.lines[rivers.size_km2 < RIVER_KM2]),
        ("water", np.asarray(banks, object)),
    ]


def _build_patches(mosaic: Mosaic, held: BoolArray, smallest_m2: float) -> Geometries:
    """Neighbouring cells of `held` as one polygon each."""
    label = _label_patches(mosaic, held)
    _, shapes = build_faces(mosaic, label, mosaic.vertices)
    return shapes[shapely.area(shapes) >= smallest_m2]


def _label_patches(mosaic: Mosaic, held: BoolArray) -> IntArray:
    borders = mosaic.pairs()
    a, b = mosaic.left[borders], mosaic.right[borders]
    joined = held[a] & held[b]
    shape = (mosaic.count, mosaic.count)
    graph = coo_array((np.ones(int(joined.sum())), (a[joined], b[joined])), shape=shape)
    _, patch = connected_components(graph, directed=False)
    return np.where(held, patch, -1)
