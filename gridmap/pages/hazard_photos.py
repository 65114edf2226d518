"""Photos of a hazard: uploaded in the form or in its case, where they were taken, and how they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from gridmap.domain.access import Permission
from gridmap.domain.photos import APART_M
from gridmap.errors import GridmapError
from gridmap.i18n import describe_error
from gridmap.i18n.formats import format_datetime, format_distance
from gridmap.i18n.labels import label
from gridmap.pages import state
from gridmap.pages.panel import attempt, heading
from gridmap.pages.state import Place
from gridmap.pages.visit import Visit, draw_notice
from gridmap.services import hazard_photos
from gridmap.services.hazard_photos import MOST_PHOTOS, Photo, PhotoPlace
from gridmap.views.cards import draw_note
from gridmap.views.photos import Picture, draw_pictures

TYPES = ("jpg", "jpeg", "png", "heic", "heif")
"""HEIC is taken to be told why it cannot be read: a browser that hides the file says nothing."""

_VAGUE_M = 50.0
"""A place that may be further off than this should be looked at on the map."""


@dataclass(frozen=True)
class Taken:
    """Photos that were uploaded and can be kept, and whether their places are those of a Chinese map app."""

    photos: tuple[Photo, ...] = ()
    is_gcj02: bool = False


def draw_upload(visit: Visit, key: str) -> Taken:
    """Choose photos; what is no photo is told, the others stay."""
    _ = visit.translate
    st.html(draw_note(_("Photos show the place and the thing, not persons. Position and time are read from them.")))
    files = st.file_uploader(_("Photos"), type=TYPES, accept_multiple_files=True, key=key, label_visibility="collapsed")
    if len(files) > MOST_PHOTOS:
        st.html(draw_note(_("Only the first {limit} photos are taken.").format(limit=MOST_PHOTOS), tone="warn"))
    known, kept = state.PHOTOS.get(), {}
    photos = []
    for file in files[:MOST_PHOTOS]:
        try:
            photo = known.get(file.file_id) or hazard_photos.read_photo(
                visit.context, visit.actor, data=file.getvalue(), name=file.name
            )
        except GridmapError as fault:
            draw_notice(describe_error(fault, _))
            continue
        kept[file.file_id] = photo
        photos.append(photo)
    state.PHOTOS.set(kept)
    if not photos:
        return Taken()
    gcj02 = st.checkbox(_("Position comes from a Chinese map app (GCJ-02)"), key=f"{key}_gcj02")
    return Taken(tuple(photos), gcj02)


def draw_place(visit: Visit, taken: Taken) -> None:
    """Put the pin where the photos were taken, once for a choice of photos; a click on the map moves it."""
    _ = visit.translate
    place = hazard_photos.find_place(visit.context, visit.actor, photos=taken.photos, is_gcj02=taken.is_gcj02)
    if place is None:
        for fault in dict.fromkeys(photo.facts.fault for photo in taken.photos):
            st.html(draw_note(f"{_(fault)} {_('Click the place on the map; the photo is kept.')}", tone="warn"))
        return
    asked = (tuple(photo.sha256 for photo in taken.photos), taken.is_gcj02)
    if state.PHOTO_PLACE.get() != asked:
        state.PHOTO_PLACE.set(asked)
        state.look_at(None, Place(place.lon, place.lat))
        st.rerun()
    for words, tone in _describe_place(visit, place):
        st.html(draw_note(words, tone=tone))


def _describe_place(visit: Visit, place: PhotoPlace) -> list[tuple[str, str]]:
    _ = visit.translate
    told = [(_("The pin stands where the camera stood. Click the map if the hazard lies elsewhere."), "quiet")]
    if place.accuracy_m is not None:
        tone = "warn" if place.accuracy_m > _VAGUE_M else "quiet"
        told.append((_("Good to about {metres}.").format(metres=format_distance(place.accuracy_m, _)), tone))
    if place.spread_m > APART_M:
        apart = _("The photos were taken up to {metres} apart: is it one hazard?")
        told.append((apart.format(metres=format_distance(place.spread_m, _)), "warn"))
    if place.is_outside:
        told.append((_("The photo was taken outside your area."), "warn"))
    return told


def draw_photos(visit: Visit, row: Any) -> None:
    """The photos of hazard `row`, and the way to add or take away one."""
    _ = visit.translate
    found = hazard_photos.list_photos(visit.context, visit.actor, hazard_id=int(row.id))
    may_edit = visit.may(Permission.EDIT_HAZARDS)
    if found.empty and not may_edit:
        return
    heading(_("Photos"))
    captions = {int(photo.id): _describe_photo(visit, photo) for photo in found.itertuples()}
    if captions:
        st.html(draw_pictures([Picture(f"/photos/{i}.jpg", words) for i, words in captions.items()]))
    if may_edit:
        with st.expander(_("Add or remove photos")):
            _draw_changes(visit, int(row.id), captions)


def _describe_photo(visit: Visit, photo: Any) -> str:
    _ = visit.translate
    parts = ["" if pd.isna(photo.taken_at) else format_datetime(photo.taken_at)]
    if pd.notna(photo.bearing_deg):
        point = label("compass", round(photo.bearing_deg / 45) % 8 * 45, _)
        parts.append(_("looking {direction}").format(direction=point.lower()))
    return " · ".join(part for part in parts if part) or _("time not known")


def _draw_changes(visit: Visit, hazard_id: int, captions: dict[int, str]) -> None:
    _ = visit.translate
    services = (visit.context, visit.actor)
    # A key that counts the photos empties the field once they are kept.
    taken = draw_upload(visit, f"case_photos_{hazard_id}_{len(captions)}")
    if st.button(_("Keep the photos"), key="photos_add", disabled=not taken.photos):
        add = partial(hazard_photos.add_photos, *services, hazard_id=hazard_id, photos=taken.photos)
        attempt(visit, partial(add, is_gcj02=taken.is_gcj02), done=_("The photos are kept."))
    if not captions:
        return
    numbers = {photo_id: number for number, photo_id in enumerate(captions, start=1)}
    chosen = st.selectbox(
        _("Remove"),
        list(captions),
        index=None,
        format_func=lambda photo_id: f"{numbers[photo_id]}. {captions[photo_id]}",
        placeholder=_("Choose a photo"),
        filter_mode=None,
        key="photo_chosen",
    )
    if chosen is not None and st.button(_("Remove for good"), key="photo_remove"):
        remove = partial(hazard_photos.remove_photo, *services, photo_id=int(chosen))
        attempt(visit, remove, done=_("The photo is gone."))
