"""A `Dataset` into the database, whole or not at all: its own rows and what is derived from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.domain.codes import RESERVED_PREFIX, parent_code
from gridmap.domain.crs import compute_areas_m2
from gridmap.domain.days import local_day
from gridmap.domain.progress import Progress, silent
from gridmap.domain.railways.access_points import build_access_points
from gridmap.domain.railways.lines import Lines, build_lines
from gridmap.domain.railways.mileage import MeasuredLine
from gridmap.errors import N_, Conflict
from gridmap.services.loading_chiefs import build_chiefs
from gridmap.services.loading_mileage import build_mileage_points, describe_gaps
from gridmap.services.loading_segments import load_segments, recut_segments
from gridmap.services.loading_zones import build_zones
from gridmap.sources.dataset import Dataset
from gridmap.sources.reconciliation import Tally
from gridmap.sources.schemas import find_faults
from gridmap.store import imports, tables
from gridmap.store.areas import load_area_shapes, load_cell_level
from gridmap.store.bulk import insert_bulk, insert_numbered, rows_of
from gridmap.store.cutting import Ground
from gridmap.store.imports import Held
from gridmap.store.tenures import follow_assignments
from gridmap.store.unit_of_work import UnitOfWork

TOPICS = ("areas", "units", "roads", "rail", "basemap", "hazards", "networks", "incidents", "zones", "chiefs")

_ON_LINE_M = 150.0
"""A station or structure further from every line than this belongs to none."""

_NEAR_DEG = 0.004
"""More than `_ON_LINE_M` in any direction, up to 65° of latitude."""

_SAME_PLACE_DEG = 0.0005
"""About 50 m: how far a line may have been redrawn and still be the same."""


@dataclass(frozen=True)
class SourceInfo:
    """Where a dataset comes from; `name` identifies it, so that a second import replaces the first."""

    kind: str
    name: str
    sha256: str
    attribution: str
    licence: str
    crs: str
    synthetic: bool
    data_as_of: datetime | None
    report: dict[str, Any]


@dataclass(frozen=True)
class LoadedCounts:
    """Rows written, by kind."""

    source_id: int
    areas: int
    units: int
    road_nodes: int
    road_edges: int
    tracks: int
    lines: int
    segments: int
    rail_features: int
    access_points: int
    shapes: int
    places: int
    mileage_points: int


def load_dataset(
    work: UnitOfWork,
    dataset: Dataset,
    *,
    source: SourceInfo,
    access_distance_m: float,
    take_over: bool = False,
    bridge_gaps_m: float = 0.0,
    tally: Tally | None = None,
    progress: Progress = silent,
) -> LoadedCounts:
    """Write every table of `dataset` and what follows from it: lines, segments, access points, first grid units.

    Rows of an earlier source of the same name go first; cells, lines and segments that come back keep their ids, their
    unit, their last patrol and what was set by hand. Cells nobody is responsible for get one unit per area above them.
    Where areas came or went, the lines of other sources are cut anew at their borders, and what lies in an area that is
    gone, or in one without an official code, is looked up anew.

    Parameters
    ----------
    take_over
        Replace areas of other sources that have the same codes, instead of refusing.
    bridge_gaps_m
        Join railway lines across missing pieces no longer than this.
    tally
        Is told where pieces of a line are missing and which milestones do not fit.

    Raises
    ------
    Conflict
        Another source already holds an area code that this one brings.
    """
    faults = find_faults(dataset)
    if faults:
        raise ValueError(f"{source.name}: {'; '.join(faults)}")
    source_id, held = imports.replace_source(work, {**asdict(source), "imported_at": work.at})
    progress(0.05, N_("Storing areas"))
    area_ids, units = _load_areas(work, dataset.areas, source_id, held, take_over)
    follow_assignments(work, day=local_day(work.at))
    progress(0.2, N_("Storing roads"))
    node_ids, edges = _load_roads(work, dataset, source_id)
    progress(0.5, N_("Storing railways"))
    built = build_lines(dataset.tracks, milestones=dataset.milestones, bridge_gaps_m=bridge_gaps_m)
    rail = _load_railways(work, dataset, built, source_id, node_ids, access_distance_m, held, tally or Tally())
    if area_ids or held.area_ids:
        recut_segments(work, besides=source_id)
    progress(0.8, N_("Storing the basemap"))
    for table, frame in ((tables.basemap_shape, dataset.shapes), (tables.place, dataset.places)):
        insert_bulk(work, table, ({**row, "source_id": source_id} for row in rows_of(frame)))
    _place_anew(work)
    counts = LoadedCounts(
        source_id=source_id,
        areas=len(area_ids),
        units=units,
        road_nodes=len(node_ids),
        road_edges=edges,
        shapes=len(dataset.shapes),
        places=len(dataset.places),
        **rail,
    )
    work.note("dataset", {"source": source.name, "sha256": source.sha256, **asdict(counts)})
    work.touch(*TOPICS)
    progress(1.0, N_("Stored"))
    return counts


# --- areas and units --------------------------------------------------------------------------------------------


def _load_areas(
    work: UnitOfWork, areas: gpd.GeoDataFrame, source_id: int, held: Held, take_over: bool
) -> tuple[dict[str, int], int]:
    """Insert areas; returns their ids by code and the number of units made for their cells."""
    ids, responsibilities = dict(held.area_ids), dict(held.responsibilities)
    clash = imports.find_foreign_codes(work.connection, list(areas["code"]), source_id=source_id)
    if clash and not take_over:
        raise Conflict(
            N_("Area {code} is already held by another source, and {more} more."),
            hint=N_("Say --replace to let this file take them over, or import into another database."),
            code=clash[0],
            more=len(clash) - 1,
        )
    if clash:
        taken = imports.remove_areas(work, clash)
        ids |= taken.area_ids
        responsibilities |= taken.responsibilities
    rows = rows_of(areas)
    for row, area_m2 in zip(rows, compute_areas_m2(areas.geometry.to_numpy()).tolist(), strict=True):
        row.update(id=ids.get(row["code"]), area_m2=area_m2, valid_from=work.at.date(), valid_to=None)
        row["source_id"] = source_id
    inserted = dict(zip(areas["code"], insert_numbered(work, tables.area, rows), strict=True))
    held = replace(held, area_ids=ids, responsibilities=responsibilities)
    owned = imports.restore_responsibilities(work, inserted, held)
    units = _assign_cells(work, areas, inserted, source_id, owned)
    imports.remove_idle_units(work, source_id=source_id)
    return inserted, units


def _assign_cells(
    work: UnitOfWork, areas: gpd.GeoDataFrame, ids: dict[str, int], source_id: int, owned: set[str]
) -> int:
    """Give each cell without a unit to the unit of the area above it; returns the number of units made."""
    is_cell = areas["level"].to_numpy(object) == load_cell_level(work.connection)
    families: dict[str, list[int]] = defaultdict(list)
    names = _load_names(work)
    for position, code in enumerate(areas["code"]):
        if is_cell[position] and code not in owned:
            families[_find_owner(code, names)].append(position)
    units = imports.load_units_by_code(work.connection)
    new = [owner for owner in families if _unit_code(owner) not in units]
    geometry = areas.geometry.to_numpy()
    rows = [_build_unit(owner, names.get(owner, owner), geometry[families[owner]], source_id) for owner in new]
    made = insert_numbered(work, tables.grid_unit, rows)
    units |= {row["code"]: unit_id for row, unit_id in zip(rows, made, strict=True)}
    codes = areas["code"].to_numpy(object)
    insert_bulk(
        work,
        tables.assignment,
        (
            {"cell_id": ids[codes[i]], "unit_id": units[_unit_code(owner)], "since": local_day(work.at)}
            for owner, cells in families.items()
            for i in cells
        ),
    )
    return len(made)


def _load_names(work: UnitOfWork) -> dict[str, str]:
    shapes = load_area_shapes(work.connection)
    return dict(zip(shapes["code"], shapes["name"], strict=True))


def _find_owner(code: str, names: dict[str, str]) -> str:
    """The closest area above `code` that is loaded, else its parent's code as it is."""
    above = parent_code(code)
    while above is not None and above not in names:
        above = parent_code(above)
    return above or parent_code(code) or code


