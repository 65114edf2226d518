"""The list of hazard kinds: look at it, add one, rename, hide, reorder, say what a strong wind carries."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from gridmap.domain.hazard_kinds import MAX_NAME, HazardKind, HazardKinds
from gridmap.i18n.formats import format_number
from gridmap.i18n.kinds import name_kind, name_kinds
from gridmap.pages import readings
from gridmap.pages.panel import attempt, heading
from gridmap.pages.visit import Visit
from gridmap.services import hazard_kinds
from gridmap.services.hazard_kinds import KindChange
from gridmap.views.cards import Cell, Column, draw_note, draw_table

_NEW = ""


def draw_kinds(visit: Visit) -> None:
    """One kind to change, or a new one; below it the list as it stands."""
    _ = visit.translate
    st.html(draw_note(_("A kind names what is wrong with a place or a thing. It is not for words about persons.")))
    kinds = readings.load_kinds(visit)
    names = name_kinds(kinds, visit.language)
    uses = hazard_kinds.count_uses(visit.context, visit.actor)
    chosen = st.selectbox(
        _("Kind"),
        [_NEW, *names],
        format_func=lambda code: names.get(code, _("Add a kind")),
        filter_mode=None,
        key="kind_chosen",
    )
    kind = kinds.find(chosen)
    if kind is None:
        _draw_new(visit, len(names))
    else:
        _draw_kind(visit, kind, names[kind.code], uses.get(kind.code, 0))
    heading(_("The list"))
    st.html(_draw_list(visit, kinds, names, uses))


def _draw_new(visit: Visit, number: int) -> None:
    _ = visit.translate
    key = f"new{number}"
    code = st.text_input(
        _("Code"), key=f"kind_code_{key}", placeholder="roof_sheets", max_chars=30, help=_("It never changes.")
    )
    change = _draw_fields(visit, None, key)
    if st.button(_("Add"), type="primary", key="kind_add", disabled=not code.strip()):
        add = partial(hazard_kinds.add_kind, visit.context, visit.actor, code=code, change=change)
        attempt(visit, add, done=_("The list is kept."))


def _draw_kind(visit: Visit, kind: HazardKind, name: str, uses: int) -> None:
    _ = visit.translate
    services = (visit.context, visit.actor)
    change = _draw_fields(visit, kind, f"{kind.code}_{kind.version}")
    done = _("The list is kept.")
    with st.container(horizontal=True):
        if st.button(_("Save"), type="primary", key="kind_save"):
            save = partial(hazard_kinds.change_kind, *services, code=kind.code, change=change, version=kind.version)
            attempt(visit, save, done=done)
        for by, words in ((-1, _("Up")), (1, _("Down"))):
            if st.button(words, key=f"kind_move_{by}"):
                attempt(visit, partial(hazard_kinds.move_kind, *services, code=kind.code, by=by), done=done)
        removable = not kind.is_built_in and not uses
        if removable and st.button(_("Remove"), key="kind_remove"):
            remove = partial(hazard_kinds.remove_kind, *services, code=kind.code)
            attempt(visit, remove, done=_("{name} was removed.").format(name=name))


def _draw_fields(visit: Visit, kind: HazardKind | None, key: str) -> KindChange:
    """What may be said of a kind (None: a new one)."""
    _ = visit.translate
    names = ("", "") if kind is None else (kind.name_zh, kind.name_en)
    usual = ("", "") if kind is None else (name_kind(kind, "zh-CN"), name_kind(kind, "en"))
    zh, en = (
        st.text_input(title, value=name, placeholder=hint, max_chars=MAX_NAME, key=f"kind_{language}_{key}")
        for title, name, hint, language in zip(
            (_("Name in Chinese"), _("Name in English")), names, usual, ("zh", "en"), strict=True
        )
    )
    line_side = st.toggle(
        _("Belongs to railway protection"), value=kind is None or kind.is_line_side, key=f"kind_side_{key}"
    )
    light = st.toggle(
        _("Light material, which a strong wind carries"),
        value=kind is not None and kind.is_light,
        key=f"kind_light_{key}",
    )
    statutes: list[str] = []
    if kind is None or not kind.is_built_in:
        known = hazard_kinds.list_statute_kinds(visit.context, visit.actor)
        statutes = st.multiselect(
            _("Checked by the distance rules as"),
            list(known),
            default=[] if kind is None else list(kind.statutes),
            format_func=lambda name: known[name]["zh" if visit.language == "zh-CN" else "en"],
            placeholder=_("No distance rule concerns it"),
            key=f"kind_statutes_{key}",
        )
    skill, inspect_min, hours = _draw_inspection(visit, kind, key)
    active = kind is None or st.toggle(_("Offered for new hazards"), value=kind.is_active, key=f"kind_active_{key}")
    return KindChange(
        name_zh=zh,
        name_en=en,
        is_line_side=line_side,
        is_light=light,
        statutes=tuple(statutes),
        is_active=active,
        skill=skill,
        inspect_min=inspect_min,
        hours=hours,
    )


def _draw_inspection(visit: Visit, kind: HazardKind | None, key: str) -> tuple[str, int | None, str]:
    """What a patrol needs to inspect a hazard of the kind."""
    _ = visit.translate
    skill = st.text_input(
        _("Skill a team needs"),
        value="" if kind is None else kind.skill,
        placeholder=_("None"),
        max_chars=MAX_NAME,
        key=f"kind_skill_{key}",
    )
    minutes = st.number_input(
        _("Minutes on the spot"),
        value=None if kind is None else kind.inspect_min,
        min_value=1,
        max_value=480,
        placeholder=_("By severity"),
        key=f"kind_minutes_{key}",
    )
    hours = st.text_input(
        _("Hours for inspecting it"),
        value="" if kind is None else kind.hours,
        placeholder="08:00-11:00; 14:00-17:00",
        key=f"kind_hours_{key}",
    )
    return skill, None if minutes is None else int(minutes), hours


def _draw_list(visit: Visit, kinds: HazardKinds, names: Mapping[str, str], uses: Mapping[str, int]) -> str:
    _ = visit.translate
    columns = [Column(_("Kind")), Column(_("Marks")), Column(_("Hazards"), numeric=True)]
    rows = []
    for kind in kinds:
        marks = {_("railway"): kind.is_line_side, _("light material"): kind.is_light, _("hidden"): not kind.is_active}
        told = " · ".join(words for words, holds in marks.items() if holds)
        tone = "" if kind.is_active else "quiet"
        rows.append((Cell(names[kind.code], tone), Cell(told, tone), format_number(uses.get(kind.code, 0))))
    return draw_table(columns, rows)
