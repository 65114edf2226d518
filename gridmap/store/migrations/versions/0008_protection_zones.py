"""Protection zones as they were announced."""

import sqlalchemy as sa
from alembic import op

from gridmap.store.geometry import Geometry

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "protection_zone",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("from_m", sa.Float(), nullable=False),
        sa.Column("to_m", sa.Float(), nullable=False),
        sa.Column("side", sa.String(length=5), nullable=False),
        sa.Column("width_m", sa.Float(), nullable=False),
        sa.Column("origin_offset_m", sa.Float(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("official", sa.Boolean(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("geom", Geometry(), nullable=False),
        sa.Column("x_min", sa.Float(), nullable=False),
        sa.Column("y_min", sa.Float(), nullable=False),
        sa.Column("x_max", sa.Float(), nullable=False),
        sa.Column("y_max", sa.Float(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"], ["rail_line.id"], name="fk_protection_zone_line_id_rail_line", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name="fk_protection_zone_source_id_source", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_protection_zone"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_protection_zone_line_id", "protection_zone", ["line_id"], unique=False)
    op.create_index("ix_protection_zone_source_id", "protection_zone", ["source_id"], unique=False)
