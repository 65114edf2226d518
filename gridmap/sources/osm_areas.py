"""Administrative areas of an OpenStreetMap extract, from boundary relations and closed boundary ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from gridmap.domain.boundaries import MAX_RANKS, number_areas
from gridmap.errors import N_
from gridmap.sources.dataset import AREA_COLUMNS, WGS84, empty_layer
from gridmap.sources.osm_reader import OsmExtract, Tags
from gridmap.sources.osm_rings import WayIndex, assemble
from gridmap.sources.reconciliation import Tally

_NO_LEVEL = N_("Its admin_level is missing or not a number.")
_TOO_MANY_LEVELS = N_("The file has more levels of areas than can be held; the widest are left out.")
_NO_NUMBER_LEFT = N_("The area around it holds more areas than a code has room for.")
MENDED = N_("{id} crosses itself; it was mended, which changed its area by {percent} %.")


@dataclass(frozen=True)
class _Area:
    """A closed boundary; `change` is set where it was mended."""

    external_id: str
    name: str
    rank: int
    geometry: shapely.MultiPolygon
    change: float | None


def build_areas(
    extract: OsmExtract, index: WayIndex, *, tally: Tally, known_codes: Mapping[str, str] | None = None
) -> gpd.GeoDataFrame:
    """Administrative areas with `dataset.AREA_COLUMNS`, coded by nesting under the reserved prefix.

    Objects of interest are the boundary and multipolygon relations with boundary=administrative, and the closed ways
    so tagged that no such relation is made of. `known_codes` are those of an earlier import by external id.
    """
    closed: list[_Area] = []
    members: set[int] = set()
    for relation in extract.relations:
        if relation.tags.get("boundary") == "administrative":
            members.update(relation.way_ids)
            _close(f"relation/{relation.relation_id}", relation.tags, relation.way_ids, index, closed, tally)
    for row, tags in enumerate(extract.ways.tags):
        way_id = int(extract.ways.way_id[row])
        administrative = tags.get("boundary") == "administrative" and "admin_level" in tags
        if administrative and way_id not in members and extract.ways.is_closed(row):
            _close(f"way/{way_id}", tags, (way_id,), index, closed, tally)
    return _code(_limit_ranks(closed, tally), tally, known_codes or {})


def _close(
    external_id: str, tags: Tags, way_ids: tuple[int, ...], index: WayIndex, closed: list[_Area], tally: Tally
) -> None:
    level = tags.get("admin_level", "")
    if not (level.isascii() and level.isdigit()):
        tally.reject(external_id, _NO_LEVEL)
        return
    assembly = assemble(way_ids, index)
    if assembly.geometry is None:
        tally.reject(external_id, assembly.reason)
        return
    name = tags.get("name") or external_id
    closed.append(_Area(external_id, name, int(level), assembly.geometry, assembly.area_change))


def _limit_ranks(closed: list[_Area], tally: Tally) -> list[_Area]:
    kept = sorted({area.rank for area in closed})[-MAX_RANKS:]
    for area in closed:
        if area.rank not in kept:
            tally.reject(area.external_id, _TOO_MANY_LEVELS)
    return [area for area in closed if area.rank in kept]


def _code(areas: list[_Area], tally: Tally, known_codes: Mapping[str, str]) -> gpd.GeoDataFrame:
    if not areas:
        return empty_layer(AREA_COLUMNS)
    coding = number_areas(
        np.array([area.geometry for area in areas], object),
        ranks=np.array([area.rank for area in areas]),
        ids=[area.external_id for area in areas],
        known=known_codes,
    )
    taken: list[tuple[_Area, str, int]] = []
    for area, code, level in zip(areas, coding.codes, coding.levels, strict=True):
        if not code:
            tally.reject(area.external_id, _NO_NUMBER_LEFT)
            continue
        tally.accept(repaired=area.change is not None)
        if area.change is not None:
            tally.warn(MENDED, id=area.external_id, percent=round(100 * area.change, 2))
        taken.append((area, code, level))
    columns = {
        "code": [code for _, code, _ in taken],
        "name": [area.name for area, _, _ in taken],
        "level": [level for _, _, level in taken],
        "kind": "unofficial",
        "households": None,
        "external_id": [area.external_id for area, _, _ in taken],
    }
    return gpd.GeoDataFrame(columns, geometry=[area.geometry for area, _, _ in taken], crs=WGS84)
