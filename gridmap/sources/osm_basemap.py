"""The quiet ground of the map: water, woods, fields and settlements as shapes, and named places."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from gridmap.errors import N_
from gridmap.sources.dataset import PLACE_COLUMNS, SHAPE_COLUMNS, WGS84, empty_layer, empty_table
from gridmap.sources.osm_reader import MISSING_NODES, NodeTable, OsmExtract, Tags
from gridmap.sources.osm_rings import WayIndex, assemble, to_multipolygon
from gridmap.sources.reconciliation import Tally

_OPEN = N_("Its outline does not close.")
_NAMELESS = N_("The place has no name.")

_AREA_KINDS: tuple[tuple[str, frozenset[str], str], ...] = (
    ("natural", frozenset({"water", "bay"}), "water"),
    ("waterway", frozenset({"riverbank", "dock"}), "water"),
    ("landuse", frozenset({"reservoir", "basin"}), "water"),
    ("natural", frozenset({"wood", "scrub"}), "forest"),
    ("landuse", frozenset({"forest"}), "forest"),
    ("landuse", frozenset({"residential", "retail", "commercial", "allotments"}), "settlement"),
    ("landuse", frozenset({"industrial", "railway", "quarry"}), "industrial"),
    ("landuse", frozenset({"farmland", "farmyard", "meadow", "orchard", "vineyard", "grass"}), "farmland"),
    ("leisure", frozenset({"park", "garden", "pitch", "golf_course", "nature_reserve"}), "park"),
    ("natural", frozenset({"bare_rock", "scree", "sand", "beach"}), "bare"),
)
"""The first rule that fits decides."""

_RIVERS = frozenset({"river", "canal", "stream"})

_PLACE_KINDS = {
    "city": "city",
    "town": "town",
    "village": "village",
    "hamlet": "hamlet",
    "isolated_dwelling": "hamlet",
    "suburb": "suburb",
    "quarter": "suburb",
    "neighbourhood": "suburb",
    "locality": "locality",
}

_Shape = tuple[str, str, shapely.Geometry]


def read_area_kind(tags: Tags) -> str | None:
    """Basemap kind of a polygon's tags, None where it is of no interest."""
    return next((kind for key, values, kind in _AREA_KINDS if tags.get(key) in values), None)


def build_shapes(extract: OsmExtract, index: WayIndex, *, tally: Tally) -> gpd.GeoDataFrame:
    """Polygons and waterways with `dataset.SHAPE_COLUMNS`; a clipped waterway keeps the stretches that are there."""
    shapes: list[_Shape] = []
    for relation in extract.relations:
        kind = read_area_kind(relation.tags)
        if kind is not None and relation.tags.get("boundary") != "administrative":
            assembly = assemble(relation.way_ids, index)
            if assembly.geometry is None:
                tally.reject(f"relation/{relation.relation_id}", assembly.reason)
            else:
                tally.accept(repaired=assembly.is_repaired)
                shapes.append((kind, relation.tags.get("name", ""), assembly.geometry))
    for row, tags in enumerate(extract.ways.tags):
        kind = read_area_kind(tags)
        if kind is not None:
            _take_polygon(extract, row, kind, shapes, tally)
        elif tags.get("waterway") in _RIVERS:
            _take_waterway(extract, row, shapes, tally)
    if not shapes:
        return empty_layer(SHAPE_COLUMNS)
    columns = {"kind": [kind for kind, _, _ in shapes], "name": [name for _, name, _ in shapes]}
    return gpd.GeoDataFrame(columns, geometry=[geometry for _, _, geometry in shapes], crs=WGS84)


def _take_polygon(extract: OsmExtract, row: int, kind: str, shapes: list[_Shape], tally: Tally) -> None:
    ways = extract.ways
    way_id = f"way/{ways.way_id[row]}"
    if not ways.is_closed(row):
        tally.reject(way_id, _OPEN)
        return
    runs = ways.runs(row)
    if len(runs) != 1 or len(runs[0]) < ways.offset[row + 1] - ways.offset[row]:
        tally.reject(way_id, MISSING_NODES)
        return
    drawn = shapely.Polygon(runs[0])
    sound = bool(drawn.is_valid)
    # The linework repair keeps every lobe of a figure of eight.
    polygon = drawn if sound else to_multipolygon(shapely.make_valid(drawn))
    if polygon.area == 0:
        tally.reject(way_id, _OPEN)
        return
    tally.accept(repaired=not sound)
    shapes.append((kind, ways.tags[row].get("name", ""), polygon))


def _take_waterway(extract: OsmExtract, row: int, shapes: list[_Shape], tally: Tally) -> None:
    ways = extract.ways
    runs = ways.runs(row)
    if not runs:
        tally.reject(f"way/{ways.way_id[row]}", MISSING_NODES)
        return
    tally.accept(repaired=sum(map(len, runs)) < ways.offset[row + 1] - ways.offset[row])
    shapes += [("river", ways.tags[row].get("name", ""), shapely.LineString(run)) for run in runs]


def build_places(nodes: NodeTable, *, tally: Tally) -> pd.DataFrame:
    """Named settlements and localities with `dataset.PLACE_COLUMNS`; finer kinds fold into the nearest wider one."""
    rows = []
    for row, tags in enumerate(nodes.tags):
        kind = _PLACE_KINDS.get(tags.get("place", ""))
        if kind is None:
            continue
        external_id = f"node/{nodes.node_id[row]}"
        if not tags.get("name"):
            tally.reject(external_id, _NAMELESS)
            continue
        tally.accept()
        people = tags.get("population", "")
        rows.append(
            {
                "kind": kind,
                "name": tags["name"],
                "population": int(people) if people.isascii() and people.isdigit() else None,
                "external_id": external_id,
                "lon": float(nodes.lon[row]),
                "lat": float(nodes.lat[row]),
            }
        )
    return pd.DataFrame(rows, columns=list(PLACE_COLUMNS)) if rows else empty_table(PLACE_COLUMNS)
