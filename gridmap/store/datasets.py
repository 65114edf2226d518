"""Facts about the database as a whole, and clearing it of one kind of data."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from gridmap.store import tables
from gridmap.store.unit_of_work import UnitOfWork

_DATA_TABLES = (
    tables.track_point,
    tables.ingest_refusal,
    tables.device,
    tables.position,
    tables.coverage,
    tables.team_action,
    tables.stop_photo,
    tables.order_stop,
    tables.patrol_order,
    tables.patrol_plan,
    tables.patrol_strategy,
    tables.dispatch,
    tables.incident,
    tables.team_duty,
    tables.team,
    tables.post,
    tables.network_site,
    tables.hazard_referral,
    tables.hazard_step,
    tables.hazard_photo,
    tables.hazard,
    tables.order_notice,
    tables.change_order_cell,
    tables.change_order,
    tables.cell_lock,
    tables.adjacency_rule,
    tables.tenure,
    tables.assignment,
    tables.area_order,
    tables.area_succession,
    tables.area_past,
    tables.grid_unit,
    tables.closed_unit,
    tables.access_point,
    tables.joint_inspection,
    tables.section_chief,
    tables.protection_zone,
    tables.rail_segment,
    tables.rail_feature,
    tables.rail_track,
    tables.rail_line,
    tables.closure,
    tables.turn_restriction,
    tables.road_edge,
    tables.road_node,
    tables.basemap_shape,
    tables.place,
    tables.area,
    tables.source,
)
"""Everything but accounts, journal, settings and the list of hazard kinds, children first."""

TOPICS = (
    "areas",
    "units",
    "roads",
    "rail",
    "patrols",
    "basemap",
    "hazards",
    "networks",
    "teams",
    "plans",
    "incidents",
    "coverage",
    "zones",
    "chiefs",
    "orders",
    "closures",
    "change_orders",
    "borders",
)


def load_revisions(connection: sa.Connection) -> dict[str, int]:
    """Topic → how often it has changed, 0 where never."""
    known = dict(connection.execute(sa.select(tables.revision.c.topic, tables.revision.c.number)).all())
    return {topic: int(known.get(topic, 0)) for topic in TOPICS}


def load_setting(connection: sa.Connection, key: str, default: Any = None) -> Any:
    """A fact about the database, `default` where it was never set."""
    value = connection.scalar(sa.select(tables.setting.c.value).where(tables.setting.c.key == key))
    return default if value is None else value


def save_setting(work: UnitOfWork, key: str, value: Any) -> None:
    """Set a fact about the database."""
    table = tables.setting
    if work.connection.execute(table.update().where(table.c.key == key).values(value=value)).rowcount == 0:
        work.connection.execute(table.insert().values(key=key, value=value))


def is_synthetic(connection: sa.Connection) -> bool:
    """Whether the database holds generated demo data."""
    return bool(load_setting(connection, "synthetic", False))


def has_data(connection: sa.Connection) -> bool:
    """Whether anything was ever loaded and is still there."""
    return connection.scalar(sa.select(tables.source.c.id).limit(1)) is not None


def save_report(work: UnitOfWork, source_id: int, report: dict[str, Any]) -> None:
    """Keep the account of an import beside its source."""
    work.connection.execute(tables.source.update().where(tables.source.c.id == source_id).values(report=report))


def clear(work: UnitOfWork) -> None:
    """Remove all data and the demo accounts; other accounts and the journal stay."""
    for table in _DATA_TABLES:
        work.connection.execute(table.delete())
    work.connection.execute(tables.account.delete().where(tables.account.c.demo))
    work.note("clear", {"cleared": True})
    work.touch(*TOPICS)
