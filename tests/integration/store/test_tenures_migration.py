"""Data of the schema before change orders: who answers for a cell since when, and what closed units were called."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import sqlalchemy as sa
from shapely.geometry import box

from gridmap.domain.districting.tenure import Tenure
from gridmap.store import schema, tables
from gridmap.store.closed_units import load_names
from gridmap.store.database import begin_writing, build_engine, open_database
from gridmap.store.geometry import geometry_values
from gridmap.store.tenures import load_tenures

SINCE = date(2025, 7, 1)
AT = datetime(2026, 3, 4, 18, 0, tzinfo=UTC)


def test_tenures_begin_with_the_assignments_and_closed_units_have_their_names(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'before.db'}"
    engine = build_engine(url)
    area = {"code": "149901001001001", "name": "一格", "level": 6, "kind": "base", "area_m2": 1.0, "valid_from": SINCE}
    unit = {"code": "U1", "name": "Station", "kind": "team", "area_code": "149901", "lon": 112.0, "lat": 37.0}
    with begin_writing(engine) as connection:
        schema.upgrade(connection, to="0017")
        connection.execute(tables.area.insert().values(id=1, **area, **geometry_values(box(112, 37, 112.1, 37.1))))
        connection.execute(tables.grid_unit.insert().values(id=5, **unit))
        connection.execute(tables.assignment.insert().values(cell_id=1, unit_id=5, since=SINCE))
        closing = {"kind": "close_unit", "actor": "li", "reason": "", "at": AT, "previous_hash": "", "hash": ""}
        connection.execute(tables.txn.insert().values(id=7, event_count=1, **closing))
        gone = {"id": 4, **unit, "code": "U0", "name": "Old Station"}
        connection.execute(
            tables.event.insert().values(txn_id=7, seq=0, table_name="grid_unit", row_key="4", before=gone, after=None)
        )
    engine.dispose()
    database = open_database(url)
    with database.read() as connection:
        assert load_tenures(connection, [1, 2]) == {1: (Tenure(SINCE, None, 5, row=1),)}
        assert load_names(connection) == {4: "Old Station", 5: "Station"}
        assert connection.scalar(sa.select(tables.closed_unit.c.closed_on)) == date(2026, 3, 5)
    database.dispose()
