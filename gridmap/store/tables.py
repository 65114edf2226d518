"""Every table, once, for SQLite and PostgreSQL alike.

Coordinates are WGS-84 degrees, times are UTC, lengths are metres.

The system holds places, hazards, teams and devices. No table here describes a watched, managed or suspected person.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect

from gridmap.store.geometry import Geometry, bounds_columns

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A timezone-aware instant, kept in UTC; SQLite has no zone of its own."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a timezone reached the store")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Code = sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql")
"""The number of a unit, a segment or a hazard; sorted alike on both engines."""

AreaCode = sa.String(15).with_variant(sa.String(15, collation="C"), "postgresql")
"""An area code; compared byte by byte, so that a scope is a half-open range on both engines."""


DeviceKey = sa.String(60).with_variant(sa.String(60, collation="C"), "postgresql")
"""What a device calls itself."""

UNJOURNALLED = {"journalled": False}
"""Marks a table or column whose values the journal must not hold: secrets, and what changes without a decision."""


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)


def _version() -> sa.Column[int]:
    """Counts changes of a row; a stale write names an old number and is refused."""
    return sa.Column("version", sa.Integer, nullable=False, default=1, server_default="1")


def _source() -> sa.Column[int]:
    return sa.Column("source_id", sa.ForeignKey("source.id", ondelete="CASCADE"), nullable=True, index=True)


def _point() -> list[sa.Column[float]]:
    return [sa.Column("lon", sa.Float, nullable=False), sa.Column("lat", sa.Float, nullable=False)]


# --- what is loaded, from where ---------------------------------------------------------------------------------

setting = sa.Table(
    "setting",
    metadata,
    sa.Column("key", sa.String(60), primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
)
"""Facts about the database as a whole: `synthetic` (bool), `jurisdiction`, `demo_seed`, `created_at`,
`orders_need_approval` and `orders_within_parent` (bool), `workload_weights` (by measure)."""

revision = sa.Table(
    "revision",
    metadata,
    sa.Column("topic", sa.String(30), primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
)
"""A counter per topic (`areas`, `units`, `roads`, `rail`, `basemap`, `hazards`, `networks`, `teams`, `plans`,
`incidents`, `coverage`, `zones`, `chiefs`, `closures`, `change_orders`, `borders`), raised by every change; caches and
tiles are keyed by it."""

source = sa.Table(
    "source",
    metadata,
    _id(),
    sa.Column("kind", sa.String(20), nullable=False),  # osm | areas | demo
    sa.Column("name", sa.Text, nullable=False, unique=True),  # re-importing this name replaces its rows
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("attribution", sa.Text, nullable=False),
    sa.Column("licence", sa.Text, nullable=False),
    sa.Column("crs", sa.Text, nullable=False),
    sa.Column("synthetic", sa.Boolean, nullable=False),
    sa.Column("data_as_of", UtcDateTime, nullable=True),
    sa.Column("imported_at", UtcDateTime, nullable=False),
    sa.Column("report", sa.JSON, nullable=False),
)

# --- areas and who is responsible -------------------------------------------------------------------------------

area = sa.Table(
    "area",
    metadata,
    _id(),
    sa.Column("code", AreaCode, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("level", sa.Integer, nullable=False, index=True),  # domain.codes.Level
    sa.Column("kind", sa.String(20), nullable=False),  # base | dedicated | official | unofficial
    sa.Column("households", sa.Integer, nullable=True),
    sa.Column("area_m2", sa.Float, nullable=False),
    sa.Column("external_id", sa.String(40), nullable=True),  # e.g. "relation/1155955"
    sa.Column("geom", Geometry, nullable=False),
    *bounds_columns(),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date, nullable=True),
    _source(),
    _version(),
)
sa.Index("ix_area_level_box", area.c.level, area.c.x_min, area.c.x_max, area.c.y_min, area.c.y_max)

# The two tables below name areas by number alone: what became of a place outlives it.
area_past = sa.Table(
    "area_past",
    metadata,
    _id(),
    sa.Column("area_id", sa.Integer, nullable=False, index=True),  # area.id
    sa.Column("code", AreaCode, nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date, nullable=False, index=True),  # the first day on which it was no longer called so
    sa.Column("txn", sa.Integer, nullable=False),  # the change that ended it
)
"""What areas were called on days that are over; `area.valid_from` says since when they are called as they are."""

area_succession = sa.Table(
    "area_succession",
    metadata,
    _id(),
    sa.Column("predecessor_id", sa.Integer, nullable=False, index=True),  # area.id
    sa.Column("successor_id", sa.Integer, nullable=False, index=True),  # area.id, itself where it only changed
    sa.Column("kind", sa.String(10), nullable=False),  # domain.hierarchy.SuccessionKind
    sa.Column("share_households", sa.Float, nullable=False),  # of the predecessor; they sum to 1 in each change
    sa.Column("share_area", sa.Float, nullable=False),
    sa.Column("effective_on", sa.Date, nullable=False, index=True),  # day in Beijing
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("txn", sa.Integer, nullable=False, index=True),  # the change that made it
)
"""What became of an area, and in which shares."""

area_order = sa.Table(
    "area_order",
    metadata,
    _id(),
    sa.Column("kind", sa.String(10), nullable=False),  # domain.hierarchy.SuccessionKind
    sa.Column("state", sa.String(20), nullable=False, index=True),  # domain.hierarchy.AreaOrderState
    sa.Column("request", sa.JSON, nullable=False),  # services.area_requests.AreaRequest
    sa.Column("seen", sa.JSON, nullable=False),  # what it was to do when it was ordered
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("area_code", AreaCode, nullable=False, index=True),  # the narrowest area that holds all it changes
    sa.Column("effective_on", sa.Date, nullable=False),  # day in Beijing
    sa.Column("ordered_by", sa.Text, nullable=False),
    sa.Column("ordered_at", UtcDateTime, nullable=False),
    sa.Column("message", sa.Text, nullable=False),  # of the catalogue: why it is impossible, else ""
    sa.Column("facts", sa.JSON, nullable=False),  # what its fields are filled from
    sa.Column("txn", sa.Integer, nullable=True, index=True),  # the change it was carried out as
    _version(),
)
"""Changes of the hierarchy for a later day."""

grid_unit = sa.Table(
    "grid_unit",
    metadata,
    _id(),
    sa.Column("code", Code, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),  # police_station | grid_station | team
    sa.Column("area_code", AreaCode, nullable=False, index=True),
    *_point(),
    _source(),
    _version(),
)

closed_unit = sa.Table(
    "closed_unit",
    metadata,
    _id(),  # grid_unit.id, which no other unit gets
    sa.Column("code", Code, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("area_code", AreaCode, nullable=False, index=True),
    sa.Column("closed_on", sa.Date, nullable=False),  # day in Beijing
)
"""What units were called that are no more; history names them, and nothing else reads it."""

assignment = sa.Table(
    "assignment",
    metadata,
    sa.Column("cell_id", sa.ForeignKey("area.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("unit_id", sa.ForeignKey("grid_unit.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("since", sa.Date, nullable=False),
    _version(),
)

# --- change orders: who answers for a cell, since when and by whose order ------------------------------------------

change_order = sa.Table(
    "change_order",
    metadata,
    _id(),
    sa.Column("number", Code, nullable=False, unique=True),  # 2026-0012, as people say it
    sa.Column("kind", sa.String(20), nullable=False),  # domain.change_orders.OrderKind
    sa.Column("state", sa.String(20), nullable=False, index=True),  # domain.change_orders.OrderState
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("area_code", AreaCode, nullable=False, index=True),  # the narrowest area that holds all its cells
    sa.Column("cells", sa.Integer, nullable=False),  # how many it moves
    sa.Column("effective_on", sa.Date, nullable=False),  # day in Beijing
    sa.Column("ordered_by", sa.Text, nullable=False),
    sa.Column("ordered_at", UtcDateTime, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False, default="", server_default=""),
    sa.Column("decided_at", UtcDateTime, nullable=True),
    sa.Column("decision_note", sa.Text, nullable=False, default="", server_default=""),
    sa.Column("in_effect_at", UtcDateTime, nullable=True),
    sa.Column("sequence", sa.Integer, nullable=True),  # counts orders as they take effect, again after a redo
    sa.Column("undoes", sa.ForeignKey("change_order.id"), nullable=True),
    _version(),
)

# The tables below name cells and units by number alone: what was ordered outlives an area that a later edition lacks.
change_order_cell = sa.Table(
    "change_order_cell",
    metadata,
    sa.Column("order_id", sa.ForeignKey("change_order.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("cell_id", sa.Integer, primary_key=True, index=True),  # area.id
    sa.Column("from_unit_id", sa.Integer, nullable=True),  # grid_unit.id; NULL: nobody answered for it
    sa.Column("to_unit_id", sa.Integer, nullable=True),  # NULL: nobody again, by an undo of the same day
    info=UNJOURNALLED,  # written once with its order, whose events say when
)

tenure = sa.Table(
    "tenure",
    metadata,
    _id(),
    sa.Column("cell_id", sa.Integer, nullable=False, index=True),  # area.id
    sa.Column("unit_id", sa.Integer, nullable=False),  # grid_unit.id
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date, nullable=True),  # the first day that is no longer of it; NULL: today's
    sa.Column("order_id", sa.Integer, nullable=True),  # change_order.id; NULL: from an import
    info=UNJOURNALLED,  # follows the assignments, in the same transaction
)
"""Which unit answered for a cell on which days; `assignment` is its last line."""

cell_lock = sa.Table(
    "cell_lock",
    metadata,
    sa.Column("cell_id", sa.Integer, primary_key=True, autoincrement=False),  # area.id
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("locked_by", sa.Text, nullable=False),
    sa.Column("locked_at", UtcDateTime, nullable=False),
    _version(),
)
"""Cells that no order moves."""

adjacency_rule = sa.Table(
    "adjacency_rule",
    metadata,
    _id(),
    sa.Column("first_id", sa.Integer, nullable=False),  # area.id, the lesser of the two
    sa.Column("second_id", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(10), nullable=False),  # barrier | join
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("set_by", sa.Text, nullable=False),
    sa.Column("set_at", UtcDateTime, nullable=False),
    _version(),
    sa.UniqueConstraint("first_id", "second_id", name="uq_adjacency_rule_first_id_second_id"),
)
"""Neighbours that nothing crosses between, and cells that hang together although they share no border."""

order_notice = sa.Table(
    "order_notice",
    metadata,
    _id(),
    sa.Column("order_id", sa.ForeignKey("change_order.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("unit_id", sa.Integer, nullable=True, index=True),  # grid_unit.id; NULL: told to an account
    sa.Column("account", sa.Text, nullable=False, default="", server_default=""),  # "" = told to a unit
    sa.Column("message", sa.Text, nullable=False),  # of the catalogue
    sa.Column("facts", sa.JSON, nullable=False),  # what its fields are filled from
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("seen_by", sa.Text, nullable=False, default="", server_default=""),
    sa.Column("seen_at", UtcDateTime, nullable=True),
    info=UNJOURNALLED,  # follows its order
)
"""What a unit or an author is told of an order."""

# --- roads ------------------------------------------------------------------------------------------------------

road_node = sa.Table(
    "road_node",
    metadata,
    _id(),
    sa.Column("osm_id", sa.BigInteger, nullable=True, index=True),  # equal ids of two extracts are one junction
    *_point(),
    _source(),
)

road_edge = sa.Table(
    "road_edge",
    metadata,
    _id(),
    sa.Column("u", sa.Integer, nullable=False),  # road_node.id
    sa.Column("v", sa.Integer, nullable=False),
    sa.Column("way_id", sa.BigInteger, nullable=True),
    sa.Column("road_class", sa.String(20), nullable=False),  # OSM highway value
    sa.Column("name", sa.Text, nullable=False, default=""),
    sa.Column("length_m", sa.Float, nullable=False),
    sa.Column("speed_kmh", sa.Float, nullable=False),  # car
    sa.Column("car_forward", sa.Boolean, nullable=False),
    sa.Column("car_backward", sa.Boolean, nullable=False),
    sa.Column("foot", sa.Boolean, nullable=False),
    sa.Column("bridge", sa.Boolean, nullable=False),
    sa.Column("tunnel", sa.Boolean, nullable=False),
    sa.Column("geom", Geometry, nullable=False),  # from u to v
    *bounds_columns(),
    _source(),
)

turn_restriction = sa.Table(
    "turn_restriction",
    metadata,
    _id(),
    sa.Column("relation_id", sa.BigInteger, nullable=True),
    sa.Column("from_edge", sa.Integer, nullable=False),  # road_edge.id
    sa.Column("via_node", sa.Integer, nullable=False),  # road_node.id where from_edge ends
    sa.Column("via_edges", sa.Text, nullable=False, default=""),  # ids of edges between, apart by blanks
    sa.Column("to_edge", sa.Integer, nullable=False),
    sa.Column("only", sa.Boolean, nullable=False),  # the only turn that may be made, not one that may not
    sa.Column("car", sa.Boolean, nullable=False),
    sa.Column("motorcycle", sa.Boolean, nullable=False),
    _source(),
)

closure = sa.Table(
    "closure",
    metadata,
    _id(),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("speed_kmh", sa.Float, nullable=True),  # NULL: closed; else nobody drives faster
    sa.Column("geom", Geometry, nullable=False),  # a point, line or area, as drawn
    *bounds_columns(),
    sa.Column("area_code", AreaCode, nullable=False, index=True),  # of the area it was drawn in
    sa.Column("starts_at", UtcDateTime, nullable=False),
    sa.Column("ends_at", UtcDateTime, nullable=True, index=True),  # NULL: until somebody opens the road
    _version(),
)

# --- railways ---------------------------------------------------------------------------------------------------

rail_track = sa.Table(
    "rail_track",
    metadata,
    _id(),
    sa.Column("way_id", sa.BigInteger, nullable=True),
    sa.Column("name", sa.Text, nullable=False, default=""),
    sa.Column("ref", sa.Text, nullable=False, default=""),
    sa.Column("usage", sa.Text, nullable=False),  # main | branch | industrial | "" …
    sa.Column("service", sa.Text, nullable=False),  # siding | yard | spur | crossover | ""
    sa.Column("gauge_mm", sa.Integer, nullable=True),
    sa.Column("electrified", sa.Boolean, nullable=False),
    sa.Column("high_speed", sa.Boolean, nullable=False),
    sa.Column("max_speed_kmh", sa.Float, nullable=True),
    sa.Column("bridge", sa.Boolean, nullable=False),
    sa.Column("tunnel", sa.Boolean, nullable=False),
    sa.Column("length_m", sa.Float, nullable=False),
    sa.Column("line_id", sa.ForeignKey("rail_line.id", ondelete="SET NULL"), nullable=True, index=True),
    # left | right of its line facing increasing mileage, "" on a single track
    sa.Column("side", sa.String(5), nullable=False, default="", server_default=""),
    sa.Column("geom", Geometry, nullable=False),
    *bounds_columns(),
    _source(),
)

rail_line = sa.Table(
    "rail_line",
    metadata,
    _id(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("ref", sa.Text, nullable=False, default=""),
    sa.Column("prefix", sa.String(4), nullable=False, default="K"),  # mileage prefix, K or DK
    sa.Column("high_speed", sa.Boolean, nullable=False),
    sa.Column("electrified", sa.Boolean, nullable=False),
    sa.Column("gauge_mm", sa.Integer, nullable=True),
    sa.Column("start_m", sa.Float, nullable=False),  # chainage of the first vertex
    sa.Column("length_m", sa.Float, nullable=False),
    sa.Column("geom", Geometry, nullable=False),  # LineString, mileage increasing
    *bounds_columns(),
    _source(),
)

# Every other column of the railways that ends in mileage_m, from_m or to_m holds chainage; this table alone says which
# mileage is written there.
mileage_point = sa.Table(
    "mileage_point",
    metadata,
    _id(),
    sa.Column("line_id", sa.ForeignKey("rail_line.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("chainage_m", sa.Float, nullable=False),
    sa.Column("back_m", sa.Float, nullable=False),  # mileage that arrives there
    sa.Column("ahead_m", sa.Float, nullable=False),  # mileage that leaves; differs at a broken chain
    sa.Column("origin", sa.String(10), nullable=False),  # given (by a person) | milestone (read from a file)
    *_point(),  # on the ground: it outlives a line that is drawn anew
)

protection_zone = sa.Table(
    "protection_zone",
    metadata,
    _id(),
    sa.Column("line_id", sa.ForeignKey("rail_line.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("from_m", sa.Float, nullable=False),  # chainage on the line
    sa.Column("to_m", sa.Float, nullable=False),
    sa.Column("side", sa.String(5), nullable=False),  # left | right, facing increasing mileage
    sa.Column("width_m", sa.Float, nullable=False),  # from the origin, as announced
    sa.Column("origin_offset_m", sa.Float, nullable=False),  # outer track to the origin, assumed when it was drawn
    sa.Column("category", sa.Text, nullable=False),  # urban | suburban | village | open, or the notice's own word
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("official", sa.Boolean, nullable=False),  # screened ones are computed when they are asked for
    sa.Column("notice", sa.Text, nullable=False),  # title, number and date of the notice
    sa.Column("valid_from", sa.Date, nullable=True),  # NULL: has been in force all along
    sa.Column("valid_to", sa.Date, nullable=True),  # the last day; NULL: until another notice
    sa.Column("geom", Geometry, nullable=False),
    *bounds_columns(),
    _source(),
    _version(),
)

section_chief = sa.Table(
    "section_chief",
    metadata,
    _id(),
    sa.Column("line_id", sa.ForeignKey("rail_line.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("from_m", sa.Float, nullable=False),  # chainage on the line
    sa.Column("to_m", sa.Float, nullable=False),
    sa.Column("party", sa.String(8), nullable=False),  # local | railway
    sa.Column("office", sa.Text, nullable=False),  # a post; never a person's name or telephone number
    sa.Column("area_code", AreaCode, nullable=True),  # whose post it is, where that is said
    sa.Column("interval_days", sa.Integer, nullable=True),  # of joint inspections; NULL: none is set
    sa.Column("valid_from", sa.Date, nullable=True),  # NULL: has answered all along
    _version(),
)

joint_inspection = sa.Table(
    "joint_inspection",
    metadata,
    _id(),
    sa.Column("line_id", sa.ForeignKey("rail_line.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("from_m", sa.Float, nullable=False),  # chainage on the line
    sa.Column("to_m", sa.Float, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
)

rail_segment = sa.Table(
    "rail_segment",
    metadata,
    _id(),
    sa.Column("code", Code, nullable=False, unique=True),
    sa.Column("line_id", sa.ForeignKey("rail_line.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("from_m", sa.Float, nullable=False),  # chainage on the line
    sa.Column("to_m", sa.Float, nullable=False),
    sa.Column("side", sa.String(5), nullable=False),  # left | right | both, facing increasing mileage
    sa.Column("length_m", sa.Float, nullable=False),
    sa.Column("bridge_m", sa.Float, nullable=False, default=0.0),
    sa.Column("tunnel_m", sa.Float, nullable=False, default=0.0),
    sa.Column("setting", sa.String(12), nullable=False),  # urban | suburban | village | open (Art. 27)
    sa.Column("risk", sa.Integer, nullable=False),  # 1 low … 4 very high
    sa.Column("interval_days", sa.Integer, nullable=False),
    sa.Column("visits", sa.Integer, nullable=False, default=1, server_default="1"),  # wanted in each interval
    sa.Column(
        "spacing_min", sa.Integer, nullable=False, default=0, server_default="0"
    ),  # minutes between them at least
    sa.Column("night", sa.Boolean, nullable=False, default=False, server_default=sa.false()),  # wanted by night
    # Which of these, setting to night, somebody set: names parted by spaces.
    sa.Column("by_hand", sa.String(80), nullable=False, default="", server_default=""),
    sa.Column("last_patrol_at", UtcDateTime, nullable=True),
    sa.Column("area_code", AreaCode, nullable=False, index=True),
    sa.Column("geom", Geometry, nullable=False),
    *bounds_columns(),
    _source(),
    _version(),
)

rail_feature = sa.Table(
    "rail_feature",
    metadata,
    _id(),
    sa.Column("kind", sa.String(20), nullable=False, index=True),  # key of i18n.labels "rail_feature"
    sa.Column("name", sa.Text, nullable=False, default=""),
    sa.Column("external_id", sa.String(40), nullable=True),
    sa.Column("line_id", sa.ForeignKey("rail_line.id", ondelete="SET NULL"), nullable=True),
    sa.Column("mileage_m", sa.Float, nullable=True),
    sa.Column("length_m", sa.Float, nullable=True),
    *_point(),
    _source(),
)

access_point = sa.Table(
    "access_point",
    metadata,
    _id(),
    sa.Column("kind", sa.String(20), nullable=False),  # station | level_crossing | bridge | underpass | way_end
    sa.Column("name", sa.Text, nullable=False, default=""),
    sa.Column("line_id", sa.ForeignKey("rail_line.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("mileage_m", sa.Float, nullable=False),
    sa.Column("node_id", sa.Integer, nullable=False),  # road_node.id where the road network is left
    sa.Column("walk_m", sa.Float, nullable=False),  # from that node to the line side
    sa.Column("drivable", sa.Boolean, nullable=False),  # a car reaches the node
    *_point(),  # the point beside the line
    _source(),
)

# --- basemap ----------------------------------------------------------------------------------------------------

basemap_shape = sa.Table(
    "basemap_shape",
    metadata,
    _id(),
    # water | river | forest | farmland | settlement | industrial | park | bare
    sa.Column("kind", sa.String(20), nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False, default=""),
    sa.Column("geom", Geometry, nullable=False),
    *bounds_columns(),
    _source(),
)

place = sa.Table(
    "place",
    metadata,
    _id(),
    sa.Column("kind", sa.String(20), nullable=False),  # city | town | village | hamlet | suburb | locality | peak
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("population", sa.Integer, nullable=True),
    sa.Column("external_id", sa.String(40), nullable=True),
    *_point(),
    _source(),
)

for _drawn in (road_edge, rail_track, basemap_shape):
    # Whole within the index: what lies in a tile is found without reading a single geometry beside it.
    sa.Index(f"ix_{_drawn.name}_box", _drawn.c.x_min, _drawn.c.x_max, _drawn.c.y_min, _drawn.c.y_max)

tile = sa.Table(
    "tile",
    metadata,
    sa.Column("layer", sa.String(10), primary_key=True),
    sa.Column("z", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("x", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("y", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("etag", sa.String(40), nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
    info=UNJOURNALLED,
)
"""Vector tiles drawn ahead, gzip'd; whatever changes their ground deletes them."""

