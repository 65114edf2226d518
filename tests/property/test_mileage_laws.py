"""Mileage: what is written reads back, and a place on or beside a line is found again to a decimetre."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from gridmap.domain.railways.calibration import CalibrationPoint, MileageScale
from gridmap.domain.railways.lines import build_lines
from gridmap.domain.railways.mileage import (
    LinePlace,
    MeasuredLine,
    Mileage,
    format_mileage,
    format_place,
    parse_mileage,
    parse_place,
)
from gridmap.sources.osm_railways import build_tracks
from gridmap.sources.osm_reader import read_extract
from gridmap.sources.reconciliation import Tally


@given(st.sampled_from(["K", "DK", "AK"]), st.integers(-9_999, 9_999_999))
def test_what_is_written_reads_back(prefix: str, decimetres: int) -> None:
    metres = decimetres / 10
    assert parse_mileage(format_mileage(metres, prefix=prefix, decimals=1)) == Mileage(prefix, metres)


@given(
    st.integers(0, 9_999_999),
    st.sampled_from([("left", "right"), ("左", "右"), ("左侧", "右侧"), ("L", "R"), ("LEFT", "Right")]),
    st.sampled_from(["left", "right", ""]),
    st.integers(0, 99_999),
    st.booleans(),
)
def test_a_place_reads_back_in_every_spelling(
    decimetres: int, words: tuple[str, str], side: str, offset: int, wide: bool
) -> None:
    place = LinePlace(Mileage("K", decimetres / 10), side, offset / 10 if side else 0.0)
    text = format_place(place, left=words[0], right=words[1], decimals=1)
    if wide:
        text = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text).replace(" ", "\u3000")
    assert parse_place(text) == place


# --- lines ------------------------------------------------------------------------------------------------------


@st.composite
def lines(draw: st.DrawFn) -> MeasuredLine:
    """A line that winds but never turns back, so that no two of its places are near each other."""
    count = draw(st.integers(2, 30))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    lon = 112.0 + np.cumsum(rng.uniform(0.001, 0.02, count))
    lat = draw(st.sampled_from([-37.0, 5.0, 37.0, 60.0])) + np.cumsum(rng.uniform(-0.0008, 0.0008, count))
    return MeasuredLine(shapely.LineString(np.column_stack([lon, lat])), start_m=draw(st.floats(0, 1_000_000)))


@settings(max_examples=60, deadline=None)
@given(lines(), st.floats(0, 1))
def test_a_place_is_found_again_to_a_decimetre(line: MeasuredLine, share: float) -> None:
    mileage_m = line.start_m + share * (line.end_m - line.start_m)
    seen = line.locate(*line.point_at(mileage_m))
    assert abs(seen.mileage_m - mileage_m) < 0.1
    assert seen.offset_m < 0.1


@settings(max_examples=60, deadline=None)
@given(lines(), st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_stretches_add_up_to_the_line(line: MeasuredLine, shares: list[float]) -> None:
    cuts = [line.start_m, *sorted(line.start_m + s * (line.end_m - line.start_m) for s in shares), line.end_m]
    pieces = [line.stretch(a, b) for a, b in pairwise(cuts) if b - a > 1.0]
    measured = [MeasuredLine(piece) for piece in pieces]
    total = sum(piece.end_m - piece.start_m for piece in measured)
    skipped = sum(b - a for a, b in pairwise(cuts) if b - a <= 1.0)
    assert abs(total + skipped - (line.end_m - line.start_m)) < 0.05


def find_clear_m(line: MeasuredLine, chainage_m: float) -> float:
    """How far beside a place the line's own bends leave the normals of its steps apart, metres."""
    xy = shapely.get_coordinates(line.geometry)
    at = line.locate_all(xy[:, 0], xy[:, 1]).chainage_m
    way = np.diff(xy * [np.cos(np.radians(xy[0, 1])), 1.0], axis=0)
    turn = np.abs(np.diff(np.unwrap(np.arctan2(way[:, 1], way[:, 0]))))
    return float(np.min(np.abs(at[1:-1] - chainage_m) / np.tan(np.maximum(turn, 1e-9) / 2.0), initial=1e9))


