"""Shapes as coarse tiles show them: straightened once for each zoom and kept, for a tile shows thousands of them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa

from gridmap.store import tables
from gridmap.store.frames import load_frame
from gridmap.store.geometry import Box
from gridmap.store.snapshots import chunked

FINEST_STRAIGHTENED = 10
"""Finer tiles show so little ground that it is straightened when they are drawn."""

LAYERS = {"base": ("shapes", "streams", "roads"), "areas": tuple(f"l{n}" for n in range(1, 7)), "rail": ("tracks",)}
"""Layer sets, and the layers of theirs that are kept so."""

_shape = tables.tile_shape.c


def load_straightened(connection: sa.Connection, layer: str, zoom: int, *, box: Box | None) -> pd.DataFrame:
    """Kept shapes of a layer that meet `box` (degrees), by id: id, world (geometry on the Web Mercator unit square)."""
    here = sa.and_(_shape.layer == layer, _shape.z == zoom)
    if box is not None:
        west, south, east, north = box
        here = sa.and_(here, _shape.x_min <= east, _shape.x_max >= west, _shape.y_min <= north, _shape.y_max >= south)
    found = load_frame(connection, sa.select(_shape.id, _shape.world).where(here).order_by(_shape.id))
    return found.assign(world=np.asarray(shapely.from_wkb(found["world"].to_numpy(object)), object))


def save_straightened(connection: sa.Connection, layer: str, zoom: int, rows: pd.DataFrame) -> None:
    """Keep shapes, in place of those of the same ids: id, x_min, y_min, x_max, y_max (degrees), world."""
    for ids in chunked(rows["id"].tolist()):
        same = sa.and_(_shape.layer == layer, _shape.z == zoom, _shape.id.in_(ids))
        connection.execute(tables.tile_shape.delete().where(same))
    packed = rows.assign(layer=layer, z=zoom, world=shapely.to_wkb(rows["world"].to_numpy(object)))
    if len(packed):
        connection.execute(tables.tile_shape.insert(), packed.to_dict("records"))


def discard_straightened(connection: sa.Connection, layer_set: str, boxes: Iterable[Box] | None) -> None:
    """Drop what was kept of a layer set and meets a box: neighbours share the border that changed. None drops all."""
    of_set = _shape.layer.in_(LAYERS[layer_set])
    if boxes is None:
        connection.execute(tables.tile_shape.delete().where(of_set))
        return
    for west, south, east, north in boxes:
        meets = (_shape.x_min <= east, _shape.x_max >= west, _shape.y_min <= north, _shape.y_max >= south)
        connection.execute(tables.tile_shape.delete().where(of_set, *meets))
