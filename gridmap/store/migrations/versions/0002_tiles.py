"""Tiles are kept, and what lies in a box is found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "tile",
        sa.Column("layer", sa.String(length=10), nullable=False),
        sa.Column("z", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("x", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("y", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("etag", sa.String(length=40), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("layer", "z", "x", "y", name="pk_tile"),
    )
    op.drop_index("ix_area_x_min_x_max", "area")
    op.create_index("ix_area_level_box", "area", ["level", "x_min", "x_max", "y_min", "y_max"])
    for table in ("road_edge", "rail_track", "basemap_shape"):
        op.create_index(f"ix_{table}_box", table, ["x_min", "x_max", "y_min", "y_max"])
