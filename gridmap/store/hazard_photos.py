"""Photographs of hazards. Their pictures enter no journal event; the rest of a row does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa

from gridmap.store import tables
from gridmap.store.frames import load_frame
from gridmap.store.unit_of_work import UnitOfWork

_photo = tables.hazard_photo


def load_photos(connection: sa.Connection, *, hazard_id: int) -> pd.DataFrame:
    """Photos of one hazard in order: id, taken_at, lon, lat, accuracy_m, bearing_deg, width, height, sha256."""
    c = _photo.c
    columns = (c.id, c.taken_at, c.lon, c.lat, c.accuracy_m, c.bearing_deg, c.width, c.height, c.sha256)
    return load_frame(connection, sa.select(*columns).where(c.hazard_id == hazard_id).order_by(c.id))


def find_hazard(connection: sa.Connection, *, photo_id: int) -> int | None:
    """Id of the hazard that a photo belongs to, None where there is no such photo."""
    return connection.scalar(sa.select(_photo.c.hazard_id).where(_photo.c.id == photo_id))


def load_picture(connection: sa.Connection, *, photo_id: int) -> tuple[bytes, str]:
    """The JPEG of a photo that is there, and its SHA-256."""
    row = connection.execute(sa.select(_photo.c.jpeg, _photo.c.sha256).where(_photo.c.id == photo_id)).one()
    return bytes(row.jpeg), str(row.sha256)


def save_photos(work: UnitOfWork, *, hazard_id: int, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Add photos to a hazard; the keys are the columns of the table but id and hazard_id."""
    ids = work.insert_many(_photo, [{**row, "hazard_id": hazard_id} for row in rows])
    work.touch("hazards")
    return ids


def delete_photo(work: UnitOfWork, photo_id: int) -> None:
    """Take a photo away for good: what the journal does not hold cannot come back."""
    work.delete_many(_photo, [photo_id])
    work.touch("hazards")
