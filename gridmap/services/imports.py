"""Import of OpenStreetMap and area files: look first, then load all of it or nothing."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from dataclasses import replace as replace_fields
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.crs import compute_areas_m2, looks_like_gcj02
from gridmap.domain.progress import Progress, part_of, silent
from gridmap.domain.railways.chains import MAX_GAP_M
from gridmap.errors import N_, Conflict, InvalidInput, MixedData, NoData, UnknownCrs
from gridmap.services.context import Context, open_context
from gridmap.services.import_borders import BorderAccount, account_borders
from gridmap.services.loading import LoadedCounts, SourceInfo, load_dataset
from gridmap.settings import Settings
from gridmap.sources import files, osm, osm_reader
from gridmap.sources.dataset import (
    PLACE_COLUMNS,
    RAIL_FEATURE_COLUMNS,
    ROAD_EDGE_COLUMNS,
    ROAD_NODE_COLUMNS,
    SHAPE_COLUMNS,
    TRACK_COLUMNS,
    Dataset,
    empty_layer,
    empty_table,
)
from gridmap.sources.files import AreaFileOptions
from gridmap.sources.reconciliation import Tally
from gridmap.store import datasets
from gridmap.store.hierarchy import was_changed_here
from gridmap.store.imports import load_boundaries, load_given_codes

_SAMPLE_ROWS = 8
_WIDER = 0.8
"""A boundary is of the same or a wider level when the areas there are at least this large beside the file's."""

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class ImportPreview:
    """What a file promises, before anything is stored.

    Attributes
    ----------
    kind
        "osm" or "areas".
    rows
        Ways of an OpenStreetMap file, rows of an area file.
    columns, code_column, name_column, household_column, sample
        Of an area file: its columns, those that look like code, name and households ("" = none does), the first rows
        as texts.
    crs
        Name of the coordinate system, "" where the file does not say.
    bounds
        (west, south, east, north), degrees; None without a known coordinate system.
    suspected_gcj02
        The boundaries fit those already loaded only once the shift of public Chinese maps is undone.
    """

    kind: str
    rows: int
    columns: tuple[str, ...] = ()
    code_column: str = ""
    name_column: str = ""
    household_column: str = ""
    crs: str = ""
    bounds: Bounds | None = None
    suspected_gcj02: bool = False
    sample: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True)
class ImportReport:
    """The reconciled account of one import.

    Attributes
    ----------
    source
        Name of the file, under which a second import replaces it.
    areas
        Closed boundary polygons of every level.
    road_edges, road_km
        Directed edges between junctions, usable by car or on foot, and kilometres of centreline.
    railway_km
        Kilometres of live track, sidings included.
    stations, level_crossings
        Each once; stations include halts.
    read, accepted, repaired, rejected
        Objects of interest: read = accepted + repaired + number of rejected, each of these with `id` and `reason`.
    warnings, notices
        What a person should know of the objects taken, as English sentences and as catalogue messages with values.
    bounds
        Of everything that was taken, degrees; None where it has no extent.
    stored
        Rows written, by kind.
    seconds
        Time of the whole import.
    borders
        Whether the cells partition the areas above them; None where no area came.
    """

    source: str
    areas: int
    road_edges: int
    road_km: float
    railway_km: float
    stations: int
    level_crossings: int
    read: int
    accepted: int
    repaired: int
    rejected: list[dict[str, str]]
    seconds: float
    warnings: list[str]
    notices: list[dict[str, Any]]
    bounds: Bounds | None
    stored: dict[str, int] = field(default_factory=dict)
    borders: BorderAccount | None = None

    def as_json(self) -> dict[str, Any]:
        """The report as the terminal prints it."""
        return asdict(self)


@dataclass(frozen=True)
class _Reading:
    dataset: Dataset
    tally: Tally
    kind: str
    attribution: str
    licence: str
    crs: str
    data_as_of: datetime | None


def preview_file(context: Context, actor: Actor, *, path: Path) -> ImportPreview:
    """Say what `path` is and what its columns are; nothing is stored.

    Raises
    ------
    UnreadableFile, NoData, InvalidInput
        As the readers in `sources`.
    """
    check_allowed(actor, Permission.IMPORT_DATA)
    if osm_reader.is_osm_file(path):
        ways = osm_reader.read_extract(path).ways
        bounds = _box(ways.lon, ways.lat)
        if bounds is None:
            raise _nothing_in(path)
        return ImportPreview("osm", len(ways), crs="EPSG:4326", bounds=bounds)
    _check_area_file(path)
    table = files.read_table(path)
    columns = [str(c) for c in table.columns if c != table.geometry.name]
    sample = tuple({c: str(v) for c, v in row.items()} for row in table[columns].head(_SAMPLE_ROWS).to_dict("records"))
    preview = ImportPreview(
        kind="areas",
        rows=len(table),
        columns=tuple(columns),
        code_column=files.find_code_column(table),
        name_column=files.find_name_column(table),
        household_column=files.find_household_column(table),
        sample=sample,
    )
    try:
        placed, crs = files.place_in_wgs84(table, options=AreaFileOptions(), name=path.name)
    except UnknownCrs:
        return preview
    shifted = _is_shifted(context, placed, besides=path.name)
    west, south, east, north = (float(value) for value in placed.total_bounds)
    return replace_fields(preview, crs=crs, bounds=(west, south, east, north), suspected_gcj02=shifted)


