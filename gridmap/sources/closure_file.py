"""Closed and slowed roads as GeoJSON: points, lines or areas; `speed_kmh` slows where otherwise the road is closed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.domain.roads.closures import DrawnChange
from gridmap.errors import N_, InvalidInput, UnreadableFile

_LARGEST_BYTES = 20_000_000
_NAMES = ("name", "id", "名称")


def read_closures(path: Path) -> list[DrawnChange]:
    """Read a FeatureCollection, a Feature or a bare geometry, in WGS-84 as GeoJSON has it.

    A feature is called by its property name, else its id, else its number.

    Raises
    ------
    UnreadableFile
        The file is missing, too large or no GeoJSON.
    InvalidInput
        A feature has no geometry on the globe, or a speed that is none; it is named.
    """
    return [_read_feature(feature, number, path.name) for number, feature in enumerate(read_features(path), start=1)]


def read_features(path: Path) -> list[Any]:
    """The features of a GeoJSON file as they stand there.

    Raises
    ------
    UnreadableFile
        As `read_closures`.
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise UnreadableFile(N_("The file {name} is too large."), hint=N_("Draw fewer roads."), name=path.name)
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UnreadableFile(
            N_("The file {name} cannot be read."), hint=N_("Check the name and the folder."), name=path.name
        ) from error
    except ValueError as error:
        raise _no_geojson(path.name) from error
    if not isinstance(document, dict):
        raise _no_geojson(path.name)
    if document.get("type") == "Feature":
        return [document]
    if "coordinates" in document or "geometries" in document:
        return [{"type": "Feature", "geometry": document}]
    features = document.get("features")
    if not isinstance(features, list):
        raise _no_geojson(path.name)
    return features


def _no_geojson(name: str) -> UnreadableFile:
    return UnreadableFile(
        N_("The file {name} is no GeoJSON."),
        hint=N_("Give a FeatureCollection of points, lines or areas."),
        name=name,
    )


def _read_feature(feature: Any, number: int, file_name: str) -> DrawnChange:
    told = feature if isinstance(feature, dict) else {}
    properties = told.get("properties")
    said = {"id": told.get("id")} | (properties if isinstance(properties, dict) else {})
    name = next((str(said[key]) for key in _NAMES if said.get(key) not in (None, "")), f"#{number}")
    return DrawnChange(
        name,
        read_geometry(told.get("geometry"), name, file_name),
        _read_speed(said.get("speed_kmh"), name, file_name),
    )


def read_geometry(drawn: Any, name: str, file_name: str) -> BaseGeometry:
    """What a feature called `name` draws, WGS-84.

    Raises
    ------
    InvalidInput
        It is nothing on the globe.
    """
    try:
        geometry: BaseGeometry | None = shapely.force_2d(shapely.from_geojson(json.dumps(drawn)))
    except shapely.GEOSException:
        geometry = None
    xy = shapely.get_coordinates(geometry)
    if geometry is None or not len(xy) or not np.isfinite(xy).all() or (np.abs(xy) > (180, 90)).any():
        raise InvalidInput(
            N_("“{feature}” in {name} has no place on the globe."),
            hint=N_("Draw it in WGS-84 degrees, longitude first."),
            feature=name,
            name=file_name,
        )
    return shapely.make_valid(geometry)


def _read_speed(said: Any, name: str, file_name: str) -> float | None:
    if said is None:
        return None
    try:
        speed_kmh = float(said)
    except (TypeError, ValueError):
        speed_kmh = np.nan
    if not 0 < speed_kmh < np.inf:
        raise InvalidInput(
            N_("“{feature}” in {name} has a speed that is none."),
            hint=N_("Give speed_kmh as a number above 0, or leave it out to close the road."),
            feature=name,
            name=file_name,
        )
    return speed_kmh
