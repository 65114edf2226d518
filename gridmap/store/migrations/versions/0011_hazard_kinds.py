"""The list of hazard kinds, with those the program brings, and photographs of hazards."""

import sqlalchemy as sa
from alembic import op

from gridmap.store.tables import UtcDateTime

revision = "0011"
down_revision = "0010"

# (code, line side, light material), as they were before the list could be edited.
_BUILT_IN = (
    ("illegal_construction", True, False),
    ("illegal_occupation", True, False),
    ("water_extraction", True, False),
    ("quarrying", True, False),
    ("illegal_crossing", True, False),
    ("burning", True, False),
    ("light_objects", True, True),
    ("colour_steel", True, True),
    ("dangerous_tree", True, False),
    ("grazing", True, False),
    ("overpass_defect", True, False),
    ("fence_damage", True, False),
    ("drainage", True, False),
    ("dumping", True, False),
    ("drone_kite", True, False),
    ("cable_digging", True, False),
    ("fire_risk", False, False),
    ("flood_risk", False, False),
    ("landslide", False, False),
    ("road_damage", False, False),
    ("gas_water_power", False, False),
    ("other", False, False),
)


def upgrade() -> None:
    code = sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql")
    kinds = op.create_table(
        "hazard_kind",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("code", code, nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("line_side", sa.Boolean(), nullable=False),
        sa.Column("light_material", sa.Boolean(), nullable=False),
        sa.Column("statutes", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("built_in", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hazard_kind"),
        sa.UniqueConstraint("code", name="uq_hazard_kind_code"),
        sqlite_autoincrement=True,
    )
    op.bulk_insert(
        kinds,
        [
            {
                "code": name,
                "name_zh": "",
                "name_en": "",
                "line_side": line_side,
                "light_material": light,
                "statutes": [],
                "active": True,
                "position": position,
                "built_in": True,
            }
            for position, (name, line_side, light) in enumerate(_BUILT_IN)
        ],
    )
    op.create_table(
        "hazard_photo",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("hazard_id", sa.Integer(), nullable=False),
        sa.Column("taken_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("accuracy_m", sa.Float(), nullable=True),
        sa.Column("bearing_deg", sa.Float(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hazard_id"], ["hazard.id"], name="fk_hazard_photo_hazard_id_hazard", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_hazard_photo"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hazard_photo_hazard_id", "hazard_photo", ["hazard_id"], unique=False)
