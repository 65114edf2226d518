"""Vector tiles: the Web Mercator square, and the Mapbox Vector Tile encoding (specification 2.1) in numpy.

https://github.com/mapbox/vector-tile-spec/tree/master/2.1
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Geometries = npt.NDArray[np.object_]
Properties = Mapping[str, npt.NDArray[np.generic]]

EXTENT = 4096
"""Units along a tile's side."""

BUFFER = 64
"""Units that a tile carries beyond its sides, so that a stroke does not end at the seam."""

MAX_ZOOM = 22

_EDGE_DEG = 85.0511287798066
"""Latitude where the Web Mercator square ends: arctan(sinh(pi))."""

_POINT, _LINE, _POLYGON = 1, 2, 3
_MOVE_TO, _LINE_TO, _CLOSE = 1, 2, 7
_FEWEST_VERTICES = {_POINT: 1, _LINE: 2, _POLYGON: 3}


@dataclass(frozen=True)
class TileId:
    """A tile by zoom, column from the west and row from the north."""

    z: int
    x: int
    y: int

    @property
    def is_valid(self) -> bool:
        """Whether there is such a tile."""
        return 0 <= self.z <= MAX_ZOOM and 0 <= self.x < 1 << self.z and 0 <= self.y < 1 << self.z

    @property
    def side(self) -> float:
        """Length of a side, the whole world being 1."""
        return 1.0 / (1 << self.z)

    def compute_box(self, *, buffer: int = BUFFER) -> tuple[float, float, float, float]:
        """Left, top, right, bottom on the unit square, `buffer` units added on every side."""
        side, margin = self.side, buffer / EXTENT * self.side
        left, top = self.x * side, self.y * side
        return left - margin, top - margin, left + side + margin, top + side + margin

    def compute_box_wgs84(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the tile with its buffer, degrees."""
        left, top, right, bottom = self.compute_box()
        north, south = (math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y)))) for y in (top, bottom))
        return (left - 0.5) * 360, south, (right - 0.5) * 360, north


def find_covering(box_wgs84: tuple[float, float, float, float], zoom: int) -> tuple[TileId, TileId]:
    """The north-western and the south-eastern tile of those that show, buffer included, some of a box in degrees."""
    west, south, east, north = box_wgs84
    x, y = to_world_xy(np.array([west, east]), np.array([north, south]))
    across, margin = 1 << zoom, BUFFER / EXTENT
    low = np.clip(np.floor(np.array([x[0], y[0]]) * across - margin), 0, across - 1).astype(int).tolist()
    high = np.clip(np.floor(np.array([x[1], y[1]]) * across + margin), 0, across - 1).astype(int).tolist()
    return TileId(zoom, *low), TileId(zoom, *high)


def to_world(geometries_wgs84: Geometries) -> Geometries:
    """Geometries on the Web Mercator unit square: x grows east, y grows south, both 0 to 1.

    Spherical formula of EPSG:3857 (IOGP Guidance Note 7-2, method 1024), scaled to the square.
    """

    def project(xy: FloatArray) -> FloatArray:
        return np.column_stack(to_world_xy(xy[:, 0], xy[:, 1]))

    return np.asarray(shapely.transform(geometries_wgs84, project), object)


def to_world_xy(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Places in WGS-84 degrees on the unit square, see `to_world`."""
    sine = np.sin(np.radians(np.clip(lat, -_EDGE_DEG, _EDGE_DEG)))
    return lon / 360 + 0.5, 0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)


@dataclass(frozen=True)
class TileLayer:
    """Features of one layer on the unit square, indexed.

    `geometries` are all points, all lines or all polygons; what else a clip leaves of them is dropped. `ids` are
    feature ids, 0 or more. `properties` holds one array of integers, booleans or strings per key. What bends less than
    `tolerance`, in units of the square, is straightened in each tile for itself, so that a forest as large as a county
    costs a tile only what the tile shows of it; 0 where shapes share borders or are straightened already.
    """

    name: str
    geometries: Geometries
    ids: IntArray
    properties: Properties
    tree: shapely.STRtree
    tolerance: float = 0.0


def build_layer(
    name: str,
    geometries_world: Geometries,
    *,
    ids: IntArray,
    properties: Properties | None = None,
    tolerance: float = 0.0,
) -> TileLayer:
    """Index features that are already on the unit square."""
    return TileLayer(name, geometries_world, ids, properties or {}, shapely.STRtree(geometries_world), tolerance)


def encode_tile(layers: Iterable[TileLayer], tile: TileId) -> bytes:
    """The tile as bytes, empty where no layer has anything there."""
    return encode_tiles(layers, [tile])[0]


