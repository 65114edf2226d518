"""Why a team declined a task of the command map, and since when a team is not used any more."""

import sqlalchemy as sa
from alembic import op

from gridmap.store.tables import UtcDateTime

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("dispatch", sa.Column("reason", sa.String(length=20), server_default="", nullable=False))
    op.add_column("team", sa.Column("retired_at", UtcDateTime(), nullable=True))
