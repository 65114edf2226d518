"""What holds for every vector tile: ids kept, rings wound right, areas true to the grid, a partition stays one."""

from __future__ import annotations

from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.domain.tiling import BUFFER, EXTENT, TileId, build_layer, encode_tile, encode_tiles

TILE = TileId(12, 3329, 1582)


def decode(geometries: np.ndarray[Any, Any], *, ids: np.ndarray[Any, Any]) -> dict[int, dict[str, Any]]:
    data = encode_tile([build_layer("cells", geometries, ids=ids)], TILE)
    if not data:
        return {}
    decoded = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})
    return {feature["id"]: feature["geometry"] for feature in decoded["cells"]["features"]}


def to_tile_units(geometry: shapely.Geometry) -> shapely.Geometry:
    left, top, _, _ = TILE.compute_box(buffer=0)
    return shapely.transform(geometry, lambda xy: (xy - (left, top)) * EXTENT / TILE.side)


def area_of(geometry: dict[str, Any]) -> float:
    """Sum of signed ring areas: holes count against, whatever the decoder made of them."""
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    total = 0.0
    for polygon in polygons:
        for ring in polygon:
            x, y = np.array(ring, float).T
            total += float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2
    return total


@st.composite
def partitions(draw: st.DrawFn) -> np.ndarray[Any, Any]:
    """Voronoi cells over an area somewhat larger than the tile."""
    seed = draw(st.integers(0, 10_000))
    count = draw(st.integers(2, 60))
    rng = np.random.default_rng(seed)
    left, top, _, _ = TILE.compute_box(buffer=0)
    spots = rng.uniform(-0.4, 1.4, (count, 2)) * TILE.side + (left, top)
    around = shapely.box(left - TILE.side, top - TILE.side, left + 2 * TILE.side, top + 2 * TILE.side)
    cells = shapely.voronoi_polygons(shapely.MultiPoint(spots), extend_to=around)
    return np.array([cell & around for cell in cells.geoms], object)


@settings(max_examples=40, deadline=None)
@given(partitions())
def test_cells_keep_their_ids_and_their_areas(cells: np.ndarray[Any, Any]) -> None:
    ids = np.arange(len(cells)) * 7 + 3
    found = decode(cells, ids=ids)
    window = shapely.box(*TILE.compute_box())
    for cell, feature_id in zip(cells, ids.tolist(), strict=True):
        true = to_tile_units(cell & window)
        if true.area > 4 * true.length:  # more than a rim of grid units
            assert feature_id in found
            # Every vertex moves by half a unit at most, so the area errs by at most half the outline.
            assert abs(area_of(found[feature_id]) - true.area) <= 0.75 * true.length
    assert set(found) <= set(ids.tolist())


@settings(max_examples=40, deadline=None)
@given(partitions())
def test_a_partition_of_the_tile_stays_a_partition(cells: np.ndarray[Any, Any]) -> None:
    found = decode(cells, ids=np.arange(len(cells)))
    side = EXTENT + 2 * 64
    # Shared vertices fall on the same grid point from both sides, so that nothing is lost or counted twice.
    assert abs(sum(area_of(geometry) for geometry in found.values()) - side**2) <= side


@settings(max_examples=40, deadline=None)
@given(partitions(), st.floats(0.01, 0.9))
def test_holes_count_against_their_cells(cells: np.ndarray[Any, Any], share: float) -> None:
    centre = shapely.centroid(cells)
    inner = np.array(
        [shapely.affinity.scale(c, share, share, origin=(p.x, p.y)) for c, p in zip(cells, centre, strict=True)], object
    )
    ids = np.arange(len(cells))
    window = shapely.box(*TILE.compute_box())
    found = decode(shapely.difference(cells, inner), ids=ids)
    for number, (cell, hole) in enumerate(zip(cells, inner, strict=True)):
        true = to_tile_units((cell - hole) & window)
        if number in found:
            assert abs(area_of(found[number]) - true.area) <= 0.75 * true.length + 1


@st.composite
def tracks(draw: st.DrawFn) -> np.ndarray[Any, Any]:
    """Wandering lines that leave the tile and come back."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    left, top, _, _ = TILE.compute_box(buffer=0)
    steps = rng.normal(0, 0.15, (draw(st.integers(1, 20)), draw(st.integers(2, 40)), 2))
    return shapely.linestrings((np.cumsum(steps, axis=1) + 0.5) * TILE.side + (left, top))


@settings(max_examples=40, deadline=None)
@given(tracks())
def test_lines_come_back_within_half_a_unit_and_end_at_the_buffer(lines: np.ndarray[Any, Any]) -> None:
    found = decode(lines, ids=np.arange(len(lines)))
    window = shapely.box(*TILE.compute_box())
    for number, line in enumerate(lines):
        true = to_tile_units(shapely.clip_by_rect(line, *window.bounds))
        assert (number in found) or true.length < 2
        if number in found:
            drawn = shapely.geometry.shape(found[number])
            xy = shapely.get_coordinates(drawn)
            assert xy.min() >= -BUFFER
            assert xy.max() <= EXTENT + BUFFER
            # Every vertex was rounded to the grid, half a unit to either side at most, and none was left out.
            known = shapely.get_coordinates(true)
            assert np.abs(xy[:, None] - known[None]).max(axis=2).min(axis=1).max() <= 0.5 + 1e-6
            # A corner that the window only just cuts may round to a point, which is nothing to draw.
            parts = shapely.get_parts(true)
            wanted = shapely.get_coordinates(parts[shapely.length(parts) >= 2])
            assert (shapely.distance(drawn, shapely.points(wanted)) <= 2**0.5).all()


@settings(max_examples=40, deadline=None)
@given(partitions())
def test_shapes_end_at_the_buffer(cells: np.ndarray[Any, Any]) -> None:
    for geometry in decode(cells, ids=np.arange(len(cells))).values():
        xy = shapely.get_coordinates(shapely.geometry.shape(geometry))
        assert xy.min() >= -BUFFER
        assert xy.max() <= EXTENT + BUFFER


@settings(max_examples=30, deadline=None)
@given(partitions(), tracks(), st.integers(0, 2**16))
def test_a_block_of_tiles_is_as_its_tiles_one_by_one(
    cells: np.ndarray[Any, Any], lines: np.ndarray[Any, Any], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    layers = [
        build_layer("cells", cells, ids=np.arange(len(cells)), properties={"kind": rng.choice(["a", "b"], len(cells))}),
        build_layer("lines", lines, ids=np.arange(len(lines))),
        build_layer("spots", shapely.centroid(cells), ids=np.arange(len(cells))),
    ]
    block = [TileId(TILE.z, TILE.x + x, TILE.y + y) for y in (-2, -1, 0, 1) for x in (-1, 0, 1)]
    chosen = [block[i] for i in rng.permutation(len(block))[: rng.integers(1, len(block) + 1)]]
    assert encode_tiles(layers, chosen) == [encode_tile(layers, tile) for tile in chosen]