def encode_tiles(layers: Iterable[TileLayer], tiles: Sequence[TileId]) -> list[bytes]:
    """As `encode_tile` for many tiles of one zoom at once: most of the work is done for all of them together.

    Raises
    ------
    ValueError
        The tiles are of different zooms.
    """
    if len({tile.z for tile in tiles}) > 1:
        raise ValueError("tiles of different zooms at once")
    encoded = [_encode_layer(layer, tiles) for layer in layers] if tiles else []
    return [b"".join(parts) for parts in zip(*encoded, strict=True)] if encoded else [b""] * len(tiles)


def _encode_layer(layer: TileLayer, tiles: Sequence[TileId]) -> list[bytes]:
    """The layer's part of each tile."""
    pieces = _clip(layer, tiles)
    side = tiles[0].side
    corner = np.array([(tile.x * side, tile.y * side) for tile in tiles])
    paths = _trace(pieces.geometry, corner[pieces.tile], EXTENT / side)
    return _write_layers(layer, paths, pieces, len(tiles))


@dataclass(frozen=True)
class _Pieces:
    """What tiles see of features: position of the tile, row of the feature, and the geometry; tiles in order."""

    tile: IntArray
    feature: IntArray
    geometry: Geometries


def _clip(layer: TileLayer, tiles: Sequence[TileId]) -> _Pieces:
    """Features that meet each tile's box, in their order, cut off at the box where they cross it."""
    box = np.array([tile.compute_box() for tile in tiles])
    tile, feature = layer.tree.query(shapely.box(*box.T))
    order = np.lexsort([feature, tile])
    tile, feature = tile[order], feature[order]
    # A forest as large as a county is cut to where the tiles lie before each of them cuts its part of it.
    known, place = np.unique(feature, return_inverse=True)
    whole = np.concatenate([box[:, :2].min(axis=0), box[:, 2:].max(axis=0)])
    geometry = _cut(layer.geometries[known], np.broadcast_to(whole, (len(known), 4)))[place]
    geometry = _cut(geometry, box[tile])
    if layer.tolerance:
        geometry = np.asarray(shapely.simplify(geometry, layer.tolerance), object)
    return _Pieces(tile, feature, geometry)


def _cut(geometry: Geometries, box: FloatArray) -> Geometries:
    """Each geometry within its box, equal boxes standing together; those that cross none stay what they are."""
    bounds = shapely.bounds(geometry)
    crossing = np.flatnonzero((bounds[:, :2] < box[:, :2]).any(axis=1) | (bounds[:, 2:] > box[:, 2:]).any(axis=1))
    starts = np.flatnonzero((box[crossing][1:] != box[crossing][:-1]).any(axis=1)) + 1
    for rows in np.split(crossing, starts):
        if len(rows):
            geometry[rows] = shapely.clip_by_rect(geometry[rows], *box[rows[0]])
    return geometry


# --- geometry -> paths ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Paths:
    """Point sets, lines or rings of one layer on the tile's integer grid, those of a feature together.

    `vertex` holds (x, y) of all paths one after the other; `count` and `owner` (the feature's row) are per path.
    """

    kind: int
    vertex: IntArray
    count: IntArray
    owner: IntArray


def _trace(geometry: Geometries, corner: FloatArray, scale: float) -> _Paths:
    """Geometries in units of tiles, whose corners on the unit square are given for each."""
    kind = int(shapely.get_dimensions(geometry).max(initial=0)) + 1
    parts, owner = _take_apart(geometry, kind)
    if kind == _POLYGON:
        paths, polygon = shapely.get_rings(_orient(parts), return_index=True)
        owner = owner[polygon]
    else:
        paths, polygon = parts, np.arange(len(parts))
    xy, path = shapely.get_coordinates(paths, return_index=True)
    vertex = np.rint((xy - corner[owner[path]]) * scale).astype(np.int64)
    if kind == _POINT:
        # The points of a feature are one path: the format has a single MoveTo for all of them.
        owner, path = np.unique(owner[path], return_inverse=True)
    else:
        vertex, path = _drop_repeats(vertex, path, closed=kind == _POLYGON)
    count = np.bincount(path, minlength=len(owner))
    keep = count >= _FEWEST_VERTICES[kind]
    if kind == _POLYGON:
        keep &= _keep_rings(_compute_areas(vertex, path, len(owner)), polygon)
    return _Paths(kind, vertex[keep[path]], count[keep], owner[keep])


