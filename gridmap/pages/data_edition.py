"""A new edition of areas: what it changes, in figures, lists and on the map, and applying it with a reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from gridmap.domain.edition_places import EditionPlace, PlaceChange, PlaceState
from gridmap.errors import N_
from gridmap.i18n.formats import format_area, format_number, format_share, join_names
from gridmap.i18n.labels import label
from gridmap.jobs import JobId
from gridmap.pages import state
from gridmap.pages.job_panel import draw_job
from gridmap.pages.map_area import draw_map_area, take_event
from gridmap.pages.map_panel import MapEvent
from gridmap.pages.panel import FEW, Row, draw_rows, heading
from gridmap.pages.state import Place
from gridmap.pages.visit import Visit
from gridmap.services.edition_effect import edition_job
from gridmap.services.edition_places import SeenEdition, compare_job
from gridmap.services.editions import build_options
from gridmap.views.cards import draw_empty, draw_facts, draw_figures, draw_note
from gridmap.views.editions import draw_changes
from gridmap.views.map import MapOverlay

COMPARING = "import_edition"
"""Key of the switch that holds a file against what is loaded."""

_LIST = "edition_list"
_CODES_SHOWN = 5


def name_upload() -> str:
    """Key of the field that the file to import is put into: a new one for each import."""
    return f"import_upload_{state.IMPORT_NUMBER.get()}"


def follow_import(job_key: state.Key[str], job: JobId) -> None:
    """Show how far `job`, which reads the file in, is, and an empty field afterwards."""
    job_key.set(job)
    state.IMPORT_NUMBER.set(state.IMPORT_NUMBER.get() + 1)
    st.rerun()


def draw_edition(visit: Visit, *, path: Path, options: dict[str, Any]) -> None:
    """From the comparison to the job that applies it."""
    _ = visit.translate
    chosen = {name: value for name, value in options.items() if name != "replace"}
    asked = (path, tuple(sorted(chosen.items())), visit.revisions["areas"])
    if state.EDITION_ASKED.get() != asked:
        _compare(visit, asked, path=path, chosen=chosen)
    heading(_("What the edition changes"))
    if state.COMPARE_JOB.get():
        draw_job(visit, state.COMPARE_JOB, finish=state.EDITION_SEEN.set)
        return
    seen = state.EDITION_SEEN.get()
    if seen is None:  # stopped, or refused: what was said stands above
        st.button(_("Compare again"), key="edition_again", on_click=state.EDITION_ASKED.clear)
        return
    _draw_figures(visit, seen)
    if not seen.places:
        applied = state.EDITION_REPORT.get()
        if applied is not None:
            draw_applied(visit, applied)
        st.html(draw_empty(_("This edition is what is loaded.")))
        return
    _draw_place(visit, seen)
    _draw_list(visit, seen)
    _draw_applying(visit, seen, path=path, chosen=chosen)


def _compare(visit: Visit, asked: tuple[object, ...], *, path: Path, chosen: dict[str, Any]) -> None:
    """Begin the comparison, in place of one of something else."""
    if state.COMPARE_JOB.get():
        visit.context.jobs.cancel(JobId(state.COMPARE_JOB.get()))
    before = state.EDITION_ASKED.get()
    if before is not None and before[0] != path:
        state.EDITION_REPORT.clear()
    arguments = (visit.context.settings, visit.actor, path, build_options(**chosen))
    job = visit.context.jobs.submit_for(visit.actor.name, "compare", compare_job, *arguments)
    state.EDITION_ASKED.set(asked)
    state.EDITION_SEEN.clear()
    state.EDITION_PLACE.clear()
    state.COMPARE_JOB.set(job)
    st.rerun()  # the map lets go of what was compared before


def _draw_figures(visit: Visit, seen: SeenEdition) -> None:
    _ = visit.translate
    kinds = (PlaceChange.ADDED, PlaceChange.REMOVED, PlaceChange.REDRAWN, PlaceChange.RECODED, PlaceChange.RENAMED)
    counts = [(seen.unchanged, _("as before"))]
    counts += [(len(seen.list_places(kind)), _(_FIGURES[kind])) for kind in (*kinds, PlaceChange.RECOUNTED)]
    st.html(draw_figures([(format_number(count), words) for count, words in counts]))
    if seen.rejected:
        text = _("Rows that cannot be taken: {number}. Correct the file; what they name would be removed.")
        st.html(draw_note(text.format(number=format_number(seen.rejected)), tone="alert"))
    if seen.left_out:
        text = _("The map shows the {shown} largest pieces of ground; {number} smaller ones are in the lists.")
        counted = {"shown": format_number(len(seen.ground)), "number": format_number(seen.left_out)}
        st.html(draw_note(text.format(**counted), tone="warn"))


_FIGURES = {
    PlaceChange.ADDED: N_("added"),
    PlaceChange.REMOVED: N_("removed"),
    PlaceChange.REDRAWN: N_("other borders"),
    PlaceChange.RECODED: N_("other codes"),
    PlaceChange.RENAMED: N_("other names"),
    PlaceChange.RECOUNTED: N_("other households"),
}


# --- the lists ------------------------------------------------------------------------------------------------------


def _draw_list(visit: Visit, seen: SeenEdition) -> None:
    """One kind of change at a time, each place to be looked at on the map."""
    _ = visit.translate
    kinds = [kind.value for kind in PlaceChange if seen.list_places(kind)]
    if st.session_state.get(_LIST) not in kinds:
        st.session_state[_LIST] = kinds[0]
    counts = {kind: format_number(len(seen.list_places(PlaceChange(kind)))) for kind in kinds}
    kind = st.selectbox(
        _("Kind of change"),
        kinds,
        format_func=lambda kind: f"{label('edition_change', kind, _)} ({counts[kind]})",
        filter_mode=None,
        label_visibility="collapsed",
        key=_LIST,
    )
    sought = st.text_input(
        _("Code or name"), key="edition_sought", placeholder=_("Code or name"), label_visibility="collapsed", live=True
    ).strip()
    change = PlaceChange(kind)
    rows = [
        Row(str(number), _name(seen.places[number]), _describe(visit, seen.places[number], change))
        for number in seen.list_places(change)
        if _fits(seen.places[number], sought)
    ]
    clicked = draw_rows(visit, f"edition_{kind}", rows, empty=_("No such place is among these changes."), step=FEW)
    if clicked is not None:
        place = seen.places[int(clicked)]
        state.EDITION_PLACE.set(int(clicked))
        state.fly(_locate(place))
        st.rerun()


def _fits(place: EditionPlace, sought: str) -> bool:
    names = [text for state in (place.before, place.after) if state for text in (state.code, state.name)]
    return any(sought in name for name in names)


def _name(place: EditionPlace) -> str:
    return f"{place.state.code} {place.state.name}"


def _locate(place: EditionPlace) -> Place:
    west, south, east, north = place.bounds_wgs84
    return Place((west + east) / 2, (south + north) / 2, place.bounds_wgs84)


def _describe(visit: Visit, place: EditionPlace, change: PlaceChange) -> str:
    """What one kind of change makes of a place, in a line."""
    _ = visit.translate
    if change is PlaceChange.REDRAWN:
        parts = [f"{sign}{format_area(size, _)}" for sign, size in _list_moved(place)]
        return " · ".join([*parts, _("{share} in common").format(share=format_share(place.iou))])
    if change is PlaceChange.SPLIT:
        return f"→ {join_names(place.split_into, visit.translate, most=_CODES_SHOWN)}"
    if change is PlaceChange.MERGED:
        return f"← {join_names(place.merged_from, visit.translate, most=_CODES_SHOWN)}"
    if place.before is None or place.after is None:
        return _count(visit, place.state)
    if change is PlaceChange.RECODED:
        return f"{place.before.code} → {place.after.code}"
    if change is PlaceChange.RENAMED:
        return f"{place.before.name} → {place.after.name}"
    return f"{_count(visit, place.before)} → {_count(visit, place.after)}"


def _list_moved(place: EditionPlace) -> list[tuple[str, float]]:
    return [(sign, size) for sign, size in (("+", place.gained_m2), ("−", place.lost_m2)) if size]


def _count(visit: Visit, state: PlaceState) -> str:
    if state.households is None:
        return visit.translate("households not known")
    return visit.translate("{number} households").format(number=format_number(state.households))


# --- one place ------------------------------------------------------------------------------------------------------


def _draw_place(visit: Visit, seen: SeenEdition) -> None:
    """All that changes at the place that was clicked, in a list or on the map."""
    _ = visit.translate
    number = state.EDITION_PLACE.get()
    if number is None:
        st.html(draw_note(_("Click a place in the list or on the map to see what changes there.")))
        return
    place = seen.places[number]
    with st.container(key="gm_edition_place"):
        heading(_name(place))
        told = [change for change in PlaceChange if change in place.changes]
        st.html(
            draw_facts((label("edition_change", change.value, _), _describe(visit, place, change)) for change in told)
        )
        st.button(_("Leave this place"), key="edition_leave", on_click=state.EDITION_PLACE.clear)


# --- the map --------------------------------------------------------------------------------------------------------


def shows_edition() -> bool:
    """Whether a comparison is open whose differences the map shows."""
    is_open = st.session_state.get(COMPARING) and st.session_state.get(name_upload()) is not None
    return bool(is_open) and state.EDITION_SEEN.get() is not None


def draw_edition_map(visit: Visit) -> None:
    """The differences on the map; a click on one finds its row."""
    seen = state.EDITION_SEEN.get()
    assert seen is not None
    event = take_event("data")
    if event is not None and event.kind == "feature":
        _find_row(seen, event)
    chosen = state.EDITION_PLACE.get()
    area = None if chosen is None else seen.places[chosen].area_id
    selected = {} if area is None else {"area": (area,)}
    overlay = MapOverlay(changes=draw_changes(seen.places, seen.ground, chosen=chosen), selected=selected)
    draw_map_area(visit, "data", layers=("stations",), select="changes", overlay=overlay)


def _find_row(seen: SeenEdition, event: MapEvent) -> None:
    """What was clicked on the map becomes the place looked at, in a list it is in; a click on nothing leaves it."""
    state.FLY_TO.clear()
    found = event.ids[0] if event.layer == "change" and event.ids else None
    if found is None or found >= len(seen.places):
        state.EDITION_PLACE.clear()
        return
    state.EDITION_PLACE.set(found)
    changes = seen.places[found].changes
    if st.session_state.get(_LIST) not in changes:
        st.session_state[_LIST] = next(change.value for change in PlaceChange if change in changes)


# --- applying -------------------------------------------------------------------------------------------------------


def _draw_applying(visit: Visit, seen: SeenEdition, *, path: Path, chosen: dict[str, Any]) -> None:
    _ = visit.translate
    reason = st.text_input(
        _("Reason"), key="edition_reason", placeholder=_("It is kept in the journal"), live=True
    ).strip()
    ready = bool(reason) and not seen.rejected
    if st.button(_("Apply the edition"), type="primary", key="edition_apply", disabled=not ready):
        arguments = (visit.context.settings, visit.actor, path, build_options(**chosen), seen.revision, reason)
        job = visit.context.jobs.submit_for(visit.actor.name, "edition", edition_job, *arguments)
        follow_import(state.EDITION_JOB, job)


def draw_applied(visit: Visit, report: dict[str, Any]) -> None:
    """What was applied."""
    _ = visit.translate
    text = _("Applied: {added} added, {removed} removed, {redrawn} redrawn, {recoded} with another code.")
    st.html(draw_note(text.format(**report), tone="good"))
