"""Vector tiles, read back by a decoder that shares no code with the encoder."""

from __future__ import annotations

from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
import shapely

from gridmap.domain.tiling import EXTENT, MAX_ZOOM, TileId, TileLayer, build_layer, encode_tile, to_world

TILE = TileId(10, 832, 391)


def square(tile: TileId, *corners: float) -> shapely.Polygon:
    """A box whose corners are shares of the tile's side."""
    x0, y0, x1, y1 = corners
    left, top, _, _ = tile.compute_box(buffer=0)
    return shapely.box(left + x0 * tile.side, top + y0 * tile.side, left + x1 * tile.side, top + y1 * tile.side)


def layer(*geometries: shapely.Geometry, name: str = "things", **properties: list[Any]) -> TileLayer:
    return build_layer(
        name,
        np.array(geometries, object),
        ids=np.arange(1, len(geometries) + 1),
        properties={key: np.array(values) for key, values in properties.items()},
    )


def decode(*layers: TileLayer, tile: TileId = TILE) -> dict[str, Any]:
    decoded: dict[str, Any] = mapbox_vector_tile.decode(
        encode_tile(layers, tile), default_options={"y_coord_down": True}
    )
    return decoded


def rings(feature: dict[str, Any]) -> list[list[list[int]]]:
    geometry = feature["geometry"]
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [ring for polygon in polygons for ring in polygon]


def surveyor_area(ring: list[list[int]]) -> float:
    x, y = np.array(ring).T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2


def test_the_corners_of_the_world_are_the_corners_of_the_square() -> None:
    corners = to_world(np.array([shapely.Point(-180, 85.0511287798066), shapely.Point(180, -85.0511287798066)], object))
    assert shapely.get_coordinates(corners) == pytest.approx(np.array([[0, 0], [1, 1]]), abs=1e-9)


def test_a_known_place_falls_into_the_tile_that_every_map_server_calls_it_by() -> None:
    # Taiyuan at zoom 10, by the formula of the OpenStreetMap wiki ("Slippy map tilenames").
    ((x, y),) = shapely.get_coordinates(to_world(np.array([shapely.Point(112.55, 37.87)], object))) * 2**10
    assert (int(x), int(y)) == (832, 395)


@pytest.mark.parametrize("tile", [TileId(0, 0, 0), TileId(3, 7, 7), TileId(MAX_ZOOM, 0, 2**MAX_ZOOM - 1)])
def test_tiles_inside_the_pyramid_are_valid(tile: TileId) -> None:
    assert tile.is_valid


@pytest.mark.parametrize(
    "tile", [TileId(-1, 0, 0), TileId(0, 1, 0), TileId(3, 8, 0), TileId(3, 0, -1), TileId(23, 0, 0)]
)
def test_tiles_outside_the_pyramid_are_not(tile: TileId) -> None:
    assert not tile.is_valid


def test_nothing_there_is_no_bytes() -> None:
    elsewhere = layer(square(TileId(10, 5, 5), 0, 0, 1, 1))
    assert encode_tile([elsewhere, layer()], TILE) == b""


def test_ids_properties_and_layer_names_come_back() -> None:
    things = layer(
        square(TILE, 0.1, 0.1, 0.2, 0.2),
        square(TILE, 0.5, 0.5, 0.7, 0.8),
        kind=["river", "林地"],
        rank=[3, -70_000],
        electrified=[True, False],
    )
    decoded = decode(things)
    assert decoded["things"]["extent"] == EXTENT
    assert decoded["things"]["version"] == 2
    found = {f["id"]: f["properties"] for f in decoded["things"]["features"]}
    assert found == {
        1: {"kind": "river", "rank": 3, "electrified": True},
        2: {"kind": "林地", "rank": -70_000, "electrified": False},
    }


def test_large_ids_survive() -> None:
    big = build_layer("x", np.array([square(TILE, 0, 0, 1, 1)], object), ids=np.array([2**40 + 7]))
    assert decode(big)["x"]["features"][0]["id"] == 2**40 + 7


def test_layers_stand_side_by_side() -> None:
    cells, towns = layer(square(TILE, 0, 0, 1, 1), name="l6"), layer(square(TILE, 0, 0, 1, 1), name="l4")
    assert set(decode(cells, towns)) == {"l6", "l4"}


def test_a_polygon_with_a_hole_is_wound_as_the_specification_asks() -> None:
    outer, inner = square(TILE, 0.1, 0.1, 0.9, 0.9), square(TILE, 0.4, 0.4, 0.6, 0.6)
    for polygon in (outer - inner, shapely.orient_polygons(outer - inner, exterior_cw=True)):
        exterior, hole = rings(decode(layer(polygon))["things"]["features"][0])
        assert surveyor_area(exterior) == pytest.approx((0.8 * EXTENT) ** 2, rel=1e-3)
        assert surveyor_area(hole) == pytest.approx(-((0.2 * EXTENT) ** 2), rel=1e-2)


