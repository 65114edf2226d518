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
    geometry = layer.geometries[feature]
    bounds, limit = shapely.bounds(geometry), box[tile]
    crossing = np.flatnonzero((bounds[:, :2] < limit[:, :2]).any(axis=1) | (bounds[:, 2:] > limit[:, 2:]).any(axis=1))
    starts = np.flatnonzero(np.append(True, tile[crossing][1:] != tile[crossing][:-1])[: len(crossing)])
    for rows in np.split(crossing, starts[1:]):
        if len(rows):
            geometry[rows] = shapely.clip_by_rect(geometry[rows], *box[tile[rows[0]]])
    if layer.tolerance:
        geometry = np.asarray(shapely.simplify(geometry, layer.tolerance), object)
    return _Pieces(tile, feature, geometry)


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
    """The layer's message for each tile, empty where nothing is left of it."""
    first = np.flatnonzero(np.append(True, paths.owner[1:] != paths.owner[:-1])[: len(paths.owner)])
    piece = paths.owner[first]
    commands, begin = _build_commands(paths)
    stream, offset = _build_varints(commands)
    edges = offset[begin[np.append(first, len(paths.owner))]].tolist()
    data = stream.tobytes()
    kind = b"\x18" + bytes([paths.kind])
    feature = pieces.feature[piece]
    ids = layer.ids[feature].tolist()
    range_of = np.searchsorted(pieces.tile[piece], np.arange(tiles + 1)).tolist()
    written: list[bytes] = []
    for start, end in pairwise(range_of):
        if start == end:
            written.append(b"")
            continue
        tags, keys, values = _build_tags({key: column[feature[start:end]] for key, column in layer.properties.items()})
        body = bytearray(b"\x78\x02" + _field(1, layer.name.encode()))
        for row in range(start, end):
            head = b"\x08" + _varint(ids[row]) + (_field(2, tags[row - start]) if tags else b"")
            body += _field(2, head + kind + _field(4, data[edges[row] : edges[row + 1]]))
        body += b"".join(_field(3, key.encode()) for key in keys) + b"".join(_field(4, value) for value in values)
        body += b"\x28" + _varint(EXTENT)
        written.append(_field(3, bytes(body)))
    return written


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


def _build_varints(values: IntArray) -> tuple[npt.NDArray[np.uint8], IntArray]:
    """Values below 2^32 as protobuf varints, and where each begins (one more entry than values)."""
    unsigned = values.astype(np.uint64)
    length = np.ones(len(unsigned), np.int64)
    for bits in (7, 14, 21, 28):
        length += unsigned >= np.uint64(1 << bits)
    offset = np.concatenate([[0], np.cumsum(length)])
    out = np.zeros(offset[-1], np.uint8)
    for byte in range(int(length.max(initial=0))):
        longer = length > byte
        low = (unsigned[longer] >> np.uint64(7 * byte)) & np.uint64(0x7F)
        more = np.where(length[longer] > byte + 1, 0x80, 0)
        out[offset[:-1][longer] + byte] = low.astype(np.uint8) | more.astype(np.uint8)
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


def _build_tags(properties: Properties) -> tuple[list[bytes], list[str], list[bytes]]:
    """Tag list of each feature (none at all without properties), and the keys and values they refer to."""
    values: list[bytes] = []
    columns: list[list[bytes]] = []
    for number, column in enumerate(properties.values()):
        unique, inverse = np.unique(column, return_inverse=True)
        pairs = [_varint(number) + _varint(len(values) + i) for i in range(len(unique))]
        values += [_encode_value(value) for value in unique.tolist()]
        columns.append([pairs[i] for i in inverse.tolist()])
    return [b"".join(row) for row in zip(*columns, strict=True)], list(properties), values


def _encode_value(value: object) -> bytes:
    if isinstance(value, bool):
        return b"\x38" + _varint(int(value))
    if isinstance(value, int):
        return b"\x28" + _varint(value) if value >= 0 else b"\x30" + _varint((value << 1) ^ (value >> 63))
    return _field(1, str(value).encode())
