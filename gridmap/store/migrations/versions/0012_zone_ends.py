"""The last day on which an announced zone is in force."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    with op.batch_alter_table("protection_zone") as batch:
        batch.add_column(sa.Column("valid_to", sa.Date(), nullable=True))
