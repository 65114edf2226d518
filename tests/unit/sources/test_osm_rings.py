"""Polygons from the ways of a relation: parity decides, roles do not."""

from __future__ import annotations

import itertools

import pytest
import shapely

from gridmap.sources.osm_rings import Assembly, WayIndex, assemble


def _assemble(drawing, ways) -> Assembly:
    drawing.relation(ways, type="boundary", boundary="administrative", admin_level="8")
    extract = drawing.read()
    return assemble(extract.relations[0].way_ids, WayIndex(extract.ways))


def _ring(drawing, corners) -> int:
    nodes = drawing.nodes(*corners)
    return drawing.way([*nodes, nodes[0]])


def _units(geometry, square_m2: float) -> float:
    """Area in square metres of the drawing's plane, rounded to whole units of `square_m2`."""
    return round(geometry.area * 88_000 * 111_000 / square_m2)


def test_a_ring_is_put_together_from_ways_in_any_order_and_direction(drawing, square):
    a, b, c, d = drawing.nodes(*square(0, 0, 100))
    ways = [drawing.way([a, b]), drawing.way([a, d, c]), drawing.way([c, b])]
    drawing.relation(ways, type="boundary", boundary="administrative")
    index = WayIndex(drawing.read().ways)
    shapes = {assemble(order, index).geometry.normalize().wkt for order in itertools.permutations(ways)}
    assert len(shapes) == 1
    assert shapely.from_wkt(shapes.pop()).area > 0


def test_holes_and_enclaves_follow_from_nesting_whatever_the_roles_say(drawing, square):
    rings = [_ring(drawing, square(at, at, 100 - 2 * at)) for at in (0, 20, 40)]
    polygon = _assemble(drawing, rings).geometry
    assert len(polygon.geoms) == 2
    assert _units(polygon, 400) == (10_000 - 3_600 + 400) / 400


def test_an_inner_ring_that_shares_a_side_with_the_outer_one_is_cut_out(drawing):
    o1, o2, o3, o4, i1, i2 = drawing.nodes((0, 0), (100, 0), (100, 100), (0, 100), (0, 30), (0, 70))
    outer = drawing.way([o1, o2, o3, o4, i2, i1, o1])
    j1, j2 = drawing.nodes((40, 30), (40, 70))
    inner = drawing.way([i1, j1, j2, i2, i1])
    polygon = _assemble(drawing, [outer, inner]).geometry
    assert polygon.is_valid
    assert _units(polygon, 400) == (10_000 - 1_600) / 400


def test_rings_that_touch_in_a_node_stay_two(drawing):
    a, b, c, d, e = drawing.nodes((0, 0), (50, 50), (0, 100), (100, 0), (100, 100))
    found = _assemble(drawing, [drawing.way([a, b, c, a]), drawing.way([d, b, e, d])])
    assert len(found.geometry.geoms) == 2
    assert not found.is_repaired


def test_a_way_named_twice_counts_once(drawing, square):
    ring = _ring(drawing, square(0, 0, 100))
    assert _units(_assemble(drawing, [ring, ring]).geometry, 10_000) == 1


def test_a_figure_of_eight_is_mended_and_says_so(drawing):
    found = _assemble(drawing, [_ring(drawing, [(0, 0), (100, 100), (100, 0), (0, 100)])])
    assert found.is_repaired
    assert found.geometry.is_valid
    assert _units(found.geometry, 2500) == 2


@pytest.mark.parametrize("open_by", ["gap", "way", "node"])
def test_an_outline_that_does_not_close_is_refused_with_a_reason(drawing, square, open_by):
    a, b, c, d = drawing.nodes(*square(0, 0, 100))
    ways = [drawing.way([a, b, c]), drawing.way([c, d, a])]
    if open_by == "gap":
        ways = ways[:1]
    elif open_by == "way":
        ways = [*ways, 99]
    else:
        drawing.lose(d)
    found = _assemble(drawing, ways)
    expected = {"gap": "does not close", "way": "Ways of its outline", "node": "Nodes of its outline"}
    assert found.geometry is None
    assert expected[open_by] in found.reason


def test_a_line_there_and_back_encloses_nothing(drawing):
    a, b, c = drawing.nodes((0, 0), (100, 0), (200, 0))
    found = _assemble(drawing, [drawing.way([a, b, c]), drawing.way([c, b, a])])
    assert found.geometry is None
    assert "encloses nothing" in found.reason
