"""Mileage known at places along a line, and the side of its line that a track runs on."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "mileage_point",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("chainage_m", sa.Float(), nullable=False),
        sa.Column("back_m", sa.Float(), nullable=False),
        sa.Column("ahead_m", sa.Float(), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"], ["rail_line.id"], name="fk_mileage_point_line_id_rail_line", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_mileage_point"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_mileage_point_line_id", "mileage_point", ["line_id"], unique=False)
    op.add_column("rail_track", sa.Column("side", sa.String(length=5), server_default="", nullable=False))
