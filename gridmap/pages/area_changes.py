"""An area's history, and changing it: another name, code or parent, split by a line, merged with its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import shapely
import streamlit as st

from gridmap.domain.days import local_day
from gridmap.domain.hierarchy import SuccessionKind
from gridmap.errors import GridmapError
from gridmap.i18n import describe_error
from gridmap.i18n.formats import format_area, format_number, join_names
from gridmap.i18n.labels import label
from gridmap.pages import readings, state
from gridmap.pages.panel import act, heading
from gridmap.pages.visit import Visit
from gridmap.services import hierarchy
from gridmap.services.hierarchy_effect import AreaChange, AreaState
from gridmap.services.hierarchy_undo import undo_area_change
from gridmap.views.cards import draw_empty, draw_item, draw_note
from gridmap.views.map import MapOverlay, Mark, RouteLine, RoutePart

_SOME = 10
"""So many entries of a history are shown."""

_MOST_MERGED = 20
"""So many areas at most are merged at once: more are chosen to give them to another unit."""

_ONE = (SuccessionKind.RENAME, SuccessionKind.RENUMBER, SuccessionKind.MOVE, SuccessionKind.SPLIT)

_Fields = Callable[[Visit, str], dict[str, Any]]


def draw_area_change(visit: Visit, codes: tuple[str, ...]) -> None:
    """Change one area, or merge several, with what it does seen first."""
    if len(codes) == 1:
        _draw_change(visit, codes[0])
    elif len(codes) <= _MOST_MERGED:
        state.SPLITTING.clear()
        _draw_merging(visit, codes)


def _draw_change(visit: Visit, code: str) -> None:
    _ = visit.translate
    with st.expander(_("Change this area")):
        kinds = [kind.value for kind in _ONE]
        if _list_siblings(visit, code):
            kinds.append(SuccessionKind.MERGE.value)
        kind = st.selectbox(
            _("What changes"),
            kinds,
            format_func=lambda value: label("area_change", value, _),
            filter_mode=None,
            key=f"area_change_kind_{len(kinds)}",
        )
        if state.SPLITTING.get() != (kind == SuccessionKind.SPLIT):
            state.SPLITTING.set(kind == SuccessionKind.SPLIT)
            st.rerun()  # clicks on the map mean something else from now on
        fields = _FIELDS[kind](visit, code)
        if fields:
            _draw_preview(visit, _ACTS[kind], fields)


def _draw_merging(visit: Visit, codes: tuple[str, ...]) -> None:
    """Merge the chosen areas; nothing is computed before it is asked for."""
    _ = visit.translate
    if st.toggle(_("Merge these areas"), key="area_merging"):
        fields = {**_ask_name(visit, codes[0]), "codes": list(codes)}
        _draw_preview(visit, _ACTS[SuccessionKind.MERGE], fields)


def _draw_preview(visit: Visit, change: Callable[..., AreaChange], fields: dict[str, Any]) -> None:
    _ = visit.translate
    today = local_day(visit.now)
    day = st.date_input(
        _("Takes effect on"), value=today, min_value=today, format="YYYY-MM-DD", key="area_change_day", width="stretch"
    )
    fields = {**fields, "effective_on": day}
    try:
        seen = change(visit.context, visit.actor, dry_run=True, **fields)
    except GridmapError as error:  # what is typed so far cannot be done: said in place, nothing is lost
        notice = describe_error(error, _)
        st.html(draw_note(f"{notice.message} {notice.hint}", tone="warn"))
        return
    _draw_waiting(visit, seen.kind, fields.get("codes") or [fields["code"]])
    heading(_("Before and after"))
    for title, states in ((_("before"), seen.before), (_("after"), seen.after)):
        for item in states:
            st.html(draw_item(f"{item.code} {item.name}", f"{title} · {_describe(visit, item)}"))
    if seen.recoded:
        st.html(draw_note(_("Areas below that get another code: {number}.").format(number=format_number(seen.recoded))))
    if seen.along:
        count = format_number(sum(seen.along.values()))
        st.html(draw_note(_("Records that name it and follow: {number}.").format(number=count)))
    if seen.apart:
        text = _("It does not touch {name}, whose ground would lie in parts. It can be moved there all the same.")
        st.html(draw_note(text.format(name=seen.apart), tone="warn"))
    if seen.unit:
        st.html(draw_note(_("{unit} answers for it.").format(unit=seen.unit)))
    reason = st.text_input(
        _("Reason"), key="area_change_reason", placeholder=_("It is kept in the journal"), live=True
    ).strip()
    work = partial(_do, change=change, fields={**fields, "reason": reason})
    done = _("Changed. It can be undone today in its history.")
    if day > today:
        done = _("Placed. It takes effect on its day; until then it can be withdrawn above.")
    st.button(
        _("Confirm for that day") if day > today else _("Change it as of today"),
        type="primary",
        disabled=not reason,
        key="area_change",
        on_click=partial(act, visit, work, done=done),
    )


def _draw_waiting(visit: Visit, kind: SuccessionKind, codes: list[str]) -> None:
    """Changes that wait for their day and may not be possible after this one, or keep this one from waiting."""
    _ = visit.translate
    for item in readings.list_pending_changes(visit):
        if item.concerns(kind, codes):
            facts = {
                "who": item.ordered_by,
                "what": label("area_change", item.kind, _),
                "area": join_names((f"{code} {name}" for code, name in item.before if code in item.asked), _),
                "day": item.effective_on.isoformat(),
            }
            text = _("A change by {who} waits for {day} ({what}: {area}). One of the two may then not be possible.")
            st.html(draw_note(text.format(**facts), tone="warn"))


def _do(visit: Visit, *, change: Callable[..., AreaChange], fields: dict[str, Any]) -> None:
    change(visit.context, visit.actor, **fields)
    state.CELLS.clear()
    state.SPLIT_LINE.clear()


def _describe(visit: Visit, item: AreaState) -> str:
    _ = visit.translate
    size = format_area(item.area_m2, _)
    if item.households is None:
        return size
    return f"{size} · {_('{number} households').format(number=format_number(item.households))}"


# --- what is asked for --------------------------------------------------------------------------------------------


def _ask_name(visit: Visit, code: str) -> dict[str, Any]:
    _ = visit.translate
    name = st.text_input(_("New name"), key=f"area_change_name_{code}", live=True).strip()
    return {"name": name}


def _ask_rename(visit: Visit, code: str) -> dict[str, Any]:
    fields = _ask_name(visit, code)
    return {"code": code, **fields} if fields["name"] else {}


def _ask_renumber(visit: Visit, code: str) -> dict[str, Any]:
    _ = visit.translate
    new = st.text_input(_("New code"), key=f"area_change_code_{code}", placeholder=code, live=True).strip()
    return {"code": code, "new_code": new} if len(new) == len(code) else {}


def _ask_move(visit: Visit, code: str) -> dict[str, Any]:
    _ = visit.translate
    tree = readings.load_tree(visit)
    own = tree[[code.startswith(other) and other != code for other in tree["code"]]]
    if own.empty:
        return {}
    above = own.loc[own["level"].idxmax()]
    others = tree[(tree["level"] == above["level"]) & (tree["code"] != above["code"])]
    names = dict(zip(others["code"], others["name"], strict=True))
    parent = st.selectbox(
        _("Move below"),
        list(names),
        index=None,
        format_func=lambda value: f"{value} {names[value]}",
        placeholder=_("Choose an area"),
        key=f"area_change_parent_{code}",
    )
    return {"code": code, "parent": parent} if parent else {}


def _ask_split(visit: Visit, code: str) -> dict[str, Any]:
    _ = visit.translate
    line = state.SPLIT_LINE.get()
    st.html(draw_note(_("Click on the map, point by point, a line that crosses the area from outside to outside.")))
    st.button(
        _("Draw the line anew (points so far: {number})").format(number=len(line)),
        key="area_change_line",
        disabled=not line,
        on_click=state.SPLIT_LINE.clear,
    )
    if len(line) < 2:
        return {}
    names = [
        st.text_input(title, key=f"area_change_part_{side}_{code}", placeholder=_("Named by itself"), live=True).strip()
        for side, title in (("west", _("Name of the western part")), ("east", _("Name of the eastern part")))
    ]
    return {"code": code, "line_wgs84": shapely.LineString(line), "names": names if any(names) else []}


def _ask_merge(visit: Visit, code: str) -> dict[str, Any]:
    _ = visit.translate
    names = _list_siblings(visit, code)
    others = st.multiselect(
        _("Merge with"),
        list(names),
        format_func=lambda value: f"{value} {names[value]}",
        placeholder=_("Choose its neighbours"),
        key=f"area_change_others_{code}",
    )
    return {"codes": [code, *others], **_ask_name(visit, code)} if others else {}


def _list_siblings(visit: Visit, code: str) -> Mapping[str, str]:
    """Names of the other areas of its level below the same parent; cells are chosen on the map."""
    tree = readings.load_tree(visit)
    own = tree[tree["code"] == code]
    if own.empty:
        return {}
    same = tree[(tree["parent_code"].fillna("") == (own["parent_code"].iloc[0] or "")) & (tree["code"] != code)]
    same = same[same["level"] == own["level"].iloc[0]]
    return dict(zip(same["code"], same["name"], strict=True))


_FIELDS: Mapping[str, _Fields] = {
    SuccessionKind.RENAME.value: _ask_rename,
    SuccessionKind.RENUMBER.value: _ask_renumber,
    SuccessionKind.MOVE.value: _ask_move,
    SuccessionKind.SPLIT.value: _ask_split,
    SuccessionKind.MERGE.value: _ask_merge,
}
_ACTS: Mapping[str, Callable[..., AreaChange]] = {
    SuccessionKind.RENAME.value: hierarchy.rename_area,
    SuccessionKind.RENUMBER.value: hierarchy.renumber_area,
    SuccessionKind.MOVE.value: hierarchy.move_area,
    SuccessionKind.SPLIT.value: hierarchy.split_area,
    SuccessionKind.MERGE.value: hierarchy.merge_areas,
}


# --- the line on the map ------------------------------------------------------------------------------------------


def add_split_point(lon: float, lat: float) -> None:
    """One more point of the line an area is to be split by."""
    state.SPLIT_LINE.set((*state.SPLIT_LINE.get(), (lon, lat)))


def draw_split_line(visit: Visit, overlay: MapOverlay) -> MapOverlay:
    """The map with the line drawn so far."""
    line = state.SPLIT_LINE.get()
    route = RouteLine(name=visit.translate("Line of the split"), parts=(RoutePart(line=line),))
    corners = tuple(Mark(lon=lon, lat=lat, kind="dot") for lon, lat in line)
    return replace(overlay, routes=(route,) if len(line) > 1 else (), marks=corners)


# --- history ------------------------------------------------------------------------------------------------------


def draw_area_history(visit: Visit, code: str, *, may_undo: bool) -> None:
    """What happened to an area, the newest first; what was changed today can be taken back."""
    _ = visit.translate
    with st.expander(_("History of this area")):
        entries = readings.list_area_history(visit, code=code)
        if entries.empty:
            st.html(draw_empty(_("Nothing has changed since it was loaded.")))
            return
        for row in entries.head(_SOME).itertuples():
            title = f"{row.effective_on.isoformat()} · {label('area_change', row.kind, _)}"
            places = f"{row.from_code} {row.from_name} → {row.to_code} {row.to_name}"
            said = _("{who}: {reason}").format(who=row.actor, reason=row.reason)
            st.html(draw_item(title, f"{places} · {said}" if row.actor else places))
        newest = entries.iloc[0]
        if may_undo and newest["effective_on"] == local_day(visit.now):
            _draw_undo(visit, int(newest["txn"]))


def _draw_undo(visit: Visit, txn: int) -> None:
    _ = visit.translate
    reason = st.text_input(_("Why it is taken back"), key="area_undo_reason", live=True).strip()
    work = partial(_undo, txn=txn, reason=reason)
    st.button(
        _("Take the newest change back"),
        key="area_undo",
        disabled=not reason,
        on_click=partial(act, visit, work, done=_("Taken back.")),
    )


def _undo(visit: Visit, *, txn: int, reason: str) -> None:
    undo_area_change(visit.context, visit.actor, txn=txn, reason=reason)
    state.CELLS.clear()
