"""Closures as GeoJSON: what is read, and what is refused by its name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gridmap.errors import InvalidInput, UnreadableFile
from gridmap.sources.closure_file import read_closures

POINT = {"type": "Point", "coordinates": [112.5, 37.8, 900.0]}


def write(tmp_path: Path, document: Any) -> Path:
    path = tmp_path / "closures.geojson"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def feature(geometry: Any = POINT, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def test_names_and_speeds_are_read(tmp_path: Path) -> None:
    features = [feature(name="桥"), feature(speed_kmh="20"), {"type": "Feature", "id": 7, "geometry": POINT}]
    found = read_closures(write(tmp_path, {"type": "FeatureCollection", "features": features}))
    assert [(change.name, change.speed_kmh) for change in found] == [("桥", None), ("#2", 20.0), ("7", None)]
    assert [change.geometry_wgs84.wkt for change in found] == ["POINT (112.5 37.8)"] * 3


@pytest.mark.parametrize("document", [feature(), POINT])
def test_one_feature_or_a_bare_geometry_will_do(tmp_path: Path, document: Any) -> None:
    (found,) = read_closures(write(tmp_path, document))
    assert found.name == "#1"


@pytest.mark.parametrize(
    "bad",
    [
        feature(None, name="桥"),
        feature({"type": "Point", "coordinates": [37.8, 112.5]}, name="桥"),
        feature({"type": "LineString", "coordinates": [[1, 2]]}, name="桥"),
        feature({"type": "Polygon", "coordinates": []}, name="桥"),
        feature(name="桥", speed_kmh=0),
        feature(name="桥", speed_kmh="slow"),
    ],
)
def test_a_feature_that_cannot_be_used_is_named(tmp_path: Path, bad: Any) -> None:
    with pytest.raises(InvalidInput, match="桥"):
        read_closures(write(tmp_path, {"type": "FeatureCollection", "features": [feature(), bad]}))


@pytest.mark.parametrize("document", ["{", "[1]", {"type": "FeatureCollection"}, {"type": "Topology"}])
def test_what_is_no_geojson_is_refused(tmp_path: Path, document: Any) -> None:
    with pytest.raises(UnreadableFile, match="no GeoJSON"):
        read_closures(write(tmp_path, document))
