"""Runs cover their line, none is a sliver, and no true stretch that is long enough is given to somebody else."""

from __future__ import annotations

from itertools import groupby, pairwise

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.domain.railways.area_runs import MIN_RUN_M, find_area_runs
from gridmap.domain.railways.mileage import MeasuredLine

WEST, SOUTH, SIZE_DEG = 112.5, 37.8, 0.03
SAMPLE_M = 5.0

shares = st.floats(0.02, 0.98).map(lambda share: round(share, 4))


def make_areas(across: list[float], up: float) -> gpd.GeoDataFrame:
    """A rectangle parted by meridians and one parallel."""
    x = [0.0, *sorted(set(across)), 1.0]
    y = [0.0, up, 1.0]
    shapes = [
        shapely.box(WEST + SIZE_DEG * a, SOUTH + SIZE_DEG * c, WEST + SIZE_DEG * b, SOUTH + SIZE_DEG * d)
        for a, b in pairwise(x)
        for c, d in pairwise(y)
    ]
    codes = [f"149901001{number:03d}" for number in range(1, len(shapes) + 1)]
    return gpd.GeoDataFrame({"code": codes, "level": 5}, geometry=shapes, crs="EPSG:4326")


@settings(deadline=None, max_examples=60)
@given(
    across=st.lists(shares, max_size=5),
    up=shares,
    places=st.lists(st.tuples(shares, shares), min_size=2, max_size=12, unique=True),
)
def test_runs_agree_with_asking_every_few_metres(
    across: list[float], up: float, places: list[tuple[float, float]]
) -> None:
    areas = make_areas(across, up)
    line = MeasuredLine(shapely.LineString([(WEST + SIZE_DEG * x, SOUTH + SIZE_DEG * y) for x, y in places]))
    (runs,) = find_area_runs([line], areas)
    assert (runs[0].from_m, runs[-1].to_m) == (line.start_m, line.end_m)
    assert all(a.to_m == b.from_m and a.area_code != b.area_code for a, b in pairwise(runs))
    assert len(runs) == 1 or min(run.length_m for run in runs) >= MIN_RUN_M
    ends = np.array([run.to_m for run in runs])
    at = np.arange(line.start_m, line.end_m, SAMPLE_M)
    points = shapely.points([line.point_at(float(m)) for m in at])
    holds = shapely.intersects(areas.geometry.to_numpy()[:, None], points[None, :])
    told = [runs[i].area_code for i in np.searchsorted(ends, at)]
    # On a border both sides hold a place; what is alike there is told by the places beside it.
    truth = np.where(holds.sum(axis=0) == 1, holds.argmax(axis=0), -1)
    for area, places_there in groupby(range(len(at)), key=lambda i: truth[i]):
        stretch = list(places_there)
        if area >= 0 and len(stretch) * SAMPLE_M > MIN_RUN_M + 2 * SAMPLE_M:
            assert {told[i] for i in stretch[1:-1]} == {areas["code"].iloc[area]}
