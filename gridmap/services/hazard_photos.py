"""Photographs of hazards: read with their place before anything is kept, added to a case, shown, taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.crs import gcj02_to_wgs84
from gridmap.domain.photos import PhotoFacts, choose_best, compute_spread_m
from gridmap.errors import N_, InvalidInput, NotFound
from gridmap.services import hazards
from gridmap.services.context import Context
from gridmap.services.places import find_in_scope
from gridmap.sources import photos as source
from gridmap.sources.photos import Photo
from gridmap.store import hazard_photos as store

__all__ = [
    "MOST_PHOTOS",
    "Photo",
    "PhotoPlace",
    "add_photos",
    "find_place",
    "list_photos",
    "load_picture",
    "read_photo",
    "remove_photo",
]

MOST_PHOTOS = 12
"""Of one hazard."""


@dataclass(frozen=True)
class PhotoPlace:
    """Where photos were taken, WGS-84 degrees.

    Attributes
    ----------
    accuracy_m, bearing_deg
        Of the photo whose place is best known; None where it does not say.
    spread_m
        How far the photos lie apart at most.
    is_outside
        Whether the place lies outside the actor's area.
    """

    lon: float
    lat: float
    accuracy_m: float | None
    bearing_deg: float | None
    spread_m: float
    is_outside: bool


def read_photo(context: Context, actor: Actor, *, data: bytes, name: str) -> Photo:
    """A photo as it would be kept; nothing is.

    Raises
    ------
    UnreadableFile, TooLarge
        It is no photo that can be read.
    """
    check_allowed(actor, Permission.REPORT_HAZARDS)
    return source.read_photo(data, name=name)


def find_place(context: Context, actor: Actor, *, photos: Sequence[Photo], is_gcj02: bool = False) -> PhotoPlace | None:
    """Where photos were taken, by the one that knows best; None where none of them knows.

    With `is_gcj02` their positions come from a Chinese map app and are moved back to where they belong; a photo that
    says so itself always is.
    """
    check_allowed(actor, Permission.VIEW)
    facts = [photo.facts for photo in photos]
    best = choose_best(facts)
    if best is None:
        return None
    places = [_to_wgs84(one, is_gcj02) for one in facts if not one.fault]
    lon, lat = _to_wgs84(facts[best], is_gcj02)
    outside = not bool(find_in_scope(context, actor, [lon], [lat]).all())
    chosen = facts[best]
    return PhotoPlace(lon, lat, chosen.accuracy_m, chosen.bearing_deg, compute_spread_m(places), outside)


def _to_wgs84(facts: PhotoFacts, is_gcj02: bool) -> tuple[float, float]:
    assert facts.lon is not None
    assert facts.lat is not None
    if not (is_gcj02 or facts.is_gcj02):
        return facts.lon, facts.lat
    lon, lat = gcj02_to_wgs84(np.array([facts.lon]), np.array([facts.lat]))
    return float(lon[0]), float(lat[0])


def add_photos(
    context: Context, actor: Actor, *, hazard_id: int, photos: Sequence[Photo], is_gcj02: bool = False
) -> list[int]:
    """Keep photos with a hazard and return their ids; one that is there already is not kept twice.

    Raises
    ------
    NotFound
        No such hazard in scope.
    InvalidInput
        There is no photo, or the hazard would have more than `MOST_PHOTOS`.
    """
    check_allowed(actor, Permission.EDIT_HAZARDS)
    with context.database.write(actor, kind="add_hazard_photos") as work:
        hazards.require_hazard(work.connection, actor, hazard_id)
        known = store.load_photos(work.connection, hazard_id=hazard_id)["sha256"].tolist()
        new = {photo.sha256: photo for photo in photos if photo.sha256 not in known}
        if not new or len(known) + len(new) > MOST_PHOTOS:
            raise InvalidInput(
                N_("There is no new photo among these, or they are too many."),
                hint=N_("A hazard has {limit} photos at most."),
                limit=MOST_PHOTOS,
            )
        rows = [build_row(photo, is_gcj02=is_gcj02) for photo in new.values()]
        return store.save_photos(work, hazard_id=hazard_id, rows=rows)


def build_row(photo: Photo, *, is_gcj02: bool = False) -> dict[str, Any]:
    """A photo as the store keeps it."""
    facts = photo.facts
    lon, lat = (None, None) if facts.fault else _to_wgs84(facts, is_gcj02)
    return {
        "taken_at": facts.taken_at,
        "lon": lon,
        "lat": lat,
        "accuracy_m": facts.accuracy_m,
        "bearing_deg": facts.bearing_deg,
        "width": photo.width,
        "height": photo.height,
        "sha256": photo.sha256,
        "jpeg": photo.jpeg,
    }


def list_photos(context: Context, actor: Actor, *, hazard_id: int) -> pd.DataFrame:
    """Photos of a hazard in order, see `store.hazard_photos.load_photos`.

    Raises
    ------
    NotFound
        No such hazard in scope.
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        hazards.require_hazard(connection, actor, hazard_id)
        return store.load_photos(connection, hazard_id=hazard_id)


def load_picture(context: Context, actor: Actor, *, photo_id: int) -> tuple[bytes, str]:
    """The JPEG of a photo and its SHA-256.

    Raises
    ------
    NotFound
        No such photo, or its hazard lies outside the scope.
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        hazard_id = store.find_hazard(connection, photo_id=photo_id)
        if hazard_id is None:
            raise _missing()
        hazards.require_hazard(connection, actor, hazard_id)
        return store.load_picture(connection, photo_id=photo_id)


def remove_photo(context: Context, actor: Actor, *, photo_id: int) -> None:
    """Take a photo away for good; the journal keeps that it was there, not the picture.

    Raises
    ------
    NotFound
        As `load_picture`.
    """
    check_allowed(actor, Permission.EDIT_HAZARDS)
    with context.database.write(actor, kind="remove_hazard_photo") as work:
        hazard_id = store.find_hazard(work.connection, photo_id=photo_id)
        if hazard_id is None:
            raise _missing()
        hazards.require_hazard(work.connection, actor, hazard_id)
        store.delete_photo(work, photo_id)


def _missing() -> NotFound:
    return NotFound(N_("There is no such photo in your area."), hint=N_("Reload the list."))
