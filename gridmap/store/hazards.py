"""Hazards and their steps."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import pandas as pd
import sqlalchemy as sa

from gridmap.domain.hazards import HazardRules, parse_rules
from gridmap.store import tables
from gridmap.store.frames import contains_text, in_scope, keep_none, load_frame
from gridmap.store.snapshots import chunked

_hazard, _step = tables.hazard, tables.hazard_step


def load_hazards(
    connection: sa.Connection,
    *,
    scope: str,
    within: str = "",
    ids: Sequence[int] | None = None,
    line_id: int | None = None,
    states: Collection[str] | None = None,
    kinds: Collection[str] | None = None,
    due_before: datetime | None = None,
) -> pd.DataFrame:
    """Hazards in scope, of these the ones at or below the area `within`, among `ids`, in `states`, of `kinds`.

    With `line_id` only those that have a mileage on that line, with `due_before` only those whose deadline is earlier.

    Columns: id, code, kind, severity, title, description, state, reported_at, due_at, closed_at, area_code, area_name,
    line_id, mileage_m, side, offset_m, lon, lat, version.
    """
    c = _hazard.c
    statement = (
        sa.select(
            c.id,
            c.code,
            c.kind,
            c.severity,
            c.title,
            c.description,
            c.state,
            c.reported_at,
            c.due_at,
            c.closed_at,
            c.area_code,
            tables.area.c.name.label("area_name"),
            c.line_id,
            c.mileage_m,
            c.side,
            c.offset_m,
            c.lon,
            c.lat,
            c.version,
        )
        .outerjoin(tables.area, tables.area.c.code == c.area_code)
        .where(in_scope(c.area_code, scope, within))
        .order_by(c.id)
    )
    if ids is not None:
        statement = statement.where(c.id.in_(list(ids)))
    if line_id is not None:
        statement = statement.where(c.line_id == line_id)
    if states is not None:
        statement = statement.where(c.state.in_(states))
    if kinds is not None:
        statement = statement.where(c.kind.in_(kinds))
    if due_before is not None:
        statement = statement.where(c.due_at < due_before)
    return keep_none(load_frame(connection, statement), "area_name", "side")


def count_by_severity(connection: sa.Connection, *, scope: str, states: Collection[str]) -> dict[int, int]:
    """How many hazards in scope there are in one of `states`, by severity."""
    c = _hazard.c
    wanted = sa.and_(in_scope(c.area_code, scope), c.state.in_(states))
    rows = connection.execute(sa.select(c.severity, sa.func.count()).where(wanted).group_by(c.severity))
    return {int(severity): int(number) for severity, number in rows}


def count_by_area(connection: sa.Connection, *, states: Collection[str]) -> dict[str, int]:
    """How many hazards in one of `states` there are, by the code of the area they lie in."""
    c = _hazard.c
    rows = connection.execute(sa.select(c.area_code, sa.func.count()).where(c.state.in_(states)).group_by(c.area_code))
    return {str(code): int(number) for code, number in rows}


def load_hazards_in(
    connection: sa.Connection, codes: Sequence[str], *, states: Collection[str]
) -> list[tuple[int, str, str]]:
    """Hazards in one of `states` that lie in the areas of those very codes: id, code of the area, state."""
    c = _hazard.c
    statement = sa.select(c.id, c.area_code, c.state)
    chunks = (connection.execute(statement.where(c.area_code.in_(chunk))).all() for chunk in chunked(codes))
    # Asked for the states as well, SQLite walks through all that are open instead of through the areas.
    return sorted((hazard, code, state) for chunk in chunks for hazard, code, state in chunk if state in states)


def load_steps(connection: sa.Connection, *, hazard_id: int) -> pd.DataFrame:
    """Steps of one hazard in order: from_state, to_state, at, actor, note, from_unit, to_unit, order_number.

    The last three are "" but where a change order handed the hazard to another unit.
    """
    c = _step.c
    columns = (c.from_state, c.to_state, c.at, c.actor, c.note, c.from_unit, c.to_unit, c.order_number)
    return load_frame(connection, sa.select(*columns).where(c.hazard_id == hazard_id).order_by(c.id))


def find_hazards(connection: sa.Connection, *, text: str, scope: str, limit: int) -> pd.DataFrame:
    """Hazards in scope whose code or title holds `text`, the newest first: id, name (code and title), lon, lat."""
    c = _hazard.c
    name = (c.code + " " + c.title).label("name")
    statement = sa.select(c.id, name, c.lon, c.lat).where(contains_text(name, text), in_scope(c.area_code, scope))
    return load_frame(connection, statement.order_by(c.id.desc()).limit(limit))


def load_next_number(connection: sa.Connection) -> int:
    """A number that no hazard's code has: above every id and every code of `H` and digits."""
    codes = connection.scalars(sa.select(_hazard.c.code).order_by(_hazard.c.code.desc()).limit(1)).all()
    newest = connection.scalar(sa.select(sa.func.max(_hazard.c.id))) or 0
    numbers = [int(code[1:]) for code in codes if code[1:].isdecimal()]
    return max([int(newest), *numbers]) + 1


def load_rules(connection: sa.Connection) -> HazardRules:
    """The time limits in force: those of the `hazard_rules` setting, else the usual ones."""
    setting = tables.setting.c
    kept = connection.scalar(sa.select(setting.value).where(setting.key == "hazard_rules"))
    return HazardRules() if kept is None else parse_rules(kept)
