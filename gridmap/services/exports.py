"""Layers for other programs: GeoPackage, GeoJSON as one file or a zip of one per layer, the roads as GraphML."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
import sqlalchemy as sa
from pyogrio.errors import DataSourceError

from gridmap import __version__
from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.hazard_kinds import HazardKinds
from gridmap.errors import N_, InvalidInput, NoData, StoreFailure
from gridmap.i18n import Language
from gridmap.i18n.kinds import name_kinds
from gridmap.services import railways
from gridmap.services.context import Context
from gridmap.sources.graphml import write_graphml
from gridmap.store import exports as store
from gridmap.store import roads
from gridmap.store.hazard_kinds import load_kinds
from gridmap.store.new_file import create_file

FORMATS = ("gpkg", "geojson", "graphml")
LAYERS = tuple(store.LAYERS)


@dataclass(frozen=True)
class ExportReport:
    """What was written: rows by layer, empty layers left out, and whom the file must name."""

    target: Path
    format: str
    layers: dict[str, int]
    attribution: str
    size_bytes: int


@dataclass(frozen=True)
class _Export:
    """Everything read, before a byte is written."""

    layers: dict[str, gpd.GeoDataFrame]
    sources: pd.DataFrame

    @property
    def attribution(self) -> str:
        return "; ".join(dict.fromkeys(text for text in self.sources["attribution"] if text))

    @property
    def licence(self) -> str:
        return "; ".join(dict.fromkeys(text for text in self.sources["licence"] if text))

    @property
    def metadata(self) -> dict[str, str]:
        return {"attribution": self.attribution, "licence": self.licence, "generator": f"gridmap {__version__}"}


def export_dataset(
    context: Context,
    actor: Actor,
    *,
    target: Path,
    format: str,  # noqa: A002
    layers: Sequence[str] | None = None,
) -> ExportReport:
    """Write the layers (all of them where None) inside the actor's area to the new file `target`, WGS-84.

    "geojson" makes a zip of one file per layer when `target` ends in .zip, else one collection whose features name
    their `layer`. "graphml" holds the road network alone, as osmnx reads it.

    Raises
    ------
    InvalidInput
        Unknown format or layer, or the target exists already.
    NoData
        Nothing of it lies in the actor's area.
    DiskFull
        There is no room left; no file remains.
    """
    check_allowed(actor, Permission.EXPORT_DATA)
    if format not in FORMATS:
        raise InvalidInput(
            N_("“{format}” is not a format of exports."), hint=N_("Choose gpkg, geojson or graphml."), format=format
        )
    if format == "graphml":
        return _export_graph(context, actor, target)
    with context.database.read() as connection:
        export = _load(connection, actor, _check_layers(layers))
    export = replace(export, layers={name: _write_mileages(context, frame) for name, frame in export.layers.items()})
    with create_file(target) as draft:
        if format == "gpkg":
            _write_geopackage(export, draft)
        elif target.suffix == ".zip":
            _write_geojson_zip(export, draft)
        else:
            _write_geojson(export, draft)
    rows = {name: len(frame) for name, frame in export.layers.items()}
    return ExportReport(target, format, rows, export.attribution, target.stat().st_size)


def export_bytes(context: Context, actor: Actor, *, format: str) -> tuple[str, bytes]:  # noqa: A002
    """File name and content of an export of every layer, for a download; see `export_dataset`."""
    ending = "gpkg" if format == "gpkg" else "geojson.zip"
    name = f"gridmap-{actor.scope_code or 'all'}-{context.clock():%Y%m%d}.{ending}"
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / name
        export_dataset(context, actor, target=target, format=format)
        return name, target.read_bytes()


def _check_layers(names: Sequence[str] | None) -> Sequence[str]:
    for name in names or ():
        if name not in store.LAYERS:
            raise InvalidInput(
                N_("There is no layer “{name}”."),
                hint=N_("The layers are {layers}."),
                name=name,
                layers=", ".join(LAYERS),
            )
    return names or LAYERS


def _load(connection: sa.Connection, actor: Actor, names: Sequence[str]) -> _Export:
    within = store.load_scope_shape(connection, actor.scope_code)
    layers = {
        name: store.load_layer(connection, name, scope_code=actor.scope_code, within=within)
        for name in dict.fromkeys(names)
    }
    if "hazards" in layers:
        layers["hazards"] = _name_kinds(layers["hazards"], load_kinds(connection))
    filled = {name: frame for name, frame in layers.items() if len(frame)}
    if not filled:
        raise NoData(N_("There is nothing to export."), hint=N_("Import data first, or choose other layers."))
    return _Export(filled, store.load_attributions(connection))


def _write_mileages(context: Context, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Rows on lines with `line` and `mileage` as the posts say it in the place of the line's id.

    Chainage, which stays beside it in metres, is no mileage where a line is calibrated.
    """
    if "line_id" not in frame:
        return frame
    lines = railways.load_lines(context)
    known = [lines.get(int(line_id)) if line_id == line_id else None for line_id in frame.pop("line_id").astype(float)]
    ends = frame[["from_m", "to_m"]] if "from_m" in frame else frame[["mileage_m", "mileage_m"]]
    written = [
        _write(line, low, high) if line is not None and low == low else None
        for line, (low, high) in zip(known, ends.to_numpy(float), strict=True)
    ]
    return frame.assign(line=[None if line is None else line[0] for line in known], mileage=written)


