"""What a team may be asked to do, and what inspecting a kind of hazard takes."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("hazard_kind", sa.Column("skill", sa.Text(), server_default="", nullable=False))
    op.add_column("hazard_kind", sa.Column("inspect_min", sa.Integer(), nullable=True))
    op.add_column("hazard_kind", sa.Column("hours", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "team_duty",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("end_post_id", sa.Integer(), nullable=True),
        sa.Column("breaks", sa.Text(), nullable=False),
        sa.Column("latest_return_min", sa.Integer(), nullable=True),
        sa.Column("skills", sa.Text(), nullable=False),
        sa.Column("max_walk_m", sa.Float(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["end_post_id"], ["post.id"], name="fk_team_duty_end_post_id_post", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_team_duty_team_id_team", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_team_duty"),
        sa.UniqueConstraint("team_id", name="uq_team_duty_team_id"),
        sqlite_autoincrement=True,
    )
