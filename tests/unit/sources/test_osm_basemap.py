"""The ground of the map."""

from __future__ import annotations

import pytest

from gridmap.sources.osm_basemap import build_places, build_shapes, read_area_kind
from gridmap.sources.osm_rings import WayIndex
from gridmap.sources.reconciliation import Tally


def _shapes(drawing):
    extract = drawing.read()
    tally = Tally()
    return build_shapes(extract, WayIndex(extract.ways), tally=tally), tally


def _ring(drawing, corners, **tags) -> int:
    nodes = drawing.nodes(*corners)
    return drawing.way([*nodes, nodes[0]], **tags)


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"natural": "water"}, "water"),
        ({"waterway": "riverbank"}, "water"),
        ({"landuse": "forest"}, "forest"),
        ({"landuse": "residential"}, "settlement"),
        ({"leisure": "park"}, "park"),
        ({"building": "yes"}, None),
    ],
)
def test_kinds_of_ground(tags, kind):
    assert read_area_kind(tags) == kind


def test_a_lake_with_an_island_has_a_hole(drawing, square):
    rings = [_ring(drawing, square(0, 0, 100)), _ring(drawing, square(40, 40, 20))]
    drawing.relation(rings, roles=["outer", "inner"], type="multipolygon", natural="water", name="Lake")
    shapes, tally = _shapes(drawing)
    assert list(shapes["kind"]) == ["water"]
    assert len(shapes.geometry.iloc[0].geoms[0].interiors) == 1
    assert tally.read == 1


def test_broken_polygons_are_mended_or_refused(drawing):
    _ring(drawing, [(0, 0), (100, 100), (100, 0), (0, 100)], landuse="forest")
    drawing.way(drawing.nodes((0, 0), (100, 0), (100, 100)), landuse="forest")
    lost = drawing.nodes((200, 0), (300, 0), (300, 100))
    drawing.way([*lost, lost[0]], landuse="forest")
    drawing.lose(lost[1])
    shapes, tally = _shapes(drawing)
    assert shapes.geometry.is_valid.all()
    assert (tally.accepted, tally.repaired) == (0, 1)
    assert [item["id"] for item in tally.rejected] == ["way/2", "way/3"]


def test_a_clipped_river_keeps_its_runs(drawing):
    nodes = drawing.nodes(*((100.0 * i, 0.0) for i in range(5)))
    drawing.way(nodes, waterway="river", name="Fen")
    drawing.lose(nodes[2])
    shapes, tally = _shapes(drawing)
    assert list(shapes["kind"]) == ["river", "river"]
    assert tally.repaired == 1


def test_places_need_a_name_and_fold_into_known_kinds(drawing):
    drawing.node(0, 0, place="quarter", name="Old Town", population="1200")
    drawing.node(0, 0, place="village")
    drawing.node(0, 0, place="square", name="Market")
    tally = Tally()
    places = build_places(drawing.read().nodes, tally=tally)
    assert places[["kind", "name", "population"]].to_numpy().tolist() == [["suburb", "Old Town", 1200]]
    assert (tally.read, len(tally.rejected)) == (2, 1)
