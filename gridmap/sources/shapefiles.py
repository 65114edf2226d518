"""Shapefiles as they come: zipped, in a folder inside the zip, and without a word about their encoding."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path, PurePosixPath

from gridmap.errors import N_, InvalidInput

_INNER = (".shp", ".gpkg", ".geojson", ".json")
_CHINESE = "GB18030"


def find_in_zip(path: Path) -> str:
    """Address, as GDAL writes it, of the one vector file inside a zip, of several the one called “areas” of an export.

    Raises
    ------
    InvalidInput
        It holds none, or several.
    """
    inner = _list_vector_files(path)
    if len(inner) > 1:
        inner = [name for name in inner if PurePosixPath(name).stem == "areas"] or inner
    if len(inner) != 1:
        raise InvalidInput(
            N_("The archive {name} holds {number} files of areas; one is needed."),
            hint=N_("Pack one Shapefile, GeoPackage or GeoJSON."),
            name=path.name,
            number=len(inner),
        )
    return f"/vsizip/{path}/{inner[0]}"


def find_encoding(path: Path) -> str | None:
    """Encoding of a Shapefile's texts, None where the file says it or it is none.

    Chinese programs write GBK and leave the .cpg out. Bytes that read as UTF-8 are UTF-8: GBK text hardly ever does.
    """
    if path.suffix.lower() == ".zip":
        inner = _list_vector_files(path)
        if len(inner) != 1 or not inner[0].lower().endswith(".shp"):
            return None
        shapefile = PurePosixPath(inner[0])
        with zipfile.ZipFile(path) as archive:
            beside = {name.lower(): name for name in archive.namelist()}
            if str(shapefile.with_suffix(".cpg")).lower() in beside:
                return None
            table = beside.get(str(shapefile.with_suffix(".dbf")).lower())
            return None if table is None else _guess(archive.read(table))
    if path.suffix.lower() != ".shp" or _find_beside(path, ".cpg") is not None:
        return None
    table_path = _find_beside(path, ".dbf")
    return None if table_path is None else _guess(table_path.read_bytes())


def _find_beside(path: Path, suffix: str) -> Path | None:
    """The file of the same name with `suffix`, whatever its case."""
    wanted = path.with_suffix(suffix).name.lower()
    return next((other for other in path.parent.iterdir() if other.name.lower() == wanted), None)


def _list_vector_files(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    # A Mac adds a folder of shadows to every archive it packs.
    return [n for n in names if n.lower().endswith(_INNER) and not n.startswith("__MACOSX/")]


def _guess(table: bytes) -> str:
    """UTF-8 or GB18030, by the field names and records of a .dbf file (dBASE III: header length at byte 8)."""
    if len(table) < 32:
        return _CHINESE
    (header_length,) = struct.unpack_from("<H", table, 8)
    names = b"".join(table[at : at + 11] for at in range(32, header_length - 32, 32))
    try:
        (names + table[header_length:]).decode("utf-8")
    except UnicodeDecodeError:
        return _CHINESE
    return "UTF-8"
