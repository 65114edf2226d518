"""The data files of the law: every TOML file of a folder is the edition of a law, but the two that hold for all."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import geopandas as gpd

from gridmap.domain.statutes.parsing import Faulty, parse_statutes
from gridmap.domain.statutes.rules import Statutes
from gridmap.errors import N_, UnreadableFile
from gridmap.sources.files import AreaFileOptions, place_in_wgs84, read_table

FOLDER = Path(__file__).parent.parent / "statutes"
_KINDS, _ORIGINS = "kinds.toml", "origins.toml"


def read_statutes(folder: Path = FOLDER) -> Statutes:
    """Read and check the files of `folder`.

    Raises
    ------
    UnreadableFile
        A file is missing, no TOML, or says something that cannot be.
    """
    tables = {path.name: _read_toml(path) for path in sorted(folder.glob("*.toml"))}
    try:
        kinds, origins = tables.pop(_KINDS), tables.pop(_ORIGINS)
        return parse_statutes(tables, kinds=kinds, origins=origins)
    except (KeyError, Faulty) as error:
        raise UnreadableFile(
            N_("The distance rules cannot be used: {reason}."),
            hint=N_("Correct the file in {folder}."),
            reason=str(error).strip("'"),
            folder=folder.name,
        ) from error


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableFile(
            N_("The distance rules cannot be used: {reason}."),
            hint=N_("Correct the file in {folder}."),
            reason=f"{path.name}: {error}",
            folder=path.parent.name,
        ) from error


def read_objects(path: Path) -> gpd.GeoDataFrame:
    """Points, lines and polygons of a vector file, in WGS-84, with the columns it has.

    Raises
    ------
    UnreadableFile, NoData, UnknownCrs
        As `files.read_table` and `files.place_in_wgs84`.
    """
    placed, _ = place_in_wgs84(read_table(path), options=AreaFileOptions(), name=path.name)
    return placed[~(placed.geometry.isna() | placed.geometry.is_empty)]