def _write(line: railways.Line, from_m: float, to_m: float) -> str:
    _, prefix, measured = line
    if from_m == to_m:
        return railways.write_mileage(line, from_m)
    return measured.scale.write_range(from_m, to_m, prefix=prefix)


def _name_kinds(hazards: gpd.GeoDataFrame, kinds: HazardKinds) -> gpd.GeoDataFrame:
    """Hazards with the names of their kinds behind the code: kind_zh, kind_en."""
    at = hazards.columns.get_loc("kind")
    named = hazards.copy()
    columns: dict[str, Language] = {"kind_zh": "zh-CN", "kind_en": "en"}
    for step, (column, language) in enumerate(columns.items(), start=1):
        names = name_kinds(kinds, language)
        named.insert(at + step, column, [names.get(code, code) for code in hazards["kind"]])
    return named


def _export_graph(context: Context, actor: Actor, target: Path) -> ExportReport:
    with context.database.read() as connection:
        within = store.load_scope_shape(connection, actor.scope_code)
        nodes, edges = roads.load_road_nodes(connection), roads.load_road_edges(connection)
        attributions = store.load_attributions(connection)
    if within is not None:
        edges = edges[shapely.intersects(within, edges.geometry.to_numpy())]
    if edges.empty:
        raise NoData(N_("There is nothing to export."), hint=N_("Import data first, or choose other layers."))
    used = nodes.set_index("id").loc[sorted({*edges["u"], *edges["v"]})]
    with create_file(target) as draft:
        write_graphml(draft, nodes=used, edges=edges)
    counts = {"road_nodes": len(used), "road_edges": len(edges)}
    return ExportReport(target, "graphml", counts, _Export({}, attributions).attribution, target.stat().st_size)


# --- GeoPackage -------------------------------------------------------------------------------------------------


def _write_geopackage(export: _Export, path: Path) -> None:
    try:
        for name, frame in export.layers.items():
            pyogrio.write_dataframe(
                frame,
                path,
                layer=name,
                driver="GPKG",
                promote_to_multi=True if name == "areas" else None,
                layer_metadata=export.metadata,
            )
        pyogrio.write_dataframe(export.sources, path, layer="sources", driver="GPKG")
    except DataSourceError as error:
        raise StoreFailure(
            N_("The file cannot be written: {reason}."),
            hint=N_("Check the rights on the folder and the room on the disk."),
            reason=str(error).rstrip("."),
        ) from error


# --- GeoJSON ----------------------------------------------------------------------------------------------------


def _write_geojson(export: _Export, path: Path) -> None:
    with path.open("w", encoding="utf-8") as stream:
        features = (
            feature
            for name, frame in export.layers.items()
            for feature in _build_features(frame, {"layer": name} if len(export.layers) > 1 else {})
        )
        stream.writelines(_build_collection(features, export.metadata))


def _write_geojson_zip(export: _Export, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, frame in export.layers.items():
            with archive.open(f"{name}.geojson", "w", force_zip64=True) as stream:
                for text in _build_collection(_build_features(frame, {}), export.metadata):
                    stream.write(text.encode())
        archive.writestr("ATTRIBUTION.txt", f"{export.attribution}\n{export.licence}\n")


def _build_collection(features: Iterator[str], metadata: dict[str, str]) -> Iterator[str]:
    head = {"type": "FeatureCollection", **metadata}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "features": ['
    for number, feature in enumerate(features):
        yield f"{',' if number else ''}\n{feature}"
    yield "\n]}\n"


def _build_features(frame: gpd.GeoDataFrame, extra: dict[str, str]) -> Iterator[str]:
    names = [name for name in frame.columns if name != "geometry"]
    shapes = shapely.to_geojson(frame.geometry.to_numpy())
    columns = [_plain_values(frame[name]) for name in names]
    for shape, *values in zip(shapes, *columns, strict=True):
        properties = json.dumps({**extra, **dict(zip(names, values, strict=True))}, ensure_ascii=False)
        yield f'{{"type": "Feature", "properties": {properties}, "geometry": {shape}}}'


def _plain_values(column: pd.Series) -> list[Any]:
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return [None if pd.isna(value) else value.isoformat() for value in column]
    values: list[Any] = column.astype(object).where(column.notna(), None).tolist()
    return values
