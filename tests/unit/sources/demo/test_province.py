"""The demo province is whole at every level, its lines and roads run through it, and a seed gives it again."""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.domain.codes import Level, parent_code, parse_code
from gridmap.domain.railways.lines import build_lines
from gridmap.sources.dataset import Dataset
from gridmap.sources.demo.province.province import build_province
from gridmap.sources.demo.province.size import ProvinceSize
from gridmap.sources.schemas import find_faults

SMALL = ProvinceSize(
    area_km2=6_000.0,
    cities=2,
    counties=5,
    towns=40,
    villages=600,
    cells=2_400,
    road_places=300,
    railway_km=140.0,
    hazards=500,
    teams=30,
)
EXPECTED = {
    Level.PROVINCE: 1,
    Level.CITY: SMALL.cities,
    Level.COUNTY: SMALL.counties,
    Level.TOWN: SMALL.towns,
    Level.VILLAGE: SMALL.villages,
    Level.CELL: SMALL.cells,
}


@cache
def build(seed: int) -> Dataset:
    return build_province(seed, size=SMALL)


@pytest.fixture(scope="module", params=[1, 7])
def dataset(request: pytest.FixtureRequest) -> Dataset:
    return build(request.param)


def areas_of(dataset: Dataset, level: Level) -> gpd.GeoDataFrame:
    return dataset.areas[dataset.areas["level"] == int(level)]


def test_it_has_no_fault_that_loading_would_refuse(dataset: Dataset) -> None:
    assert find_faults(dataset) == []


def test_it_has_as_many_areas_of_each_level_as_asked_for(dataset: Dataset) -> None:
    for level, count in EXPECTED.items():
        made = len(areas_of(dataset, level))
        assert count * 0.99 <= made <= count, level


def test_every_level_covers_the_province_without_gap_or_overlap(dataset: Dataset) -> None:
    (whole,) = areas_of(dataset, Level.PROVINCE).geometry
    for level in EXPECTED:
        members = areas_of(dataset, level).geometry.to_numpy()
        assert shapely.coverage_is_valid(members), level
        together = shapely.coverage_union_all(members)
        assert shapely.area(shapely.symmetric_difference(together, whole)) < 1e-9 * shapely.area(whole)


def test_codes_nest_as_the_areas_do(dataset: Dataset) -> None:
    shapes = dict(zip(dataset.areas["code"], dataset.areas.geometry, strict=True))
    assert len(shapes) == len(dataset.areas)
    parents = {}
    for code, shape in shapes.items():
        assert parse_code(code) == code
        above = parent_code(code)
        if above is not None:
            parents[code] = above
            assert shapely.intersects_xy(shapes[above], *shapely.get_coordinates(shapely.point_on_surface(shape))[0])
    assert len(parents) == len(shapes) - 1


def test_siblings_have_names_of_their_own(dataset: Dataset) -> None:
    for level in (Level.CITY, Level.COUNTY, Level.TOWN, Level.VILLAGE):
        areas = areas_of(dataset, level)
        names = areas.groupby(areas["code"].map(parent_code))["name"]
        assert (names.nunique() == names.size()).all(), level


def test_the_road_graph_hangs_together(dataset: Dataset) -> None:
    edges, nodes = dataset.road_edges, len(dataset.road_nodes)
    assert (edges["u"] != edges["v"]).all()
    graph = coo_array((np.ones(len(edges)), (edges["u"], edges["v"])), shape=(nodes, nodes))
    assert connected_components(graph, directed=False)[0] == 1
    assert {"trunk", "secondary", "tertiary", "unclassified"} >= set(edges["road_class"])


def test_railways_are_as_long_as_asked_and_have_stations_and_works(dataset: Dataset) -> None:
    lines = build_lines(dataset.tracks).lines
    assert 0.7 * SMALL.railway_km <= lines["length_m"].sum() / 1_000 <= 1.1 * SMALL.railway_km
    assert set(dataset.rail_features["kind"]) >= {"station", "bridge"}
    (whole,) = areas_of(dataset, Level.PROVINCE).geometry
    assert (
        shapely.length(shapely.intersection(lines.geometry.to_numpy(), whole)).sum()
        > 0.97 * shapely.length(lines.geometry.to_numpy()).sum()
    )


def test_no_river_runs_beyond_the_province(dataset: Dataset) -> None:
    (whole,) = areas_of(dataset, Level.PROVINCE).geometry
    rivers = dataset.shapes[dataset.shapes["kind"].isin(["river", "stream"])].geometry.to_numpy()
    assert len(rivers) > 0
    assert shapely.length(shapely.difference(rivers, shapely.buffer(whole, 0.05))).sum() == 0


def test_a_seed_gives_the_same_province_again_and_another_seed_another() -> None:
    first, second, different = build(1), build_province(1, size=SMALL), build(7)
    for name in ("areas", "road_edges", "tracks", "shapes"):
        one, other = getattr(first, name), getattr(second, name)
        assert one.drop(columns="geometry").equals(other.drop(columns="geometry"))
        assert (shapely.to_wkb(one.geometry.to_numpy()) == shapely.to_wkb(other.geometry.to_numpy())).all()
    assert first.places.equals(second.places)
    assert not first.places["name"].equals(different.places["name"])


def test_a_size_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="at least as many areas"):
        ProvinceSize(6_000.0, 6, 5, 40, 600, 2_400, 300, 250.0, 500, 30)
    with pytest.raises(ValueError, match="road graph"):
        ProvinceSize(6_000.0, 2, 5, 40, 600, 2_400, 10, 250.0, 500, 30)
