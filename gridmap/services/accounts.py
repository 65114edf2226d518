"""Who may come in: signing in and out, sessions, and the accounts themselves."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any

import pandas as pd
import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gridmap.domain.access import Actor, Permission, Role, check_allowed
from gridmap.domain.codes import parse_code
from gridmap.domain.passwords import MAX_LENGTH, check_password, parse_name
from gridmap.errors import N_, Conflict, InvalidInput, NotAllowed, NotFound, NotSignedIn
from gridmap.services.context import Context
from gridmap.store import accounts as store
from gridmap.store.datasets import is_synthetic
from gridmap.store.positions import load_latest
from gridmap.store.unit_of_work import UnitOfWork

SESSION_COOKIE = "gridmap_session"
"""Name under which a browser keeps the token of its session."""

SESSION_CACHE_S = 5.0
"""For how long another process may still honour a session that was ended here."""

_SEEN_EVERY_S = 60.0
"""Seconds between writes of a session's last use; the idle time-out is exact to this."""

_HASHER = PasswordHasher()


@dataclass(frozen=True)
class SignedIn:
    """A fresh session: the secret for the cookie, and who it stands for."""

    token: str
    actor: Actor


@dataclass(frozen=True)
class DemoAccount:
    """An account everybody may know, because it opens invented data on one machine only."""

    name: str
    password: str
    role: Role


DEMO_ACCOUNTS: tuple[DemoAccount, ...] = (
    DemoAccount("commander", "commander-demo", Role.COMMANDER),
    DemoAccount("planner", "planner-demo", Role.PLANNER),
    DemoAccount("supervisor", "supervisor-demo", Role.SUPERVISOR),
    DemoAccount("admin", "admin-demo", Role.ADMINISTRATOR),
    DemoAccount("team", "team-demo", Role.TEAM),
)


# --- sessions ---------------------------------------------------------------------------------------------------


def sign_in(context: Context, *, name: str, password: str, local: bool = True) -> SignedIn:
    """Begin a session.

    `local` says whether the request comes from this machine itself; demo accounts open for no other.

    Raises
    ------
    NotSignedIn
        Unknown name, wrong password, account disabled or locked; which of the first three it was is not said.
    """
    now = context.clock()
    account = _count_attempt(context, name, now)
    # A made-up hash costs the same time, so that the answer's delay does not tell which names exist.
    known_hash = _made_up_hash() if account is None else account.password_hash
    if not _is_password(known_hash, password) or account is None or account.disabled:
        raise _wrong()
    token = secrets.token_urlsafe(32)
    with context.database.write_unjournalled() as connection:
        _check_demo(context, demo=account.demo, synthetic=local and is_synthetic(connection))
        store.save_attempt(connection, account.id, failures=0, locked_until=None)
        if _HASHER.check_needs_rehash(known_hash):
            store.save_rehashed(connection, account.id, _hash(password))
        store.delete_idle_sessions(connection, now - timedelta(seconds=context.settings.session_idle_s))
        store.save_session(connection, token_hash=_hash_token(token), account_id=account.id, at=now)
    return SignedIn(token, Actor(account.name, Role(account.role), account.scope_code, account.team_id))


def resolve_session(context: Context, token: str) -> Actor:
    """Who the session's secret stands for.

    Raises
    ------
    NotSignedIn
        No such session, or it was idle for too long, or its account was disabled.
    """
    if not token or len(token) > MAX_LENGTH:
        raise _expired()
    key, now = _hash_token(token), context.clock()
    cached = context.sessions.get(key, now)
    if cached is not None:
        return cached
    with context.database.read() as connection:
        found = store.load_session(connection, key)
        synthetic = found is not None and found.demo and is_synthetic(connection)
    if found is None or found.disabled:
        raise _expired()
    idle = now - found.seen_at
    if idle > timedelta(seconds=context.settings.session_idle_s):
        with context.database.write_unjournalled() as connection:
            store.delete_session(connection, key)
        raise _expired()
    _check_demo(context, demo=found.demo, synthetic=synthetic)
    if idle > timedelta(seconds=_SEEN_EVERY_S):
        with context.database.write_unjournalled() as connection:
            store.save_seen(connection, key, now)
    actor = Actor(found.name, Role(found.role), found.scope_code, found.team_id)
    context.sessions.put(key, actor, until=now + timedelta(seconds=SESSION_CACHE_S))
    return actor


def sign_out(context: Context, token: str) -> None:
    """End a session; one that is over already is no failure."""
    key = _hash_token(token)
    context.sessions.drop(key)
    with context.database.write_unjournalled() as connection:
        store.delete_session(connection, key)


