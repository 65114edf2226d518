"""Whether cells partition their parent: where they overlap, leave gaps, or leave it; and mending what is narrow.

Set operations run in degrees, so that a vertex nobody has to move keeps its coordinates to the last bit. Widths and
areas are metric, on the ellipsoid. The width of a fault is that of the rectangle of its area and half its perimeter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.domain.crs import FloatArray, Geometries, compute_areas_m2, compute_lengths_m

SLIVER_M = 10.0
"""A fault narrower than this comes from drawing, not from a decision."""

_MIN_AREA_M2 = 0.5
"""Less is rounding: two lines that cross leave triangles of this size at coordinates of seven digits."""

_MIN_WIDTH_M = 0.02
"""Narrower strips are rounding as well, however long."""

_SAME_DEG = 2e-8
"""About 2 mm: vertices this close are one."""

_ROUNDS = 4

_POLYGONAL = (3, 6)
"""Type ids of polygons and multipolygons."""


class FaultKind(StrEnum):
    """What can be wrong between cells of one parent (重叠, 空隙, 越界, 碎片)."""

    OVERLAP = "overlap"
    GAP = "gap"
    OUTSIDE = "outside"
    CRUMB = "crumb"


@dataclass(frozen=True)
class Fault:
    """One place where cells are no partition.

    Attributes
    ----------
    cells
        Positions of the cells it lies between: two of an overlap, those around a gap, one of any other.
    area_m2, width_m
        Square metres on the ellipsoid; metres.
    """

    kind: FaultKind
    cells: tuple[int, ...]
    area_m2: float
    width_m: float
    shape_wgs84: shapely.Polygon

    @property
    def is_sliver(self) -> bool:
        """Whether it is as narrow as a slip of the pen."""
        return self.width_m < SLIVER_M


def find_faults(cells_wgs84: Geometries, *, parent_wgs84: shapely.Geometry | None = None) -> list[Fault]:
    """Every fault of at least half a square metre and two centimetres, the largest first.

    Without a parent, gaps are the holes that the cells enclose together, and nothing lies outside. A crumb is a
    narrow piece of a cell that lies apart from the rest of it.
    """
    cells = np.asarray(cells_wgs84, object)
    if len(cells) == 0:
        return []
    suspects = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(cells)))
    found = [*find_overlaps(cells, suspects), *_find_crumbs(cells)]
    covered = _unite(cells, suspects)
    if parent_wgs84 is None:
        found += find_gaps(cells, covered, None)
    elif not _is_drawn_alike(covered, parent_wgs84):
        found += [*find_gaps(cells, covered, parent_wgs84), *_find_outside(cells, covered, parent_wgs84)]
    return sorted(found, key=lambda fault: -fault.area_m2)


def _is_drawn_alike(first: shapely.Geometry, second: shapely.Geometry) -> bool:
    """Whether both have the same vertices: cheap to see, and so most areas are filled by their cells."""
    one, other = (shapely.multipolygons(shapely.get_parts(shape)) for shape in (first, second))
    return bool(shapely.equals_exact(shapely.normalize(one), shapely.normalize(other)))


def find_overlaps(cells: Geometries, suspects: npt.NDArray[np.int64]) -> list[Fault]:
    """Ground that two cells claim; `suspects` are positions of the cells whose border matches no neighbour's."""
    if len(suspects) == 0:
        return []
    a, b = shapely.STRtree(cells).query(cells[suspects], predicate="intersects")
    pairs = np.unique(np.sort(np.column_stack([suspects[a], b]), axis=1), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    shared = shapely.intersection(cells[pairs[:, 0]], cells[pairs[:, 1]])
    return _build_faults(FaultKind.OVERLAP, shared, [(int(i), int(j)) for i, j in pairs])


def find_gaps(cells: Geometries, covered: shapely.Geometry, parent: shapely.Geometry | None) -> list[Fault]:
    """Ground of the parent, or among the cells, that no cell claims."""
    if parent is None:
        rings = shapely.get_rings(shapely.get_parts(covered))
        exterior = shapely.get_exterior_ring(shapely.get_parts(covered))
        solid = shapely.union_all(shapely.polygons(exterior))
        missing = shapely.difference(solid, covered) if len(rings) > len(exterior) else shapely.Polygon()
    else:
        missing = shapely.difference(parent, covered)
    faults = _build_faults(FaultKind.GAP, np.array([missing], object), [()])
    around = _find_around(cells, [fault.shape_wgs84 for fault in faults])
    return [
        Fault(fault.kind, own, fault.area_m2, fault.width_m, fault.shape_wgs84)
        for fault, own in zip(faults, around, strict=True)
    ]


def _find_outside(cells: Geometries, covered: shapely.Geometry, parent: shapely.Geometry) -> list[Fault]:
    """What cells claim of ground that is not their parent's."""
    beyond = shapely.get_parts(shapely.difference(covered, parent))
    if len(beyond) == 0:
        return []
    part, cell = shapely.STRtree(cells).query(beyond, predicate="intersects")
    shapes = shapely.intersection(beyond[part], cells[cell])
    return _build_faults(FaultKind.OUTSIDE, shapes, [(int(i),) for i in cell])


def _find_crumbs(cells: Geometries) -> list[Fault]:
    several = np.flatnonzero(shapely.get_num_geometries(cells) > 1)
    faults: list[Fault] = []
    for cell in several.tolist():
        parts = shapely.get_parts(cells[cell])
        rest = np.delete(parts, int(np.argmax(shapely.area(parts))))
        faults += [f for f in _build_faults(FaultKind.CRUMB, rest, [(cell,)] * len(rest)) if f.is_sliver]
    return faults


def _unite(cells: Geometries, suspects: npt.NDArray[np.int64]) -> shapely.Geometry:
    """Union of all cells; those that match their neighbours are joined without being intersected."""
    clean = np.delete(cells, suspects)
    joined = shapely.coverage_union_all(clean) if len(clean) else shapely.Polygon()
    return shapely.union_all([joined, *cells[suspects]]) if len(suspects) else joined


def _find_around(cells: Geometries, shapes: list[shapely.Polygon]) -> list[tuple[int, ...]]:
    around: list[list[int]] = [[] for _ in shapes]
    if shapes:
        pairs = shapely.STRtree(cells).query(np.array(shapes, object), predicate="dwithin", distance=_SAME_DEG)
        for shape, cell in pairs.T.tolist():
            around[shape].append(cell)
    return [tuple(sorted(own)) for own in around]


def _build_faults(kind: FaultKind, shapes: Geometries, cells: list[tuple[int, ...]]) -> list[Fault]:
    parts, owner = shapely.get_parts(shapes, return_index=True)
    # Of a collection's parts, those that are multipolygons are taken apart once more.
    parts, again = shapely.get_parts(parts, return_index=True)
    owner = owner[again]
    polygonal = np.isin(shapely.get_type_id(parts), _POLYGONAL) & ~shapely.is_empty(parts)
    parts, owner = parts[polygonal], owner[polygonal]
    area_m2, width_m = measure(parts)
    return [
        Fault(kind, cells[owner[i]], float(area_m2[i]), float(width_m[i]), parts[i])
        for i in np.flatnonzero((area_m2 >= _MIN_AREA_M2) & (width_m >= _MIN_WIDTH_M))
    ]


def measure(polygons_wgs84: Geometries) -> tuple[FloatArray, FloatArray]:
    """Area, m², and width, m, of each polygon."""
    area_m2 = compute_areas_m2(polygons_wgs84)
    perimeter_m = compute_lengths_m(shapely.boundary(polygons_wgs84))
    return area_m2, 2 * area_m2 / np.maximum(perimeter_m, 1e-9)


# --- repair -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Repair:
    """Cells after their narrow faults were mended, in the order given.

    Attributes
    ----------
    changed
        Positions of the cells whose shape differs.
    mended, left
        Faults before the repair that were narrow enough, and those that a person has to decide on.
    """

    cells_wgs84: Geometries
    changed: tuple[int, ...]
    mended: tuple[Fault, ...]
    left: tuple[Fault, ...]


def repair_cells(
    cells_wgs84: Geometries, *, parent_wgs84: shapely.Geometry | None = None, tolerance_m: float = SLIVER_M
) -> Repair:
    """Mend every fault no wider than `tolerance_m`; nothing else changes.

    What lies outside the parent is cut off. Ground that two cells claim goes to the one it shares the longer border
    with, of equal ones to the larger. A gap, and a crumb, go to the neighbour with the longest common border.
    """
    before = np.asarray(cells_wgs84, object)
    cells = before.copy()
    faults = find_faults(before, parent_wgs84=parent_wgs84)
    mended = tuple(fault for fault in faults if fault.width_m <= tolerance_m)
    rest = mended
    for _ in range(_ROUNDS):
        if not rest:
            break
        _mend_all(cells, rest, parent_wgs84, tolerance_m)
        # Where three cells meet, mending one fault can leave a narrower one.
        found = find_faults(cells, parent_wgs84=parent_wgs84)
        rest = tuple(fault for fault in found if fault.width_m <= tolerance_m)
    changed = tuple(i for i in range(len(cells)) if not shapely.equals_exact(cells[i], before[i]))
    return Repair(cells, changed, mended, tuple(fault for fault in faults if fault.width_m > tolerance_m))


def repair_families(
    cells_wgs84: Geometries,
    families: Sequence[tuple[list[int], shapely.Geometry | None]],
    *,
    ground_wgs84: shapely.Geometry | None = None,
    tolerance_m: float = SLIVER_M,
) -> Repair:
    """As `repair_cells`, the cells of each parent within its ground.

    `families` are positions of the cells of a parent, with its ground. What is narrow between cells of different
    parents afterwards, as where the parents do not fit each other, is mended within `ground_wgs84` as if all cells had
    one parent.
    """
    before = np.asarray(cells_wgs84, object)
    cells = before.copy()
    mended: list[Fault] = []
    left: list[Fault] = []
    for own, parent in families:
        part = repair_cells(before[own], parent_wgs84=parent, tolerance_m=tolerance_m)
        cells[own] = part.cells_wgs84
        for faults, found in ((mended, part.mended), (left, part.left)):
            faults += [replace(fault, cells=tuple(own[cell] for cell in fault.cells)) for fault in found]
    if len(families) > 1:
        _match_vertices(cells, [i for i in range(len(cells)) if cells[i] is not before[i]])
        between = repair_cells(cells, parent_wgs84=ground_wgs84, tolerance_m=tolerance_m)
        cells = between.cells_wgs84
        mended += between.mended
    changed = tuple(i for i in range(len(cells)) if not shapely.equals_exact(cells[i], before[i]))
    return Repair(cells, changed, tuple(mended), tuple(left))


def _mend_all(
    cells: Geometries, faults: tuple[Fault, ...], parent: shapely.Geometry | None, tolerance_m: float
) -> None:
    before = cells.copy()
    for kind in (FaultKind.OUTSIDE, FaultKind.OVERLAP, FaultKind.CRUMB):
        for fault in faults:
            if fault.kind is kind:
                _mend(cells, fault)
    suspects = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(cells)))
    for fault in find_gaps(cells, _unite(cells, suspects), parent):
        if fault.width_m <= tolerance_m:
            _give(cells, fault.shape_wgs84, fault.cells)
    _match_vertices(cells, [i for i in range(len(cells)) if cells[i] is not before[i]])


