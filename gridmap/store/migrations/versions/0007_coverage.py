"""What tracks cover of railway lines."""

import sqlalchemy as sa
from alembic import op

from gridmap.store.tables import UtcDateTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "coverage",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("from_m", sa.Float(), nullable=False),
        sa.Column("to_m", sa.Float(), nullable=False),
        sa.Column("side", sa.String(length=5), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"], ["rail_line.id"], name="fk_coverage_line_id_rail_line", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_coverage_team_id_team", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_coverage"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_coverage_at", "coverage", ["at"], unique=False)
    op.create_index("ix_coverage_line_id", "coverage", ["line_id"], unique=False)
    op.create_index("ix_coverage_source", "coverage", ["source"], unique=False)
    op.create_index("ix_coverage_team_id", "coverage", ["team_id"], unique=False)
