"""Turn restrictions: which are taken, whom they are about, and why others are not."""

from __future__ import annotations

import pytest

from gridmap.sources.osm import read_osm
from gridmap.sources.osm_roads import build_roads
from gridmap.sources.osm_turns import build_turns
from gridmap.sources.reconciliation import Tally


@pytest.fixture
def crossing(drawing):
    """Four arms, west 1, south 2, east 3 and north 4, that meet at the last node."""
    west, south, east, north, middle = drawing.nodes((-100, 0), (0, -100), (100, 0), (0, 100), (0, 0))
    for arm in (west, south, east, north):
        drawing.way([arm, middle], highway="primary")
    return middle


def _read(drawing):
    extract = drawing.read()
    roads, tally = build_roads(extract.ways, tally=Tally()), Tally()
    return build_turns(extract.restrictions, roads, tally=tally), roads, tally


def _members(middle, *, start=1, end=2):
    return ("way", start, "from"), ("node", middle, "via"), ("way", end, "to")


def test_a_turn_goes_from_an_edge_by_a_node_into_an_edge(drawing, crossing):
    drawing.restriction(*_members(crossing), restriction="no_right_turn")
    turns, roads, tally = _read(drawing)
    (turn,) = turns.to_dict("records")
    assert [roads.edges["way_id"][turn[name]] for name in ("from_edge", "to_edge")] == [1, 2]
    assert roads.nodes["osm_id"][turn["via_node"]] == crossing
    assert (turn["via_edges"], turn["only"], turn["car"], turn["motorcycle"]) == ("", False, True, True)
    assert (tally.read, tally.accepted) == (1, 1)


@pytest.mark.parametrize(
    ("tags", "minded"),
    [
        ({"restriction": "only_straight_on"}, [(True, True, True)]),
        ({"restriction": "no_left_turn", "except": "motorcycle;bus"}, [(False, True, False)]),
        ({"restriction:motorcar": "no_left_turn"}, [(False, True, False)]),
        (
            {"restriction:motorcycle": "only_left_turn", "restriction": "no_u_turn"},
            [(False, True, False), (True, False, True)],
        ),
        ({"restriction": "no_left_turn", "restriction:conditional": "none @ (22:00-06:00)"}, [(False, True, True)]),
    ],
)
def test_each_vehicle_minds_what_is_most_about_it(drawing, crossing, tags, minded):
    drawing.restriction(*_members(crossing), **tags)
    turns, _, _ = _read(drawing)
    assert list(turns[["only", "car", "motorcycle"]].itertuples(index=False, name=None)) == minded


@pytest.mark.parametrize(
    ("tags", "word"),
    [
        ({"restriction:hgv": "no_left_turn"}, "not about cars"),
        ({"restriction": "no_left_turn", "except": "motor_vehicle"}, "not about cars"),
        ({"restriction:conditional": "no_left_turn @ (07:00-09:00)"}, "certain times"),
        ({"restriction": "no_left_turn", "hour_on": "07:00"}, "certain times"),
        ({"restriction": "give_way"}, "does not say"),
        ({}, "does not say"),
    ],
)
def test_what_is_about_others_or_only_sometimes_is_left_out(drawing, crossing, tags, word):
    drawing.restriction(*_members(crossing), **tags)
    turns, _, tally = _read(drawing)
    assert turns.empty
    assert [(item["id"], word in item["reason"]) for item in tally.rejected] == [("relation/1", True)]


def test_a_road_between_is_gone_along_from_where_the_first_meets_it(drawing):
    a, b, c, d, e = drawing.nodes((0, 0), (100, 0), (200, 0), (300, 0), (300, 100))
    drawing.way([a, b], highway="primary")
    drawing.way([d, c, b], highway="primary")
    drawing.way([d, e], highway="primary")
    drawing.way([c, drawing.node(200, 100)], highway="service")
    drawing.restriction(("way", 1, "from"), ("way", 2, "via"), ("way", 3, "to"), restriction="no_left_turn")
    turns, roads, _ = _read(drawing)
    (turn,) = turns.to_dict("records")
    assert roads.nodes["osm_id"][turn["via_node"]] == b
    between = [int(number) for number in turn["via_edges"].split()]
    ends = [set(roads.nodes["osm_id"][roads.edges.loc[edge, ["u", "v"]]]) for edge in between]
    assert ends == [{b, c}, {c, d}]


def test_several_roads_out_are_a_turn_each(drawing, crossing):
    drawing.restriction(*_members(crossing), ("way", 3, "to"), restriction="no_exit")
    turns, roads, tally = _read(drawing)
    assert sorted(roads.edges["way_id"][turns["to_edge"]]) == [2, 3]
    assert tally.read == 1


def test_what_does_not_fit_together_is_told(drawing, crossing):
    drawing.way(drawing.nodes((500, 0), (600, 0)), highway="primary")
    drawing.restriction(*_members(crossing, end=5), restriction="no_left_turn")
    drawing.restriction(*_members(crossing, end=77), restriction="no_left_turn")
    drawing.restriction(("way", 1, "from"), ("way", 2, "to"), restriction="no_left_turn")
    turns, _, tally = _read(drawing)
    assert turns.empty
    words = ("do not meet", "cannot be used", "by way of a node")
    assert [word in item["reason"] for word, item in zip(words, tally.rejected, strict=True)] == [True] * 3


def test_the_turns_of_a_real_town(realdata):
    turns = read_osm(realdata / "osm" / "helsinki-clip.osm.pbf").dataset.turns
    assert (len(turns), int(turns["only"].sum())) == (37, 24)
