"""New hazards as GeoJSON points: title, kind and severity (1 to 4) as properties."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import shapely

from gridmap.errors import N_, InvalidInput
from gridmap.sources.closure_file import read_features, read_geometry

_USUAL_SEVERITY = 2


@dataclass(frozen=True)
class FoundHazard:
    """A hazard of a file; WGS-84 degrees, `kind` is "" where the file names none."""

    title: str
    kind: str
    severity: int
    lon: float
    lat: float


def read_hazards(path: Path) -> list[FoundHazard]:
    """Read a FeatureCollection or a Feature; what is no point counts at a place inside it.

    Raises
    ------
    UnreadableFile
        The file is missing, too large or no GeoJSON.
    InvalidInput
        A feature has no geometry on the globe, or a severity that is none; it is named.
    """
    return [_read_hazard(feature, number, path.name) for number, feature in enumerate(read_features(path), start=1)]


def _read_hazard(feature: object, number: int, file_name: str) -> FoundHazard:
    told = feature if isinstance(feature, dict) else {}
    given = told.get("properties")
    properties = given if isinstance(given, dict) else {}
    title = str(properties.get("title") or properties.get("name") or f"#{number}")
    point = shapely.point_on_surface(read_geometry(told.get("geometry"), title, file_name))
    severity = properties.get("severity", _USUAL_SEVERITY)
    if severity not in (1, 2, 3, 4):
        raise InvalidInput(
            N_("“{feature}” in {name} has a severity that is none."),
            hint=N_("Give severity as 1, 2, 3 or 4."),
            feature=title,
            name=file_name,
        )
    return FoundHazard(title, str(properties.get("kind") or ""), int(severity), float(point.x), float(point.y))