def _take_apart(geometry: Geometries, kind: int) -> tuple[Geometries, IntArray]:
    """Single points, lines or polygons and the row each came from; what is of another kind, left by clipping, goes."""
    parts, owner = shapely.get_parts(geometry, return_index=True)
    if (shapely.get_type_id(parts) >= shapely.GeometryType.MULTIPOINT).any():  # a collection held a multi-part
        parts, nested = shapely.get_parts(parts, return_index=True)
        owner = owner[nested]
    right = (shapely.get_dimensions(parts) == kind - 1) & ~shapely.is_empty(parts)
    return parts[right], owner[right]


def _orient(polygons: Geometries) -> Geometries:
    """Exterior rings positive by the surveyor's formula, holes negative, as the specification asks.

    The formula does not know that y grows south here, nor does shapely: to both, positive is counter-clockwise.
    """
    return np.asarray(shapely.orient_polygons(polygons, exterior_cw=False), object)


def _drop_repeats(vertex: IntArray, path: IntArray, *, closed: bool) -> tuple[IntArray, IntArray]:
    """Leave out vertices that fell onto their predecessor, and the last of a closed path, which ClosePath draws."""
    fresh = np.append(True, path[1:] != path[:-1])[: len(path)]
    repeat = np.append(False, (vertex[1:] == vertex[:-1]).all(axis=1))[: len(path)] & ~fresh
    vertex, path = vertex[~repeat], path[~repeat]
    if closed:
        closing = np.append(path[1:] != path[:-1], True)[: len(path)]
        vertex, path = vertex[~closing], path[~closing]
    return vertex, path


def _compute_areas(vertex: IntArray, path: IntArray, paths: int) -> IntArray:
    """Twice the signed area of each ring."""
    following = np.append(np.arange(1, len(path)), 0)[: len(path)]
    last = np.append(path[1:] != path[:-1], True)[: len(path)]
    following[last] = np.searchsorted(path, path[last])
    cross = vertex[:, 0] * vertex[following, 1] - vertex[following, 0] * vertex[:, 1]
    total = np.zeros(paths, np.int64)
    np.add.at(total, path, cross)
    return total


def _keep_rings(area: IntArray, polygon: IntArray) -> BoolArray:
    """Which rings survived the grid: neither flat nor turned over, and no hole without its exterior."""
    exterior = np.append(True, polygon[1:] != polygon[:-1])[: len(polygon)]
    standing = area[exterior] > 0
    upright = np.where(exterior, area, -area) > 0
    return np.asarray(upright & standing[np.cumsum(exterior) - 1], bool)


# --- paths -> bytes ---------------------------------------------------------------------------------------------


def _write_layers(layer: TileLayer, paths: _Paths, pieces: _Pieces, tiles: int) -> list[bytes]:
    """The layer's message for each tile, empty where nothing is left of it.

    All of a feature is written in varints: its tags and kinds are below 128, its strings stand apart in the layer.
    """
    first = np.flatnonzero(np.append(True, paths.owner[1:] != paths.owner[:-1])[: len(paths.owner)])
    piece = paths.owner[first]
    tile, feature = pieces.tile[piece], pieces.feature[piece]
    commands, begin = _build_commands(paths)
    tags, values = _build_tags(layer.properties, tile, feature, tiles)
    words, word_of = _build_features(
        layer.ids[feature], tags, paths.kind, commands, begin[np.append(first, len(paths.owner))]
    )
    stream, offset = _build_varints(words)
    data = stream.tobytes()
    edges = offset[word_of[np.searchsorted(tile, np.arange(tiles + 1))]].tolist()
    head = b"\x78\x02" + _field(1, layer.name.encode())
    foot = b"".join(_field(3, key.encode()) for key in layer.properties)
    extent = b"\x28" + _varint(EXTENT)
    return [
        b"" if start == end else _field(3, b"".join((head, data[start:end], foot, values[number], extent)))
        for number, (start, end) in enumerate(pairwise(edges))
    ]


def _build_features(
    ids: IntArray, tags: IntArray, kind: int, commands: IntArray, begin: IntArray
) -> tuple[IntArray, IntArray]:
    """The words of all features' messages, and where each feature begins (one more entry than features).

    `tags` has a row per feature; the commands of feature i are those from `begin[i]` to `begin[i + 1]`.
    """
    count, tagged = len(ids), tags.shape[1] > 0
    geometry_size = np.diff(np.append(0, np.cumsum(_measure_varints(commands)))[begin])
    head = [np.full(count, 0x08), ids]
    if tagged:
        head += [np.full(count, 0x12), _measure_varints(tags).sum(axis=1), *tags.T]
    head += [np.full(count, 0x18), np.full(count, kind), np.full(count, 0x22), geometry_size]
    inner = np.column_stack(head)
    size = _measure_varints(inner).sum(axis=1) + geometry_size
    table = np.column_stack([np.full(count, 0x12), size, inner])
    width, length = table.shape[1], np.diff(begin)
    start = np.concatenate([[0], np.cumsum(width + length)])
    words = np.empty(start[-1], np.int64)
    words[start[:-1, None] + np.arange(width)] = table
    words[np.arange(len(commands)) + np.repeat(width * np.arange(1, count + 1), length)] = commands
    return words, start