def import_file(
    context: Context,
    actor: Actor,
    *,
    path: Path,
    replace: bool = False,
    code_column: str | None = None,
    name_column: str | None = None,
    crs: str | None = None,
    datum: str | None = None,
    household_column: str | None = None,
    bridge_gaps_m: float = 0.0,
    progress: Progress = silent,
) -> ImportReport:
    """Read a file and store it in one transaction; whatever goes wrong, nothing is changed.

    Parameters
    ----------
    replace
        Clear synthetic data first; in a database of real data, take over areas that other sources hold.
    code_column, name_column, crs, datum, household_column
        Of an area file where it does not say itself, see `sources.files.AreaFileOptions`.
    bridge_gaps_m
        Join railway lines across missing pieces of track no longer than this; all gaps are reported as warnings.

    Raises
    ------
    MixedData
        The database holds synthetic data and `replace` is not set.
    UnreadableFile, NoData, UnknownCrs, InvalidInput, Conflict
        The file cannot be used; the sentence says why.
    """
    check_allowed(actor, Permission.IMPORT_DATA)
    if not 0 <= bridge_gaps_m <= MAX_GAP_M:
        raise InvalidInput(
            N_("{metres} m is no length of a gap that can be bridged."),
            hint=N_("Give from 0 to {limit} m."),
            metres=bridge_gaps_m,
            limit=round(MAX_GAP_M),
        )
    began = time.perf_counter()
    options = AreaFileOptions(code_column or "", name_column or "", crs or "", datum or "", household_column or "")
    with context.database.read() as connection:
        _check_mixing(datasets.is_synthetic(connection), replace)
        known_codes = load_given_codes(connection, source_name=path.name)
    reading = _read(context, path, options, known_codes, part_of(progress, 0, 0.6))
    with context.database.write(actor, kind="import", reason=path.name) as work:
        synthetic = datasets.is_synthetic(work.connection)
        _check_mixing(synthetic, replace)
        if synthetic:
            datasets.clear(work)
        elif not replace and was_changed_here(work.connection, source_name=path.name):
            raise Conflict(
                N_(
                    "Areas of {name} were changed here since it was imported; importing it again would bring them back."
                ),
                hint=N_("Apply it as an edition, or say --replace to take it as it is."),
                name=path.name,
            )
        counts = load_dataset(
            work,
            reading.dataset,
            source=_describe_source(path, reading),
            access_distance_m=context.settings.access_distance_m,
            take_over=replace,
            bridge_gaps_m=bridge_gaps_m,
            tally=reading.tally,
            progress=part_of(progress, 0.6, 1),
        )
        datasets.save_setting(work, "synthetic", False)
        borders = account_borders(work.connection, reading.dataset.areas["code"], reading.tally)
        report = _build_report(path.name, reading, counts, time.perf_counter() - began, borders)
        datasets.save_report(work, counts.source_id, report.as_json())
    return report


def import_job(
    progress: Progress, settings: Settings, actor: Actor, path: Path, options: Mapping[str, Any]
) -> dict[str, Any]:
    """`import_file` for a worker process, with a connection of its own; `options` are its keyword arguments."""
    context = open_context(settings)
    try:
        return import_file(context, actor, path=path, progress=progress, **options).as_json()
    finally:
        context.close()


# --- reading ----------------------------------------------------------------------------------------------------


def _check_mixing(synthetic: bool, replace: bool) -> None:
    if synthetic and not replace:
        raise MixedData(
            N_("This database holds synthetic demo data; real data is not mixed into it."),
            hint=N_("Say --replace to clear the demo data first, or use another database."),
        )


def _check_area_file(path: Path) -> None:
    if not files.is_area_file(path):
        raise InvalidInput(
            N_("The kind of file {name} is not known."),
            hint=N_("Use .osm.pbf, .osm, .osm.gz, .osm.bz2, .geojson, .gpkg, .shp or a zipped Shapefile."),
            name=path.name,
        )


def _nothing_in(path: Path) -> NoData:
    return NoData(
        N_("The file {name} holds no areas, roads, railways or places."),
        hint=N_("Choose another extract."),
        name=path.name,
    )


