"""Vector tiles over HTTP, read back by a decoder that shares no code with the encoder."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import httpx
import mapbox_vector_tile
import numpy as np
import pytest
import shapely

from gridmap.domain.tiling import BUFFER, EXTENT, to_world
from tests.counties import place_in

ZOOM = 13
DECLARED = {
    "shapes": {"kind"},
    "streams": {"kind"},
    "roads": {"class"},
    "places": {"kind", "name", "rank"},
    "tracks": {"hs", "el", "br", "tu"},
    **{f"l{level}": set() for level in range(1, 7)},
}
LAYERS = {"base": {"shapes", "streams", "roads", "places"}, "areas": {f"l{n}" for n in range(1, 7)}, "rail": {"tracks"}}


def find_tile(zoom: int, *, column: int = 2, row: int = 1) -> tuple[int, int]:
    """Column and row of the tile over the middle of a cell of the county."""
    ((x, y),) = shapely.get_coordinates(to_world(np.array([shapely.Point(place_in(column, row))], object)))
    return int(x * 2**zoom), int(y * 2**zoom)


def address(layer: str, zoom: int = ZOOM) -> str:
    x, y = find_tile(zoom)
    return f"/tiles/{layer}/{zoom}/{x}/{y}.mvt"


def read_tile(client: httpx.Client, layer: str, zoom: int = ZOOM) -> dict[str, Any]:
    answer = client.get(address(layer, zoom))
    assert answer.status_code == 200, answer.text
    decoded: dict[str, Any] = mapbox_vector_tile.decode(answer.content, default_options={"y_coord_down": True})
    return decoded


@pytest.mark.parametrize("zoom", [9, 11, 13, 15])
@pytest.mark.parametrize("layer", LAYERS)
def test_a_tile_carries_the_declared_layers_and_attributes_and_no_other(
    chief: httpx.Client, layer: str, zoom: int
) -> None:
    decoded = read_tile(chief, layer, zoom)
    assert decoded
    assert set(decoded) <= LAYERS[layer]
    for name, found in decoded.items():
        assert (found["extent"], found["version"]) == (EXTENT, 2)
        for feature in found["features"]:
            assert set(feature["properties"]) == DECLARED[name]
            assert feature["id"] > 0


def test_areas_of_every_level_come_with_the_ids_of_their_rows(chief: httpx.Client, county_file: Path) -> None:
    with sqlite3.connect(county_file) as connection:
        known = dict(connection.execute("SELECT id, level FROM area").fetchall())
    connection.close()
    decoded = read_tile(chief, "areas", 11)
    assert set(decoded) == {"l3", "l4", "l5", "l6"}
    found = {feature["id"]: int(name[1:]) for name, layer in decoded.items() for feature in layer["features"]}
    assert found == known


def test_rings_are_wound_right_and_cut_at_the_buffer(chief: httpx.Client) -> None:
    for layer in read_tile(chief, "areas").values():
        for feature in layer["features"]:
            geometry = feature["geometry"]
            assert geometry["type"] == "Polygon"
            x, y = np.array(geometry["coordinates"][0]).T
            assert np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) > 0
            assert min(x.min(), y.min()) >= -BUFFER
            assert max(x.max(), y.max()) <= EXTENT + BUFFER


def test_kinds_and_looks_come_as_they_are_stored(chief: httpx.Client) -> None:
    base, rail = read_tile(chief, "base"), read_tile(chief, "rail")
    assert {f["properties"]["class"] for f in base["roads"]["features"]} == {"tertiary"}
    assert rail["tracks"]["features"][0]["properties"] == {
        "hs": False,
        "el": True,
        "br": False,
        "tu": False,
    }
    places = read_tile(chief, "base", 11)["places"]["features"]
    assert {f["properties"]["name"] for f in places} == {"Willow Spring", "Stone Mill"}
    assert {f["geometry"]["type"] for f in places} == {"Point"}


def test_a_tile_is_packed_and_asked_about_by_its_tag(chief: httpx.Client) -> None:
    first = chief.get(address("areas"))
    assert first.headers["content-encoding"] == "gzip"
    assert first.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert first.headers["cache-control"] == "private, no-cache"
    assert first.headers["vary"] == "Cookie"
    again = chief.get(address("areas"), headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    other = chief.get(address("base"), headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


@pytest.mark.parametrize("layer", LAYERS)
def test_where_nothing_is_there_is_no_content(chief: httpx.Client, layer: str) -> None:
    answer = chief.get(f"/tiles/{layer}/13/1/1.mvt")
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(
    "path",
    [
        "hazards/13/1/1.mvt",
        "base/23/0/0.mvt",
        "base/3/8/0.mvt",
        "base/3/0/8.mvt",
        "base/99999999999999999999/0/0.mvt",
    ],
)
def test_a_tile_that_cannot_be_is_not_found(chief: httpx.Client, path: str) -> None:
    answer = chief.get(f"/tiles/{path}", headers={"Accept-Language": "en"})
    assert answer.status_code == 404
    assert answer.json() == {"error": "There is no such tile.", "hint": "Reload the map."}


def test_a_tile_is_the_same_for_everybody(clients: dict[str, httpx.Client]) -> None:
    tags = {client.get(address("areas")).headers["etag"] for client in clients.values()}
    assert len(tags) == 1