def _mend(cells: Geometries, fault: Fault) -> None:
    if fault.kind is FaultKind.OVERLAP:
        first, second = fault.cells
        loser = second if _prefer(cells, fault, first, second) else first
        cells[loser] = _polygonal(shapely.difference(cells[loser], fault.shape_wgs84))
        return
    (cell,) = fault.cells
    rest = _polygonal(shapely.difference(cells[cell], fault.shape_wgs84))
    if shapely.is_empty(rest):
        return
    cells[cell] = rest
    if fault.kind is FaultKind.CRUMB:
        (around,) = _find_around(cells, [fault.shape_wgs84])
        _give(cells, fault.shape_wgs84, [other for other in around if other != cell] or [cell])


def _prefer(cells: Geometries, fault: Fault, first: int, second: int) -> bool:
    """Whether the first cell keeps what both claim; a cell that is nothing else keeps it in any case."""
    rest: list[shapely.Geometry] = [shapely.difference(cells[i], fault.shape_wgs84) for i in (first, second)]
    if any(map(shapely.is_empty, rest)):
        return bool(shapely.is_empty(rest[0]))
    shared = [_measure_shared(fault.shape_wgs84, other) for other in rest]
    if abs(shared[0] - shared[1]) > 1e-3:
        return shared[0] > shared[1]
    return bool(shapely.area(rest[0]) >= shapely.area(rest[1]))