def _count_attempt(context: Context, name: str, now: datetime) -> sa.Row[*tuple[Any, ...]] | None:
    """The account, its attempt counted before the password is looked at, so that many at once gain nothing."""
    try:
        parsed = parse_name(name)
    except InvalidInput:
        return None
    with context.database.write_unjournalled() as connection:
        account = store.load_account(connection, parsed)
        if account is None:
            return None
        if account.locked_until is not None and now < account.locked_until:
            raise _locked(account.locked_until - now)
        # A lock that has run out leaves a clean slate.
        failures = (0 if account.locked_until is not None else account.failures) + 1
        full = failures >= context.settings.lockout_failures
        until = now + timedelta(seconds=context.settings.lockout_s) if full else None
        store.save_attempt(connection, account.id, failures=failures, locked_until=until)
    return account


def _is_password(known_hash: str, password: str) -> bool:
    if len(password) > MAX_LENGTH:
        return False
    try:
        return _HASHER.verify(known_hash, _encode(password))
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _made_up_hash() -> str:
    return _hash(secrets.token_urlsafe(16))


def _hash(password: str) -> str:
    return _HASHER.hash(_encode(password))


def _encode(password: str) -> bytes:
    # Two input methods may spell the same character differently; NIST SP 800-63B, 3.1.1.2 asks for NFKC.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _hash_token(token: str) -> str:
    # 256 random bits need no slow hash; what leaks from the table opens nothing.
    return sha256(token.encode()).hexdigest()


def _check_demo(context: Context, *, demo: bool, synthetic: bool) -> None:
    if demo and not (context.settings.is_loopback and synthetic):
        raise NotSignedIn(
            N_("Demo accounts open only a demo database on this machine itself."),
            hint=N_("Ask an administrator for an account of your own."),
        )


def _wrong() -> NotSignedIn:
    return NotSignedIn(N_("Name or password is wrong."), hint=N_("Try again, or ask an administrator for a new one."))


def _locked(left: timedelta) -> NotSignedIn:
    return NotSignedIn(
        N_("This account is locked after too many wrong passwords."),
        hint=N_("Try again in {minutes} minutes, or ask an administrator for a new password."),
        minutes=max(1, round(left.total_seconds() / 60)),
    )


def _expired() -> NotSignedIn:
    return NotSignedIn(N_("You are not signed in, or were away for too long."), hint=N_("Sign in again."))


# --- accounts ---------------------------------------------------------------------------------------------------


def list_accounts(context: Context, actor: Actor) -> pd.DataFrame:
    """Every account by name.

    Columns: name, role, scope_code, team_name (None without a team), demo, disabled, locked_until (None = not locked).
    """
    check_allowed(actor, Permission.MANAGE_ACCOUNTS)
    now = context.clock()
    with context.database.read() as connection:
        rows = store.load_accounts(connection)
    columns = ["name", "role", "scope_code", "team_name", "demo", "disabled", "locked_until"]
    frame = pd.DataFrame([tuple(row) for row in rows], columns=columns, dtype=object)
    still = [until if until is not None and until > now else None for until in (row.locked_until for row in rows)]
    return frame.assign(locked_until=pd.Series(still, dtype=object))


def find_actor(context: Context, actor: Actor, *, name: str) -> Actor | None:
    """Who the account called `name` acts as, None where there is none; NotAllowed where it may not sign in."""
    check_allowed(actor, Permission.MANAGE_ACCOUNTS)
    with context.database.read() as connection:
        account = store.load_account(connection, name)
    if account is None:
        return None
    if account.disabled:
        raise NotAllowed(
            N_("The account “{name}” is disabled."), hint=N_("Admit it again, or name another."), name=name
        )
    return Actor(account.name, Role(account.role), account.scope_code, account.team_id)


def add_account(
    context: Context,
    actor: Actor,
    *,
    name: str,
    password: str,
    role: Role,
    scope_code: str = "",
    team_id: int | None = None,
    demo: bool = False,
) -> int:
    """Add an account confined to the area `scope_code` ("" = everywhere) and return its id.

    An account of the role team is bound to a team, and its area is where it may report hazards.

    Raises
    ------
    InvalidInput
        Name, password or area code are not acceptable, or a team is missing or given to another role.
    Conflict
        The name is taken.
    NotFound
        There is no such team.
    """
    check_allowed(actor, Permission.MANAGE_ACCOUNTS)
    parsed = parse_name(name)
    check_password(password, name=parsed)
    scope = parse_code(scope_code) if scope_code else ""
    if (role is Role.TEAM) != (team_id is not None):
        raise InvalidInput(
            N_("An account of the role team is bound to one team, and no other account is."),
            hint=N_("Name the team (--team), or choose another role."),
        )
    with context.database.write(actor, kind="add account", reason=parsed) as work:
        if team_id is not None:
            _require_team(work.connection, team_id)
        if store.load_account(work.connection, parsed) is not None:
            raise Conflict(
                N_("There is an account called “{name}” already."), hint=N_("Choose another name."), name=parsed
            )
        return store.save_account(
            work,
            name=parsed,
            password_hash=_hash(password),
            role=role.value,
            scope_code=scope,
            demo=demo,
            team_id=team_id,
        )


