"""In whose area a line runs: borders met to a decimetre, no slivers, one answer where several would do."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gridmap.domain.codes import Level, code_level
from gridmap.domain.crs import GEOD
from gridmap.domain.railways.area_runs import MIN_RUN_M, AreaRun, find_area_runs
from gridmap.domain.railways.mileage import MeasuredLine

LON, LAT = 112.5, 37.8
STEP_DEG = 0.01
WEST, EAST = "149901001001", "149901001002"


def make_areas(*areas: tuple[str, shapely.Geometry]) -> gpd.GeoDataFrame:
    codes = [code for code, _ in areas]
    levels = [int(code_level(code)) for code in codes]
    shapes = [shape for _, shape in areas]
    return gpd.GeoDataFrame({"code": codes, "level": levels}, geometry=shapes, crs="EPSG:4326")


def make_box(west: float, east: float, south: float = -1.0, north: float = 1.0) -> shapely.Polygon:
    """A rectangle in steps of a hundredth of a degree from the corner."""
    return shapely.box(LON + STEP_DEG * west, LAT + STEP_DEG * south, LON + STEP_DEG * east, LAT + STEP_DEG * north)


def make_line(*places: tuple[float, float]) -> MeasuredLine:
    return MeasuredLine(shapely.LineString([(LON + STEP_DEG * x, LAT + STEP_DEG * y) for x, y in places]))


def find(line: MeasuredLine, *areas: tuple[str, shapely.Geometry], cut_level: Level = Level.VILLAGE) -> list[AreaRun]:
    (runs,) = find_area_runs([line], make_areas(*areas), cut_level=cut_level)
    assert runs[0].from_m == line.start_m
    assert runs[-1].to_m == line.end_m
    assert all(a.to_m == b.from_m and a.area_code != b.area_code for a, b in pairwise(runs))
    return runs


def measure(line: MeasuredLine, run: AreaRun) -> tuple[float, float]:
    """Where a run begins and ends, in steps from the corner, along the x axis."""
    west, east = (line.point_at(at)[0] for at in (run.from_m, run.to_m))
    return (west - LON) / STEP_DEG, (east - LON) / STEP_DEG


def test_a_border_is_met_to_a_decimetre_far_from_any_vertex() -> None:
    slanted = shapely.Polygon(
        [(LON - 0.02, LAT - 0.02), (LON + 0.013, LAT - 0.02), (LON + 0.027, LAT + 0.02), (LON - 0.02, LAT + 0.02)]
    )
    around = shapely.box(LON - 0.02, LAT - 0.02, LON + 0.08, LAT + 0.02).difference(slanted)
    line = make_line((0, 0.3), (6, 0.7))
    first, second = find(line, (WEST, slanted), (EAST, around))
    assert (first.area_code, second.area_code) == (WEST, EAST)
    place = shapely.Point(line.point_at(first.to_m))
    met = shapely.intersection(line.geometry, slanted.boundary)
    off = GEOD.inv(place.x, place.y, met.x, met.y)[2]
    assert off < 0.1


def test_lines_of_one_call_are_told_apart() -> None:
    areas = make_areas((WEST, make_box(0, 3)), (EAST, make_box(3, 6)))
    one, other, third = find_area_runs(
        [make_line((0, 0), (6, 0)), make_line((1, 0), (2, 0)), make_line((6, 0), (0, 0))], areas
    )
    assert [run.area_code for run in one] == [WEST, EAST]
    assert [run.area_code for run in other] == [WEST]
    assert [run.area_code for run in third] == [EAST, WEST]


def test_the_deepest_area_down_to_the_cut_level_answers() -> None:
    county, town, cell = "149901", "149901001", f"{WEST}001"
    areas = ((county, make_box(-1, 7)), (town, make_box(0, 5)), (WEST, make_box(0, 3)), (cell, make_box(0, 1)))
    line = make_line((-1, 0), (6, 0))
    assert [run.area_code for run in find(line, *areas)] == [county, WEST, town, county]
    assert [run.area_code for run in find(line, *areas, cut_level=Level.TOWN)] == [county, town, county]
    assert [run.area_code for run in find(line, *areas, cut_level=Level.CELL)] == [county, cell, WEST, town, county]


def test_cells_answer_where_nothing_lies_above_them() -> None:
    cells = (f"{WEST}001", make_box(0, 2)), (f"{EAST}001", make_box(2, 4))
    line = make_line((0, 0), (6, 0))
    assert [run.area_code for run in find(line, *cells)] == [f"{WEST}001", f"{EAST}001", ""]
    assert [run.area_code for run in find(line, *cells, (WEST, make_box(0, 3)))] == [WEST, f"{EAST}001", ""]


def test_an_official_code_comes_before_a_reserved_one() -> None:
    line = make_line((0, 0), (6, 0))
    runs = find(line, ("990001001001", make_box(0, 6)), ("149901", make_box(0, 2)))
    assert [run.area_code for run in runs] == ["149901", "990001001001"]


def test_an_enclave_is_a_stretch_of_its_own() -> None:
    enclave = make_box(2, 3, south=-0.5, north=0.5)
    line = make_line((0, 0), (6, 0))
    runs = find(line, (WEST, make_box(0, 6).difference(enclave)), (EAST, enclave))
    assert [run.area_code for run in runs] == [WEST, EAST, WEST]
    assert measure(line, runs[1]) == pytest.approx((2, 3), abs=1e-6)


def test_a_line_outside_every_area_belongs_to_nobody() -> None:
    line = make_line((0, 0), (6, 0))
    assert [run.area_code for run in find(line, (WEST, make_box(8, 9)))] == [""]
    assert [run.area_code for run in find(line)] == [""]
    runs = find(line, (WEST, make_box(2, 4)))
    assert [run.area_code for run in runs] == ["", WEST, ""]


def test_a_border_at_a_vertex_cuts_once() -> None:
    line = make_line((0, 0), (3, 0), (6, 0.5))
    runs = find(line, (WEST, make_box(0, 3)), (EAST, make_box(3, 6)))
    assert [run.area_code for run in runs] == [WEST, EAST]
    assert measure(line, runs[0])[1] == pytest.approx(3, abs=1e-9)


def test_a_line_exactly_along_a_border_stays_with_whom_it_is() -> None:
    north, south = make_box(0, 6, 0, 1), make_box(0, 6, -1, 0)
    line = make_line((0, 0.5), (1, 0), (4, 0), (5, -0.5))
    (first, second) = find(line, (WEST, north), (EAST, south))
    assert (first.area_code, second.area_code) == (WEST, EAST)
    assert measure(line, first)[1] == pytest.approx(4, abs=1e-6)
    along = make_line((0, 0), (4, 0), (5, -0.5))
    assert [run.area_code for run in find(along, (WEST, north), (EAST, south))] == [EAST]


def test_where_areas_overlap_the_one_before_stays() -> None:
    line = make_line((0, 0), (6, 0))
    first, second = find(line, (WEST, make_box(0, 3.2)), (EAST, make_box(3, 6)))
    assert measure(line, first)[1] == pytest.approx(3.2, abs=1e-6)
    assert second.area_code == EAST


def test_weaving_along_a_border_makes_no_slivers() -> None:
    x = np.linspace(0, 6, 121)
    line = make_line(*zip(x, np.where(np.arange(121) % 2, 0.01, -0.02), strict=True))
    runs = find(line, (WEST, make_box(0, 6, 0, 1)), (EAST, make_box(0, 6, -1, 0)))
    assert [run.area_code for run in runs] == [EAST]


@pytest.mark.parametrize(("length_m", "expected"), [(90.0, 2), (110.0, 3)])
def test_a_stretch_shorter_than_the_least_counts_to_the_longer_neighbour(length_m: float, expected: int) -> None:
    line = make_line((0, 0), (6, 0))
    east = (line.point_at(1000.0 + length_m)[0] - LON) / STEP_DEG
    west = (line.point_at(1000.0)[0] - LON) / STEP_DEG
    runs = find(line, (WEST, make_box(0, west)), (EAST, make_box(west, east)), ("149901001003", make_box(east, 6)))
    assert len(runs) == expected
    assert min(run.length_m for run in runs) >= MIN_RUN_M
    assert runs[0].to_m == pytest.approx(1000.0, abs=0.1)


def test_a_gap_between_two_drawings_of_a_border_goes_to_a_neighbour() -> None:
    line = make_line((0, 0), (6, 0))
    runs = find(line, (WEST, make_box(0, 2)), (EAST, make_box(2.01, 6)))
    assert [run.area_code for run in runs] == [WEST, EAST]
    assert measure(line, runs[0])[1] == pytest.approx(2, abs=1e-6)
