"""The first schema."""

import sqlalchemy as sa
from alembic import op

from gridmap.store.geometry import Geometry
from gridmap.store.tables import UtcDateTime

revision = "0001"
down_revision = None

AREA_CODE = sa.String(15).with_variant(sa.String(15, collation="C"), "postgresql")
CODE = sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("scope_code", AREA_CODE, nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("name", name="uq_account_name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "revision",
        sa.Column("topic", sa.String(length=30), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("topic", name="pk_revision"),
    )
    op.create_table(
        "setting",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_setting"),
    )
    op.create_table(
        "source",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("attribution", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("crs", sa.Text(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("data_as_of", UtcDateTime(), nullable=True),
        sa.Column("imported_at", UtcDateTime(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_source"),
        sa.UniqueConstraint("name", name="uq_source_name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "txn",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("event_count", sa.Integer(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["undoes"], ["txn.id"], name="fk_txn_undoes_txn"),
        sa.PrimaryKeyConstraint("id", name="pk_txn"),
        sa.UniqueConstraint("undoes", name="uq_txn_undoes"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "area",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("code", AREA_CODE, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("households", sa.Integer(), nullable=True),
        sa.Column("area_m2", sa.Float(), nullable=False),
        sa.Column("external_id", sa.String(length=40), nullable=True),
        sa.Column("geom", Geometry(), nullable=False),
        sa.Column("x_min", sa.Float(), nullable=False),
        sa.Column("y_min", sa.Float(), nullable=False),
        sa.Column("x_max", sa.Float(), nullable=False),
        sa.Column("y_max", sa.Float(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_area_source_id_source", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_area"),
        sa.UniqueConstraint("code", name="uq_area_code"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_area_level", "area", ["level"], unique=False)
    op.create_index("ix_area_source_id", "area", ["source_id"], unique=False)
    op.create_index("ix_area_x_min_x_max", "area", ["x_min", "x_max"], unique=False)
    op.create_table(
        "basemap_shape",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("geom", Geometry(), nullable=False),
        sa.Column("x_min", sa.Float(), nullable=False),
        sa.Column("y_min", sa.Float(), nullable=False),
        sa.Column("x_max", sa.Float(), nullable=False),
        sa.Column("y_max", sa.Float(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name="fk_basemap_shape_source_id_source", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_basemap_shape"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_basemap_shape_kind", "basemap_shape", ["kind"], unique=False)
    op.create_index("ix_basemap_shape_source_id", "basemap_shape", ["source_id"], unique=False)
    op.create_table(
        "event",
        sa.Column("txn_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column("row_key", sa.String(length=60), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["txn_id"], ["txn.id"], name="fk_event_txn_id_txn"),
        sa.PrimaryKeyConstraint("txn_id", "seq", name="pk_event"),
    )
    op.create_index("ix_event_table_name_row_key", "event", ["table_name", "row_key"], unique=False)
    op.create_table(
        "grid_unit",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("area_code", AREA_CODE, nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_grid_unit_source_id_source", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_grid_unit"),
        sa.UniqueConstraint("code", name="uq_grid_unit_code"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_grid_unit_area_code", "grid_unit", ["area_code"], unique=False)
    op.create_index("ix_grid_unit_source_id", "grid_unit", ["source_id"], unique=False)
    op.create_table(
        "network_site",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("network", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("area_code", AREA_CODE, nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name="fk_network_site_source_id_source", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_network_site"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_network_site_area_code", "network_site", ["area_code"], unique=False)
    op.create_index("ix_network_site_network", "network_site", ["network"], unique=False)
    op.create_index("ix_network_site_source_id", "network_site", ["source_id"], unique=False)
    op.create_table(
        "patrol_plan",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("area_code", AREA_CODE, nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name="fk_patrol_plan_source_id_source", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_patrol_plan"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_patrol_plan_area_code", "patrol_plan", ["area_code"], unique=False)
    op.create_index("ix_patrol_plan_source_id", "patrol_plan", ["source_id"], unique=False)
    op.create_table(
        "place",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("external_id", sa.String(length=40), nullable=True),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_place_source_id_source", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_place"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_place_source_id", "place", ["source_id"], unique=False)
    op.create_table(
        "post",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("area_code", AREA_CODE, nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_post_source_id_source", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_post"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_post_area_code", "post", ["area_code"], unique=False)
    op.create_index("ix_post_source_id", "post", ["source_id"], unique=False)
    op.create_table(
        "rail_line",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("prefix", sa.String(length=4), nullable=False),
        sa.Column("high_speed", sa.Boolean(), nullable=False),
        sa.Column("electrified", sa.Boolean(), nullable=False),
        sa.Column("gauge_mm", sa.Integer(), nullable=True),
        sa.Column("start_m", sa.Float(), nullable=False),
        sa.Column("length_m", sa.Float(), nullable=False),
        sa.Column("geom", Geometry(), nullable=False),
        sa.Column("x_min", sa.Float(), nullable=False),
        sa.Column("y_min", sa.Float(), nullable=False),
        sa.Column("x_max", sa.Float(), nullable=False),
        sa.Column("y_max", sa.Float(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_rail_line_source_id_source", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_rail_line"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_rail_line_source_id", "rail_line", ["source_id"], unique=False)
    op.create_table(
        "road_edge",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("u", sa.Integer(), nullable=False),
        sa.Column("v", sa.Integer(), nullable=False),
        sa.Column("way_id", sa.BigInteger(), nullable=True),
        sa.Column("road_class", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("length_m", sa.Float(), nullable=False),
        sa.Column("speed_kmh", sa.Float(), nullable=False),
        sa.Column("car_forward", sa.Boolean(), nullable=False),
        sa.Column("car_backward", sa.Boolean(), nullable=False),
        sa.Column("foot", sa.Boolean(), nullable=False),
        sa.Column("bridge", sa.Boolean(), nullable=False),
        sa.Column("tunnel", sa.Boolean(), nullable=False),
        sa.Column("geom", Geometry(), nullable=False),
        sa.Column("x_min", sa.Float(), nullable=False),
        sa.Column("y_min", sa.Float(), nullable=False),
        sa.Column("x_max", sa.Float(), nullable=False),
        sa.Column("y_max", sa.Float(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_road_edge_source_id_source", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_road_edge"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_road_edge_source_id", "road_edge", ["source_id"], unique=False)
    op.create_table(
        "road_node",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("osm_id", sa.BigInteger(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_road_node_source_id_source", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_road_node"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_road_node_osm_id", "road_node", ["osm_id"], unique=False)
    op.create_index("ix_road_node_source_id", "road_node", ["source_id"], unique=False)
    op.create_table(
        "session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_session_account_id_account", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name="pk_session"),
        info={"journalled": False},
    )
    op.create_table(
        "access_point",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("mileage_m", sa.Float(), nullable=False),
        sa.Column("node_id", sa.Integer(), nullable=False),
        sa.Column("walk_m", sa.Float(), nullable=False),
        sa.Column("drivable", sa.Boolean(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["line_id"], ["rail_line.id"], name="fk_access_point_line_id_rail_line", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name="fk_access_point_source_id_source", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_access_point"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_access_point_line_id", "access_point", ["line_id"], unique=False)
    op.create_index("ix_access_point_source_id", "access_point", ["source_id"], unique=False)
    op.create_table(
        "assignment",
        sa.Column("cell_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["cell_id"], ["area.id"], name="fk_assignment_cell_id_area", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["grid_unit.id"], name="fk_assignment_unit_id_grid_unit", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("cell_id", name="pk_assignment"),
    )
    op.create_index("ix_assignment_unit_id", "assignment", ["unit_id"], unique=False)
    op.create_table(
        "hazard",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("area_code", AREA_CODE, nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=True),
        sa.Column("mileage_m", sa.Float(), nullable=True),
        sa.Column("side", sa.String(length=5), nullable=True),
        sa.Column("offset_m", sa.Float(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reported_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["rail_line.id"], name="fk_hazard_line_id_rail_line", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_hazard_source_id_source", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_hazard"),
        sa.UniqueConstraint("code", name="uq_hazard_code"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hazard_area_code", "hazard", ["area_code"], unique=False)
    op.create_index("ix_hazard_source_id", "hazard", ["source_id"], unique=False)
    op.create_index("ix_hazard_state", "hazard", ["state"], unique=False)
    op.create_table(
        "rail_feature",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("external_id", sa.String(length=40), nullable=True),
        sa.Column("line_id", sa.Integer(), nullable=True),
        sa.Column("mileage_m", sa.Float(), nullable=True),
        sa.Column("length_m", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["line_id"], ["rail_line.id"], name="fk_rail_feature_line_id_rail_line", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name="fk_rail_feature_source_id_source", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_rail_feature"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_rail_feature_kind", "rail_feature", ["kind"], unique=False)
    op.create_index("ix_rail_feature_source_id", "rail_feature", ["source_id"], unique=False)
    op.create_table(
        "rail_segment",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("from_m", sa.Float(), nullable=False),
        sa.Column("to_m", sa.Float(), nullable=False),
        sa.Column("side", sa.String(length=5), nullable=False),
        sa.Column("length_m", sa.Float(), nullable=False),
        sa.Column("bridge_m", sa.Float(), nullable=False),
        sa.Column("tunnel_m", sa.Float(), nullable=False),
        sa.Column("setting", sa.String(length=12), nullable=False),
        sa.Column("risk", sa.Integer(), nullable=False),
        sa.Column("interval_days", sa.Integer(), nullable=False),
        sa.Column("last_patrol_at", UtcDateTime(), nullable=True),
        sa.Column("area_code", AREA_CODE, nullable=False),
        sa.Column("geom", Geometry(), nullable=False),
        sa.Column("x_min", sa.Float(), nullable=False),
        sa.Column("y_min", sa.Float(), nullable=False),
        sa.Column("x_max", sa.Float(), nullable=False),
        sa.Column("y_max", sa.Float(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"], ["rail_line.id"], name="fk_rail_segment_line_id_rail_line", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name="fk_rail_segment_source_id_source", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_rail_segment"),
        sa.UniqueConstraint("code", name="uq_rail_segment_code"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_rail_segment_area_code", "rail_segment", ["area_code"], unique=False)
    op.create_index("ix_rail_segment_line_id", "rail_segment", ["line_id"], unique=False)
    op.create_index("ix_rail_segment_source_id", "rail_segment", ["source_id"], unique=False)
    op.create_table(
        "rail_track",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("way_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("usage", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("gauge_mm", sa.Integer(), nullable=True),
        sa.Column("electrified", sa.Boolean(), nullable=False),
        sa.Column("high_speed", sa.Boolean(), nullable=False),
        sa.Column("max_speed_kmh", sa.Float(), nullable=True),
        sa.Column("bridge", sa.Boolean(), nullable=False),
        sa.Column("tunnel", sa.Boolean(), nullable=False),
        sa.Column("length_m", sa.Float(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=True),
        sa.Column("geom", Geometry(), nullable=False),
        sa.Column("x_min", sa.Float(), nullable=False),
        sa.Column("y_min", sa.Float(), nullable=False),
        sa.Column("x_max", sa.Float(), nullable=False),
        sa.Column("y_max", sa.Float(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["line_id"], ["rail_line.id"], name="fk_rail_track_line_id_rail_line", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name="fk_rail_track_source_id_source", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_rail_track"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_rail_track_line_id", "rail_track", ["line_id"], unique=False)
    op.create_index("ix_rail_track_source_id", "rail_track", ["source_id"], unique=False)
    op.create_table(
        "team",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("shift_start_min", sa.Integer(), nullable=False),
        sa.Column("shift_end_min", sa.Integer(), nullable=False),
        sa.Column("on_duty", sa.Boolean(), nullable=False),
        sa.Column("area_code", AREA_CODE, nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name="fk_team_post_id_post", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_team_source_id_source", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_team"),
        sa.UniqueConstraint("name", name="uq_team_name"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_team_area_code", "team", ["area_code"], unique=False)
    op.create_index("ix_team_source_id", "team", ["source_id"], unique=False)
    op.create_table(
        "hazard_step",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("hazard_id", sa.Integer(), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=False),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hazard_id"], ["hazard.id"], name="fk_hazard_step_hazard_id_hazard", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_hazard_step"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hazard_step_hazard_id", "hazard_step", ["hazard_id"], unique=False)
    op.create_table(
        "position",
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("heading_deg", sa.Float(), nullable=True),
        sa.Column("speed_kmh", sa.Float(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_position_team_id_team", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id", name="pk_position"),
        info={"journalled": False},
    )
    op.create_table(
        "track_point",
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_track_point_team_id_team", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id", "at", name="pk_track_point"),
        info={"journalled": False},
    )
    op.create_index("ix_track_point_at", "track_point", ["at"], unique=False)
