"""Turns that may not be made, and roads that are closed for a while."""

import sqlalchemy as sa
from alembic import op

from gridmap.store.geometry import Geometry
from gridmap.store.tables import UtcDateTime

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "turn_restriction",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("relation_id", sa.BigInteger(), nullable=True),
        sa.Column("from_edge", sa.Integer(), nullable=False),
        sa.Column("via_node", sa.Integer(), nullable=False),
        sa.Column("via_edges", sa.Text(), nullable=False),
        sa.Column("to_edge", sa.Integer(), nullable=False),
        sa.Column("only", sa.Boolean(), nullable=False),
        sa.Column("car", sa.Boolean(), nullable=False),
        sa.Column("motorcycle", sa.Boolean(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name="fk_turn_restriction_source_id_source", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_turn_restriction"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_turn_restriction_source_id", "turn_restriction", ["source_id"], unique=False)
    op.create_table(
        "closure",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("speed_kmh", sa.Float(), nullable=True),
        sa.Column("geom", Geometry(), nullable=False),
        sa.Column("x_min", sa.Float(), nullable=False),
        sa.Column("y_min", sa.Float(), nullable=False),
        sa.Column("x_max", sa.Float(), nullable=False),
        sa.Column("y_max", sa.Float(), nullable=False),
        sa.Column(
            "area_code",
            sa.String(length=15).with_variant(sa.String(length=15, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_closure"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_closure_area_code", "closure", ["area_code"], unique=False)
    op.create_index("ix_closure_ends_at", "closure", ["ends_at"], unique=False)
