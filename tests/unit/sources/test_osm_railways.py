"""Tracks and structures."""

from __future__ import annotations

import pytest

from gridmap.sources.osm_railways import build_structures, build_tracks
from gridmap.sources.reconciliation import Tally


def _read(drawing):
    ways = drawing.read().ways
    tally = Tally()
    tracks = build_tracks(ways, tally=tally)
    return tracks, build_structures(ways, tracks), tally


def _line(drawing, y: float = 0.0, start: float = 0.0, length: float = 1000.0) -> list[int]:
    return drawing.nodes((start, y), (start + length, y))


def test_a_track_says_what_it_is(drawing):
    drawing.way(
        _line(drawing),
        railway="rail",
        name="Tongpu Line",
        gauge="1435;1000",
        electrified="contact_line",
        maxspeed="120",
        usage="main",
        service="siding",
    )
    tracks, _, _ = _read(drawing)
    track = tracks.iloc[0]
    assert (track["name"], track.gauge_mm, track.electrified, track.high_speed) == ("Tongpu Line", 1435, True, False)
    assert (track.max_speed_kmh, track.usage, track.service) == (120.0, "main", "siding")
    assert track.length_m == pytest.approx(1000, rel=0.01)


def test_an_unknown_gauge_stays_unknown(drawing):
    drawing.way(_line(drawing), railway="rail")
    assert _read(drawing)[0]["gauge_mm"].isna().all()


@pytest.mark.parametrize("tags", [{"highspeed": "yes"}, {"maxspeed": "250"}, {"maxspeed": "350 km/h"}])
def test_high_speed_by_tag_or_by_speed(drawing, tags):
    drawing.way(_line(drawing), railway="rail", **tags)
    assert list(_read(drawing)[0]["high_speed"]) == [True]


def test_only_railways_in_use_are_taken_and_the_rest_accounted_for(drawing):
    for kind in ("rail", "narrow_gauge", "tram", "light_rail", "abandoned", "construction", "platform"):
        drawing.way(_line(drawing), railway=kind)
    drawing.way(_line(drawing), railway="rail", disused="yes")
    tracks, _, tally = _read(drawing)
    assert list(tracks["way_id"]) == [1, 2]
    assert [item["id"] for item in tally.rejected] == ["way/3", "way/4", "way/5", "way/6", "way/8"]


def test_a_clipped_track_keeps_every_run(drawing):
    nodes = drawing.nodes(*((100.0 * i, 0.0) for i in range(6)))
    drawing.way(nodes, railway="rail")
    drawing.lose(nodes[2])
    tracks, _, tally = _read(drawing)
    assert list(tracks["length_m"].round(-1)) == [100.0, 200.0]
    assert (tally.accepted, tally.repaired) == (0, 1)


def test_a_bridge_in_pieces_and_on_two_tracks_is_one(drawing):
    a, b, c = drawing.nodes((0, 0), (100, 0), (250, 0))
    drawing.way([a, b], railway="rail", bridge="yes")
    drawing.way([b, c], railway="rail", bridge="viaduct", bridge__name="Fen Bridge")
    drawing.way(_line(drawing, y=5, length=240), railway="rail", bridge="yes")
    drawing.way(_line(drawing, y=500), railway="rail", tunnel="yes")
    _, structures, _ = _read(drawing)
    assert list(structures["kind"]) == ["bridge", "tunnel"]
    assert structures["length_m"].tolist() == pytest.approx([250, 1000], rel=0.01)
    assert structures["name"].iloc[0] == "Fen Bridge"
