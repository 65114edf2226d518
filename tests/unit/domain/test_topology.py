"""Overlaps, gaps, crumbs and what leaves the parent: found, measured, and mended where they are narrow."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gridmap.domain.crs import compute_areas_m2
from gridmap.domain.topology import FaultKind, find_faults, repair_cells

X, Y, STEP_DEG = 112.5, 37.8, 0.01
PARENT = shapely.box(X, Y, X + 2 * STEP_DEG, Y + STEP_DEG)


def pair(*, reach_deg: float) -> np.ndarray:
    """Two cells side by side; the western one reaches into the eastern one, or falls short of it."""
    middle = X + STEP_DEG
    west = shapely.box(X, Y, middle + reach_deg, Y + STEP_DEG)
    return np.array([west, shapely.box(middle, Y, X + 2 * STEP_DEG, Y + STEP_DEG)], object)


def test_cells_that_match_have_no_fault() -> None:
    assert find_faults(pair(reach_deg=0), parent_wgs84=PARENT) == []
    assert find_faults(np.array([], object)) == []


@pytest.mark.parametrize(("reach_deg", "kind"), [(2e-5, FaultKind.OVERLAP), (-2e-5, FaultKind.GAP)])
def test_a_strip_between_two_cells_is_measured_and_mended(reach_deg: float, kind: FaultKind) -> None:
    cells = pair(reach_deg=reach_deg)
    (fault,) = find_faults(cells, parent_wgs84=PARENT)
    strip = compute_areas_m2(np.array([shapely.box(X, Y, X + 2e-5, Y + STEP_DEG)], object))[0]
    assert (fault.kind, fault.cells, fault.is_sliver) == (kind, (0, 1), True)
    assert fault.area_m2 == pytest.approx(strip, rel=1e-6)
    assert fault.width_m == pytest.approx(1.76, abs=0.02)
    repair = repair_cells(cells, parent_wgs84=PARENT, tolerance_m=5)
    assert (len(repair.mended), repair.left) == (1, ())
    assert find_faults(repair.cells_wgs84, parent_wgs84=PARENT) == []
    assert shapely.coverage_is_valid(repair.cells_wgs84)


def test_what_is_wider_than_the_tolerance_is_left_as_it_is() -> None:
    cells = pair(reach_deg=-2e-3)
    repair = repair_cells(cells, parent_wgs84=PARENT, tolerance_m=5)
    assert [fault.kind for fault in repair.left] == [FaultKind.GAP]
    assert (repair.mended, repair.changed) == ((), ())
    assert not repair.left[0].is_sliver


def test_a_hole_among_cells_is_a_gap_where_no_parent_is_known() -> None:
    ring = shapely.difference(PARENT, shapely.box(X + 0.004, Y + 0.004, X + 0.00405, Y + 0.006))
    (fault,) = find_faults(np.array([ring], object))
    assert (fault.kind, fault.cells) == (FaultKind.GAP, (0,))


def test_what_leaves_the_parent_is_cut_off() -> None:
    cells = pair(reach_deg=0)
    cells[1] = shapely.box(X + STEP_DEG, Y, X + 2 * STEP_DEG + 2e-5, Y + STEP_DEG)
    (fault,) = find_faults(cells, parent_wgs84=PARENT)
    assert (fault.kind, fault.cells) == (FaultKind.OUTSIDE, (1,))
    repair = repair_cells(cells, parent_wgs84=PARENT, tolerance_m=5)
    assert repair.changed == (1,)
    assert find_faults(repair.cells_wgs84, parent_wgs84=PARENT) == []


def test_a_crumb_goes_to_the_neighbour_it_lies_in() -> None:
    crumb = shapely.box(X + 0.015, Y, X + 0.01502, Y + 0.003)
    west, east = pair(reach_deg=0)
    cells = np.array([shapely.union(west, crumb), shapely.difference(east, crumb)], object)
    (fault,) = find_faults(cells, parent_wgs84=PARENT)
    assert (fault.kind, fault.cells) == (FaultKind.CRUMB, (0,))
    repair = repair_cells(cells, parent_wgs84=PARENT, tolerance_m=5)
    assert find_faults(repair.cells_wgs84, parent_wgs84=PARENT) == []
    assert repair.cells_wgs84[0].equals(west)


def test_a_cell_drawn_twice_is_one_overlap_too_wide_to_mend() -> None:
    west, east = pair(reach_deg=0)
    repair = repair_cells(np.array([west, east, east], object), parent_wgs84=PARENT, tolerance_m=10)
    assert [(fault.kind, fault.cells) for fault in repair.left] == [(FaultKind.OVERLAP, (1, 2))]
    assert repair.changed == ()


def test_counties_of_the_province_partition_their_cities(realdata: Path) -> None:
    counties = gpd.read_file(realdata / "shanxi" / "counties_wgs84.geojson")
    cities = gpd.read_file(realdata / "shanxi" / "cities_wgs84.geojson")
    assert len(counties) == 117
    for city in cities.itertuples():
        own = counties[counties["city_adcode"] == city.city_adcode]
        assert len(own) > 0
        assert find_faults(own.geometry.to_numpy(), parent_wgs84=city.geometry) == []
