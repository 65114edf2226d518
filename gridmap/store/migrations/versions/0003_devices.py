"""Devices with tokens, counts of what they sent in vain, and the history of fixes by day."""

import sqlalchemy as sa
from alembic import op

from gridmap.store.tables import UtcDateTime

revision = "0003"
down_revision = "0002"

AREA_CODE = sa.String(15).with_variant(sa.String(15, collation="C"), "postgresql")
DEVICE_KEY = sa.String(60).with_variant(sa.String(60, collation="C"), "postgresql")

DAY = {
    # Whole seconds only: it would round the last millisecond of a day up to the next.
    "sqlite": "CAST(strftime('%Y%m%d', substr(at, 1, 19), '+8 hours') AS INTEGER)",
    "postgresql": "CAST(to_char((at AT TIME ZONE 'UTC') + interval '8 hours', 'YYYYMMDD') AS INTEGER)",
}
"""The day of an instant in Beijing."""


def upgrade() -> None:
    op.create_table(
        "device",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", DEVICE_KEY, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("scope_code", AREA_CODE, nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_device_team_id_team", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_device"),
        sa.UniqueConstraint("key", name="uq_device_key"),
        sa.UniqueConstraint("token_hash", name="uq_device_token_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_device_team_id", "device", ["team_id"], unique=False)
    op.create_table(
        "ingest_refusal",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("device_key", DEVICE_KEY, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("day", "reason", "device_key", name="pk_ingest_refusal"),
    )
    _divide_track()


def _divide_track() -> None:
    connection = op.get_bind()
    day = DAY[connection.dialect.name]
    is_server = connection.dialect.name == "postgresql"
    op.drop_index("ix_track_point_at", "track_point")
    op.rename_table("track_point", "track_point_before")
    if is_server:  # where the name of a key is taken for the whole schema
        op.execute("ALTER TABLE track_point_before RENAME CONSTRAINT pk_track_point TO pk_track_point_before")
    op.create_table(
        "track_point",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_track_point_team_id_team", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("day", "team_id", "at", name="pk_track_point"),
        sqlite_with_rowid=False,
        postgresql_partition_by="LIST (day)",
    )
    if is_server:
        for number in connection.scalars(sa.text(f"SELECT DISTINCT {day} FROM track_point_before")).all():
            op.execute(f"CREATE TABLE track_point_{number} PARTITION OF track_point FOR VALUES IN ({number})")
    op.execute(
        "INSERT INTO track_point (day, team_id, at, lon, lat, simulated) "
        f"SELECT {day}, team_id, at, lon, lat, simulated FROM track_point_before"
    )
    op.drop_table("track_point_before")
