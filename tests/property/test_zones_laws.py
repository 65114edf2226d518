"""Laws of protection zones: rows that meet cover what they say and nothing twice, whatever the line bends like."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gridmap.domain.crs import GEOD
from gridmap.domain.railways.mileage import MeasuredLine
from gridmap.domain.railways.zone_shapes import ZoneDrawer
from gridmap.domain.railways.zones import Zone, choose_in_force, find_gaps, merge_spans

NO_TRACKS = np.array([], object)
SIDES = st.sampled_from(["left", "right"])


@st.composite
def lines(draw: Any) -> MeasuredLine:
    """Steps of 20 m to 3 km, bent by up to 35 degrees, anywhere between the polar circles."""
    azimuth = draw(st.floats(0, 360))
    points = [(draw(st.floats(-179, 179)), draw(st.floats(-65, 65)))]
    for _ in range(draw(st.integers(1, 8))):
        lon, lat, _ = GEOD.fwd(*points[-1], azimuth, draw(st.floats(20, 3_000)))
        points.append((lon, lat))
        azimuth += draw(st.floats(-35, 35))
    return MeasuredLine(shapely.LineString(points))


def zone(from_m: float, to_m: float, side: Any, width_m: float = 15.0) -> Zone:
    where = {"line_id": 1, "side": side, "from_m": from_m, "to_m": to_m, "width_m": width_m}
    return Zone(**where, origin_offset_m=5.0, category="", kind="official")


@settings(max_examples=60, deadline=None)
@given(line=lines(), shares=st.lists(st.floats(0.02, 0.98), max_size=4, unique=True), side=SIDES)
def test_rows_that_meet_cover_exactly_their_stretch(line: MeasuredLine, shares: list[float], side: str) -> None:
    cuts = [line.start_m + share * (line.end_m - line.start_m) for share in sorted(shares)]
    spans = list(pairwise([line.start_m, *cuts, line.end_m]))
    assume(all(high - low > 1.0 for low, high in spans))
    drawer = ZoneDrawer(line, NO_TRACKS)
    parts = [drawer.draw(zone(low, high, side)) for low, high in spans]
    whole = drawer.draw(zone(line.start_m, line.end_m, side))
    assert whole.is_valid
    assert shapely.symmetric_difference(shapely.union_all(parts), whole).area <= 1e-5 * whole.area
    assert sum(part.area for part in parts) == pytest.approx(whole.area, rel=1e-5)


@settings(max_examples=60, deadline=None)
@given(line=lines(), share=st.floats(0.0, 1.0), offset=st.floats(0.5, 40.0), side=SIDES)
def test_a_place_is_in_the_zone_as_its_distance_says(
    line: MeasuredLine, share: float, offset: float, side: str
) -> None:
    at = line.start_m + share * (line.end_m - line.start_m)
    place = line.beside(at, side=side, offset_m=offset)
    seen = line.locate(*place)
    # Beyond the ends nothing is in a zone; within a decimetre of the edge either answer is right.
    assume(seen.side == side and line.start_m + 0.2 < seen.mileage_m < line.end_m - 0.2)
    assume(abs(seen.offset_m - 20) >= 0.1)
    drawn = ZoneDrawer(line, NO_TRACKS).draw(zone(line.start_m, line.end_m, side))
    assert drawn.covers(shapely.Point(place)) is (seen.offset_m < 20)


spans = st.tuples(st.integers(0, 1_000), st.integers(1, 300)).map(lambda s: (float(s[0]), float(s[0] + s[1])))


@given(st.lists(st.tuples(spans, st.sampled_from([8.0, 12.0, 15.0])), min_size=1, max_size=8))
def test_what_is_in_force_and_what_is_a_gap_make_up_the_line(rows: list[tuple[tuple[float, float], float]]) -> None:
    announced = [zone(low, high, "left", width) for (low, high), width in rows]
    held = choose_in_force(announced, [])
    covered = merge_spans([(z.from_m, z.to_m) for z in held])
    assert covered == merge_spans([span for span, _ in rows])
    assert sum(z.to_m - z.from_m for z in held) == pytest.approx(sum(high - low for low, high in covered))
    for z in held:
        middle = (z.from_m + z.to_m) / 2
        assert z.width_m == max(width for (low, high), width in rows if low <= middle <= high)
    gaps = find_gaps(announced)
    assert len(gaps) <= len(covered) - 1
    assert all(gap.to_m - gap.from_m > 1.0 for gap in gaps)
