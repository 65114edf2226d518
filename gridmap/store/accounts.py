"""Accounts and their sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gridmap.store import tables
from gridmap.store.unit_of_work import UnitOfWork

_account, _session = tables.account, tables.session


def load_account(connection: sa.Connection, name: str) -> sa.Row[*tuple[Any, ...]] | None:
    """The account called `name`, every column."""
    return connection.execute(sa.select(_account).where(_account.c.name == name)).one_or_none()


def load_accounts(connection: sa.Connection) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """Every account by name: name, role, scope_code, team_name (None without a team), demo, disabled, locked_until."""
    c = _account.c
    columns = (c.name, c.role, c.scope_code, tables.team.c.name.label("team_name"), c.demo, c.disabled, c.locked_until)
    return connection.execute(sa.select(*columns).outerjoin_from(_account, tables.team).order_by(c.name)).all()


def save_account(
    work: UnitOfWork,
    *,
    name: str,
    password_hash: str,
    role: str,
    scope_code: str,
    demo: bool,
    team_id: int | None = None,
) -> int:
    """Add an account and return its id."""
    row = {"name": name, "password_hash": password_hash, "role": role, "scope_code": scope_code, "demo": demo}
    return work.insert(_account, {**row, "team_id": team_id, "disabled": False, "failures": 0})


def save_team(work: UnitOfWork, account_id: int, team_id: int) -> None:
    """Bind an account to another team, ending its sessions."""
    work.update(_account, account_id, {"team_id": team_id})
    delete_sessions_of(work.connection, account_id)


def load_demo_names(connection: sa.Connection) -> set[str]:
    """Names of the demo accounts that are there."""
    return set(connection.scalars(sa.select(_account.c.name).where(_account.c.demo)))


def save_password(work: UnitOfWork, account_id: int, password_hash: str) -> None:
    """Set a password, lift a lock and end the account's sessions."""
    work.update(_account, account_id, {"password_hash": password_hash, "failures": 0, "locked_until": None})
    delete_sessions_of(work.connection, account_id)


def save_disabled(work: UnitOfWork, account_id: int, *, disabled: bool) -> None:
    """Bar an account, ending its sessions, or admit it again."""
    work.update(_account, account_id, {"disabled": disabled})
    delete_sessions_of(work.connection, account_id)


def count_active_administrators(connection: sa.Connection) -> int:
    """Administrators that may sign in on any database, so demo accounts left out."""
    c = _account.c
    counted = sa.select(sa.func.count()).where(c.role == "administrator", c.disabled.is_(False), c.demo.is_(False))
    return int(connection.scalar(counted) or 0)


def save_attempt(connection: sa.Connection, account_id: int, *, failures: int, locked_until: datetime | None) -> None:
    """Set the count of failed sign-ins and the lock."""
    connection.execute(
        _account.update().where(_account.c.id == account_id).values(failures=failures, locked_until=locked_until)
    )


def save_rehashed(connection: sa.Connection, account_id: int, password_hash: str) -> None:
    """Keep the same password under a newer hash; no change of a person's making."""
    connection.execute(_account.update().where(_account.c.id == account_id).values(password_hash=password_hash))


def save_session(connection: sa.Connection, *, token_hash: str, account_id: int, at: datetime) -> None:
    """Begin a session."""
    connection.execute(
        _session.insert().values(token_hash=token_hash, account_id=account_id, created_at=at, seen_at=at)
    )


def load_session(connection: sa.Connection, token_hash: str) -> sa.Row[*tuple[Any, ...]] | None:
    """Session and account: seen_at, name, role, scope_code, team_id, demo, disabled."""
    a = _account.c
    return connection.execute(
        sa.select(_session.c.seen_at, a.name, a.role, a.scope_code, a.team_id, a.demo, a.disabled)
        .join_from(_session, _account)
        .where(_session.c.token_hash == token_hash)
    ).one_or_none()


def save_seen(connection: sa.Connection, token_hash: str, at: datetime) -> None:
    """Note that a session was used."""
    connection.execute(_session.update().where(_session.c.token_hash == token_hash).values(seen_at=at))


def delete_session(connection: sa.Connection, token_hash: str) -> None:
    """End one session."""
    connection.execute(_session.delete().where(_session.c.token_hash == token_hash))


def delete_sessions_of(connection: sa.Connection, account_id: int) -> None:
    """End every session of an account."""
    connection.execute(_session.delete().where(_session.c.account_id == account_id))


def delete_idle_sessions(connection: sa.Connection, before: datetime) -> None:
    """End the sessions last used before an instant."""
    connection.execute(_session.delete().where(_session.c.seen_at < before))
