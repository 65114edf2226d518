"""Accounts of teams, the orders that teams carry out, and what became of a plan."""

import sqlalchemy as sa
from alembic import op

from gridmap.store.tables import UtcDateTime

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    _bind_accounts()
    with op.batch_alter_table("patrol_plan") as batch:
        batch.add_column(sa.Column("outcome", sa.JSON(none_as_null=True), nullable=True))
    op.create_table(
        "patrol_order",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["patrol_plan.id"], name="fk_patrol_order_plan_id_patrol_plan", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_patrol_order_team_id_team", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_patrol_order"),
        sa.UniqueConstraint("plan_id", "team_id", name="uq_patrol_order_plan_id_team_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_patrol_order_team_id", "patrol_order", ["team_id"], unique=False)
    op.create_table(
        "order_stop",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("tasks", sa.JSON(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("planned_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("planned_leave_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("arrived_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=20), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["patrol_order.id"], name="fk_order_stop_order_id_patrol_order", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_order_stop"),
        sa.UniqueConstraint("order_id", "number", name="uq_order_stop_order_id_number"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "stop_photo",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("stop_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stop_id"], ["order_stop.id"], name="fk_stop_photo_stop_id_order_stop", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_stop_photo"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_stop_photo_stop_id", "stop_photo", ["stop_id"], unique=False)
    op.create_table(
        "team_action",
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_team_action_team_id_team", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id", "key", name="pk_team_action"),
    )


def _bind_accounts() -> None:
    # SQLite builds the table anew, and with the old one its sessions go: whoever was signed in signs in again.
    with op.batch_alter_table("account", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.add_column(sa.Column("team_id", sa.Integer(), nullable=True))
        batch.create_foreign_key("fk_account_team_id_team", "team", ["team_id"], ["id"], ondelete="SET NULL")
