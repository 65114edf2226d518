"""The map's own arithmetic, run in the browser and held against the same arithmetic in Python."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Route

from gridmap.domain.crs import wgs84_to_gcj02
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
                "kind": "foot",
                "state": "still",
                "heading": 270,
                "simulated": True,
                "age": 42,
            }
        ],
    }


def test_hazards_gather_from_afar_and_stand_apart_near_by(blank: Visitor) -> None:
    points = [{"id": i, "x": 0.8 + i * 1e-7, "y": 0.4, "severity": 1, "overdue": False} for i in range(6)]
    points.append({"id": 9, "x": 0.81, "y": 0.4, "severity": 4, "overdue": True})
    sizes = "module.gather(argument, {zoom}).map(({{members}}) => members.length).sort()"
    assert load(blank, "hazards.js", sizes.format(zoom=10), points) == [1, 6]
    assert load(blank, "hazards.js", sizes.format(zoom=16), points) == [1] * 7


def test_casing_lies_on_the_side_it_is_about(blank: Visitor) -> None:
    # Eastwards on a screen, whose y grows downwards: the right hand is below.
    assert load(blank, "polyline.js", "module.offset([0, 0, 10, 0, 20, 0], 4)") == [0, 4, 10, 4, 20, 4]
    assert load(blank, "polyline.js", "module.offset([0, 0, 10, 0, 10, 10], 4)") == pytest.approx([0, 4, 6, 4, 6, 10])


def test_lasso_knows_inside_from_outside(blank: Visitor) -> None:
    ring = [0, 0, 10, 0, 10, 10, 5, 4, 0, 10]
    expression = "[[5, 2], [5, 8], [11, 5]].map(([x, y]) => module.inRing(argument, x, y))"
    assert load(blank, "polyline.js", expression, ring) == [True, False, False]


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