def _unit_code(area_code: str) -> str:
    return f"U{area_code}"


def _build_unit(area_code: str, name: str, cells: Sequence[shapely.Geometry], source_id: int) -> dict[str, Any]:
    """A unit that stands inside the cell in the middle of its cells."""
    points = shapely.get_coordinates(shapely.point_on_surface(np.asarray(cells, object)))
    lon, lat = points[np.argmin(((points - points.mean(axis=0)) ** 2).sum(axis=1))].tolist()
    row = {"code": _unit_code(area_code), "name": name, "kind": "grid_station", "area_code": area_code}
    return {**row, "lon": lon, "lat": lat, "source_id": source_id}


# --- roads ------------------------------------------------------------------------------------------------------


def _load_roads(work: UnitOfWork, dataset: Dataset, source_id: int) -> tuple[list[int], int]:
    """Ids of the junctions, and how many edges there are."""
    nodes = [{**row, "source_id": source_id} for row in rows_of(dataset.road_nodes)]
    node_ids = insert_numbered(work, tables.road_node, nodes)
    edges = rows_of(dataset.road_edges)
    for row in edges:
        row.update(u=node_ids[row["u"]], v=node_ids[row["v"]], source_id=source_id)
    edge_ids = insert_numbered(work, tables.road_edge, edges)
    turns = rows_of(dataset.turns)
    for row in turns:
        between = " ".join(str(edge_ids[int(edge)]) for edge in row["via_edges"].split())
        row.update(from_edge=edge_ids[row["from_edge"]], to_edge=edge_ids[row["to_edge"]], via_edges=between)
        row.update(via_node=node_ids[row["via_node"]], source_id=source_id)
    insert_bulk(work, tables.turn_restriction, turns)
    return node_ids, len(edge_ids)


