"""The map's own arithmetic, run in the browser and held against the same arithmetic in Python."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from datetime import UTC, datetime

import mapbox_vector_tile
import numpy as np
import pandas as pd
import pytest
import shapely
from playwright.sync_api import Route

from gridmap.domain.columns import encode_table
from gridmap.domain.crs import wgs84_to_gcj02
from gridmap.domain.edition_places import GroundKind
from gridmap.domain.tiling import TileId, build_layer, encode_tile
from gridmap.views.map import ChangeMark, MapChanges, MapOverlay, draw_overlay
from tests.browser.conftest import Visitor

PIXEL_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


def load(visitor: Visitor, module: str, expression: str, argument: object = None) -> object:
    """Value of `expression`, in which `module` and `argument` are known."""
    script = f"async (argument) => {{ const module = await import('/assets/map/{module}'); return {expression}; }}"
    return visitor.page.evaluate(script, argument)


@pytest.fixture
def blank(visit: Callable[..., Visitor]) -> Visitor:
    visitor = visit()
    visitor.open("/healthz")
    return visitor


def test_gcj02_agrees_with_the_domain(blank: Visitor) -> None:
    lon, lat = np.array([111.3, 112.5, 104.06, 121.47]), np.array([37.2, 37.87, 30.67, 31.23])
    east, north = wgs84_to_gcj02(lon, lat)
    seen = load(
        blank,
        "datum.js",
        "argument.map(([x, y]) => module.toGcj02(x, y))",
        list(zip(lon.tolist(), lat.tolist(), strict=True)),
    )
    assert np.array(seen) == pytest.approx(np.column_stack([east, north]), abs=1e-7)


def test_frame_of_units_is_read(blank: Visitor) -> None:
    frame = struct.pack("<Id", 9, 1_800_000_000.5)
    frame += struct.pack("<IiiBBBBI", 7, 1113000000, 372000000, 2, 1, 135, 1, 42)
    expression = "module.readFrame(new Uint8Array(argument).buffer)"
    assert load(blank, "units_frame.js", expression, list(frame)) == {
        "number": 9,
        "time": 1_800_000_000.5,
        "teams": [
            {
                "id": 7,
                "lon": 111.3,
                "lat": 37.2,
                "isPlace": True,
                "kind": "foot",
                "state": "still",
                "heading": 270,
                "simulated": True,
                "age": 42,
            }
        ],
    }


def test_hazards_gather_from_afar_and_stand_apart_near_by(blank: Visitor) -> None:
    points = {
        "x": [0.8 + i * 1e-7 for i in range(6)] + [0.81],
        "y": [0.4] * 7,
        "severity": [1] * 6 + [4],
        "overdue": [0] * 6 + [1],
    }
    sizes = "(({starts, length}) => [...starts].slice(0, length).map((at, i) => starts[i + 1] - at))"
    assert load(blank, "clusters.js", f"{sizes}(module.gather(argument, 10))", points) == [1, 6]
    assert load(blank, "clusters.js", f"{sizes}(module.gather(argument, 16))", points) == [1] * 7


def test_no_hazard_is_lost_or_counted_twice_when_gathered(blank: Visitor) -> None:
    rng = np.random.default_rng(4)
    count = 5_000
    points = {
        "x": (0.81 + rng.normal(0, 2e-4, count)).tolist(),
        "y": (0.38 + rng.normal(0, 2e-4, count)).tolist(),
        "severity": rng.integers(1, 5, count).tolist(),
        "overdue": rng.integers(0, 2, count).tolist(),
    }
    for zoom in (6, 9, 12, 15):
        found = load(blank, "clusters.js", f"[...module.gather(argument, {zoom}).members]", points)
        assert isinstance(found, list)
        assert sorted(found) == list(range(count))


def test_a_table_of_columns_is_read_as_it_was_written(blank: Visitor) -> None:
    at = datetime(2026, 3, 1, 8, tzinfo=UTC)
    table = pd.DataFrame(
        {
            "id": [7, 300, 70_000],
            "lon": [111.3, 112.5, 113.25],
            "lat": [37.2, 36.0, 40.5],
            "kind": ["open", "open", "shut"],
            "name": ["柳林村", "", "Stone Bridge"],
            "late": [True, False, True],
            "due_at": pd.to_datetime([at, None, at], utc=True),
            "households": pd.array([12, None, 0], "Int64"),
            "load": [0.5, float("nan"), 2.0],
            "geometry": [shapely.LineString([(111, 37), (111.5, 37.5), (112, 37)])] * 3,
        }
    )
    rows = load(
        blank,
        "columns.js",
        "[...module.Table.read(new Uint8Array(argument).buffer)].map((row) => ({id: row.id, lon: row.lon, lat: row.lat,"
        " kind: row.kind, name: row.name, late: row.late, due_at: row.due_at, households: row.households,"
        " load: row.load, corners: row.geometry.xy.length / 2, left: row.geometry.box[0]}))",
        list(encode_table(table)),
    )
    assert isinstance(rows, list)
    for index, row in enumerate(rows):
        assert (row["lon"], row["lat"]) == pytest.approx((table["lon"][index], table["lat"][index]), abs=1e-7)
        assert (row["corners"], row["left"]) == (3, pytest.approx(111 / 360 + 0.5, abs=1e-9))
    plain = ("id", "kind", "name", "late", "due_at", "households", "load")
    assert [tuple(row[name] for name in plain) for row in rows] == [
        (7, "open", "柳林村", True, at.timestamp(), 12, 0.5),
        (300, "open", "", False, None, None, None),
        (70_000, "shut", "Stone Bridge", True, at.timestamp(), 0, 2),
    ]


def test_a_tile_is_decoded_as_an_independent_decoder_does(blank: Visitor) -> None:
    ring = shapely.Polygon([(0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)], [[(0.3, 0.3), (0.5, 0.3), (0.4, 0.6)]])
    parts = shapely.MultiPolygon([shapely.box(0.92, 0.05, 0.98, 0.2), shapely.box(0.92, 0.4, 0.98, 0.6)])
    areas = build_layer("l6", np.array([ring, parts], object), ids=np.array([7, 3_000_000_000]))
    roads = build_layer(
        "roads",
        np.array([shapely.LineString([(0, 0), (0.5, 0.2), (1, 0)])] * 2, object),
        ids=np.array([1, 2]),
        properties={
            "class": np.array(["trunk", "track"]),
            "lanes": np.array([4, -1]),
            "paved": np.array([True, False]),
        },
    )
    data = encode_tile([areas, roads], TileId(0, 0, 0))
    expected = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})
    script = """Object.entries(module.decode(new Uint8Array(argument))).map(([name, layer]) => ({
      name, extent: layer.extent, ids: [...layer.ids], properties: [...layer.ids].map((_, i) => layer.properties(i)),
      rings: [...layer.ids].map((_, i) => Array.from({length: layer.paths[i + 1] - layer.paths[i]}, (_, p) => {
        const path = layer.paths[i] + p;
        return [...layer.xy.slice(2 * layer.starts[path], 2 * layer.starts[path + 1])];
      })),
    }))"""
    layers = load(blank, "mvt.js", script, list(data))
    assert isinstance(layers, list)
    assert [layer["name"] for layer in layers] == list(expected)
    for layer in layers:
        features = expected[layer["name"]]["features"]
        assert layer["extent"] == expected[layer["name"]]["extent"]
        assert layer["ids"] == [feature["id"] for feature in features]
        assert layer["properties"] == [feature["properties"] for feature in features]
        for rings, feature in zip(layer["rings"], features, strict=True):
            shape = shapely.geometry.shape(feature["geometry"])
            assert sum(map(len, rings)) // 2 == len(shapely.get_coordinates(shape)) - _count_closings(shape)


def _count_closings(shape: shapely.Geometry) -> int:
    """Corners that are repeated at the end of rings."""
    return sum(1 + len(part.interiors) for part in shapely.get_parts(shape) if isinstance(part, shapely.Polygon))


def test_casing_lies_on_the_side_it_is_about(blank: Visitor) -> None:
    # Eastwards on a screen, whose y grows downwards: the right hand is below.
    assert load(blank, "polyline.js", "module.offset([0, 0, 10, 0, 20, 0], 4)") == [0, 4, 10, 4, 20, 4]
    assert load(blank, "polyline.js", "module.offset([0, 0, 10, 0, 10, 10], 4)") == pytest.approx([0, 4, 6, 4, 6, 10])


def test_lasso_knows_inside_from_outside(blank: Visitor) -> None:
    ring = [0, 0, 10, 0, 10, 10, 5, 4, 0, 10]
    expression = "[[5, 2], [5, 8], [11, 5]].map(([x, y]) => module.inRing(argument, x, y))"
    assert load(blank, "polyline.js", expression, ring) == [True, False, False]


def test_a_change_of_an_edition_is_under_the_pointer_where_it_is_painted(blank: Visitor) -> None:
    def ring(west: float, south: float, size: float) -> tuple[tuple[float, float], ...]:
        return tuple(shapely.box(west, south, west + size, south + size).exterior.coords)

    # One with a hole, and one within it that is smaller than a pixel.
    marks = (
        ChangeMark(kind=GroundKind.ADDED, place=3, label="", rings=(ring(112.0, 37.0, 0.2), ring(112.02, 37.02, 0.08))),
        ChangeMark(kind=GroundKind.LOST, place=5, label="", rings=(ring(112.15, 37.15, 0.0002),)),
    )
    (call,) = draw_overlay(MapOverlay(changes=MapChanges(marks=marks)))._children.values()
    seen = load(
        blank,
        "changes.js",
        """await (async () => {
          const {toX, toY, worldPx} = await import('/assets/map/mercator.js');
          const scale = worldPx(10);
          const [minX, minY] = [toX(111.9) * scale, toY(37.3) * scale];
          const ctx = new OffscreenCanvas(400, 400).getContext('2d');
          const change = {added: '#080', lost: '#f80'};
          const changes = new module.Changes({palette: {change, halo: '#fff'}});
          changes.show(argument.changes);
          changes.paint({ctx, scale, minX, minY, width: 400, height: 400});
          const at = ([lon, lat]) => [toX(lon) * scale - minX, toY(lat) * scale - minY].map(Math.round);
          const pixel = (place) => ctx.getImageData(...at(place), 1, 1).data[3] > 0;
          return argument.spots.map((place) => [changes.at(...at(place))?.place ?? null, pixel(place)]);
        })()""",
        {
            "changes": call.overlay["changes"],
            "spots": [[112.1, 37.15], [112.06, 37.06], [112.151, 37.151], [112.3, 37.1]],
        },
    )
    assert seen == [[3, True], [None, False], [5, True], [None, False]]


def test_mileage_is_written_as_railways_do(blank: Visitor) -> None:
    assert load(blank, "describe.js", "[module.mileage(123456), module.mileage(999.6, 'DK')]") == [
        "K123+456",
        "DK1+000",
    ]


def test_gcj02_tiles_lie_under_the_map(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.page.route("**/raster/**", answer_with_pixel)
    visitor.sign_in("commander")
    visitor.open("/")
    frame = visitor.map_frame()
    off_px = frame.evaluate(
        """async () => {
          const {makeRaster} = await import('/assets/map/raster.js');
          const {toGcj02} = await import('/assets/map/datum.js');
          const {toX, toY} = await import('/assets/map/mercator.js');
          const {map} = gridmap.app;
          map.setView([37.8, 112.5], 16, {animate: false});
          const layer = makeRaster({url: '/raster/{z}/{x}/{y}.png', datum: 'gcj02'}).addTo(map);
          await new Promise((resolve) => { layer.once('load', resolve); });
          map.panBy([2400, 300], {animate: false});
          const {lat, lng} = map.getCenter();
          const [lon2, lat2] = toGcj02(lng, lat);
          const [x, y] = [toX(lon2) * 2 ** 16, toY(lat2) * 2 ** 16];
          const {el} = layer._tiles[`${Math.floor(x)}:${Math.floor(y)}:16`];
          const tile = el.getBoundingClientRect();
          const frame = map.getContainer().getBoundingClientRect();
          const at = map.latLngToContainerPoint([lat, lng]);
          return [tile.left - frame.left + (x % 1) * 256 - at.x, tile.top - frame.top + (y % 1) * 256 - at.y];
        }"""
    )
    assert max(abs(off) for off in off_px) < 1.5


def answer_with_pixel(route: Route) -> None:
    route.fulfill(body=PIXEL_PNG, content_type="image/png")


def change_table(
    blank: Visitor, frame: pd.DataFrame, patches: list[tuple[dict[str, list[object]], list[int]]]
) -> object:
    """Rows of a table after patches, in order; None where one cannot be told row by row."""
    expression = """(() => {
      let table = module.Table.read(new Uint8Array(argument.data).buffer);
      for (const [values, gone] of argument.patches) table = table?.patched(values, gone);
      if (!table) return null;
      return [...table].map((row) => Object.fromEntries(argument.names.map((name) => [name, row[name]])));
    })()"""
    names = [name for name in frame.columns if name not in {"lon", "lat"}]
    argument = {"data": list(encode_table(frame)), "patches": patches, "names": names}
    return load(blank, "columns.js", expression, argument)


def test_rows_of_a_table_change_come_and_go(blank: Visitor) -> None:
    frame = pd.DataFrame(
        {
            "id": [1, 2, 300],
            "unit_id": pd.array([7, None, 9], "Int64"),
            "kind": ["a", "a", "a"],
            "title": ["one", "two", "three"],
            "overdue": [True, False, False],
        }
    )
    changed: dict[str, list[object]] = {
        "id": [2, 4],
        "unit_id": [8, None],
        "kind": ["b", "a"],
        "title": ["zwei", "vier"],
        "overdue": [True, False],
    }
    again: dict[str, list[object]] = {"id": [300], "unit_id": [70_000], "title": ["drei"]}
    assert change_table(blank, frame, [(changed, [1]), (again, [])]) == [
        {"id": 2, "unit_id": 8, "kind": "b", "title": "zwei", "overdue": True},
        {"id": 300, "unit_id": 70_000, "kind": "a", "title": "drei", "overdue": False},
        {"id": 4, "unit_id": None, "kind": "a", "title": "vier", "overdue": False},
    ]


def test_a_row_without_all_its_columns_is_not_made_up(blank: Visitor) -> None:
    frame = pd.DataFrame({"id": [1], "risk": [2]})
    assert change_table(blank, frame, [({"id": [1], "risk": [3]}, [])]) == [{"id": 1, "risk": 3}]
    assert change_table(blank, frame, [({"id": [9]}, [])]) is None


def test_places_and_lines_stay_with_their_rows(blank: Visitor) -> None:
    lines = [shapely.LineString([(112, 37), (112.1 + i, 37.1)]) for i in range(3)]
    frame = pd.DataFrame({"id": [1, 2, 3], "risk": [1, 1, 1], "geometry": lines})
    expression = """(() => {
      const before = module.Table.read(new Uint8Array(argument).buffer);
      const after = before.patched({id: [3], risk: [4]}, [1]);
      const same = [[1, 0], [2, 1]].map(([old, now]) => JSON.stringify([...before.row(old).geometry.xy])
        === JSON.stringify([...after.row(now).geometry.xy])
        && after.row(now).geometry.box.every((v, i) => v === before.row(old).geometry.box[i]));
      return [after.length, [...after.data('risk')], same];
    })()"""
    assert load(blank, "columns.js", expression, list(encode_table(frame))) == [2, [1, 4], [True, True]]
