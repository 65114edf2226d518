"""Administrative areas: which objects count, how they nest, what is refused."""

from __future__ import annotations

from gridmap.sources.osm_areas import build_areas
from gridmap.sources.osm_rings import WayIndex
from gridmap.sources.reconciliation import Tally

TAGS = {"type": "boundary", "boundary": "administrative"}


def _read(drawing, **options):
    extract = drawing.read()
    tally = Tally()
    return build_areas(extract, WayIndex(extract.ways), tally=tally, **options), tally


def _ring(drawing, corners, **tags) -> int:
    nodes = drawing.nodes(*corners)
    return drawing.way([*nodes, nodes[0]], **tags)


def test_levels_nest_into_codes_under_the_reserved_prefix(drawing, square):
    county = _ring(drawing, square(0, 0, 10_000))
    towns = [_ring(drawing, square(x, 1000, 3000)) for x in (5000, 1000)]
    drawing.relation([county], **TAGS, admin_level="6", name="County")
    for way, name in zip(towns, ("East", "West"), strict=True):
        drawing.relation([way], **TAGS, admin_level="8", name=name)
    areas, tally = _read(drawing)
    codes = dict(zip(areas["name"], areas["code"], strict=True))
    assert codes == {"County": "990000001", "West": "990000001001", "East": "990000001002"}
    assert (tally.read, tally.accepted) == (3, 3)
    assert set(areas["kind"]) == {"unofficial"}


def test_a_closed_way_counts_unless_a_relation_is_made_of_it(drawing, square):
    used = _ring(drawing, square(0, 0, 1000), boundary="administrative", admin_level="8")
    _ring(drawing, square(2000, 0, 1000), boundary="administrative", admin_level="8", name="Alone")
    drawing.relation([used], type="multipolygon", boundary="administrative", admin_level="8", name="Related")
    areas, tally = _read(drawing)
    assert sorted(areas["name"]) == ["Alone", "Related"]
    assert tally.read == 2


def test_what_cannot_be_closed_or_ranked_is_refused_by_id(drawing, square):
    a, b, c = drawing.nodes((0, 0), (100, 0), (100, 100))
    drawing.relation([drawing.way([a, b, c])], **TAGS, admin_level="8")
    drawing.relation([_ring(drawing, square(500, 0, 100))], **TAGS, admin_level="8;9")
    areas, tally = _read(drawing)
    assert areas.empty
    assert [item["id"] for item in tally.rejected] == ["relation/1", "relation/2"]
    assert [item["reason"] for item in tally.rejected] == [
        "Its outline does not close.",
        "Its admin_level is missing or not a number.",
    ]


def test_a_mended_boundary_is_counted_and_its_change_noted(drawing):
    way = _ring(drawing, [(0, 0), (100, 100), (100, 0), (0, 100)])
    drawing.relation([way], **TAGS, admin_level="8")
    areas, tally = _read(drawing)
    assert len(areas) == tally.repaired == 1
    assert "relation/1 crosses itself" in str(tally.notices[0])


def test_more_levels_than_fit_lose_the_widest(drawing, square):
    for level in range(2, 9):
        drawing.relation([_ring(drawing, square(0, 0, 100 - level))], **TAGS, admin_level=str(level), name=str(level))
    areas, tally = _read(drawing)
    assert sorted(areas["name"]) == ["4", "5", "6", "7", "8"]
    assert [item["id"] for item in tally.rejected] == ["relation/1", "relation/2"]


def test_known_codes_are_kept(drawing, square):
    for x in (0, 200):
        drawing.relation([_ring(drawing, square(x, 0, 100))], **TAGS, admin_level="8")
    areas, _ = _read(drawing, known_codes={"relation/2": "990000000001"})
    assert dict(zip(areas["external_id"], areas["code"], strict=True)) == {
        "relation/1": "990000000002",
        "relation/2": "990000000001",
    }
