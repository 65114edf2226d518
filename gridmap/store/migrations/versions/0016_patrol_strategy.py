"""Mixed strategies that patrol plans are drawn from."""

import sqlalchemy as sa
from alembic import op

from gridmap.store.tables import UtcDateTime

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "patrol_strategy",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column(
            "area_code",
            sa.String(length=15).with_variant(sa.String(length=15, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_patrol_strategy"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_patrol_strategy_area_code", "patrol_strategy", ["area_code"], unique=False)
