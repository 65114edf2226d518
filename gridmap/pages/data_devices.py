"""Devices that report positions: who they are, tokens given out and taken back, and what came in vain."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from gridmap.i18n.formats import format_age, format_day_time, format_number
from gridmap.i18n.labels import label
from gridmap.pages import state
from gridmap.pages.panel import attempt, heading
from gridmap.pages.visit import Visit
from gridmap.services import devices, teams
from gridmap.views.cards import Cell, Column, draw_empty, draw_note, draw_table

_MOST_ROWS = 200


def draw_devices(visit: Visit) -> None:
    """The token that was just issued, the list, the two forms, and the refusals of a week."""
    found = devices.list_devices(visit.context, visit.actor)
    _draw_issued(visit)
    _draw_list(visit, found)
    _draw_issue(visit)
    _draw_revoke(visit, found)
    _draw_refusals(visit)


def _draw_issued(visit: Visit) -> None:
    _ = visit.translate
    token = state.DEVICE_TOKEN.get()
    if not token:
        return
    st.html(draw_note(_("The token is shown this once. Enter it in the device now."), tone="warn"))
    st.code(token, language=None)
    st.button(_("Hide the token"), key="device_token_seen", on_click=state.DEVICE_TOKEN.clear)


def _draw_list(visit: Visit, found: pd.DataFrame) -> None:
    _ = visit.translate
    heading(_("Devices"))
    if found.empty:
        st.html(draw_empty(_("No device may report positions yet.")))
        return
    columns = [Column(_("Key")), Column(_("Team")), Column(_("Latest position"), numeric=True)]
    rows = [_describe(visit, row) for row in found.head(_MOST_ROWS).itertuples()]
    st.html(draw_table(columns, rows))
    if len(found) > _MOST_ROWS:
        left = _("{number} more are listed by “python -m gridmap device list”.")
        st.html(draw_note(left.format(number=format_number(len(found) - _MOST_ROWS))))


def _describe(visit: Visit, row: pd.Series) -> list[str | Cell]:
    _ = visit.translate
    if row.revoked_at is not None:
        return [Cell(row.key, "quiet"), Cell(_("Revoked"), "quiet"), Cell(format_day_time(row.revoked_at), "quiet")]
    if row.kind == "gateway":
        return [row.key, f"{label('device_kind', 'gateway', _)} {row.area_code}".strip(), "—"]
    return [row.key, row.team_name or Cell(_("No team"), "warn"), format_age(row.fix_age_s, _)]


def _draw_issue(visit: Visit) -> None:
    _ = visit.translate
    heading(_("Issue a token"))
    kind = st.segmented_control(
        _("For"),
        ["device", "gateway"],
        default="device",
        required=True,
        format_func=lambda value: label("device_kind", value, _),
        key="device_kind",
        label_visibility="collapsed",
    )
    key = st.text_input(_("Key"), key="device_key", placeholder=_("As the device's app shows it"), live=True).strip()
    team_id = None
    if kind == "device":
        crews = teams.list_teams(visit.context, visit.actor)
        names = dict(zip(crews["id"], crews["name"], strict=True))
        team_id = st.selectbox(
            _("Team"),
            list(names),
            index=None,
            format_func=names.__getitem__,
            placeholder=_("Choose a team"),
            key="device_team",
        )
    is_ready = bool(key) and (kind == "gateway" or team_id is not None)
    if st.button(_("Issue a token"), type="primary", disabled=not is_ready, key="device_issue"):
        attempt(visit, partial(_issue, visit, key, team_id), done=_("The device may report now."))


def _issue(visit: Visit, key: str, team_id: int | None) -> None:
    if team_id is None:
        scope = visit.actor.scope_code
        token = devices.issue_gateway_token(visit.context, visit.actor, key=key, scope_code=scope)
    else:
        token = devices.issue_device_token(visit.context, visit.actor, key=key, team_id=int(team_id))
    state.DEVICE_TOKEN.set(token)


def _draw_revoke(visit: Visit, found: pd.DataFrame) -> None:
    _ = visit.translate
    active = [row.key for row in found.itertuples() if row.revoked_at is None]
    if not active:
        return
    heading(_("Revoke a token"))
    key = st.selectbox(
        _("Device"),
        active,
        index=None,
        placeholder=_("Choose a device"),
        key="device_revoked",
        label_visibility="collapsed",
    )
    if st.button(_("Revoke"), disabled=key is None, key="device_revoke"):
        act = partial(devices.revoke_device, visit.context, visit.actor, key=str(key))
        attempt(visit, act, done=_("The device may no longer report."))


def _draw_refusals(visit: Visit) -> None:
    _ = visit.translate
    heading(_("Refused in the last 7 days"))
    found = devices.list_refusals(visit.context, visit.actor)
    if found.empty:
        st.html(draw_empty(_("Nothing was refused.")))
        return
    columns = [
        Column(_("Why")),
        Column(_("Device")),
        Column(_("Number"), numeric=True),
        Column(_("Last"), numeric=True),
    ]
    rows = [
        [
            label("refusal", row.reason, _).rstrip(".。"),
            row.device_key or Cell(_("none of ours"), "quiet"),
            format_number(row.count),
            format_day_time(row.last_at),
        ]
        for row in found.head(_MOST_ROWS).itertuples(index=False)
    ]
    st.html(draw_table(columns, rows))