tile_shape = sa.Table(
    "tile_shape",
    metadata,
    sa.Column("layer", sa.String(10), primary_key=True),
    sa.Column("z", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),  # of the row that is drawn
    *bounds_columns(),
    sa.Column("world", sa.LargeBinary, nullable=False),  # WKB on the Web Mercator unit square
    sa.Index("ix_tile_shape_box", "layer", "z", "x_min", "x_max", "y_min", "y_max"),
    info=UNJOURNALLED,
)
"""Shapes straightened for a coarse zoom; whatever changes their ground deletes them."""

# --- hazards, networks ------------------------------------------------------------------------------------------

hazard = sa.Table(
    "hazard",
    metadata,
    _id(),
    sa.Column("code", Code, nullable=False, unique=True),
    sa.Column("kind", sa.String(30), nullable=False),  # hazard_kind.code
    sa.Column("severity", sa.Integer, nullable=False),  # 1 minor … 4 critical
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False, default=""),
    *_point(),
    sa.Column("area_code", AreaCode, nullable=False, index=True),
    sa.Column("line_id", sa.ForeignKey("rail_line.id", ondelete="SET NULL"), nullable=True),
    sa.Column("mileage_m", sa.Float, nullable=True),
    sa.Column("side", sa.String(5), nullable=True),
    sa.Column("offset_m", sa.Float, nullable=True),
    sa.Column("state", sa.String(20), nullable=False, index=True),  # domain.hazards.HazardState
    sa.Column("reported_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("closed_at", UtcDateTime, nullable=True),
    _source(),
    _version(),
)

