"""The form of a new hazard."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import streamlit as st

from gridmap.domain.railways.mileage import is_place, parse_place
from gridmap.errors import NotFound
from gridmap.i18n.formats import format_distance
from gridmap.i18n.kinds import name_kinds
from gridmap.i18n.labels import label
from gridmap.pages import readings, state
from gridmap.pages.hazard_photos import Taken, draw_place, draw_upload
from gridmap.pages.panel import attempt
from gridmap.pages.state import Place, Thing
from gridmap.pages.visit import Visit
from gridmap.services import hazard_photos, hazards, railways
from gridmap.services.hazards import NewHazard
from gridmap.views.cards import draw_note


def draw_form(visit: Visit) -> None:
    """A new hazard, placed by a click on the map, by its mileage, or where its photos were taken."""
    _ = visit.translate
    kinds = readings.load_kinds(visit)
    names = name_kinds(kinds, visit.language)
    kind = st.selectbox(
        _("Kind"),
        [known.code for known in kinds.active],
        format_func=names.__getitem__,
        filter_mode=None,
        key="new_kind",
    )
    severity = st.segmented_control(
        _("Severity"),
        [1, 2, 3, 4],
        default=2,
        required=True,
        format_func=lambda s: label("severity", s, _),
        key="new_severity",
    )
    title = st.text_input(
        _("Title"),
        live=True,
        max_chars=80,
        key="new_title",
        placeholder=_("In a few words, for example: tree leaning over the fence"),
    )
    description = st.text_area(_("Description"), max_chars=600, height=80, key="new_description")
    by = st.segmented_control(
        _("Where"),
        ["point", "mileage", "photo"],
        default="point",
        required=True,
        format_func={"point": _("Click on the map"), "mileage": _("Mileage"), "photo": _("Photo")}.__getitem__,
        key="new_by",
    )
    taken = Taken()
    if by == "photo":
        taken = draw_upload(visit, "new_photos")
        if taken.photos:
            draw_place(visit, taken)
    where = _draw_mileage(visit) if by == "mileage" else _draw_point(visit)
    with st.container(horizontal=True):
        ready = where is not None and bool(title.strip())
        clicked = st.button(_("Report"), type="primary", disabled=not ready, key="new_save")
        if clicked and where is not None:
            new = NewHazard(kind=kind, severity=severity, title=title.strip(), description=description.strip(), **where)
            attempt(visit, lambda: _save(visit, new, taken), done=_("Reported. This is its case."))
        st.button(_("Cancel"), on_click=stop_adding, key="new_cancel")


def _save(visit: Visit, new: NewHazard, taken: Taken) -> None:
    hazard_id = hazards.add_hazard(visit.context, visit.actor, new=new)
    # From here on the hazard is there: whatever becomes of its photos, it must not be reported a second time.
    state.HAZARD_ADDING.clear()
    _forget_photos()
    case = hazards.load_hazard(visit.context, visit.actor, hazard_id=hazard_id)
    state.look_at(Thing("hazard", hazard_id), Place(float(case["lon"]), float(case["lat"])))
    if taken.photos:
        hazard_photos.add_photos(
            visit.context, visit.actor, hazard_id=hazard_id, photos=taken.photos, is_gcj02=taken.is_gcj02
        )


def stop_adding() -> None:
    """Leave the form without saving."""
    state.HAZARD_ADDING.clear()
    _forget_photos()
    state.look_away()


def _forget_photos() -> None:
    state.PHOTOS.clear()
    state.PHOTO_PLACE.clear()


def _draw_point(visit: Visit) -> dict[str, Any] | None:
    _ = visit.translate
    point = state.POINT.get()
    if point is None:
        st.html(draw_note(_("Click the place on the map.")))
        return None
    st.html(
        draw_note(
            _("Marked at {lon}°, {lat}°. Click again to move it.").format(
                lon=f"{point.lon:.5f}", lat=f"{point.lat:.5f}"
            )
        )
    )
    _draw_line(visit, point)
    return {"lon": point.lon, "lat": point.lat}


def _draw_line(visit: Visit, point: Place) -> None:
    """Mileage, side and metres of the nearest line within a kilometre."""
    _ = visit.translate
    # What lies outside the own area is told when it is to be saved.
    with suppress(NotFound):
        hits = railways.locate_point(visit.context, visit.actor, lon=point.lon, lat=point.lat)
        for hit in hits[:1]:
            side = label("side", hit.side, _) if hit.side else ""
            beside = format_distance(hit.offset_m, _)
            st.html(draw_note(" ".join(part for part in (hit.line, hit.mileage, side, beside) if part)))


def _draw_mileage(visit: Visit) -> dict[str, Any] | None:
    _ = visit.translate
    lines = readings.list_lines(visit)
    names = dict(zip(lines["id"], lines["name"], strict=True))
    line_id = st.selectbox(_("Line"), list(names), format_func=names.__getitem__, filter_mode=None, key="new_line")
    text = st.text_input(
        _("Mileage"), placeholder=_("K12+300, or K12+300 left 15 m"), key="new_mileage", live=True
    ).strip()
    written = parse_place(text) if is_place(text) else None
    told_side, told_m = (written.side, written.offset_m) if written is not None else ("", 0.0)
    side = told_side or st.segmented_control(
        _("Side"),
        ["left", "right"],
        default="left",
        required=True,
        format_func=lambda s: label("side", s, _),
        key="new_side",
    )
    offset_m = told_m or st.slider(_("Metres from the line"), 0, 200, 10, key="new_offset")
    if line_id is None or not text:
        return None
    hits = railways.locate_mileage(visit.context, visit.actor, line_id=int(line_id), text=text)
    beside = _("{side}, {metres} m").format(side=label("side", side, _), metres=f"{offset_m:g}")
    count = _("Facing increasing mileage. {number} place(s) on the line.").format(number=len(hits))
    st.html(draw_note(f"{beside} · {count}"))
    where = {"line_id": int(line_id), "mileage_text": text, "side": side, "offset_m": float(offset_m)}
    if len(hits) > 1:
        where["occurrence"] = st.selectbox(
            _("Which place"),
            range(len(hits)),
            format_func=lambda i: _(hits[i].note).format(**hits[i].values),
            filter_mode=None,
            key="new_occurrence",
        )
    return where