def _read(
    context: Context, path: Path, options: AreaFileOptions, known_codes: Mapping[str, str], progress: Progress
) -> _Reading:
    if osm_reader.is_osm_file(path):
        found = osm.read_osm(path, known_codes=known_codes, progress=progress)
        if found.tally.accepted + found.tally.repaired == 0:
            raise _nothing_in(path)
        return _Reading(found.dataset, found.tally, "osm", osm.ATTRIBUTION, osm.LICENCE, "EPSG:4326", found.data_as_of)
    _check_area_file(path)
    tally = Tally()
    progress(0.1, N_("Reading areas"))
    area_file = files.read_area_file(path, options=options, tally=tally)
    progress(0.8, N_("Comparing with the boundaries already loaded"))
    if not options.datum and _is_shifted(context, area_file.areas, besides=path.name):
        raise InvalidInput(
            N_("The boundaries in {name} look shifted as public Chinese maps are (GCJ-02)."),
            hint=N_("Say --datum gcj02 to move them back, or --datum wgs84 to take them as they are."),
            name=path.name,
        )
    return _Reading(_build_areas_only(area_file.areas), tally, "areas", path.name, "", area_file.crs, None)


def _is_shifted(context: Context, placed: gpd.GeoDataFrame, *, besides: str) -> bool:
    """Hold areas against the narrowest boundaries of another source that are not narrower than they are."""
    usable = placed[~placed.geometry.isna() & placed.geometry.is_valid & placed.geom_type.str.endswith("Polygon")]
    with context.database.read() as connection:
        boundaries = load_boundaries(connection, besides=besides)
    if usable.empty or boundaries.empty:
        return False
    areas = usable.geometry.to_numpy()
    sizes = boundaries.groupby("level")["area_m2"].mean()
    wide = sizes[sizes >= _WIDER * float(compute_areas_m2(areas).mean())]
    if wide.empty:
        return False
    reference = boundaries[boundaries["level"] == wide.idxmin()]
    return looks_like_gcj02(areas, reference.geometry.to_numpy())


def _build_areas_only(areas: gpd.GeoDataFrame) -> Dataset:
    return Dataset(
        areas=areas,
        road_nodes=empty_table(ROAD_NODE_COLUMNS),
        road_edges=empty_layer(ROAD_EDGE_COLUMNS),
        tracks=empty_layer(TRACK_COLUMNS),
        rail_features=empty_table(RAIL_FEATURE_COLUMNS),
        shapes=empty_layer(SHAPE_COLUMNS),
        places=empty_table(PLACE_COLUMNS),
    )


# --- the account ------------------------------------------------------------------------------------------------


def _describe_source(path: Path, reading: _Reading) -> SourceInfo:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return SourceInfo(
        kind=reading.kind,
        name=path.name,
        sha256=sha256,
        attribution=reading.attribution,
        licence=reading.licence,
        crs=reading.crs,
        synthetic=False,
        data_as_of=reading.data_as_of,
        report={},
    )


def _build_report(
    name: str, reading: _Reading, counts: LoadedCounts, seconds: float, borders: BorderAccount | None
) -> ImportReport:
    dataset, tally = reading.dataset, reading.tally
    edges, kinds = dataset.road_edges, dataset.rail_features["kind"]
    foot = edges["foot"].astype(bool)
    directed = (edges["car_forward"].astype(bool) | foot).sum() + (edges["car_backward"].astype(bool) | foot).sum()
    return ImportReport(
        source=name,
        areas=len(dataset.areas),
        road_edges=int(directed),
        road_km=round(float(edges["length_m"].sum()) / 1000, 3),
        railway_km=round(float(dataset.tracks["length_m"].sum()) / 1000, 3),
        stations=int(kinds.isin(["station", "halt"]).sum()),
        level_crossings=int((kinds == "level_crossing").sum()),
        read=tally.read,
        accepted=tally.accepted,
        repaired=tally.repaired,
        rejected=tally.rejected,
        seconds=round(seconds, 3),
        warnings=[str(notice) for notice in tally.notices],
        notices=[asdict(notice) for notice in tally.notices],
        bounds=_find_bounds(dataset),
        stored={key: value for key, value in asdict(counts).items() if key != "source_id"},
        borders=borders,
    )


def _find_bounds(dataset: Dataset) -> Bounds | None:
    """Box around roads and tracks, else around areas, else around what the basemap has."""
    for layers in ((dataset.road_edges, dataset.tracks), (dataset.areas,), (dataset.shapes,)):
        boxes = np.array([layer.total_bounds for layer in layers if len(layer)])
        if len(boxes):
            corners = boxes.reshape(-1, 2)
            return _box(corners[:, 0], corners[:, 1])
    return None


def _box(lon: np.ndarray[Any, Any], lat: np.ndarray[Any, Any]) -> Bounds | None:
    present = ~np.isnan(lon)
    if not present.any():
        return None
    lon, lat = lon[present], lat[present]
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())