hazard_step = sa.Table(
    "hazard_step",
    metadata,
    _id(),
    sa.Column("hazard_id", sa.ForeignKey("hazard.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("from_state", sa.String(20), nullable=False),
    sa.Column("to_state", sa.String(20), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False, default=""),
    # A step from a state to itself hands the hazard to another unit; both as they were called then.
    sa.Column("from_unit", sa.Text, nullable=False, default="", server_default=""),
    sa.Column("to_unit", sa.Text, nullable=False, default="", server_default=""),
    sa.Column("order_number", Code, nullable=False, default="", server_default=""),  # change_order.number
)

hazard_referral = sa.Table(
    "hazard_referral",
    metadata,
    _id(),
    sa.Column("hazard_id", sa.ForeignKey("hazard.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("party", sa.String(8), nullable=False),  # local | railway
    sa.Column("office", sa.Text, nullable=False),  # the post as of when it was made, "" where there was none
    sa.Column("acknowledged_at", UtcDateTime, nullable=True),
    sa.Column("acknowledged_note", sa.Text, nullable=False, default="", server_default=""),
    _version(),
    sa.UniqueConstraint("hazard_id", "party"),
)

hazard_kind = sa.Table(
    "hazard_kind",
    metadata,
    _id(),
    sa.Column("code", Code, nullable=False, unique=True),
    sa.Column("name_zh", sa.Text, nullable=False, default=""),  # "" = as the catalogue says
    sa.Column("name_en", sa.Text, nullable=False, default=""),
    sa.Column("line_side", sa.Boolean, nullable=False),
    sa.Column("light_material", sa.Boolean, nullable=False),
    sa.Column("statutes", sa.JSON, nullable=False),  # kinds of the distance rules; built-in ones: statutes/kinds.toml
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("built_in", sa.Boolean, nullable=False),
    sa.Column("skill", sa.Text, nullable=False, default="", server_default=""),  # what a team needs to inspect it
    sa.Column("inspect_min", sa.Integer, nullable=True),  # minutes on the spot; None = as its severity says
    sa.Column("hours", sa.Text, nullable=False, default="", server_default=""),  # 08:00-11:00; 14:00-17:00
    _version(),
)
"""What hazards there are: kinds of places and things. A migration brings the first rows."""

hazard_photo = sa.Table(
    "hazard_photo",
    metadata,
    _id(),
    sa.Column("hazard_id", sa.ForeignKey("hazard.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("taken_at", UtcDateTime, nullable=True),
    sa.Column("lon", sa.Float, nullable=True),  # where the camera stood
    sa.Column("lat", sa.Float, nullable=True),
    sa.Column("accuracy_m", sa.Float, nullable=True),
    sa.Column("bearing_deg", sa.Float, nullable=True),  # where it looked, from true north
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("jpeg", sa.LargeBinary, nullable=False, info=UNJOURNALLED),
)
"""Photographs of places, small and without any metadata of their file; they go with their hazard."""

network_site = sa.Table(
    "network_site",
    metadata,
    _id(),
    sa.Column("network", sa.String(20), nullable=False, index=True),  # domain.networks.Network
    sa.Column("kind", sa.String(30), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    *_point(),
    sa.Column("area_code", AreaCode, nullable=False, index=True),
    _source(),
    _version(),
)

# --- teams, positions, plans ------------------------------------------------------------------------------------

post = sa.Table(
    "post",
    metadata,
    _id(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),  # police_post | rail_post | grid_station | suggested
    *_point(),
    sa.Column("area_code", AreaCode, nullable=False, index=True),
    _source(),
    _version(),
)

team = sa.Table(
    "team",
    metadata,
    _id(),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.String(12), nullable=False),  # domain.patrol TeamKind: car | motorcycle | foot
    sa.Column("post_id", sa.ForeignKey("post.id", ondelete="CASCADE"), nullable=False),
    sa.Column("members", sa.Integer, nullable=False),
    sa.Column("shift_start_min", sa.Integer, nullable=False),  # minutes after local midnight
    sa.Column("shift_end_min", sa.Integer, nullable=False),
    sa.Column("on_duty", sa.Boolean, nullable=False),
    sa.Column("area_code", AreaCode, nullable=False, index=True),
    sa.Column("retired_at", UtcDateTime, nullable=True),  # not used any more since; its orders and tracks stay
    _source(),
    _version(),
)

team_duty = sa.Table(
    "team_duty",
    metadata,
    _id(),
    sa.Column("team_id", sa.ForeignKey("team.id", ondelete="CASCADE"), nullable=False, unique=True),
    sa.Column("end_post_id", sa.ForeignKey("post.id", ondelete="SET NULL"), nullable=True),  # None = where it set out
    sa.Column("breaks", sa.Text, nullable=False, default=""),  # 12:00-13:00/30; domain.patrol.hours
    sa.Column("latest_return_min", sa.Integer, nullable=True),  # minutes after local midnight
    sa.Column("skills", sa.Text, nullable=False, default=""),  # parted by semicolons
    sa.Column("max_walk_m", sa.Float, nullable=True),  # beside the line, in a day
    _version(),
)
"""What a team may be asked to do beyond its shift; a team without a row has no breaks, skills or limits of its own."""

position = sa.Table(
    "position",
    metadata,
    sa.Column("team_id", sa.ForeignKey("team.id", ondelete="CASCADE"), primary_key=True),
    *_point(),
    sa.Column("heading_deg", sa.Float, nullable=True),
    sa.Column("speed_kmh", sa.Float, nullable=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("simulated", sa.Boolean, nullable=False),
    info=UNJOURNALLED,
)
"""The latest fix of each team on duty. Never of a person."""

track_point = sa.Table(
    "track_point",
    metadata,
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),  # in Beijing, 20260304
    sa.Column("team_id", sa.ForeignKey("team.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("at", UtcDateTime, primary_key=True),
    *_point(),
    sa.Column("simulated", sa.Boolean, nullable=False),
    info=UNJOURNALLED,
    sqlite_with_rowid=False,
    postgresql_partition_by="LIST (day)",
)
"""History of fixes while on duty, day by day; days go after `Settings.track_retention_days`.

On PostgreSQL each day is a partition (`store.positions.make_days`), in SQLite a run of the table's only tree.
"""

device = sa.Table(
    "device",
    metadata,
    _id(),
    sa.Column("key", DeviceKey, nullable=False, unique=True),
    sa.Column("kind", sa.String(10), nullable=False),  # domain.devices.DeviceKind
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True, info=UNJOURNALLED),
    sa.Column("team_id", sa.ForeignKey("team.id", ondelete="SET NULL"), nullable=True, index=True),
    sa.Column("scope_code", AreaCode, nullable=False),  # of a gateway: whose teams' devices it speaks for; "" = all
    sa.Column("simulated", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("revoked_at", UtcDateTime, nullable=True),
    _version(),
)
"""What may report positions: a tracker or telephone of a team, or a server that forwards for many."""

ingest_refusal = sa.Table(
    "ingest_refusal",
    metadata,
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),  # in Beijing, 20260304
    sa.Column("reason", sa.String(20), primary_key=True),  # domain.fixes.Refusal
    sa.Column("device_key", DeviceKey, primary_key=True),  # "" = no device of ours, however it called itself
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("last_at", UtcDateTime, nullable=False),
    info=UNJOURNALLED,
)
"""How many fixes and requests were refused; at most a row for each device, reason and day."""

coverage = sa.Table(
    "coverage",
    metadata,
    _id(),
    sa.Column("line_id", sa.ForeignKey("rail_line.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("from_m", sa.Float, nullable=False),  # mileage on the line, the smaller first
    sa.Column("to_m", sa.Float, nullable=False),
    sa.Column("side", sa.String(5), nullable=False),  # left | right | both, facing increasing mileage
    sa.Column("at", UtcDateTime, nullable=False, index=True),  # when the stretch was left
    sa.Column("kind", sa.String(10), nullable=False),  # foot | vehicle | report
    sa.Column("team_id", sa.ForeignKey("team.id", ondelete="SET NULL"), nullable=True, index=True),
    sa.Column("confidence", sa.Float, nullable=False),  # 0 to 1
    sa.Column("source", sa.Text, nullable=False, index=True),  # the file, or the team's duty of a day
)
"""Stretches of lines that were patrolled, from tracks; a place, a side and a time, never a person."""

patrol_plan = sa.Table(
    "patrol_plan",
    metadata,
    _id(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("area_code", AreaCode, nullable=False, index=True),
    sa.Column("service_date", sa.Date, nullable=False),
    sa.Column("status", sa.String(12), nullable=False),  # draft | published | closed | replaced
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("document", sa.JSON, nullable=False),  # docs/plan.schema.json
    sa.Column("outcome", sa.JSON(none_as_null=True), nullable=True),  # planned against actual, of a closed plan
    _source(),
    _version(),
)

patrol_order = sa.Table(
    "patrol_order",
    metadata,
    _id(),
    sa.Column("plan_id", sa.ForeignKey("patrol_plan.id", ondelete="CASCADE"), nullable=False),
    sa.Column("team_id", sa.ForeignKey("team.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("starts_at", UtcDateTime, nullable=False),  # as planned
    sa.Column("ends_at", UtcDateTime, nullable=False),
    sa.Column("confirmed_at", UtcDateTime, nullable=True),
    _version(),
    sa.UniqueConstraint("plan_id", "team_id"),
)
"""A published plan as one team's order."""

order_stop = sa.Table(
    "order_stop",
    metadata,
    _id(),
    sa.Column("order_id", sa.ForeignKey("patrol_order.id", ondelete="CASCADE"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),  # of the stop in the route, from 1
    sa.Column("tasks", sa.JSON, nullable=False),  # keys of the plan's tasks
    sa.Column("lon", sa.Float, nullable=False),
    sa.Column("lat", sa.Float, nullable=False),
    sa.Column("planned_at", UtcDateTime, nullable=False),  # arrival
    sa.Column("planned_leave_at", UtcDateTime, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),  # domain.orders.StopState
    sa.Column("arrived_at", UtcDateTime, nullable=True),
    sa.Column("ended_at", UtcDateTime, nullable=True),
    sa.Column("reason", sa.String(20), nullable=False, default="", server_default=""),  # domain.orders.CannotReason
    sa.Column("note", sa.Text, nullable=False, default="", server_default=""),
    _version(),
    sa.UniqueConstraint("order_id", "number"),
)

stop_photo = sa.Table(
    "stop_photo",
    metadata,
    _id(),
    sa.Column("stop_id", sa.ForeignKey("order_stop.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("jpeg", sa.LargeBinary, nullable=False, info=UNJOURNALLED),
)
"""What a team showed of a stop: of places and things, without any metadata of the file."""

team_action = sa.Table(
    "team_action",
    metadata,
    sa.Column("team_id", sa.ForeignKey("team.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("key", sa.String(36), primary_key=True),  # made by the telephone
    sa.Column("at", UtcDateTime, nullable=False),  # when it was taken
    info=UNJOURNALLED,
)
"""What teams' telephones sent already: the same sent once more is taken for done."""

patrol_strategy = sa.Table(
    "patrol_strategy",
    metadata,
    _id(),
    sa.Column("area_code", AreaCode, nullable=False, index=True),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("document", sa.JSON, nullable=False),  # services.unpredictable
    _version(),
)
"""Plans to draw from with their probabilities; old as soon as roads, railways or teams change."""

# --- incidents --------------------------------------------------------------------------------------------------

incident = sa.Table(
    "incident",
    metadata,
    _id(),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),  # domain.incidents.IncidentKind
    sa.Column("severity", sa.Integer, nullable=False),  # 1 minor … 4 critical
    *_point(),
    sa.Column("area_code", AreaCode, nullable=False, index=True),
    sa.Column("reported_at", UtcDateTime, nullable=False),
    sa.Column("closed_at", UtcDateTime, nullable=True, index=True),
    _version(),
)

dispatch = sa.Table(
    "dispatch",
    metadata,
    _id(),
    sa.Column("incident_id", sa.ForeignKey("incident.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("team_id", sa.ForeignKey("team.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("state", sa.String(12), nullable=False, index=True),  # domain.incidents.DispatchState
    sa.Column("sent_at", UtcDateTime, nullable=False),
    sa.Column("sent_by", sa.Text, nullable=False),  # the account
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),  # by road, as planned when the team was sent
    sa.Column("metres", sa.Float, nullable=False),
    sa.Column("note", sa.Text, nullable=False, default=""),
    # domain.incidents.DeclineReason of a task that was declined, "" of any other
    sa.Column("reason", sa.String(20), nullable=False, server_default=""),
    _version(),
)
"""A team sent to an incident."""

# --- accounts, journal ------------------------------------------------------------------------------------------

account = sa.Table(
    "account",
    metadata,
    _id(),
    sa.Column("name", sa.String(60), nullable=False, unique=True),
    sa.Column("password_hash", sa.Text, nullable=False, info=UNJOURNALLED),
    sa.Column("role", sa.String(20), nullable=False),  # domain.access.Role
    sa.Column("scope_code", AreaCode, nullable=False),  # "" = everywhere
    sa.Column("team_id", sa.ForeignKey("team.id", ondelete="SET NULL"), nullable=True),  # of the role team alone
    sa.Column("demo", sa.Boolean, nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False, info=UNJOURNALLED),
    sa.Column("locked_until", UtcDateTime, nullable=True, info=UNJOURNALLED),
    _version(),
)

session = sa.Table(
    "session",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("account_id", sa.ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    info=UNJOURNALLED,
)

txn = sa.Table(
    "txn",
    metadata,
    _id(),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("undoes", sa.ForeignKey("txn.id"), nullable=True, unique=True),
    sa.Column("event_count", sa.Integer, nullable=False),
    sa.Column("previous_hash", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)

event = sa.Table(
    "event",
    metadata,
    sa.Column("txn_id", sa.ForeignKey("txn.id"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("table_name", sa.String(40), nullable=False),
    sa.Column("row_key", sa.String(60), nullable=False),
    sa.Column("before", sa.JSON(none_as_null=True), nullable=True),  # null: the row was made
    sa.Column("after", sa.JSON(none_as_null=True), nullable=True),  # null: the row was deleted
)
sa.Index("ix_event_table_name_row_key", event.c.table_name, event.c.row_key)

for _table in metadata.tables.values():
    if "id" in _table.c:
        # Without it SQLite gives the number of a deleted row to the next one, and the journal would confuse the two.
        _table.dialect_options["sqlite"]["autoincrement"] = True
