"""Milestones: what they show, in the spellings in use, and those that show nothing."""

from __future__ import annotations

from gridmap.sources.osm_milestones import build_milestones
from gridmap.sources.reconciliation import Tally


def test_kilometres_are_read_and_the_exact_ones_preferred(drawing):
    drawing.node(0, 0, railway="milestone", railway__position="12.3")
    drawing.node(10, 0, railway="milestone", railway__position="km 12,4")
    drawing.node(20, 0, railway="milestone", railway__position="12.5", railway__position__exact="12.507")
    tally = Tally()
    found = build_milestones(drawing.read().nodes, tally=tally)
    assert found["mileage_m"].tolist() == [12_300.0, 12_400.0, 12_507.0]
    assert found["external_id"].tolist() == ["node/1", "node/2", "node/3"]
    assert (tally.read, tally.notices) == (0, [])


def test_what_shows_no_kilometres_is_noted(drawing):
    drawing.node(0, 0, railway="milestone", railway__position="mi:7")
    drawing.node(0, 0, railway="milestone")
    drawing.node(0, 0, railway="signal", railway__position="12.3")
    tally = Tally()
    assert build_milestones(drawing.read().nodes, tally=tally).empty
    assert [notice.values["text"] for notice in tally.notices] == ["mi:7", ""]