# --- railways ---------------------------------------------------------------------------------------------------


def _load_railways(
    work: UnitOfWork,
    dataset: Dataset,
    built: Lines,
    source_id: int,
    node_ids: list[int],
    access_distance_m: float,
    held: Held,
    tally: Tally,
) -> dict[str, int]:
    features = dataset.rail_features
    access = build_access_points(
        built.lines,
        tracks=dataset.tracks,
        features=features,
        road_nodes=dataset.road_nodes,
        road_edges=dataset.road_edges,
        distance_m=access_distance_m,
    )
    known = _match_lines(built.lines, held.lines)
    lines = [{**row, "id": i, "source_id": source_id} for row, i in zip(rows_of(built.lines), known, strict=True)]
    line_ids = insert_numbered(work, tables.rail_line, lines)
    imports.restore_hazard_lines(work, held)
    points = build_mileage_points(built, line_ids, held=held.mileage_points, milestones=dataset.milestones)
    insert_bulk(work, tables.mileage_point, points.rows)
    zones = build_zones(built, line_ids, dataset.tracks, held=held)
    insert_bulk(work, tables.protection_zone, zones.rows)
    chiefs = build_chiefs(built, line_ids, held=held)
    insert_bulk(work, tables.section_chief, chiefs.chiefs)
    insert_bulk(work, tables.joint_inspection, chiefs.inspections)
    for notice in [*describe_gaps(built), *points.notices, *zones.notices, *chiefs.notices]:
        tally.warn(notice.message, **notice.values)
    owner: list[int | None] = [*line_ids, None]  # position -1 means no line
    tracks = rows_of(dataset.tracks)
    for row, line, side in zip(tracks, built.track_line.tolist(), built.track_side.tolist(), strict=True):
        row.update(line_id=owner[line], side=side, source_id=source_id)
    insert_bulk(work, tables.rail_track, tracks)
    insert_bulk(work, tables.rail_feature, _build_features(features, built.lines, owner, source_id))
    ground = Ground(built.lines, dataset.tracks, features, dataset.shapes)
    count = load_segments(work, ground, line_ids=line_ids, source_id=source_id, before=held.segments)
    access_rows = rows_of(access)
    for row in access_rows:
        row.update(line_id=owner[row.pop("line")], node_id=node_ids[row.pop("node")], source_id=source_id)
    insert_bulk(work, tables.access_point, access_rows)
    return {
        "tracks": len(tracks),
        "lines": len(line_ids),
        "segments": count,
        "rail_features": len(features),
        "access_points": len(access_rows),
        "mileage_points": len(points.rows),
    }


