"""An OpenStreetMap file as a `Dataset`, with the account of what was taken and what was not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

from gridmap.domain.progress import Progress, part_of, silent
from gridmap.errors import N_
from gridmap.sources.dataset import RAIL_FEATURE_COLUMNS, Dataset, empty_table
from gridmap.sources.osm_areas import build_areas
from gridmap.sources.osm_basemap import build_places, build_shapes
from gridmap.sources.osm_drainage import build_drainage
from gridmap.sources.osm_milestones import build_milestones
from gridmap.sources.osm_railways import build_structures, build_tracks
from gridmap.sources.osm_reader import read_extract
from gridmap.sources.osm_rings import WayIndex
from gridmap.sources.osm_roads import build_roads
from gridmap.sources.osm_stations import build_crossings, build_stations
from gridmap.sources.osm_turns import build_turns
from gridmap.sources.reconciliation import Tally

ATTRIBUTION = "© OpenStreetMap contributors"
LICENCE = "ODbL 1.0"


@dataclass(frozen=True)
class OsmDataset:
    """What a file holds; `data_as_of` is None where the file does not say."""

    dataset: Dataset
    tally: Tally
    data_as_of: datetime | None


def read_osm(path: Path, *, known_codes: Mapping[str, str] | None = None, progress: Progress = silent) -> OsmDataset:
    """Read a file whole.

    Objects of interest, each counted once for every role it has:

    - relations with boundary=administrative, and closed ways so tagged that no such relation is made of;
    - ways with highway;
    - turn restrictions;
    - ways that are or were railway tracks;
    - stations and halts, drawn as nodes, ways or multipolygons;
    - nodes with railway=level_crossing;
    - polygons and waterways of the basemap's kinds;
    - settlements and localities drawn as nodes.

    Parameters
    ----------
    known_codes
        Codes that areas had after an earlier import, by external id; see `domain.boundaries.number_areas`.

    Raises
    ------
    UnreadableFile
        As `osm_reader.read_extract`.
    """
    tally = Tally()
    extract = read_extract(path, progress=part_of(progress, 0, 0.5))
    index = WayIndex(extract.ways)
    progress(0.5, N_("Closing boundaries"))
    areas = build_areas(extract, index, tally=tally, known_codes=known_codes)
    progress(0.6, N_("Building the road network"))
    roads = build_roads(extract.ways, tally=tally)
    if roads.edges.empty:
        tally.warn(N_("The file holds no usable road: no route can be computed from it."))
    turns = build_turns(extract.restrictions, roads, tally=tally)
    progress(0.75, N_("Reading railways"))
    tracks = build_tracks(extract.ways, tally=tally)
    features = [
        build_stations(extract, tally=tally),
        build_crossings(extract, tally=tally),
        build_structures(extract.ways, tracks),
        build_drainage(extract.ways, tracks),
    ]
    progress(0.85, N_("Reading the basemap"))
    shapes = build_shapes(extract, index, tally=tally)
    places = build_places(extract.nodes, tally=tally)
    milestones = build_milestones(extract.nodes, tally=tally)
    dataset = Dataset(areas, roads.nodes, roads.edges, tracks, _stack(features), shapes, places, milestones, turns)
    return OsmDataset(dataset, tally, extract.data_as_of)


def _stack(parts: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [part.astype({"length_m": float}) for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else empty_table(RAIL_FEATURE_COLUMNS)
