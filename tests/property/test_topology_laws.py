"""After a repair cells partition their parent, whatever few metres they were drawn off by."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gridmap.domain.topology import find_faults, repair_cells

PARENT = shapely.box(112.5, 37.8, 112.54, 37.83)
STEP_DEG = 2e-5
"""About two metres."""

FLOOR_DEG = 2.3e-7
"""Two centimetres of longitude here: the narrowest strip that counts as a fault."""


def draw_cells(seed: int) -> np.ndarray:
    """Ten irregular cells that partition the parent."""
    rng = np.random.default_rng(seed)
    points = shapely.multipoints(rng.uniform((112.5, 37.8), (112.54, 37.83), (10, 2)))
    raw = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=PARENT))
    cells = shapely.multipolygons([[shapely.intersection(part, PARENT)] for part in raw])
    assert find_faults(cells, parent_wgs84=PARENT) == []
    return cells


@settings(max_examples=15, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(
    st.integers(0, 10_000),
    st.dictionaries(st.integers(0, 9), st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=1, max_size=3),
)
def test_cells_partition_their_parent_after_a_repair(seed: int, shifts: dict[int, tuple[float, float]]) -> None:
    cells = draw_cells(seed)
    for cell, shift in shifts.items():
        cells[cell] = shapely.transform(cells[cell], lambda xy, by=shift: xy + STEP_DEG * np.array(by))
    repair = repair_cells(cells, parent_wgs84=PARENT, tolerance_m=10)
    assert repair.left == ()
    assert find_faults(repair.cells_wgs84, parent_wgs84=PARENT) == []
    # In the plane: on the ellipsoid, a side with more vertices is another line. Strips below two centimetres are no
    # faults and stay, so that the sum is exact to two centimetres along every border.
    unseen_deg2 = FLOOR_DEG * shapely.length(cells).sum()
    assert shapely.area(repair.cells_wgs84).sum() == pytest.approx(PARENT.area, abs=unseen_deg2)
    assert shapely.is_valid(repair.cells_wgs84).all()


@settings(max_examples=10, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.integers(0, 10_000), st.integers(0, 9))
def test_vertices_that_nothing_is_wrong_with_keep_their_place(seed: int, cell: int) -> None:
    cells = draw_cells(seed)
    moved = cells.copy()
    moved[cell] = shapely.transform(cells[cell], lambda xy: xy + STEP_DEG)
    repair = repair_cells(moved, parent_wgs84=PARENT, tolerance_m=10)
    near = shapely.buffer(cells[cell], 3 * STEP_DEG)
    for other in set(range(10)) - {cell}:
        before = {tuple(xy) for xy in shapely.get_coordinates(cells[other]).tolist()}
        far = {xy for xy in before if not near.intersects(shapely.Point(xy))}
        assert far <= {tuple(xy) for xy in shapely.get_coordinates(repair.cells_wgs84[other]).tolist()}
