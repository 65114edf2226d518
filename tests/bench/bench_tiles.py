"""The ground of a province as tiles: baked within its limits, read back, and drawn where none is kept."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

import mapbox_vector_tile
import numpy as np
import pytest
import shapely

from gridmap.domain.tiling import EXTENT, TileId, encode_tile
from gridmap.services.context import Context, open_context
from gridmap.services.tile_layers import Reading, build_layers, prepare_layers
from gridmap.services.tiles import draw_tile
from gridmap.settings import Settings
from gridmap.store.tiles import FINEST_KEPT, TOPICS, list_kept, load_tile
from tests.bench.conftest import Province
from tests.bench.figures import Board, Figure

BAKED_S, BAKED_GB = 90.0, 1.5
KEPT_TILE_MS, COLD_TILE_MS = 3.0, 150.0
LARGEST_PEER_RATIO = 1 / 2
SAMPLE = 24


@pytest.fixture(scope="module")
def context(province: Province) -> Iterator[Context]:
    context = open_context(Settings(database_url=province.url))
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
def test_a_province_is_baked(province: Province, board: Board) -> None:
    bake = province.bake
    assert bake.result["tiles"] > 50_000
    board.check(
        Figure(f"bake of all {bake.result['tiles']:,} tiles", BAKED_S, bake.seconds, "s"),
        Figure("its peak memory", BAKED_GB, bake.peak_bytes / 1e9, "GB"),
    )


@pytest.mark.bench
def test_a_kept_tile_is_read(context: Context, board: Board) -> None:
    spans = []
    with context.database.read() as connection:
        for layer in TOPICS:
            for zoom in range(5, FINEST_KEPT + 1):
                for tile in pick_tiles(context, layer, zoom):
                    began = time.perf_counter()
                    assert load_tile(connection, layer, tile) is not None
                    spans.append(time.perf_counter() - began)
    board.check(Figure("a tile from disk, median", KEPT_TILE_MS, 1000 * statistics.median(spans), "ms"))


@pytest.mark.bench
@pytest.mark.parametrize("layer", TOPICS)
def test_a_cold_tile_is_drawn(context: Context, province: Province, board: Board, layer: str) -> None:
    medians, worst, prepared = {}, {}, []
    for zoom in range(4, FINEST_KEPT + 2):
        tiles, spans = pick_tiles(context, layer, zoom), []
        fresh = open_context(Settings(database_url=province.url))  # nothing in memory
        revision = fresh.revisions(*TOPICS[layer])
        with fresh.database.read() as connection:
            began = time.perf_counter()
            # As a server does when it starts, before anybody asks for a tile.
            prepare_layers(layer, Reading(fresh, connection, revision, zoom))
            prepared.append(1000 * (time.perf_counter() - began))
            for tile in tiles:
                began = time.perf_counter()
                draw_tile(fresh, connection, layer, revision, tile)
                spans.append(1000 * (time.perf_counter() - began))
        fresh.close()
        medians[zoom], worst[zoom] = statistics.median(spans), max(spans)
    print(f"\n{layer} by zoom, ms: { ({z: (round(medians[z]), round(worst[z])) for z in medians}) } (median, slowest)")
    print(f"and once after a start or an edit, before the first: {statistics.median(prepared):.0f} ms")
    board.check(Figure(f"a cold tile of {layer}, slowest zoom's median", COLD_TILE_MS, max(medians.values()), "ms"))


@pytest.mark.bench
@pytest.mark.filterwarnings("ignore:The 'shapely.ops.transform:DeprecationWarning")  # the peer's
def test_a_tile_of_the_province_takes_half_the_time_of_mapbox_vector_tile(context: Context, board: Board) -> None:
    tile = pick_tiles(context, "areas", 9)[0]
    revision = context.revisions("areas")
    with context.database.read() as connection:
        layers = build_layers("areas", Reading(context, connection, revision, tile.z, tile.compute_box_wgs84()))
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
    limit = 1000 * LARGEST_PEER_RATIO * peer
    name = f"a tile of {len(found):,} cells"
    board.check(Figure(name, limit, 1000 * ours, "ms", {"mapbox_vector_tile": 1000 * peer}))
