"""Change orders of cells, the days on which units answered for them, and locks; tenures begin with the assignments."""

import sqlalchemy as sa
from alembic import op

from gridmap.store.tables import UtcDateTime

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "cell_lock",
        sa.Column("cell_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("locked_by", sa.Text(), nullable=False),
        sa.Column("locked_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("cell_id", name="pk_cell_lock"),
    )
    op.create_table(
        "change_order",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column(
            "number",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "area_code",
            sa.String(length=15).with_variant(sa.String(length=15, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("cells", sa.Integer(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("ordered_by", sa.Text(), nullable=False),
        sa.Column("ordered_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decision_note", sa.Text(), server_default="", nullable=False),
        sa.Column("in_effect_at", UtcDateTime(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["undoes"], ["change_order.id"], name="fk_change_order_undoes_change_order"),
        sa.PrimaryKeyConstraint("id", name="pk_change_order"),
        sa.UniqueConstraint("number", name="uq_change_order_number"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_change_order_area_code", "change_order", ["area_code"], unique=False)
    op.create_index("ix_change_order_state", "change_order", ["state"], unique=False)
    op.create_table(
        "tenure",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("cell_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_tenure"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tenure_cell_id", "tenure", ["cell_id"], unique=False)
    op.create_table(
        "change_order_cell",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("cell_id", sa.Integer(), nullable=False),
        sa.Column("from_unit_id", sa.Integer(), nullable=True),
        sa.Column("to_unit_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["change_order.id"], name="fk_change_order_cell_order_id_change_order", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("order_id", "cell_id", name="pk_change_order_cell"),
    )
    op.create_index("ix_change_order_cell_cell_id", "change_order_cell", ["cell_id"], unique=False)
    op.create_table(
        "order_notice",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("account", sa.Text(), server_default="", nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("seen_by", sa.Text(), server_default="", nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["change_order.id"], name="fk_order_notice_order_id_change_order", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_order_notice"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_order_notice_order_id", "order_notice", ["order_id"], unique=False)
    op.create_index("ix_order_notice_unit_id", "order_notice", ["unit_id"], unique=False)
    op.add_column("hazard_step", sa.Column("from_unit", sa.Text(), server_default="", nullable=False))
    op.add_column("hazard_step", sa.Column("to_unit", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "hazard_step",
        sa.Column(
            "order_number",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            server_default="",
            nullable=False,
        ),
    )
    op.execute("INSERT INTO tenure (cell_id, unit_id, valid_from) SELECT cell_id, unit_id, since FROM assignment")