def bind_account(context: Context, actor: Actor, *, name: str, team_id: int) -> None:
    """Bind an account of the role team to another team; its sessions end.

    Raises
    ------
    InvalidInput
        The account has another role.
    NotFound
        No such account or team.
    """
    check_allowed(actor, Permission.MANAGE_ACCOUNTS)
    parsed = parse_name(name)
    with context.database.write(actor, kind="bind account", reason=parsed) as work:
        account = store.load_account(work.connection, parsed)
        if account is not None and account.role != Role.TEAM.value:
            raise InvalidInput(
                N_("An account of the role team is bound to one team, and no other account is."),
                hint=N_("Name the team (--team), or choose another role."),
            )
        _require_team(work.connection, team_id)
        store.save_team(work, _find(work.connection, parsed), team_id)
    context.sessions.clear()


def _require_team(connection: sa.Connection, team_id: int) -> None:
    if not load_latest(connection, [team_id]):
        raise NotFound(N_("There is no such team."), hint=N_("Look at the map for its name."))


def set_password(context: Context, actor: Actor, *, name: str, password: str, current: str | None = None) -> None:
    """Set a password, lift a lock and end the account's sessions.

    Administrators set anybody's; everybody else their own, by naming the `current` one.

    Raises
    ------
    NotSignedIn
        `current` is wrong.
    NotAllowed
        Somebody else's password.
    """
    parsed = parse_name(name)
    if actor.name != parsed or current is None:
        check_allowed(actor, Permission.MANAGE_ACCOUNTS)
    else:
        sign_in(context, name=parsed, password=current)  # counts towards the lock like any other attempt
    check_password(password, name=parsed)
    with context.database.write(actor, kind="set password", reason=parsed) as work:
        store.save_password(work, _find(work.connection, parsed), _hash(password))
    context.sessions.clear()


def disable_account(context: Context, actor: Actor, *, name: str, disabled: bool = True) -> None:
    """Bar an account and end its sessions, or with `disabled` False admit it again.

    Raises
    ------
    Conflict
        It is the last administrator, who could then never be replaced.
    """
    check_allowed(actor, Permission.MANAGE_ACCOUNTS)
    parsed = parse_name(name)
    kind = "disable account" if disabled else "enable account"
    with context.database.write(actor, kind=kind, reason=parsed) as work:
        store.save_disabled(work, _find(work.connection, parsed), disabled=disabled)
        if disabled and store.count_active_administrators(work.connection) == 0:
            raise Conflict(
                N_("“{name}” is the last administrator."), hint=N_("Add another administrator first."), name=parsed
            )
    context.sessions.clear()


def create_demo_accounts(
    work: UnitOfWork, *, scopes: Mapping[str, str] | None = None, team_id: int | None = None
) -> None:
    """Add the demo accounts that are missing, as part of making a demo database.

    `scopes` confines accounts, by name, to an area code; everywhere where it is silent. That of a team is made where
    there is a team for it.
    """
    for account in DEMO_ACCOUNTS:
        own_team = team_id if account.role is Role.TEAM else None
        if account.role is Role.TEAM and own_team is None:
            continue
        if store.load_account(work.connection, account.name) is None:
            store.save_account(
                work,
                name=account.name,
                password_hash=_hash(account.password),
                role=account.role.value,
                scope_code=(scopes or {}).get(account.name, ""),
                demo=True,
                team_id=own_team,
            )


def _find(connection: sa.Connection, name: str) -> int:
    account = store.load_account(connection, name)
    if account is None:
        raise NotFound(N_("There is no account called “{name}”."), hint=N_("Look at the list of accounts."), name=name)
    return int(account.id)


def list_demo_accounts(context: Context, *, local: bool = True) -> tuple[DemoAccount, ...]:
    """The demo accounts that can sign in here: none but from this machine, in a synthetic database on loopback."""
    # Asked in any case: an outage is better told before a password is typed.
    with context.database.read() as connection:
        known = store.load_demo_names(connection) if is_synthetic(connection) else set()
    if not (local and context.settings.is_loopback):
        return ()
    return tuple(account for account in DEMO_ACCOUNTS if account.name in known)
