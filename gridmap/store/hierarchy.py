"""Areas over time: what they were called, what became of them, and what names them by code."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa

from gridmap.domain.days import local_day
from gridmap.domain.hierarchy import Naming, Succession, SuccessionKind
from gridmap.store import tables
from gridmap.store.bulk import insert_bulk
from gridmap.store.frames import in_scope, load_frame, load_layer
from gridmap.store.geometry import Box, intersects_box
from gridmap.store.snapshots import chunked
from gridmap.store.unit_of_work import UnitOfWork

_area, _past, _succession = tables.area, tables.area_past, tables.area_succession

HIERARCHY = ("area_past", "area_succession", "area_order")
"""Tables whose rows a change of the hierarchy makes, and nothing else does."""

_ENDING = (SuccessionKind.SPLIT.value, SuccessionKind.MERGE.value)

_NOT_FOLLOWING = frozenset({_area.name, _past.name})
_REFERENCES = [
    (table, table.c[name])
    for table in tables.metadata.sorted_tables
    for name in ("area_code", "scope_code")
    if name in table.c and table.name not in _NOT_FOLLOWING
]
"""Every column that names an area by its code."""


# --- areas --------------------------------------------------------------------------------------------------------


def load_below(connection: sa.Connection, code: str) -> gpd.GeoDataFrame:
    """An area and all below it by code.

    Columns: id, code, name, level, kind, households, area_m2, external_id, source_id, valid_from, geometry.
    """
    c = _area.c
    columns = (c.id, c.code, c.name, c.level, c.kind, c.households, c.area_m2, c.external_id, c.source_id, c.valid_from)
    return load_layer(connection, sa.select(*columns, c.geom).where(in_scope(c.code, code)).order_by(c.code))


def load_some(connection: sa.Connection, codes: Collection[str]) -> gpd.GeoDataFrame:
    """Those of the areas that exist, by code; columns as `load_below`."""
    c = _area.c
    columns = (c.id, c.code, c.name, c.level, c.kind, c.households, c.area_m2, c.external_id, c.source_id, c.valid_from)
    statement = sa.select(*columns, c.geom).where(c.code.in_(list(codes)))
    return load_layer(connection, statement.order_by(c.code))


def load_around(connection: sa.Connection, box: Box, *, but: Collection[int]) -> gpd.GeoDataFrame:
    """Areas of every level that meet a box (degrees), without some: id, geometry."""
    c = _area.c
    statement = sa.select(c.id, c.geom).where(intersects_box(_area, box), c.id.not_in(list(but)))
    return load_layer(connection, statement.order_by(c.id))


def load_levels(connection: sa.Connection, levels: Collection[int], *, scope: str) -> gpd.GeoDataFrame:
    """Areas of some levels in scope by code; columns as `load_below`."""
    c = _area.c
    columns = (c.id, c.code, c.name, c.level, c.kind, c.households, c.area_m2, c.external_id, c.source_id, c.valid_from)
    statement = sa.select(*columns, c.geom).where(c.level.in_(list(levels)), in_scope(c.code, scope))
    return load_layer(connection, statement.order_by(c.code))


def load_other_codes(connection: sa.Connection, levels: Collection[int]) -> list[str]:
    """Codes of areas of all other levels, in order."""
    c = _area.c
    return list(connection.scalars(sa.select(c.code).where(c.level.not_in(list(levels))).order_by(c.code)))


def count_households(connection: sa.Connection, code: str, *, level: int) -> int:
    """Households of the areas of a level at or below an area; 0 where none is known."""
    c = _area.c
    statement = sa.select(sa.func.sum(c.households)).where(c.level == level, in_scope(c.code, code))
    return int(connection.scalar(statement) or 0)


def load_used_codes(connection: sa.Connection, parent: str, *, besides: Collection[int] = ()) -> set[str]:
    """Codes at or below `parent` that areas have, or that others than `besides` ever had."""
    past = sa.select(_past.c.code).where(in_scope(_past.c.code, parent), _past.c.area_id.not_in(list(besides)))
    return load_present_codes(connection, parent) | set(connection.scalars(past))


def load_present_codes(connection: sa.Connection, parent: str) -> set[str]:
    """Codes at or below `parent` that areas have."""
    return set(connection.scalars(sa.select(_area.c.code).where(in_scope(_area.c.code, parent))))


def load_given_up(connection: sa.Connection, day: date) -> dict[str, set[int]]:
    """Codes that were given up on a day, with the ids of the areas that had them."""
    found: dict[str, set[int]] = {}
    for code, area_id in connection.execute(sa.select(_past.c.code, _past.c.area_id).where(_past.c.valid_to == day)):
        found.setdefault(code, set()).add(area_id)
    return found


# --- days ---------------------------------------------------------------------------------------------------------


def load_namings(
    connection: sa.Connection, *, codes: Collection[str] | None = None, ids: Collection[int] | None = None
) -> list[Naming]:
    """Days on which places had a code and a name: of those that ever had one of `codes`, of `ids`, or of all."""
    p, a = _past.c, _area.c
    past = sa.select(p.area_id, p.valid_from, p.valid_to, p.code, p.name)
    now = sa.select(a.id, a.valid_from, sa.null(), a.code, a.name)
    found = []
    for statement, code, key in ((past, p.code, p.area_id), (now, a.code, a.id)):
        for part in _narrow(_narrow([statement], code, codes), key, ids):
            found += [Naming(*row) for row in connection.execute(part)]
    return found


def _narrow(
    statements: Iterable[sa.Select[Any]], column: sa.ColumnElement[Any], values: Collection[Any] | None
) -> list[sa.Select[Any]]:
    if values is None:
        return list(statements)
    return [statement.where(column.in_(chunk)) for statement in statements for chunk in chunked(list(values))]


def find_made(connection: sa.Connection) -> set[int]:
    """Ids of the areas that a split or merge made, not those that only took in ground of another."""
    s, own = _succession.c, _succession.alias("own")
    stayed = sa.exists().where(
        own.c.txn == s.txn, own.c.predecessor_id == s.successor_id, own.c.successor_id == s.successor_id
    )
    return set(connection.scalars(sa.select(s.successor_id).where(s.kind.in_(_ENDING), ~stayed)))


def load_successions(connection: sa.Connection, *, after: date, until: date) -> list[Succession]:
    """All that became of areas after one day and until another, in its order."""
    s = _succession.c
    columns = (s.predecessor_id, s.successor_id, s.kind, s.share_households, s.share_area, s.effective_on, s.txn)
    statement = sa.select(*columns).where(s.effective_on > after, s.effective_on <= until)
    return [
        Succession(p, q, SuccessionKind(kind), households, area, day, txn)
        for p, q, kind, households, area, day, txn in connection.execute(statement.order_by(s.effective_on, s.id))
    ]


def load_successors(connection: sa.Connection, area_ids: Collection[int]) -> dict[int, list[int]]:
    """What each of the areas that were split or merged became."""
    s = _succession.c
    found: dict[int, list[int]] = {}
    for chunk in chunked(list(area_ids)):
        ended = sa.select(s.predecessor_id, s.successor_id).where(s.predecessor_id.in_(chunk), s.kind.in_(_ENDING))
        for predecessor, successor in connection.execute(ended.order_by(s.id)):
            found.setdefault(predecessor, []).append(successor)
    return found


def load_history(connection: sa.Connection, area_ids: Collection[int]) -> pd.DataFrame:
    """Changes in which one of the areas had a part, the newest first.

    Columns: predecessor_id, successor_id, kind, share_households, share_area, effective_on, reason, txn, actor.
    """
    s, t = _succession.c, tables.txn.c
    ids = list(area_ids)
    columns = (s.predecessor_id, s.successor_id, s.kind, s.share_households, s.share_area, s.effective_on, s.reason)
    statement = sa.select(*columns, s.txn, _actor()).outerjoin(tables.txn, t.id == s.txn)
    joined = statement.where(sa.or_(s.predecessor_id.in_(ids), s.successor_id.in_(ids)))
    return load_frame(connection, joined.order_by(s.effective_on.desc(), s.id.desc()))


def _actor() -> sa.Label[str | None]:
    """Who ordered a change: the one who placed it where it waited for its day."""
    t, o = tables.txn.c, tables.area_order.c
    ordered = sa.select(o.ordered_by).where(o.txn == t.id).limit(1).scalar_subquery()
    return sa.func.coalesce(ordered, t.actor).label("actor")


def load_derived(connection: sa.Connection, area_id: int) -> pd.DataFrame:
    """What an area was called, each with the change that ended it: code, name_, valid_to, txn, kind, reason, actor."""
    p, s, t = _past.c, _succession.c, tables.txn.c
    kind = sa.select(s.kind).where(s.txn == p.txn).limit(1).scalar_subquery().label("kind")
    columns = (p.code, p.name.label("name_"), p.valid_to, p.txn, kind, t.reason, _actor())
    statement = sa.select(*columns).outerjoin(tables.txn, t.id == p.txn).where(p.area_id == area_id)
    return load_frame(connection, statement.order_by(p.id.desc()))


@dataclass(frozen=True)
class LaterChange:
    """A change of the hierarchy by its number, author and reason."""

    txn: int
    actor: str
    reason: str


def find_last_change(connection: sa.Connection, area_ids: Collection[int], *, besides: int) -> LaterChange | None:
    """The newest change after `besides` in which one of the areas had a part."""
    s, t = _succession.c, tables.txn.c
    for chunk in chunked(list(area_ids)):
        part = sa.or_(s.predecessor_id.in_(chunk), s.successor_id.in_(chunk))
        statement = sa.select(t.id, _actor(), t.reason).join(_succession, s.txn == t.id).where(part, t.id > besides)
        row = connection.execute(statement.order_by(t.id.desc()).limit(1)).first()
        if row is not None:
            return LaterChange(int(row.id), str(row.actor), row.reason or "")
    return None


def was_changed_here(connection: sa.Connection, *, source_name: str) -> bool:
    """Whether areas of a source were split, merged, recoded or redrawn since it was imported."""
    s, a, f = _succession.c, _area.c, tables.source.c
    ground = sa.select(f.imported_at, s.effective_on).select_from(
        _succession.join(_area, a.id == s.successor_id).join(tables.source, f.id == a.source_id)
    )
    changed = ground.where(f.name == source_name, s.kind != SuccessionKind.RENAME.value).distinct()
    return any(day >= local_day(imported_at) for imported_at, day in connection.execute(changed))


def load_change(connection: sa.Connection, txn: int) -> pd.DataFrame:
    """What a change of the hierarchy did: predecessor_id, successor_id, kind, effective_on; no row where it is none."""
    s = _succession.c
    columns = (s.predecessor_id, s.successor_id, s.kind, s.effective_on)
    return load_frame(connection, sa.select(*columns).where(s.txn == txn).order_by(s.id))


# --- writing ------------------------------------------------------------------------------------------------------


def save_past(work: UnitOfWork, ended: pd.DataFrame, *, day: date, in_bulk: bool = False) -> None:
    """Keep what areas were called until `day`; columns as `load_below`. In bulk without a journal event each."""
    values = zip(ended["id"], ended["code"], ended["name"], ended["valid_from"], strict=True)
    names = ("area_id", "code", "name", "valid_from")
    common = {"valid_to": day, "txn": work.reserve_number()}
    rows = [{**dict(zip(names, row, strict=True)), **common} for row in values]
    _insert(work, _past, rows, in_bulk)


def _insert(work: UnitOfWork, table: sa.Table, rows: list[dict[str, Any]], in_bulk: bool) -> None:
    if in_bulk:
        insert_bulk(work, table, rows)
    else:
        work.insert_many(table, rows)


def save_successions(work: UnitOfWork, successions: Sequence[Succession], *, in_bulk: bool = False) -> None:
    """Keep what became of areas by this change. In bulk without a journal event each."""
    rows = [
        {
            "predecessor_id": item.predecessor,
            "successor_id": item.successor,
            "kind": item.kind.value,
            "share_households": item.share_households,
            "share_area": item.share_area,
            "effective_on": item.effective_on,
            "reason": work.reason,
            "txn": item.txn,
        }
        for item in successions
    ]
    _insert(work, _succession, rows, in_bulk)


# --- what names an area by its code -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reference:
    """A row that names an area; where it lies, if anywhere (WGS-84)."""

    table: str
    row_id: int
    column: str
    code: str
    lon: float | None = None
    lat: float | None = None


def load_references(connection: sa.Connection, code: str) -> list[Reference]:
    """All that names an area, or one below it; of "" all that names any (a post of a railway unit names none)."""
    found: list[Reference] = []
    for table, column in _REFERENCES:
        lon, lat = _place_of(table)
        source = table.join(tables.post, tables.post.c.id == table.c.post_id) if table is tables.team else table
        statement = sa.select(table.c.id, column, lon, lat).select_from(source)
        statement = statement.where(column.is_not(None), in_scope(column, code))
        for row_id, held, x, y in connection.execute(statement.order_by(table.c.id)):
            found.append(Reference(table.name, row_id, column.name, held, x, y))
    return found


def _place_of(table: sa.Table) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]:
    """Longitude and latitude of the rows of a table; NULL where they lie nowhere."""
    at = tables.post if table is tables.team else table
    if "lon" in at.c:
        return at.c.lon, at.c.lat
    if "x_min" in at.c:
        return (at.c.x_min + at.c.x_max) / 2, (at.c.y_min + at.c.y_max) / 2
    return sa.null(), sa.null()


def save_references(work: UnitOfWork, found: Mapping[Reference, str]) -> None:
    """Let rows name other areas than they did."""
    by_table: dict[str, dict[int, dict[str, str]]] = {}
    for item, code in found.items():
        by_table.setdefault(item.table, {}).setdefault(item.row_id, {})[item.column] = code
    for name, changes in by_table.items():
        work.update_many(tables.metadata.tables[name], changes)


def rename_units(work: UnitOfWork, codes: Mapping[str, str]) -> None:
    """Let units that are numbered after their area follow its code, where no other unit is called so."""
    u = tables.grid_unit.c
    units = dict(work.connection.execute(sa.select(u.code, u.id)).all())
    changes = {
        units[f"U{old}"]: {"code": f"U{new}"}
        for old, new in codes.items()
        if f"U{old}" in units and f"U{new}" not in units
    }
    work.update_many(tables.grid_unit, changes)


# --- editions -----------------------------------------------------------------------------------------------------


def load_named(connection: sa.Connection, area_ids: Sequence[int]) -> pd.DataFrame:
    """What areas are called: id, code, name, valid_from."""
    c = _area.c
    statement = sa.select(c.id, c.code, c.name, c.valid_from).order_by(c.id)
    frame = load_frame(connection, statement)
    return frame[frame["id"].isin(set(area_ids))]


def load_open_owners(connection: sa.Connection) -> dict[int, int]:
    """Unit that answers for each cell until another order, by its days."""
    c = tables.tenure.c
    return dict(connection.execute(sa.select(c.cell_id, c.unit_id).where(c.valid_to.is_(None))).all())


def load_all_codes(connection: sa.Connection) -> dict[int, str]:
    """Code of every area."""
    return dict(connection.execute(sa.select(_area.c.id, _area.c.code)).all())


def recode_bulk(work: UnitOfWork, codes: Mapping[int, str], *, day: date) -> None:
    """Give areas other codes, who may swap them, without a journal event each."""
    # A code is unlike all others at any moment: first they get one that no place has.
    by_id = _area.update().where(_area.c.id == sa.bindparam("at"))
    aside = by_id.values(code=sa.bindparam("new"))
    _run(work, aside, [{"at": area_id, "new": f"~{area_id}"} for area_id in codes])
    _run(work, aside.values(valid_from=day), [{"at": area_id, "new": code} for area_id, code in codes.items()])


def update_bulk(work: UnitOfWork, rows: Sequence[dict[str, Any]]) -> None:
    """Write changed columns of areas, by `id`, all rows the same ones, without a journal event each."""
    if rows:
        names = [name for name in rows[0] if name != "id"]
        values = {name: sa.bindparam(f"new_{name}", type_=_area.c[name].type) for name in names}
        statement = _area.update().where(_area.c.id == sa.bindparam("at")).values(version=_area.c.version + 1, **values)
        _run(work, statement, [{"at": row["id"], **{f"new_{name}": row[name] for name in names}} for row in rows])


def remove_bulk(work: UnitOfWork, area_ids: Sequence[int]) -> None:
    """Take areas out, and who answers for them, without a journal event each."""
    _run(work, _area.delete().where(_area.c.id == sa.bindparam("at")), [{"at": area_id} for area_id in area_ids])


def _run(work: UnitOfWork, statement: sa.UpdateBase, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        work.connection.execute(statement, rows)


def save_references_bulk(work: UnitOfWork, found: Mapping[Reference, str]) -> None:
    """As `save_references`, without a journal event each."""
    by_column: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for item, code in found.items():
        by_column.setdefault((item.table, item.column), []).append({"at": item.row_id, "new": code})
    for (name, column), rows in by_column.items():
        table = tables.metadata.tables[name]
        _run(work, table.update().where(table.c.id == sa.bindparam("at")).values({column: sa.bindparam("new")}), rows)