def _give(cells: Geometries, shape: shapely.Polygon, around: Iterable[int]) -> None:
    """Add a piece of ground to the cell it has the longest border with."""
    candidates: list[int] = sorted(around)
    if not candidates:
        return

    def rank(i: int) -> tuple[float, float, int]:
        neighbour: shapely.Geometry = cells[i]
        return _measure_shared(shape, neighbour), float(shapely.area(neighbour)), -i

    best = max(candidates, key=rank)
    snapped = shapely.snap(cells[best], shape, _SAME_DEG)
    taker = snapped if shapely.is_valid(snapped) else cells[best]  # snapping may let a border cross itself
    cells[best] = _polygonal(shapely.union(taker, shape))


def _measure_shared(shape: shapely.Polygon, other: shapely.Geometry) -> float:
    """Metres of a shape's border that run along another."""
    along = shapely.intersection(shapely.boundary(shape), shapely.buffer(other, _SAME_DEG, quad_segs=1))
    return float(compute_lengths_m(np.array([along], object))[0])


def _match_vertices(cells: Geometries, moved: list[int]) -> None:
    """Give neighbours of mended cells the vertices that these gained, so that the borders match again."""
    if not moved:
        return
    a, b = shapely.STRtree(cells).query(cells[moved], predicate="dwithin", distance=_SAME_DEG)
    for mover, other in zip(a.tolist(), b.tolist(), strict=True):
        if other != moved[mover]:
            snapped = shapely.snap(cells[other], cells[moved[mover]], _SAME_DEG)
            if shapely.is_valid(snapped):
                cells[other] = snapped


def _polygonal(geometry: shapely.Geometry) -> shapely.MultiPolygon:
    """Polygons of a result without the lines and points that set operations leave."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    polygons: shapely.MultiPolygon = shapely.multipolygons(parts[shapely.get_type_id(parts) == _POLYGONAL[0]])
    return polygons
