"""What a person may set of a segment, and which of it somebody did."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("rail_segment", sa.Column("visits", sa.Integer(), server_default="1", nullable=False))
    op.add_column("rail_segment", sa.Column("spacing_min", sa.Integer(), server_default="0", nullable=False))
    op.add_column("rail_segment", sa.Column("night", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("rail_segment", sa.Column("by_hand", sa.String(length=80), server_default="", nullable=False))
