"""A small made-up county for tests: two towns side by side, a road grid, a railway through both."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.domain.access import Actor, Role
from gridmap.domain.crs import compute_lengths_m
from gridmap.services.context import Context
from gridmap.services.loading import SourceInfo, load_dataset
from gridmap.sources.dataset import SHAPE_COLUMNS, WGS84, Dataset, empty_layer
from gridmap.store import positions, tables
from tests.keeping import fill_once

WEST, SOUTH, STEP_DEG = 112.5, 37.8, 0.01
COLUMNS, ROWS = 6, 4
RAIL_LAT = SOUTH + 1.5 * STEP_DEG
"""The railway runs through the middle of the second row of cells from the south."""

COUNTY, WEST_TOWN, EAST_TOWN = "149901", "149901001", "149901002"
WEST_UNIT, EAST_UNIT = f"U{WEST_TOWN}001", f"U{EAST_TOWN}001"

ADMIN = Actor("admin", Role.ADMINISTRATOR)
WEST_SUPERVISOR = Actor("west", Role.SUPERVISOR, WEST_TOWN)
EAST_SUPERVISOR = Actor("east", Role.SUPERVISOR, EAST_TOWN)
EAST_PLANNER = Actor("east planner", Role.PLANNER, EAST_TOWN)


def cell_code(column: int, row: int) -> str:
    """Code of a cell; columns count from the west, rows from the south."""
    town = WEST_TOWN if column < COLUMNS // 2 else EAST_TOWN
    return f"{town}001{(column % (COLUMNS // 2)) * ROWS + row + 1:03d}"


def place_in(column: int, row: int) -> tuple[float, float]:
    """(lon, lat) of the middle of a cell."""
    return WEST + (column + 0.5) * STEP_DEG, SOUTH + (row + 0.5) * STEP_DEG


def build_areas() -> gpd.GeoDataFrame:
    """The county, two towns of one village each, twelve cells in each village; no two cells alike in households."""
    cells = {}
    for column in range(COLUMNS):
        for row in range(ROWS):
            # Neighbours share their corners to the last bit.
            x, y = (start + STEP_DEG * np.arange(at, at + 2) for start, at in ((WEST, column), (SOUTH, row)))
            cells[cell_code(column, row)] = shapely.box(x[0], y[0], x[1], y[1])
    rows = [(COUNTY, "Clear River County", 3, None, shapely.union_all(list(cells.values())))]
    for town, name in ((WEST_TOWN, "Willow"), (EAST_TOWN, "Stone Bridge")):
        own = {code: shape for code, shape in cells.items() if code.startswith(town)}
        whole = shapely.union_all(list(own.values()))
        rows += [(town, f"{name} Town", 4, None, whole), (f"{town}001", f"{name} Village", 5, None, whole)]
        rows += [(code, f"{name} {n}", 6, 300 + 10 * n, own[code]) for n, code in enumerate(sorted(own), start=1)]
    columns = {"code": 0, "name": 1, "level": 2, "households": 3}
    table = {name: [row[at] for row in rows] for name, at in columns.items()}
    table |= {"kind": ["official"] * len(rows), "external_id": [None] * len(rows)}
    return gpd.GeoDataFrame(table, geometry=[shapely.MultiPolygon([row[4]]) for row in rows], crs=WGS84)


def build_roads() -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """A road along every border of cells; one in the west passes over the railway on a bridge, the others cross it."""
    lon, lat = np.meshgrid(
        WEST + STEP_DEG * np.arange(COLUMNS + 1), SOUTH + STEP_DEG * np.arange(ROWS + 1), indexing="ij"
    )
    nodes = pd.DataFrame({"osm_id": None, "lon": lon.ravel(), "lat": lat.ravel()})
    number = np.arange(len(nodes)).reshape(lon.shape)
    ends = [(number[c, r], number[c + 1, r]) for c in range(COLUMNS) for r in range(ROWS + 1)]
    ends += [(number[c, r], number[c, r + 1]) for c in range(COLUMNS + 1) for r in range(ROWS)]
    lines = [shapely.LineString(nodes.loc[list(pair), ["lon", "lat"]].to_numpy()) for pair in ends]
    edges = gpd.GeoDataFrame(
        {
            "u": [int(u) for u, _ in ends],
            "v": [int(v) for _, v in ends],
            "way_id": range(len(ends)),
            "road_class": "tertiary",
            "name": "County Road",
            "length_m": compute_lengths_m(np.array(lines, object)),
            "speed_kmh": 40.0,
            "car_forward": True,
            "car_backward": True,
            "foot": True,
            "bridge": [pair == (number[1, 1], number[1, 2]) for pair in ends],
            "tunnel": False,
        },
        geometry=lines,
        crs=WGS84,
    )
    return nodes, edges


def build_tracks() -> gpd.GeoDataFrame:
    """One line of two tracks end to end, drawn from west to east."""
    x = WEST + STEP_DEG * np.array([0.0, 3.0, 6.0])
    lines = [shapely.LineString([(a, RAIL_LAT), (b, RAIL_LAT)]) for a, b in pairwise(x)]
    return gpd.GeoDataFrame(
        {
            "way_id": [1, 2],
            "name": ["Clear River Line", "Clear River Line"],
            "ref": "",
            "usage": "main",
            "service": "",
            "gauge_mm": 1435,
            "electrified": True,
            "high_speed": False,
            "max_speed_kmh": 120.0,
            "bridge": False,
            "tunnel": False,
            "length_m": compute_lengths_m(np.array(lines, object)),
        },
        geometry=lines,
        crs=WGS84,
    )


def build_features() -> pd.DataFrame:
    """A station in each town, and a level crossing wherever a road meets the railway without a bridge."""
    rows = [
        ("level_crossing", "", f"node/{c}", None, WEST + c * STEP_DEG, RAIL_LAT) for c in range(COLUMNS + 1) if c != 1
    ]
    rows += [("station", "Willow", "node/98", None, WEST + 1.5 * STEP_DEG, RAIL_LAT)]
    rows += [("station", "Stone Bridge", "node/99", None, WEST + 4.5 * STEP_DEG, RAIL_LAT)]
    return pd.DataFrame(rows, columns=["kind", "name", "external_id", "length_m", "lon", "lat"])


def build_dataset() -> Dataset:
    """Everything above, and a named place in each town."""
    nodes, edges = build_roads()
    places = pd.DataFrame(
        [
            ("village", "Willow Spring", 800, "node/7", *place_in(1, 2)),
            ("village", "Stone Mill", 500, "n/8", *place_in(4, 2)),
        ],
        columns=["kind", "name", "population", "external_id", "lon", "lat"],
    )
    return Dataset(build_areas(), nodes, edges, build_tracks(), build_features(), empty_layer(SHAPE_COLUMNS), places)


def fill_county(context: Context) -> None:
    """Store the county, and in each town a post, two teams with a fix a minute old, and a site of two networks."""
    fill_once(context, "county", _fill_county)


def _fill_county(context: Context) -> None:
    now = context.clock()
    source = SourceInfo("demo", "county", "0" * 64, "nobody", "CC0", WGS84, True, now, {})
    with context.database.write(ADMIN, kind="fill") as work:
        load_dataset(work, build_dataset(), source=source, access_distance_m=50)
        for town, column in ((WEST_TOWN, 0), (EAST_TOWN, 5)):
            lon, lat = place_in(column, 0)
            spot = {"lon": lon, "lat": lat, "area_code": f"{town}001001"}
            post = work.insert(tables.post, {"name": f"Post {town}", "kind": "police_post", **spot})
            crew = {"post_id": post, "members": 3, "shift_start_min": 480, "shift_end_min": 1080, "on_duty": True}
            rows = [{**crew, "name": f"{kind} {town}", "kind": kind, "area_code": town} for kind in ("car", "foot")]
            fix = {"lon": lon, "lat": lat, "heading_deg": 90.0, "speed_kmh": 0.0, "at": now - timedelta(minutes=1)}
            teams = work.insert_many(tables.team, rows)
            positions.save_positions(work.connection, [{"team_id": i, **fix, "simulated": True} for i in teams])
            work.insert(tables.network_site, {"network": "street", "kind": "police_box", "name": f"Box {town}", **spot})
        lon, lat = place_in(0, 0)
        spot = {"lon": lon, "lat": lat, "area_code": f"{WEST_TOWN}001001"}
        work.insert(tables.network_site, {"network": "institution", "kind": "school", "name": "Willow School", **spot})
        work.touch("teams", "networks")


def set_patrols(context: Context, *, at: datetime | None) -> None:
    """Make every segment last patrolled at an instant, or never."""
    with context.database.write(ADMIN, kind="fill") as work:
        work.connection.execute(tables.rail_segment.update().values(last_patrol_at=at))
        work.touch("rail")
