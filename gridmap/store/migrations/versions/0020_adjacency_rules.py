"""Barriers between neighbouring cells, and cells joined by hand."""

import sqlalchemy as sa
from alembic import op

from gridmap.store.tables import UtcDateTime

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "adjacency_rule",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_adjacency_rule"),
        sa.UniqueConstraint("first_id", "second_id", name="uq_adjacency_rule_first_id_second_id"),
        sqlite_autoincrement=True,
    )
