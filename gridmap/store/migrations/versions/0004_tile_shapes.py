"""Shapes that coarse tiles show are kept as they show them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "tile_shape",
        sa.Column("layer", sa.String(length=10), nullable=False),
        sa.Column("z", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("x_min", sa.Float(), nullable=False),
        sa.Column("y_min", sa.Float(), nullable=False),
        sa.Column("x_max", sa.Float(), nullable=False),
        sa.Column("y_max", sa.Float(), nullable=False),
        sa.Column("world", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("layer", "z", "id", name="pk_tile_shape"),
    )
    op.create_index("ix_tile_shape_box", "tile_shape", ["layer", "z", "x_min", "x_max", "y_min", "y_max"])
    # Coarse tiles are cut from these shapes now: of those drawn before, some differ in a pixel.
    op.execute("DELETE FROM tile WHERE z <= 9")
