"""Vector tiles of what every signed-in role may see: ground, areas and railways. Geometry, ids and looks only.

What is confined to a role or a scope never goes into a tile; it travels in the overlays.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from gridmap.domain.access import SYSTEM, Actor, Permission, check_allowed
from gridmap.domain.progress import Progress, silent
from gridmap.domain.tiling import TileId, encode_tiles, find_covering
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

_BLOCK = 256
"""Tiles encoded at once."""


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
    check_allowed(actor, Permission.VIEW)
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


def bake_tiles(context: Context, *, progress: Progress = silent) -> BakeReport:
    """Draw every tile over the data that is not kept yet, and keep it; stops early where an edit overtakes it.

    `progress` may raise to cancel: what is kept by then stays.
    """
    for layer in TOPICS:
        revision = context.revisions(*TOPICS[layer])
        with context.database.read() as connection:
            prepare_layers(layer, Reading(context, connection, revision, FINEST_ZOOM))
    plan = {layer: [*_list_missing(context, layer)] for layer in TOPICS}
    total = sum(len(missing) for zooms in plan.values() for _, missing in zooms)
    tiles = size = 0
    for layer, zooms in plan.items():
        for made in _bake_layer(context, layer, zooms):
            tiles += len(made)
            size += sum(len(tile.data) for tile in made.values())
            progress(tiles / total, N_("Drawing map tiles"))
    return BakeReport(tiles, size)


def _list_missing(context: Context, layer: str) -> Iterator[tuple[int, list[TileId]]]:
    """Zooms with the tiles over the layer set's data that are not kept, row by row."""
    with context.database.read() as connection:
        extent = load_extent(connection, layer)
        if extent is None:
            return
        for zoom in range(COARSEST_BAKED, FINEST_KEPT + 1):
            first, last = find_covering(extent, zoom)
            wanted = [TileId(zoom, x, y) for y in range(first.y, last.y + 1) for x in range(first.x, last.x + 1)]
            kept = list_kept(connection, layer, zoom)
            missing = [tile for tile in wanted if tile not in kept]
            if missing:
                yield zoom, missing


def _bake_layer(
    context: Context, layer: str, zooms: Sequence[tuple[int, list[TileId]]]
) -> Iterator[dict[TileId, Tile]]:
    """Draw and keep the missing tiles, a block at a time; ends where the ground they are drawn from is no longer so."""
    if not zooms:
        return
    box = _find_box([tile for _, missing in zooms for tile in missing])
    kept: dict[object, Ground] = {}
    revision = context.revisions(*TOPICS[layer])
    for zoom, missing in zooms:
        fresh: list[Straightened] = []
        with context.database.read() as connection:
            layers = build_layers(layer, Reading(context, connection, revision, zoom, box, kept, fresh))
        for start in range(0, len(missing), _BLOCK):
            block = missing[start : start + _BLOCK]
            made = {tile: _pack(data) for tile, data in zip(block, encode_tiles(layers, block), strict=True)}
            with context.database.write(SYSTEM, kind="tiles") as work:
                if context.revisions(*TOPICS[layer]) != revision:
                    return
                save_tiles(work.connection, layer, made)
                for shapes in fresh:
                    save_straightened(work.connection, shapes.layer, shapes.zoom, shapes.rows)
                fresh.clear()
            yield made


def _find_box(tiles: Sequence[TileId]) -> Box:
    boxes = [tile.compute_box_wgs84() for tile in tiles]
    west, south, east, north = (list(side) for side in zip(*boxes, strict=True))
    return min(west), min(south), max(east), max(north)
