"""Areas from GeoJSON, GeoPackage and Shapefile: one polygon a row, a code and a name column."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataSourceError, FeatureError, FieldError
from pyproj import CRS
from pyproj.exceptions import CRSError, ProjError

from gridmap.domain.codes import code_level, parse_code
from gridmap.domain.crs import compute_areas_m2, shift_to_wgs84
from gridmap.errors import N_, InvalidInput, NoData, UnknownCrs, UnreadableFile
from gridmap.sources.dataset import AREA_COLUMNS, WGS84, empty_layer
from gridmap.sources.osm_rings import to_multipolygon
from gridmap.sources.reconciliation import Tally
from gridmap.sources.shapefiles import find_encoding, find_in_zip

_NAMED_CRS = re.compile(r'"crs"\s*:\s*\{[^{}]*\{\s*"name"\s*:\s*"([^"]+)"')
_HEAD_BYTES = 8_192
"""Where a GeoJSON file says its coordinate system, if it does: GDAL and QGIS write it first."""

SUFFIXES = (".geojson", ".json", ".gpkg", ".shp", ".zip")

CODE_NAMES = (
    "code",
    "area_code",
    "cell_code",
    "代码",
    "编码",
    "网格编码",
    "网格代码",
    "行政区划代码",
    "行政区代码",
    "区划代码",
    "xzqdm",
    "pac",
    "village_code",
    "town_code",
    "county_code",
    "district_adcode",
    "adcode",
    "city_adcode",
    "province_adcode",
)
NAME_NAMES = (
    "name",
    "area_name",
    "cell_name",
    "名称",
    "网格名称",
    "行政区划名称",
    "行政区名称",
    "xzqmc",
    "village_name",
    "town_name",
    "county_name",
    "district_name",
    "short_name",
    "city_name",
    "province_name",
)
"""Column names tried in this order, the narrower level before the wider, whatever their case."""
HOUSEHOLD_NAMES = ("households", "户数")

_BAD_CODE = N_("Its code is not an area code of 2, 4, 6, 9, 12 or 15 digits.")
SAME_CODE = N_("Another row of the file has the same code.")
_NO_GEOMETRY = N_("It has no geometry.")
_NOT_AN_AREA = N_("Its geometry is no area.")
_OUTSIDE = N_("Its coordinates lie outside the globe; the coordinate system is not what the file says.")
_MENDED = N_("{id} crosses itself; it was mended, which changed its area by {percent} %.")
_OVERLAP = N_("{first} and {second} overlap by {area_m2} m².")

_OVERLAP_SHARE = 0.001
"""Overlaps below this share of the smaller area are digitising noise."""


@dataclass(frozen=True)
class AreaFileOptions:
    """What the person says about a file where it does not say itself; "" = find out.

    Without a column of households they are not known.
    `crs` is anything pyproj understands; `datum` is "gcj02" for coordinates that are shifted like public Chinese maps,
    "wgs84" for ones that are known not to be.
    """

    code_column: str = ""
    name_column: str = ""
    crs: str = ""
    datum: str = ""
    household_column: str = ""


@dataclass(frozen=True)
class AreaFile:
    """Areas of a file, ready for a `Dataset`, and the columns and the coordinate system they came from."""

    areas: gpd.GeoDataFrame
    code_column: str
    name_column: str
    crs: str


def is_area_file(path: Path) -> bool:
    """Whether the name promises a vector file of areas."""
    return path.name.lower().endswith(SUFFIXES)


def read_table(path: Path) -> gpd.GeoDataFrame:
    """Read a vector file as it is; of several layers the first that has polygons and a code column.

    Raises
    ------
    UnreadableFile
        Missing, empty or of another format.
    NoData
        It has no rows, or no geometries.
    """
    if not path.is_file():
        raise UnreadableFile(N_("There is no file {name}."), hint=N_("Check the path."), name=path.name)
    if path.stat().st_size == 0:
        raise UnreadableFile(N_("The file {name} is empty."), hint=N_("Download it again."), name=path.name)
    try:
        place = find_in_zip(path) if path.suffix.lower() == ".zip" else str(path)
        table = gpd.read_file(place, layer=_choose_layer(place), engine="pyogrio", encoding=find_encoding(path))
    except (
        DataSourceError,
        FeatureError,
        FieldError,
        CRSError,
        zipfile.BadZipFile,
        UnicodeDecodeError,
        shapely.GEOSException,
        ValueError,
    ) as error:
        raise UnreadableFile(
            N_("The file {name} cannot be read as GeoJSON, GeoPackage or Shapefile."),
            hint=N_("It may be incomplete or renamed; save it again and retry."),
            name=path.name,
        ) from error
    if not isinstance(table, gpd.GeoDataFrame) or table.empty or table.geometry.isna().all():
        raise NoData(
            N_("The file {name} holds no areas."), hint=N_("Check that the right layer was saved."), name=path.name
        )
    return table


def _choose_layer(place: str) -> str | None:
    """The layer of areas in a file of several; None = the only one."""
    layers = [str(name) for name, kind in pyogrio.list_layers(place) if kind is not None]
    if len(layers) < 2:
        return layers[0] if layers else None
    for name in layers:
        info = pyogrio.read_info(place, layer=name)
        if find_column(list(info["fields"]), CODE_NAMES) and "Polygon" in str(info["geometry_type"]):
            return name
    return layers[0]


def read_area_file(path: Path, *, options: AreaFileOptions, tally: Tally) -> AreaFile:
    """Read areas with official codes; only code, name and households are taken, whatever else the file holds.

    Raises
    ------
    UnreadableFile, NoData
        As `read_table`, or nothing usable is left.
    UnknownCrs
        The file names no coordinate system, or one that cannot be used, and none was given.
    InvalidInput
        No column looks like a code or a name.
    """
    table = read_table(path)
    columns = [str(c) for c in table.columns if c != table.geometry.name]
    code_column = options.code_column or find_code_column(table)
    name_column = options.name_column or find_column(columns, NAME_NAMES)
    household_column = options.household_column or find_household_column(table)
    _check_columns(columns, code=code_column, name=name_column)
    if household_column:
        _check_columns(columns, household=household_column)
    if not options.crs:
        _check_named_crs(path)
    placed, crs = place_in_wgs84(table, options=options, name=path.name)
    areas = _take_rows(placed, (code_column, name_column, household_column), tally)
    if areas.empty:
        raise NoData(
            N_("No row of {name} could be taken: {reason}"),
            hint=N_("Correct the file and try again."),
            name=path.name,
            reason=tally.rejected[0]["reason"],
        )
    _warn_of_overlaps(areas, tally)
    return AreaFile(areas, code_column, name_column, crs)


# --- columns ----------------------------------------------------------------------------------------------------


def find_column(columns: Sequence[str], candidates: Sequence[str]) -> str:
    """The first of `candidates` among `columns`, whatever its case; "" where there is none."""
    folded = {str(column).casefold(): str(column) for column in columns}
    return next((folded[c] for c in candidates if c in folded), "")


def find_code_column(table: gpd.GeoDataFrame) -> str:
    """The column of codes by its name, else the only one whose values are all different area codes; "" = none."""
    columns = [str(c) for c in table.columns if c != table.geometry.name]
    named = find_column(columns, CODE_NAMES)
    if named:
        return named
    fitting = [column for column in columns if _holds_codes(list(table[column]))]
    return fitting[0] if len(fitting) == 1 else ""


def find_name_column(table: gpd.GeoDataFrame) -> str:
    """The column of names; "" = none."""
    return find_column([str(c) for c in table.columns if c != table.geometry.name], NAME_NAMES)


def find_household_column(table: gpd.GeoDataFrame) -> str:
    """The column of households; "" = none."""
    return find_column([str(c) for c in table.columns if c != table.geometry.name], HOUSEHOLD_NAMES)


def _holds_codes(values: list[object]) -> bool:
    codes = set()
    with suppress(InvalidInput):
        codes = {parse_code(_as_text(value)) for value in values}
    return len(codes) == len(values)


def _check_columns(columns: list[str], **chosen: str) -> None:
    for what, column in chosen.items():
        if column not in columns:
            raise InvalidInput(
                N_("No {what} column was found among {columns}."),
                hint=N_("Name it with --{what}-column."),
                what=what,
                columns=", ".join(columns),
            )


# --- coordinates ------------------------------------------------------------------------------------------------


def _check_named_crs(path: Path) -> None:
    """Refuse a GeoJSON file that names a coordinate system nobody knows; GDAL would take it for WGS-84."""
    if path.suffix.lower() not in {".geojson", ".json"}:
        return
    with path.open("rb") as file:
        named = _NAMED_CRS.search(file.read(_HEAD_BYTES).decode("utf-8", "replace"))
    if named is None:
        return
    try:
        CRS.from_user_input(named[1])
    except CRSError as error:
        raise UnknownCrs(
            N_("The coordinate system “{crs}” cannot be used."),
            hint=N_("Give the right one with --crs, for example EPSG:4490."),
            crs=named[1],
        ) from error


def place_in_wgs84(table: gpd.GeoDataFrame, *, options: AreaFileOptions, name: str) -> tuple[gpd.GeoDataFrame, str]:
    """The table in WGS-84 and the name of the coordinate system it was in.

    Raises
    ------
    UnknownCrs
        The file names no coordinate system, or one that cannot be used, and none was given.
    """
    try:
        if options.crs:
            table = table.set_crs(options.crs, allow_override=True)
        if table.crs is None:
            raise UnknownCrs(
                N_("The file {name} does not say its coordinate system."),
                hint=N_("Give it with --crs, for example EPSG:4490."),
                name=name,
            )
        placed = table.to_crs(WGS84)
    except (CRSError, ProjError) as error:
        raise UnknownCrs(
            N_("The coordinate system “{crs}” cannot be used."),
            hint=N_("Give the right one with --crs, for example EPSG:4490."),
            crs=options.crs or str(table.crs.name),
        ) from error
    if options.datum == "gcj02":
        placed = placed.set_geometry(gpd.GeoSeries(shift_to_wgs84(placed.geometry.to_numpy()), placed.index, WGS84))
    return placed, str(table.crs.to_string())[:60]


# --- rows -------------------------------------------------------------------------------------------------------


def _take_rows(table: gpd.GeoDataFrame, columns: tuple[str, str, str], tally: Tally) -> gpd.GeoDataFrame:
    code_column, name_column, household_column = columns
    households = list(table[household_column]) if household_column else [None] * len(table)
    rows: list[dict[str, object]] = []
    seen: set[str] = set()
    given = zip(table[code_column], table[name_column], households, table.geometry, strict=True)
    for position, (raw_code, raw_name, count, geometry) in enumerate(given, start=1):
        external_id = f"row/{position}"
        code, reason = _read_code(raw_code, seen)
        polygon, reason = (None, reason) if reason else _clean(external_id, geometry, tally)
        if polygon is None:
            tally.reject(external_id, reason)
            continue
        seen.add(code)
        tally.accept(repaired=bool(reason))
        rows.append(
            {
                "code": code,
                "name": _as_text(raw_name) or code,
                "level": int(code_level(code)),
                "kind": "official",
                "households": _as_count(count),
                "external_id": external_id,
                "geometry": polygon,
            }
        )
    if not rows:
        return empty_layer(AREA_COLUMNS)
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=WGS84)


def _read_code(value: object, seen: set[str]) -> tuple[str, str]:
    """A code and "", or "" and why it cannot be taken."""
    try:
        code = parse_code(_as_text(value))
    except InvalidInput:
        return "", _BAD_CODE
    return ("", SAME_CODE) if code in seen else (code, "")


def _as_text(value: object) -> str:
    """A cell as text; a code that a spreadsheet turned into 140105.0 is put right."""
    if value is None or value != value:
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    return str(value).strip()


def _as_count(value: object) -> int | None:
    text = _as_text(value)
    return int(text) if text.isascii() and text.isdigit() else None


def _clean(
    external_id: str, geometry: shapely.Geometry | None, tally: Tally
) -> tuple[shapely.MultiPolygon | None, str]:
    """A valid multipolygon and what had to be mended ("" = nothing), or None and why not."""
    if geometry is None or shapely.is_empty(geometry):
        return None, _NO_GEOMETRY
    flat = shapely.force_2d(geometry)
    west, south, east, north = shapely.bounds(flat).tolist()
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        return None, _OUTSIDE
    sound = bool(shapely.is_valid(flat))
    polygon = to_multipolygon(flat if sound else shapely.make_valid(flat, method="structure", keep_collapsed=False))
    if polygon.area == 0:
        return None, _NOT_AN_AREA
    if sound:
        return polygon, ""
    drawn = float(shapely.area(flat))
    percent = round(100 * (polygon.area / drawn - 1), 2) if drawn else 0.0
    tally.warn(_MENDED, id=external_id, percent=percent)
    return polygon, _MENDED


def _warn_of_overlaps(areas: gpd.GeoDataFrame, tally: Tally) -> None:
    for _, same_level in areas.groupby("level"):
        geometry = same_level.geometry.to_numpy()
        a, b = shapely.STRtree(geometry).query(geometry, predicate="intersects")
        a, b = a[a < b], b[a < b]
        shared = shapely.intersection(geometry[a], geometry[b])
        smaller = np.minimum(shapely.area(geometry[a]), shapely.area(geometry[b]))
        codes = same_level["code"].to_numpy(object)
        for i in np.flatnonzero(shapely.area(shared) > _OVERLAP_SHARE * smaller).tolist():
            area_m2 = round(float(compute_areas_m2(np.array([to_multipolygon(shared[i])], object))[0]))
            tally.warn(_OVERLAP, first=codes[a[i]], second=codes[b[i]], area_m2=area_m2)
