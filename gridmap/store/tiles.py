"""Vector tiles kept beside the data they are drawn from; an edit discards, in its own transaction, those it touches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
import sqlalchemy as sa

from gridmap.domain.journal import BULK_PREFIX, Event
from gridmap.domain.outlines import find_changed_box
from gridmap.domain.tiling import TileId, find_covering
from gridmap.store import tables
from gridmap.store.geometry import Box
from gridmap.store.tile_shapes import discard_straightened

TOPICS = {"base": ("basemap", "roads"), "areas": ("areas",), "rail": ("rail",)}
"""Layer sets, and the topics whose revisions they are built from."""

FINEST_KEPT = 13
"""Finer tiles hold so little that they are drawn when asked for."""

_DRAWN = {
    "base": (tables.basemap_shape, tables.road_edge, tables.place),
    "areas": (tables.area,),
    "rail": (tables.rail_track,),
}
"""The tables whose rows a layer set shows."""

_OUTLINE = frozenset({"geom", "x_min", "y_min", "x_max", "y_max", "version"})

_MOST_BOXES = 200
"""An edit of more rows than this discards the layer set as a whole."""

_tile = tables.tile.c


@dataclass(frozen=True)
class Tile:
    """A gzip'd tile (no bytes: nothing there) and the tag that names its content."""

    data: bytes
    etag: str


def load_tile(connection: sa.Connection, layer: str, tile: TileId) -> Tile | None:
    """A tile that was kept, None where it has to be drawn."""
    here = sa.and_(_tile.layer == layer, _tile.z == tile.z, _tile.x == tile.x, _tile.y == tile.y)
    row = connection.execute(sa.select(_tile.data, _tile.etag).where(here)).one_or_none()
    return None if row is None else Tile(bytes(row.data), row.etag)


def list_kept(connection: sa.Connection, layer: str, zoom: int) -> set[TileId]:
    """Tiles of a zoom that are kept."""
    rows = connection.execute(sa.select(_tile.x, _tile.y).where(_tile.layer == layer, _tile.z == zoom))
    return {TileId(zoom, x, y) for x, y in rows}


def save_tiles(connection: sa.Connection, layer: str, made: Mapping[TileId, Tile]) -> None:
    """Keep tiles, in place of those of the same names."""
    if not made:
        return
    rows = [{"layer": layer, "z": t.z, "x": t.x, "y": t.y, "etag": k.etag, "data": k.data} for t, k in made.items()]
    same = sa.and_(*(tables.tile.c[name] == sa.bindparam(f"{name}_") for name in ("layer", "z", "x", "y")))
    connection.execute(
        tables.tile.delete().where(same), [{"layer_": layer, "z_": t.z, "x_": t.x, "y_": t.y} for t in made]
    )
    connection.execute(tables.tile.insert(), rows)


def load_extent(connection: sa.Connection, layer: str) -> Box | None:
    """The box around everything a layer set shows, degrees; None where there is nothing."""
    boxes = []
    for table in _DRAWN[layer]:
        c = table.c
        ends = (c.x_min, c.y_min, c.x_max, c.y_max) if "x_min" in c else (c.lon, c.lat, c.lon, c.lat)
        least, most = ends[:2], ends[2:]
        row = connection.execute(sa.select(*(sa.func.min(e) for e in least), *(sa.func.max(e) for e in most))).one()
        if row[0] is not None:
            boxes.append(row)
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def discard_touched(connection: sa.Connection, topics: Iterable[str], events: Sequence[Event]) -> None:
    """Drop the tiles, and the shapes kept for them, that show what `events` changed.

    All of a layer set where a bulk change does not say what.
    """
    touched = set(topics)
    is_bulk = any(event.table_name.startswith(BULK_PREFIX) for event in events)
    for layer, names in TOPICS.items():
        if touched.isdisjoint(names):
            continue
        boxes = _collect_boxes(layer, events)
        if is_bulk or len(boxes) > _MOST_BOXES:
            connection.execute(tables.tile.delete().where(_tile.layer == layer))
            discard_straightened(connection, layer, None)
            continue
        discard_straightened(connection, layer, boxes)
        for box in boxes:
            connection.execute(tables.tile.delete().where(_tile.layer == layer, _meets(box)))


def _collect_boxes(layer: str, events: Sequence[Event]) -> set[Box]:
    drawn = {table.name for table in _DRAWN[layer]}
    boxes: set[Box | None] = set()
    for event in events:
        if event.table_name in drawn:
            if _is_outline_only(event):
                boxes.add(_read_changed_box(event))
            else:
                boxes.update(_read_box(state) for state in (event.before, event.after) if state is not None)
    return {box for box in boxes if box is not None}


def _is_outline_only(event: Event) -> bool:
    """Whether an area was only given another outline, as where a neighbour's new border begins on its own."""
    if event.table_name != tables.area.name or event.before is None or event.after is None:
        return False
    return all(value == event.after.get(name) for name, value in event.before.items() if name not in _OUTLINE)


def _read_changed_box(event: Event) -> Box | None:
    """Where an outline is another one, which may be a small part of it."""
    before, after = (shapely.from_wkb(state["geom"]) for state in (event.before, event.after) if state is not None)
    return find_changed_box(before, after)


def _read_box(row: Mapping[str, Any]) -> Box:
    if "x_min" in row:
        return row["x_min"], row["y_min"], row["x_max"], row["y_max"]
    return row["lon"], row["lat"], row["lon"], row["lat"]


def _meets(box: Box) -> sa.ColumnElement[bool]:
    """Condition that a tile shows some of a box, degrees."""
    clauses = []
    for zoom in range(FINEST_KEPT + 1):
        first, last = find_covering(box, zoom)
        clauses.append(sa.and_(_tile.z == zoom, _tile.x.between(first.x, last.x), _tile.y.between(first.y, last.y)))
    return sa.or_(*clauses)
