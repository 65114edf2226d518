"""What may report positions: tokens given out and taken back, and what came in vain."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pandas as pd

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.codes import parse_code
from gridmap.domain.days import number_day
from gridmap.domain.devices import DeviceKind, KnownDevices, parse_key
from gridmap.errors import N_, Conflict, NotFound
from gridmap.i18n.formats import age_s
from gridmap.services.context import Context
from gridmap.store import devices as store

KNOWN_FOR_S = 2.0
"""For how long another process may still honour a token that was revoked here; in this one it ends at once."""

REFUSALS_KEPT_DAYS = 30

_INSTANTS = ("created_at", "revoked_at", "fix_at")


def list_devices(context: Context, actor: Actor) -> pd.DataFrame:
    """Devices in the actor's scope, by key.

    Columns: those of `store.devices.load_device_table`, instants None where there is none; `fix_age_s`, seconds since
    the latest fix of the team.
    """
    check_allowed(actor, Permission.MANAGE_ACCOUNTS)
    with context.database.read() as connection:
        found = store.load_device_table(connection, scope=actor.scope_code)
    now = context.clock()
    instants = {name: found[name].astype(object).where(found[name].notna(), None) for name in _INSTANTS}
    ages = pd.Series([age_s(at, now) for at in instants["fix_at"]], dtype=object)
    return found.assign(**instants, fix_age_s=ages)


def list_refusals(context: Context, actor: Actor, *, days: int = 7) -> pd.DataFrame:
    """What was refused today and on the days before, `days` in all; most first.

    Columns: reason (domain.fixes.Refusal), device_key ("" = none of ours), count, last_at.
    """
    check_allowed(actor, Permission.MANAGE_ACCOUNTS)
    since = number_day(context.clock() - timedelta(days=days - 1))
    with context.database.read() as connection:
        return store.load_refusals(connection, since=since, scope=actor.scope_code)


def issue_device_token(context: Context, actor: Actor, *, key: str, team_id: int, simulated: bool = False) -> str:
    """A token for the device `key` to report where team `team_id` is; only its hash is kept.

    A device that is known gets a new token and the old one ends, also where it was revoked.

    Raises
    ------
    InvalidInput
        The key is not acceptable.
    NotFound
        There is no such team.
    Conflict
        A gateway has that key.
    """
    (token,) = issue_device_tokens(context, actor, teams={key: team_id}, simulated=simulated).values()
    return token


def issue_device_tokens(
    context: Context, actor: Actor, *, teams: Mapping[str, int], simulated: bool = False
) -> dict[str, str]:
    """As `issue_device_token` for many devices at once: team by key in, token by key out."""
    check_allowed(actor, Permission.MANAGE_ACCOUNTS)
    wanted = {parse_key(key): team_id for key, team_id in teams.items()}
    with context.database.read() as connection:
        areas = store.load_team_areas(connection, list(wanted.values()))
    for team_id in wanted.values():
        if team_id not in areas:
            raise NotFound(N_("There is no such team."), hint=N_("Choose a team that is on the map."))
        check_allowed(actor, Permission.MANAGE_ACCOUNTS, areas[team_id])
    rows = {key: {"team_id": team_id, "scope_code": "", "simulated": simulated} for key, team_id in wanted.items()}
    return _issue(context, actor, DeviceKind.DEVICE, rows)


def issue_gateway_token(context: Context, actor: Actor, *, key: str, scope_code: str = "") -> str:
    """A token for a server that forwards for the devices of all teams within an area ("" = everywhere).

    Raises
    ------
    InvalidInput
        Key or area code are not acceptable.
    Conflict
        A device has that key.
    """
    scope = parse_code(scope_code) if scope_code else ""
    check_allowed(actor, Permission.MANAGE_ACCOUNTS, scope)
    row = {"team_id": None, "scope_code": scope, "simulated": False}
    (token,) = _issue(context, actor, DeviceKind.GATEWAY, {parse_key(key): row}).values()
    return token


def _issue(context: Context, actor: Actor, kind: DeviceKind, rows: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    tokens = {key: secrets.token_urlsafe(24) for key in rows}
    common = {"kind": kind.value, "created_at": context.clock(), "revoked_at": None}
    with context.database.write(actor, kind="issue token", reason=", ".join(list(rows)[:3])) as work:
        known = {device.key: device for device, _ in store.load_devices(work.connection)}
        for key in rows:
            held = known.get(key)
            if held is not None and (held.kind is not kind or not actor.covers(held.area_code)):
                raise Conflict(
                    N_("There is something else called “{key}” already."), hint=N_("Choose another key."), key=key
                )
        store.save_devices(
            work, {key: {**common, **row, "token_hash": hash_token(tokens[key])} for key, row in rows.items()}
        )
    context.devices.clear()
    return tokens


def revoke_device(context: Context, actor: Actor, *, key: str) -> None:
    """End a device's token; one that is over already is no failure.

    Raises
    ------
    NotFound
        No device in the actor's scope is called so.
    """
    check_allowed(actor, Permission.MANAGE_ACCOUNTS)
    parsed = parse_key(key)
    with context.database.write(actor, kind="revoke token", reason=parsed) as work:
        found = store.load_device(work.connection, parsed)
        if found is None or not actor.covers(found.area_code):
            raise NotFound(
                N_("There is no device called “{key}”."), hint=N_("Look at the list of devices."), key=parsed
            )
        if found.revoked_at is None:
            store.save_revoked(work, found.id, work.at)
    context.devices.clear()


def know_devices(context: Context) -> KnownDevices:
    """Every device, as it was at most `KNOWN_FOR_S` ago."""
    now = context.clock()
    known = context.devices.get(now)
    if known is None:
        revision = context.revisions(store.TOPIC, "teams")
        known = context.cache.get(store.TOPIC, revision, lambda: _load_known(context))
        context.devices.put(known, until=now + timedelta(seconds=KNOWN_FOR_S))
    return known


def _load_known(context: Context) -> KnownDevices:
    with context.database.read() as connection:
        return KnownDevices(store.load_devices(connection))


def hash_token(token: str) -> str:
    """What is kept of a token: 192 random bits need no slow hash."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()
