"""Vector tiles of what every signed-in role may see: ground, areas and railways. Geometry, ids and looks only.

What is confined to a role or a scope never goes into a tile; it travels in the overlays.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field

import sqlalchemy as sa

from gridmap.domain.access import SYSTEM, Actor, Permission, check_allowed
from gridmap.domain.progress import Progress, silent
from gridmap.domain.tiling import TileId, TileLayer, encode_tiles, find_covering
from gridmap.errors import N_, NotFound
from gridmap.services.context import Context
from gridmap.services.tile_layers import (
    FINEST_ZOOM,
    Ground,
    Reading,
    Revision,
    Straightened,
    build_layers,
    prepare_layers,
)
from gridmap.store.geometry import Box
from gridmap.store.tile_shapes import save_straightened
from gridmap.store.tiles import FINEST_KEPT, TOPICS, Tile, list_kept, load_extent, load_tile, save_tiles

COARSEST_BAKED = 4
"""Coarser tiles than this would show nothing but a dot."""

_KEPT_BYTES = 96 * 2**20
_ENTRY_BYTES = 300
"""What an entry costs beside its data: an empty tile is not free."""

_BLOCK_ZOOM, _MOST_BLOCK_SIDE = 8, 16
"""Tiles encoded at once cover a tile of this zoom, as long as they are not more than so many rows and columns."""


@dataclass
class TileCache:
    """The tiles last asked for, up to a number of bytes; shared by all requests."""

    most_bytes: int = _KEPT_BYTES
    _tiles: OrderedDict[tuple[object, ...], Tile] = field(default_factory=OrderedDict)
    _bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: tuple[object, ...]) -> Tile | None:
        """A tile that was put before, if it is still here."""
        with self._lock:
            tile = self._tiles.get(key)
            if tile is not None:
                self._tiles.move_to_end(key)
            return tile

    def put(self, key: tuple[object, ...], tile: Tile) -> None:
        """Keep a tile, at the price of those that nobody asked for longest."""
        with self._lock:
            if key in self._tiles:
                return
            self._tiles[key] = tile
            self._bytes += len(tile.data) + _ENTRY_BYTES
            while self._bytes > self.most_bytes:
                _, gone = self._tiles.popitem(last=False)
                self._bytes -= len(gone.data) + _ENTRY_BYTES


def render_tile(context: Context, actor: Actor, *, layer: str, z: int, x: int, y: int) -> Tile:
    """One tile of a layer set: from memory, else from the store, else drawn.

    `base` has the layers shapes {kind}, streams {kind}, roads {class} and places {kind, name, rank}; `areas` one layer
    "l1" to "l6" for each level that is wide enough to see; `rail` tracks {hs, el, br, tu}. Ids are those of the rows.

    Raises
    ------
    NotFound
        No such layer set, or no such tile.
    """
    check_allowed(actor, Permission.SEE_GROUND)
    tile = TileId(z, x, y)
    if layer not in TOPICS or not tile.is_valid:
        raise NotFound(N_("There is no such tile."), hint=N_("Reload the map."))
    revision = context.revisions(*TOPICS[layer])
    cache = context.cache.get("tile_cache", 0, TileCache)
    key = (layer, revision, tile)
    known = cache.get(key)
    if known is None:
        with context.database.read() as connection:
            known = load_tile(connection, layer, tile) or draw_tile(context, connection, layer, revision, tile)
        cache.put(key, known)
    return known


def draw_tile(context: Context, connection: sa.Connection, layer: str, revision: Revision, tile: TileId) -> Tile:
    """A tile from the rows as `connection` sees them; `revision` is theirs."""
    zoom = min(tile.z, FINEST_ZOOM)

    layers = build_layers(layer, Reading(context, connection, revision, zoom, tile.compute_box_wgs84()))
    return _pack(encode_tiles(layers, [tile])[0])


def _pack(data: bytes) -> Tile:
    # The tag names the content, not the revision: another database may count its revisions from one as well.
    etag = f'"{hashlib.blake2b(data, digest_size=12).hexdigest()}"'
    return Tile(gzip.compress(data, 5, mtime=0) if data else b"", etag)


# --- baking -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BakeReport:
    """How many tiles were drawn, and how many bytes they take."""

    tiles: int
    bytes: int


@dataclass(frozen=True)
class _Step:
    """Tiles of one zoom of a layer set, the revision they are drawn at, and the box (degrees) around all that miss."""

    layer: str
    zoom: int
    missing: Sequence[TileId]
    revision: Revision
    box: Box


def bake_tiles(context: Context, *, progress: Progress = silent) -> BakeReport:
    """Draw every tile over the data that is not kept yet, and keep it; a layer set that is edited meanwhile is left.

    The shapes of the zoom that comes next are straightened on a second thread while those at hand are drawn.
    `progress` may raise to cancel: what is kept by then stays.
    """
    for layer in TOPICS:
        revision = context.revisions(*TOPICS[layer])
        with context.database.read() as connection:
            prepare_layers(layer, Reading(context, connection, revision, FINEST_ZOOM))
    steps = [step for layer in TOPICS for step in _plan_bake(context, layer)]
    total = sum(len(step.missing) for step in steps)
    tiles = size = 0
    with closing(_bake(context, steps)) as blocks:
        for made in blocks:
            tiles += len(made)
            size += sum(len(tile.data) for tile in made.values())
            progress(tiles / total, N_("Drawing map tiles"))
    return BakeReport(tiles, size)


def _plan_bake(context: Context, layer: str) -> Iterator[_Step]:
    """What is to be drawn of a layer set, zoom by zoom: tiles over its data that are not kept."""
    revision = context.revisions(*TOPICS[layer])
    with context.database.read() as connection:
        extent = load_extent(connection, layer)
        if extent is None:
            return
        missing: dict[int, list[TileId]] = {}
        for zoom in range(COARSEST_BAKED, FINEST_KEPT + 1):
            first, last = find_covering(extent, zoom)
            wanted = [TileId(zoom, x, y) for y in range(first.y, last.y + 1) for x in range(first.x, last.x + 1)]
            kept = list_kept(connection, layer, zoom)
            missing[zoom] = sorted((tile for tile in wanted if tile not in kept), key=_find_block)
    if everything := [tile for tiles in missing.values() for tile in tiles]:
        box = _find_box(everything)
        yield from (_Step(layer, zoom, tiles, revision, box) for zoom, tiles in missing.items() if tiles)


def _find_block(tile: TileId) -> tuple[int, int, int, int]:
    """Order in which tiles are drawn: square by square, for what lies close together is cut from little ground."""
    side = _find_block_side(tile.z)
    return tile.y // side, tile.x // side, tile.y, tile.x


def _find_block_side(zoom: int) -> int:
    return min(1 << max(zoom - _BLOCK_ZOOM, 0), _MOST_BLOCK_SIDE)


def _bake(context: Context, steps: Sequence[_Step]) -> Generator[dict[TileId, Tile]]:
    """Draw and keep the tiles of each step, a block at a time."""
    ground: dict[str, dict[object, Ground]] = {}

    def build(step: _Step) -> tuple[list[TileLayer], list[Straightened]]:
        if step.layer not in ground:
            ground.clear()  # one set's rows at a time: a province's take hundreds of megabytes
        kept, fresh = ground.setdefault(step.layer, {}), list[Straightened]()
        with context.database.read() as connection:
            reading = Reading(context, connection, step.revision, step.zoom, step.box, kept, fresh)
            return build_layers(step.layer, reading), fresh

    with ThreadPoolExecutor(1, "tile-shapes") as ahead:
        building = [ahead.submit(build, step) for step in steps[:1]]
        for position, step in enumerate(steps):
            layers, fresh = building.pop().result()
            building += [ahead.submit(build, following) for following in steps[position + 1 : position + 2]]
            yield from _draw(context, step, layers, fresh)


def _draw(
    context: Context, step: _Step, layers: Sequence[TileLayer], fresh: Sequence[Straightened]
) -> Iterator[dict[TileId, Tile]]:
    """Draw and keep the tiles of a step; ends where the ground they are drawn from is no longer so."""
    size = _find_block_side(step.zoom) ** 2
    for start in range(0, len(step.missing), size):
        block = step.missing[start : start + size]
        made = {tile: _pack(data) for tile, data in zip(block, encode_tiles(layers, block), strict=True)}
        with context.database.write(SYSTEM, kind="tiles") as work:
            if context.revisions(*TOPICS[step.layer]) != step.revision:
                return
            save_tiles(work.connection, step.layer, made)
            for shapes in fresh if start == 0 else ():
                save_straightened(work.connection, shapes.layer, shapes.zoom, shapes.rows)
        yield made


def _find_box(tiles: Sequence[TileId]) -> Box:
    boxes = [tile.compute_box_wgs84() for tile in tiles]
    west, south, east, north = (list(side) for side in zip(*boxes, strict=True))
    return min(west), min(south), max(east), max(north)
