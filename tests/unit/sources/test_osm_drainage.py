"""What rain makes dangerous: waterways below tracks, cuttings and banks, cliffs beside the line."""

from __future__ import annotations

import pytest

from gridmap.sources.osm_drainage import build_drainage
from gridmap.sources.osm_railways import build_structures, build_tracks
from gridmap.sources.reconciliation import Tally


def find(drawing):
    ways = drawing.read().ways
    tracks = build_tracks(ways, tally=Tally())
    return build_drainage(ways, tracks), build_structures(ways, tracks)


def draw_track(drawing, *, y: float = 0.0, start: float = 0.0, end: float = 1000.0, **tags: str) -> int:
    return drawing.way(drawing.nodes((start, y), (end, y)), railway="rail", **tags)


def draw_stream(drawing, x: float, *, low: float = -80.0, high: float = 80.0, **tags: str) -> int:
    return drawing.way(drawing.nodes((x, high), (x, low)), **{"waterway": "stream", **tags})


@pytest.mark.parametrize("waterway", ["river", "canal", "stream", "drain", "ditch"])
def test_a_waterway_below_a_track_without_a_bridge_has_a_culvert(drawing, waterway):
    draw_track(drawing)
    draw_stream(drawing, 300, waterway=waterway, name="Willow Brook")
    (row,) = find(drawing)[0].itertuples()
    assert (row.kind, row.name, row.external_id) == ("culvert", "Willow Brook", "way/2")
    assert row.lon == pytest.approx(112.5 + 300 / 88_000, abs=1e-6)


def test_below_a_bridge_it_is_a_bridge_over_water(drawing):
    draw_track(drawing, bridge="yes")
    draw_stream(drawing, 300)
    assert find(drawing)[0]["kind"].tolist() == ["water_bridge"]


def test_both_tracks_and_the_pieces_of_a_stream_are_one_crossing(drawing):
    for y in (0, 5):
        draw_track(drawing, y=y)
    draw_stream(drawing, 300, low=2)
    draw_stream(drawing, 300, high=2, tunnel="culvert")
    draw_stream(drawing, 700)
    found = find(drawing)[0]
    assert found["kind"].tolist() == ["culvert", "culvert"]
    assert found["lon"].is_monotonic_increasing


@pytest.mark.parametrize(
    ("track", "stream"),
    [
        ({"tunnel": "yes"}, {}),
        ({}, {"bridge": "aqueduct"}),
        ({}, {"tunnel": "flooded"}),
        ({"bridge": "yes"}, {"tunnel": "culvert"}),
        ({}, {"waterway": "dam"}),
        ({}, {"low": "20"}),
    ],
)
def test_what_is_no_crossing_below_the_track(drawing, track, stream):
    draw_track(drawing, **track)
    given = dict(stream)
    low = float(given.pop("low", -80))
    draw_stream(drawing, 300, low=low, **given)
    assert find(drawing)[0].empty


def test_a_cliff_or_bank_beside_the_line_is_a_slope(drawing):
    draw_track(drawing)
    drawing.way(drawing.nodes((100, 30), (400, 30)), natural="cliff", name="Red Cliff")
    drawing.way(drawing.nodes((600, -20), (700, -20)), man_made="embankment")
    drawing.way(drawing.nodes((800, 90), (900, 90)), natural="cliff")
    drawing.way(drawing.nodes((800, 20), (900, 20)), man_made="pier")
    found = find(drawing)[0]
    assert found["kind"].tolist() == ["slope", "slope"]
    assert found["name"].tolist() == ["Red Cliff", ""]
    assert found["length_m"].to_numpy() == pytest.approx([300, 100], rel=0.02)
    assert found["lat"].to_numpy() == pytest.approx([37.8, 37.8], abs=1e-6)


@pytest.mark.parametrize("tags", [{"tunnel": "yes"}, {"bridge": "yes"}])
def test_beside_a_tunnel_or_a_bridge_a_cliff_says_nothing(drawing, tags):
    draw_track(drawing, **tags)
    drawing.way(drawing.nodes((100, 30), (400, 30)), natural="cliff")
    assert find(drawing)[0].empty


def test_cuttings_and_embankments_are_structures_ways_in_a_row_one(drawing):
    first, second, third, fourth = drawing.nodes((0, 0), (300, 0), (800, 0), (1000, 0))
    drawing.way([first, second], railway="rail", embankment="yes")
    drawing.way([second, third], railway="rail", embankment="yes")
    drawing.way([third, fourth], railway="rail", cutting="left")
    draw_track(drawing, y=5, end=800, embankment="yes")
    draw_track(drawing, y=400, embankment="no")
    found = find(drawing)[1]
    assert found["kind"].tolist() == ["cutting", "embankment"]
    assert found["length_m"].to_numpy() == pytest.approx([200, 800], rel=0.02)
