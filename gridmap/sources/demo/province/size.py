"""How large a province is made: the full one to measure by, a small one to test by."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class ProvinceSize:
    """What a province has of each thing.

    Counts of areas are met exactly but for a few cells that a border cuts off; `railway_km` and `road_places`, the
    towns and villages on the road graph, steer rather than fix what comes out.
    """

    area_km2: float
    cities: int
    counties: int
    towns: int
    villages: int
    cells: int
    road_places: int
    railway_km: float
    hazards: int
    teams: int

    def __post_init__(self) -> None:
        steps = (1, self.cities, self.counties, self.towns, self.villages, self.cells)
        if any(wider > narrower for wider, narrower in pairwise(steps)):
            raise ValueError("each level must have at least as many areas as the one above it")
        if not self.towns <= self.road_places <= self.villages:
            raise ValueError("every town and at most every village lies on the road graph")


PROVINCE = ProvinceSize(
    area_km2=156_000.0,
    cities=11,
    counties=117,
    towns=1_280,
    villages=28_000,
    cells=90_000,
    road_places=18_000,
    railway_km=6_000.0,
    hazards=100_000,
    teams=2_000,
)
"""About what Shanxi has."""
