"""What areas were called on days that are over, and what became of them."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "area_past",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column(
            "code",
            sa.String(length=15).with_variant(sa.String(length=15, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("txn", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_area_past"),
        sqlite_autoincrement=True,
    )
    for column in ("area_id", "code", "valid_to"):
        op.create_index(f"ix_area_past_{column}", "area_past", [column], unique=False)
    op.create_table(
        "area_succession",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("predecessor_id", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("share_households", sa.Float(), nullable=False),
        sa.Column("share_area", sa.Float(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("txn", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_area_succession"),
        sqlite_autoincrement=True,
    )
    for column in ("predecessor_id", "successor_id", "effective_on", "txn"):
        op.create_index(f"ix_area_succession_{column}", "area_succession", [column], unique=False)