def _build_tags(properties: Properties, tile: IntArray, feature: IntArray, tiles: int) -> tuple[IntArray, list[bytes]]:
    """Key and value numbers of each feature, a row each, and the values of each tile that they refer to."""
    tags = np.zeros((len(feature), 2 * len(properties)), np.int64)
    values, known = [b""] * tiles, np.zeros(tiles, np.int64)
    for number, column in enumerate(properties.values()):
        unique, code = np.unique(column[feature], return_inverse=True)
        # A tile numbers the values it has, key by key.
        pairs, pair = np.unique(tile * len(unique) + code, return_inverse=True)
        owner, code = np.divmod(pairs, max(len(unique), 1))
        begin = np.searchsorted(owner, np.arange(tiles + 1))
        tags[:, 2 * number] = number
        tags[:, 2 * number + 1] = (known[owner] + np.arange(len(pairs)) - begin[owner])[pair]
        encoded = [_field(4, _encode_value(value)) for value in unique.tolist()]
        written = [encoded[i] for i in code.tolist()]
        for at in np.unique(owner).tolist():
            values[at] += b"".join(written[begin[at] : begin[at + 1]])
        known += np.diff(begin)
    return tags, values


def _build_commands(paths: _Paths) -> tuple[IntArray, IntArray]:
    """Command words of all paths, and where each path begins (one more entry than paths).

    MoveTo with all points of a feature; or MoveTo the first vertex, LineTo the others, and ClosePath for a ring.
    """
    count = paths.count
    is_point = paths.kind == _POINT
    words = 1 + 2 * count if is_point else 2 + 2 * count + (paths.kind == _POLYGON)
    begin = np.concatenate([[0], np.cumsum(words)])
    out = np.zeros(begin[-1], np.int64)
    out[begin[:-1]] = _MOVE_TO | (count if is_point else 1) << 3
    path = np.repeat(np.arange(len(count)), count)
    place = np.arange(len(path)) - np.repeat(np.cumsum(count) - count, count)
    # After the first vertex of a line or ring comes the LineTo word.
    at = begin[path] + 1 + 2 * place + (0 if is_point else place > 0)
    out[at], out[at + 1] = _build_steps(paths, path).T
    if not is_point:
        out[begin[:-1] + 3] = _LINE_TO | (count - 1) << 3
    if paths.kind == _POLYGON:
        out[begin[1:] - 1] = _CLOSE | 1 << 3
    return out, begin


def _build_steps(paths: _Paths, path: IntArray) -> IntArray:
    """Zigzag-coded steps from vertex to vertex; the cursor starts at the tile's corner for each feature."""
    step = paths.vertex.copy()
    step[1:] -= paths.vertex[:-1]
    feature = paths.owner[path]
    fresh = np.append(True, feature[1:] != feature[:-1])[: len(path)]
    step[fresh] = paths.vertex[fresh]
    return (step << 1) ^ (step >> 63)


def _measure_varints(values: IntArray) -> IntArray:
    """Bytes that each value takes as a protobuf varint: one for every seven bits."""
    length = np.ones(values.shape, np.int64)
    for bits in range(7, int(values.max(initial=0)).bit_length(), 7):
        length += values >= 1 << bits
    return length


def _build_varints(values: IntArray) -> tuple[npt.NDArray[np.uint8], IntArray]:
    """Values of 0 and more as protobuf varints, and where each begins (one more entry than values)."""
    length = _measure_varints(values)
    offset = np.concatenate([[0], np.cumsum(length)])
    out = np.zeros(offset[-1], np.uint8)
    for byte in range(int(length.max(initial=0))):
        longer = np.flatnonzero(length > byte) if byte else slice(None)
        low = (values[longer] >> 7 * byte) & 0x7F
        out[offset[:-1][longer] + byte] = low | np.where(length[longer] > byte + 1, 0x80, 0)
    return out, offset


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _field(number: int, payload: bytes) -> bytes:
    """A length-delimited protobuf field."""
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload


def _encode_value(value: object) -> bytes:
    if isinstance(value, bool):
        return b"\x38" + _varint(int(value))
    if isinstance(value, int):
        return b"\x28" + _varint(value) if value >= 0 else b"\x30" + _varint((value << 1) ^ (value >> 63))
    return _field(1, str(value).encode())