@settings(max_examples=150, deadline=None)
@given(lines(), st.floats(0.001, 0.999), st.sampled_from(["left", "right"]), st.floats(0.1, 1000.0))
def test_a_place_beside_the_line_is_found_again(line: MeasuredLine, share: float, side: str, offset_m: float) -> None:
    chainage = line.start_m + share * (line.end_m - line.start_m)
    assume(offset_m < 0.9 * find_clear_m(line, chainage))
    seen = line.locate(*line.beside(chainage, side=side, offset_m=offset_m))
    assert seen.side == side
    assert abs(seen.offset_m - offset_m) < 0.05
    assert abs(seen.mileage_m - chainage) < 0.1


# --- broken chains ----------------------------------------------------------------------------------------------


@st.composite
def scales(draw: st.DrawFn, length_m: float = 40_000.0) -> MileageScale:
    """Plain points, long and short chains, kilometres apart, between them up to 4 % more or less than the ground."""
    points: list[CalibrationPoint] = []
    chainage, mileage = draw(st.floats(0, 3_000)), draw(st.floats(10_000, 500_000))
    while chainage < length_m:
        jump = draw(st.sampled_from([0.0, 0.0, -1.0, 1.0])) * draw(st.floats(5.0, 2_500.0))
        points.append(CalibrationPoint(chainage, mileage, mileage + jump))
        step = draw(st.floats(500.0, 15_000.0))
        mileage += jump + step * (1.0 + draw(st.floats(-0.04, 0.04)))
        chainage += step
    return MileageScale(points, start_m=0.0, end_m=length_m)


@settings(max_examples=200, deadline=None)
@given(scales(), st.floats(0, 40_000))
def test_a_place_is_among_those_of_its_mileage(scale: MileageScale, chainage: float) -> None:
    found = scale.to_chainages(float(scale.to_mileage(chainage)))
    assert min(abs(candidate.chainage_m - chainage) for candidate in found) < 0.1
    assert abs(scale.describe(chainage).chainage_m - chainage) < 0.1


@settings(max_examples=200, deadline=None)
@given(scales(), st.floats(0, 600_000))
@example(MileageScale([CalibrationPoint(0.1, 16_070.0, 16_075.0)], start_m=0.0, end_m=40_000.0), 16_070.0)
@example(MileageScale([CalibrationPoint(1_000.3, 16_070.0, 16_065.0)], start_m=0.0, end_m=40_000.0), 16_070.0)
def test_every_candidate_has_the_mileage_asked_for_and_a_note_of_its_own(scale: MileageScale, mileage: float) -> None:
    found = scale.to_chainages(mileage)
    for candidate in found:
        written = [float(scale.to_mileage(candidate.chainage_m, arriving=arriving)) for arriving in (False, True)]
        assert min(abs(w - mileage) for w in written) < 0.6
    notes = [candidate.note.format(**candidate.values) for candidate in found]
    assert len(set(notes)) == len(notes)
    assert ("" in notes) == (len(notes) == 1)


@settings(max_examples=100, deadline=None)
@given(scales(), st.floats(0, 40_000), st.floats(0, 40_000))
def test_mileage_grows_except_across_long_chains(scale: MileageScale, a: float, b: float) -> None:
    low, high = sorted((a, b))
    back = sum(max(0.0, p.back_m - p.ahead_m) for p in scale.points if low < p.chainage_m <= high)
    assert float(scale.to_mileage(high)) >= float(scale.to_mileage(low)) - back - 1e-6


# --- real lines -------------------------------------------------------------------------------------------------


@cache
def read_lines(path: Path) -> tuple[MeasuredLine, ...]:
    tracks = build_tracks(read_extract(path).ways, tally=Tally())
    return tuple(MeasuredLine(line) for line in build_lines(tracks).lines.geometry)


@pytest.mark.parametrize("name", ["liechtenstein", "monaco", "helsinki-clip"])
def test_places_of_real_lines_are_found_again_through_broken_chains(name: str, realdata: Path) -> None:
    rng = np.random.default_rng(11)
    for bare in read_lines(realdata / "osm" / f"{name}.osm.pbf"):
        third = bare.end_m / 3
        long, short = CalibrationPoint(third, 52_000.0, 51_900.0), CalibrationPoint(2 * third, 51_900.0 + third, 60_000)
        line = MeasuredLine(bare.geometry, calibration=[long, short])
        for chainage in rng.uniform(0.0, line.end_m, 100).tolist():
            text = format_mileage(float(line.scale.to_mileage(chainage)), decimals=2)
            found = line.scale.find_places(parse_mileage(text).metres)
            places = [line.locate(*line.point_at(candidate.chainage_m)) for candidate in found]
            assert min(abs(place.mileage_m - chainage) for place in places) < 0.1
            assert max(place.offset_m for place in places) < 0.05
