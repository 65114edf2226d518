"""Mileage: what is written reads back, and a place on a line is found again to a decimetre."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.domain.railways.mileage import MeasuredLine, Mileage, format_mileage, parse_mileage


@given(st.sampled_from(["K", "DK", "AK"]), st.integers(0, 9_999_999))
def test_what_is_written_reads_back(prefix: str, millimetres: int) -> None:
    metres = millimetres / 10
    assert parse_mileage(format_mileage(metres, prefix=prefix, decimals=1)) == Mileage(prefix, metres)


@st.composite
def lines(draw: st.DrawFn) -> MeasuredLine:
    """A line that winds but never turns back, so that no two of its places are near each other."""
    count = draw(st.integers(2, 30))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    lon = 112.0 + np.cumsum(rng.uniform(0.001, 0.02, count))
    lat = 37.0 + np.cumsum(rng.uniform(-0.0008, 0.0008, count))
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
