"""The demo county is whole: its areas cover it, its roads hang together, its railways have what railways have."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.domain.codes import Level, parse_code
from gridmap.domain.railways.lines import build_lines
from gridmap.sources.dataset import Dataset
from gridmap.sources.demo.county import County, build_county

SEED = 3


@pytest.fixture(scope="module")
def county() -> County:
    return build_county(SEED)


@pytest.fixture(scope="module")
def dataset(county: County) -> Dataset:
    return county.dataset


def test_every_level_covers_the_county_without_gap_or_overlap(dataset: Dataset) -> None:
    areas = dataset.areas
    (whole,) = areas.geometry[areas["level"] == int(Level.COUNTY)]
    for level in (Level.TOWN, Level.VILLAGE, Level.CELL):
        members = areas.geometry[areas["level"] == int(level)].to_numpy()
        assert shapely.coverage_is_valid(members), level
        together = shapely.coverage_union_all(members)
        assert shapely.area(shapely.symmetric_difference(together, whole)) < 1e-9 * shapely.area(whole)


def test_each_area_is_made_of_those_below_it(dataset: Dataset) -> None:
    areas = dataset.areas.set_index("code")
    assert areas.index.is_unique
    assert all(parse_code(code) == code and code.startswith("1499") for code in areas.index)
    for code, members in areas[areas["level"] == int(Level.VILLAGE)].groupby(lambda c: c[:9]):
        parts = shapely.coverage_union_all(members.geometry.to_numpy())
        assert shapely.equals_exact(shapely.normalize(parts), shapely.normalize(areas.geometry[code]), 1e-9) or (
            shapely.area(shapely.symmetric_difference(parts, areas.geometry[code])) < 1e-12
        )


def test_it_has_the_size_of_a_county(dataset: Dataset) -> None:
    counts = dataset.areas["level"].value_counts()
    assert counts[int(Level.COUNTY)] == 1
    assert 8 <= counts[int(Level.TOWN)] <= 16
    assert 480 <= counts[int(Level.CELL)] <= 720
    assert 4_000 <= len(dataset.road_edges) <= 6_000
    lines = build_lines(dataset.tracks).lines
    assert len(lines) == 2
    assert 80_000 <= lines["length_m"].sum() <= 105_000


def test_names_are_chinese_and_told_apart(dataset: Dataset) -> None:
    for level in (Level.TOWN, Level.VILLAGE):
        names = dataset.areas.loc[dataset.areas["level"] == int(level), "name"]
        assert names.is_unique
        assert names.str.fullmatch(r"[\u4e00-\u9fff]+").all()


def test_roads_hang_together_and_some_end(dataset: Dataset) -> None:
    edges = dataset.road_edges
    count = len(dataset.road_nodes)
    graph = coo_array((np.ones(len(edges)), (edges["u"], edges["v"])), shape=(count, count))
    _, label = connected_components(graph, directed=False)
    biggest = np.bincount(label).argmax()
    assert (label[edges["u"]] == biggest).mean() > 0.97
    degree = np.bincount(np.concatenate([edges["u"], edges["v"]]), minlength=count)
    assert (degree == 1).sum() > 50
    assert {"trunk", "secondary", "tertiary", "unclassified", "residential", "track"} <= set(edges["road_class"])
    assert (edges["car_forward"] & ~edges["car_backward"]).any()


def test_edges_join_their_nodes(dataset: Dataset) -> None:
    edges, nodes = dataset.road_edges, dataset.road_nodes
    for end, index in (("u", 0), ("v", -1)):
        tips = shapely.get_coordinates(shapely.get_point(edges.geometry.to_numpy(), index))
        assert np.abs(tips - nodes[["lon", "lat"]].to_numpy()[edges[end]]).max() < 1e-9


def test_no_road_crosses_the_river_without_a_bridge(dataset: Dataset) -> None:
    shapes = dataset.shapes
    river = shapely.union_all(shapes.geometry[(shapes["kind"] == "water") & (shapes["name"] != "青石水库")].to_numpy())
    # The middle of the water: banks may be touched.
    deep = shapely.buffer(river, -0.0002)
    shapely.prepare(deep)
    wet = dataset.road_edges[shapely.intersects(deep, dataset.road_edges.geometry.to_numpy())]
    assert len(wet) > 3
    assert wet["bridge"].all()


def test_two_lines_have_what_railways_have(dataset: Dataset) -> None:
    tracks, features = dataset.tracks, dataset.rail_features
    assert set(tracks["high_speed"]) == {False, True}
    assert (tracks["electrified"] != "no").all()
    assert tracks["bridge"].any()
    assert tracks["tunnel"].any()
    kinds = features["kind"].value_counts()
    assert kinds["station"] >= 4
    assert kinds["level_crossing"] >= 3
    fast = shapely.union_all(tracks.geometry[tracks["high_speed"]].to_numpy())
    crossings = features[features["kind"] == "level_crossing"]
    # Nobody crosses a high-speed line on the level.
    assert shapely.distance(shapely.points(crossings["lon"], crossings["lat"]), fast).min() > 0.0005


def test_the_lake_does_not_flood_the_railway(dataset: Dataset) -> None:
    water = dataset.shapes[dataset.shapes["name"] == "青石水库"]
    rail = shapely.union_all(dataset.tracks.geometry.to_numpy())
    assert not shapely.intersects(rail, shapely.union_all(water.geometry.to_numpy()))


def test_land_use_ends_near_the_county(dataset: Dataset) -> None:
    areas = dataset.areas
    (whole,) = areas.geometry[areas["level"] == int(Level.COUNTY)]
    near = shapely.buffer(whole, 0.03)
    shapes = dataset.shapes[dataset.shapes["kind"].isin(["forest", "farmland"])]
    assert len(shapes) > 50
    assert shapely.covers(near, shapes.geometry.to_numpy()).all()


def test_rain_finds_what_it_finds_on_real_railways(dataset: Dataset) -> None:
    kinds = dataset.rail_features["kind"].value_counts()
    assert kinds[["culvert", "water_bridge", "cutting", "embankment"]].min() >= 3
    crossings = dataset.rail_features[dataset.rail_features["kind"].isin(["culvert", "water_bridge"])]
    water = shapely.union_all(dataset.shapes.geometry[dataset.shapes["kind"].isin(["river", "stream"])].to_numpy())
    assert shapely.distance(shapely.points(crossings["lon"], crossings["lat"]), water).max() < 1e-6