def _match_lines(lines: gpd.GeoDataFrame, before: gpd.GeoDataFrame) -> list[int | None]:
    """Id that each line had before: of the line of its name that runs through its middle."""
    found: list[int | None] = []
    for name, geometry in zip(lines["name"], lines.geometry, strict=True):
        middle = geometry.interpolate(0.5, normalized=True)
        ids = [
            int(line_id)
            for line_id, other, shape in zip(before["id"], before["name"], before.geometry, strict=True)
            if other == name and int(line_id) not in found and shape.dwithin(middle, _SAME_PLACE_DEG)
        ]
        found.append(ids[0] if ids else None)
    return found


def _build_features(
    features: pd.DataFrame, lines: gpd.GeoDataFrame, owner: list[int | None], source_id: int
) -> list[dict[str, Any]]:
    """Rows of stations and structures with the line they stand at and their mileage on it."""
    measured = [MeasuredLine(line.geometry, start_m=line.start_m) for line in lines.itertuples()]
    rows = rows_of(features)
    points = shapely.points(features["lon"].to_numpy(float), features["lat"].to_numpy(float))
    near_by = shapely.STRtree(lines.geometry.to_numpy()).query(points, "dwithin", _NEAR_DEG)
    candidates: dict[int, list[int]] = defaultdict(list)
    for feature, line in near_by.T.tolist():
        candidates[feature].append(line)
    for number, row in enumerate(rows):
        places = [(measured[i].locate(row["lon"], row["lat"]), i) for i in sorted(candidates[number])]
        place, line = min(places, key=lambda p: p[0].offset_m, default=(None, -1))
        near = place is not None and place.offset_m <= _ON_LINE_M
        row.update(line_id=owner[line] if near else None, mileage_m=place.mileage_m if near and place else None)
        row["source_id"] = source_id
    return rows


# --- where things lie -------------------------------------------------------------------------------------------


def _place_anew(work: UnitOfWork) -> None:
    """Find the area of everything whose area is gone or has no official code.

    An official code wins over a reserved one, a longer one over a shorter.
    """
    doubtful = imports.load_misplaced(work.connection)
    if not doubtful:
        return
    areas = load_area_shapes(work.connection)
    points = shapely.points([item.lon for item in doubtful], [item.lat for item in doubtful])
    codes = areas["code"].to_numpy(object)
    best = [""] * len(doubtful)
    if len(areas):
        for item, area in shapely.STRtree(areas.geometry.to_numpy()).query(points, "intersects").T.tolist():
            best[item] = max(best[item], str(codes[area]), key=_precedence)
    moved = [(item, code) for item, code in zip(doubtful, best, strict=True) if code != item.area_code]
    imports.save_places(work, moved)


def _precedence(code: str) -> tuple[bool, int, str]:
    return (bool(code) and not code.startswith(RESERVED_PREFIX), len(code), code)
