"""What closed units were called; of those closed before, as the journal has it."""

import sqlalchemy as sa
from alembic import op

from gridmap.domain.days import local_day
from gridmap.store.tables import UtcDateTime

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    closed = op.create_table(
        "closed_unit",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column(
            "code",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "area_code",
            sa.String(length=15).with_variant(sa.String(length=15, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_closed_unit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_closed_unit_area_code", "closed_unit", ["area_code"], unique=False)
    op.bulk_insert(closed, _read_closed(op.get_bind()))


def _read_closed(connection: sa.Connection) -> list[dict[str, object]]:
    event = sa.table(
        "event",
        sa.column("txn_id", sa.Integer),
        sa.column("table_name", sa.String),
        sa.column("before", sa.JSON),
        sa.column("after", sa.JSON(none_as_null=True)),
    )
    txn = sa.table("txn", sa.column("id", sa.Integer), sa.column("at", UtcDateTime))
    present = set(connection.scalars(sa.select(sa.column("id", sa.Integer)).select_from(sa.table("grid_unit"))))
    gone = (
        sa.select(event.c.before, txn.c.at)
        .join(txn, txn.c.id == event.c.txn_id)
        .where(event.c.table_name == "grid_unit", event.c.after.is_(None))
        .order_by(txn.c.id)
    )
    found = {
        before["id"]: {
            **{name: before[name] for name in ("id", "code", "name", "area_code")},
            "closed_on": local_day(at),
        }
        for before, at in connection.execute(gone)
    }
    return [row for unit, row in found.items() if unit not in present]