def test_parts_and_their_holes_stay_one_feature() -> None:
    left = square(TILE, 0.1, 0.1, 0.4, 0.4) - square(TILE, 0.2, 0.2, 0.3, 0.3)
    right = square(TILE, 0.6, 0.6, 0.9, 0.9) - square(TILE, 0.7, 0.7, 0.8, 0.8)
    (feature,) = decode(layer(shapely.MultiPolygon([left, right])))["things"]["features"]
    assert feature["geometry"]["type"] == "MultiPolygon"
    assert [np.sign(surveyor_area(ring)) for ring in rings(feature)] == [1, -1, 1, -1]


def test_what_is_smaller_than_the_grid_disappears_with_its_holes() -> None:
    speck = square(TILE, 0.5, 0.5, 0.50001, 0.50001) - square(TILE, 0.500002, 0.500002, 0.500008, 0.500008)
    sliver = square(TILE, 0.2, 0.2, 0.8, 0.20001)
    assert encode_tile([layer(speck, sliver)], TILE) == b""


def test_a_hole_smaller_than_the_grid_is_filled() -> None:
    ring = square(TILE, 0.1, 0.1, 0.9, 0.9) - square(TILE, 0.5, 0.5, 0.50001, 0.50001)
    assert len(rings(decode(layer(ring))["things"]["features"][0])) == 1


def test_polygons_are_cut_at_the_buffer() -> None:
    everywhere = square(TILE, -5, -5, 6, 6)
    (exterior,) = rings(decode(layer(everywhere))["things"]["features"][0])
    assert np.array(exterior).min() == -64
    assert np.array(exterior).max() == EXTENT + 64


def test_neighbouring_tiles_share_what_lies_on_their_border() -> None:
    road = shapely.LineString([square(TILE, 0, 0.25, 1, 0.25).centroid, square(TILE, 1, 0.25, 2, 0.25).centroid])
    east = TileId(TILE.z, TILE.x + 1, TILE.y)
    here = decode(layer(road))["things"]["features"][0]["geometry"]["coordinates"]
    there = decode(layer(road), tile=east)["things"]["features"][0]["geometry"]["coordinates"]
    assert here == [[2048, 1024], [4160, 1024]]
    assert there == [[-64, 1024], [2048, 1024]]


def test_a_line_that_leaves_and_returns_is_several_lines_of_one_feature() -> None:
    left, top, _, _ = TILE.compute_box(buffer=0)
    corners = np.array([[0.2, 0.2], [1.5, 0.2], [1.5, 0.8], [0.2, 0.8]]) * TILE.side + (left, top)
    (feature,) = decode(layer(shapely.LineString(corners)))["things"]["features"]
    assert feature["geometry"]["type"] == "MultiLineString"
    assert len(feature["geometry"]["coordinates"]) == 2


def test_a_line_shorter_than_the_grid_disappears() -> None:
    left, top, _, _ = TILE.compute_box(buffer=0)
    stub = shapely.LineString([(left, top), (left + 1e-6 * TILE.side, top)])
    assert encode_tile([layer(stub)], TILE) == b""


def test_points_and_point_sets() -> None:
    left, top, _, _ = TILE.compute_box(buffer=0)
    spots = np.array([[0.25, 0.5], [0.5, 0.25], [9.0, 9.0]]) * TILE.side + (left, top)
    features = decode(layer(shapely.Point(spots[0]), shapely.MultiPoint(spots)))["things"]["features"]
    assert features[0]["geometry"] == {"type": "Point", "coordinates": [1024, 2048]}
    assert features[1]["geometry"] == {"type": "MultiPoint", "coordinates": [[1024, 2048], [2048, 1024]]}


def test_a_polygon_that_clipping_leaves_as_a_line_is_dropped() -> None:
    touching = square(TILE, 1 + 64 / EXTENT, 0.2, 2, 0.4)  # meets the buffered tile along its edge only
    assert encode_tile([layer(touching)], TILE) == b""


def test_encoding_leaves_the_layer_as_it_was() -> None:
    things = layer(square(TILE, -1, -1, 2, 2))
    before = shapely.to_wkb(things.geometries).tolist()
    first = encode_tile([things], TILE)
    assert shapely.to_wkb(things.geometries).tolist() == before
    assert encode_tile([things], TILE) == first
