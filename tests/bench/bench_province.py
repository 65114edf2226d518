"""The map's ground at the scale of a province: made, baked within its limits, and read back tile by tile."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
import shapely

from gridmap.domain.tiling import EXTENT, TileId, encode_tile
from gridmap.services.context import Context, open_context
from gridmap.services.tile_layers import Reading, build_layers
from gridmap.services.tiles import draw_tile
from gridmap.settings import Settings
from gridmap.store.tiles import FINEST_KEPT, TOPICS, list_kept, load_tile

MADE_S, BAKED_S, BAKED_BYTES = 180.0, 90.0, 1.5e9
KEPT_TILE_S, COLD_TILE_S = 0.003, 0.150
LARGEST_PEER_RATIO = 1 / 2
SAMPLE = 40
ROOT = Path(__file__).parents[2]


def run_command(*arguments: str) -> tuple[dict[str, Any], float]:
    """What `python -m gridmap … --json` prints, and the seconds it took."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "gridmap", *arguments, "--json"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), time.perf_counter() - began


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A demo province, with every tile baked; its making and baking are measured on the way."""
    url = f"sqlite:///{tmp_path_factory.mktemp('province') / 'province.db'}"
    made, seconds = run_command("demo", "--scale", "province", "--seed", "1", "--db", url)
    print(f"\nprovince of {made['cells']} cells and {made['hazards']} hazards made in {seconds:.0f} s")
    assert seconds <= MADE_S
    baked, seconds = run_command("bake", "--db", url)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    print(f"{baked['tiles']} tiles baked in {seconds:.0f} s; at most {most / 1e9:.2f} GB in making and baking")
    assert seconds <= BAKED_S
    assert most <= BAKED_BYTES
    return url


@pytest.fixture(scope="module")
def province(database_url: str) -> Iterator[Context]:
    context = open_context(Settings(database_url=database_url))
    yield context
    context.close()


def pick_tiles(context: Context, layer: str, zoom: int) -> list[TileId]:
    """Tiles with something in them, at the zoom or, beyond what is kept, the first quarter of one above it."""
    rng = np.random.default_rng(zoom)
    above = min(zoom, FINEST_KEPT)
    finer = 1 << (zoom - above)
    with context.database.read() as connection:
        kept = sorted(list_kept(connection, layer, above), key=lambda tile: (tile.y, tile.x))
        drawn = (kept[i] for i in rng.permutation(len(kept)).tolist())
        full = (tile for tile in drawn if (known := load_tile(connection, layer, tile)) and known.data)
        return [TileId(zoom, finer * tile.x, finer * tile.y) for _, tile in zip(range(SAMPLE), full, strict=False)]


@pytest.mark.bench
def test_a_kept_tile_is_read_in_3_ms(province: Context) -> None:
    spans = []
    with province.database.read() as connection:
        for layer in TOPICS:
            for zoom in range(5, FINEST_KEPT + 1):
                for tile in pick_tiles(province, layer, zoom):
                    began = time.perf_counter()
                    assert load_tile(connection, layer, tile) is not None
                    spans.append(time.perf_counter() - began)
    print(f"\na tile from disk: median {1000 * statistics.median(spans):.2f} ms of {len(spans)}")
    assert statistics.median(spans) <= KEPT_TILE_S


@pytest.mark.bench
@pytest.mark.parametrize("layer", TOPICS)
def test_a_cold_tile_is_drawn_in_150_ms_at_any_zoom(province: Context, layer: str) -> None:
    medians = {}
    revision = province.revisions(*TOPICS[layer])
    for zoom in range(5, 15):
        tiles, spans = pick_tiles(province, layer, zoom), []
        with province.database.read() as connection:
            draw_tile(province, connection, layer, revision, tiles[0])
            for tile in tiles:
                began = time.perf_counter()
                draw_tile(province, connection, layer, revision, tile)
                spans.append(time.perf_counter() - began)
        medians[zoom] = statistics.median(spans)
    print(f"\ncold {layer} tile, median ms by zoom: { ({z: round(1000 * s) for z, s in medians.items()}) }")
    assert max(medians.values()) <= COLD_TILE_S


@pytest.mark.bench
@pytest.mark.filterwarnings("ignore:The 'shapely.ops.transform:DeprecationWarning")  # the peer's
def test_a_tile_of_the_province_takes_half_the_time_of_mapbox_vector_tile(province: Context) -> None:
    tile = pick_tiles(province, "areas", 9)[0]
    revision = province.revisions("areas")
    with province.database.read() as connection:
        layers = build_layers("areas", Reading(province, connection, revision, tile.z, tile.compute_box_wgs84()))
    cells = layers[-1]
    began = time.perf_counter()
    encode_tile([cells], tile)
    ours = time.perf_counter() - began
    box = tile.compute_box()
    began = time.perf_counter()
    found = cells.tree.query(shapely.box(*box))
    shapes = shapely.clip_by_rect(cells.geometries[found], *box)
    features = [{"geometry": shape, "id": int(i)} for shape, i in zip(shapes, cells.ids[found], strict=True)]
    options = {"quantize_bounds": tile.compute_box(buffer=0), "extents": EXTENT, "y_coord_down": True}
    mapbox_vector_tile.encode([{"name": cells.name, "features": features}], default_options=options)
    peer = time.perf_counter() - began
    print(f"\n{len(found)} cells: ours {1000 * ours:.0f} ms, mapbox_vector_tile 1/{peer / ours:.1f}")
    assert ours <= LARGEST_PEER_RATIO * peer
