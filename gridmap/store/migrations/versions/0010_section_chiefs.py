"""Section chiefs, their joint inspections, and to whom a hazard goes."""

import sqlalchemy as sa
from alembic import op

from gridmap.store.tables import UtcDateTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "joint_inspection",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("from_m", sa.Float(), nullable=False),
        sa.Column("to_m", sa.Float(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"], ["rail_line.id"], name="fk_joint_inspection_line_id_rail_line", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_joint_inspection"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_joint_inspection_line_id", "joint_inspection", ["line_id"], unique=False)
    op.create_table(
        "section_chief",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("from_m", sa.Float(), nullable=False),
        sa.Column("to_m", sa.Float(), nullable=False),
        sa.Column("party", sa.String(length=8), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column(
            "area_code",
            sa.String(length=15).with_variant(sa.String(length=15, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("interval_days", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"], ["rail_line.id"], name="fk_section_chief_line_id_rail_line", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_section_chief"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_section_chief_line_id", "section_chief", ["line_id"], unique=False)
    op.create_table(
        "hazard_referral",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("hazard_id", sa.Integer(), nullable=False),
        sa.Column("party", sa.String(length=8), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("acknowledged_at", UtcDateTime(), nullable=True),
        sa.Column("acknowledged_note", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["hazard_id"], ["hazard.id"], name="fk_hazard_referral_hazard_id_hazard", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_hazard_referral"),
        sa.UniqueConstraint("hazard_id", "party", name="uq_hazard_referral_hazard_id_party"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hazard_referral_hazard_id", "hazard_referral", ["hazard_id"], unique=False)
