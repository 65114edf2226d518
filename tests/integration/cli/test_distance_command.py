"""`check-distance` by its contract, on the demo county and on a real extract."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from tests.integration.cli.conftest import assert_refused, run_gridmap
from tests.statute_worlds import walk

KEYS = {
    "rule",
    "article",
    "jurisdiction",
    "origin",
    "distance_m",
    "uncertainty_m",
    "limit_m",
    "effect",
    "applies",
}
VADUZ = "9.5215,47.1415"
TRACK = (9.5260, 47.2098)
"""Beside the line at Schaan-Vaduz, in the real extract."""


def ask(url: str, *words: str | Path) -> Any:
    done = run_gridmap("check-distance", "--db", url, *words, "--json")
    assert done.code == 0, done.err
    return done.document


def test_the_document_of_a_place(demo: tuple[str, Any]) -> None:
    found = ask(demo[0], "--kind", "kite", "--lonlat", "112.5,37.0")
    assert [row["rule"] for row in found] == ["cn-639/53-conductor", "cn-14-2021/airborne"]
    for row in found:
        assert row.keys() >= KEYS
        assert row["approximate"] is True
        assert row["applies"] == (row["distance_m"] <= row["limit_m"])
    assert [row["certainty"] for row in found] == ["verified", "secondary"]


def test_where_nothing_is_recorded_the_distance_is_null(demo: tuple[str, Any]) -> None:
    (row,) = [r for r in ask(demo[0], "--kind", "building", "--lonlat", "112.5,37.0") if r["rule"].endswith("buried")]
    assert row["distance_m"] is None
    assert row["applies"] is False
    assert "ask the railway" in row["note"]


@pytest.mark.parametrize("words", [("--lonlat=-71.1,42.3",), ("--lonlat", "-71.1,42.3")])
def test_places_in_the_west(imported: tuple[str, Any], words: tuple[str, ...]) -> None:
    found = ask(imported[0], "--kind", "mining", *words)
    assert [(row["rule"], row["applies"]) for row in found] == [("cn-639/34", False)]
    assert found[0]["distance_m"] == pytest.approx(6.1e6, rel=0.05)


def test_a_real_line_under_the_law_that_is_asked_for(imported: tuple[str, Any]) -> None:
    url, _ = imported
    (here,) = ask(url, "--kind", "mining", "--lonlat", VADUZ)
    assert not here["applies"]
    assert 2_000 < here["distance_m"] < 6_000
    assert ask(url, "--kind", "mining", "--lonlat", VADUZ, "--jurisdiction", "CN-37") == [here]


def test_a_jurisdiction_without_rules_is_empty_and_said(imported: tuple[str, Any]) -> None:
    done = run_gridmap(
        "check-distance", "--db", imported[0], "--kind", "mining", "--lonlat", VADUZ, "--jurisdiction", "LI", "--json"
    )
    assert (done.code, done.document) == (0, [])
    assert "No rules are known for LI" in done.err


def test_a_polygon_and_a_layer(imported: tuple[str, Any], tmp_path: Path) -> None:
    url, _ = imported
    ground = shapely.Point(9.5215, 47.1415).buffer(0.2)
    drawn, layer = tmp_path / "ground.geojson", tmp_path / "layer.gpkg"
    drawn.write_text(shapely.to_geojson(ground), encoding="utf-8")
    (found,) = ask(url, "--kind", "mining", "--geojson", drawn)
    assert (found["distance_m"], found["applies"]) == (0, True)
    places = [shapely.Point(9.5215, 47.1415), shapely.Point(9.5215, 47.1415).buffer(0.2)]
    gpd.GeoDataFrame({"kind": ["mining", "building"]}, geometry=places, crs="EPSG:4326").to_file(layer)
    rows = ask(url, "--layer", layer)
    assert [row["object"] for row in rows] == [0, 1, 1]
    assert [row["applies"] for row in rows] == [False, True, False]
    json.dumps(rows, allow_nan=False)
    assert not any(isinstance(v, float) and math.isnan(v) for row in rows for v in row.values())


def test_for_a_person(demo: tuple[str, Any]) -> None:
    lon, lat = walk((112.5, 37.0), 0, 10)
    done = run_gridmap("check-distance", "--db", demo[0], "--kind", "kite", "--lonlat", f"{lon},{lat}")
    assert done.code == 0
    assert "approximate" in done.out
    assert "cn-639/53-conductor" in done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--kind", "dragon", "--lonlat", "112,37"), "dragon"),
        (("--lonlat", "112,37"), "kind is missing"),
        (("--kind", "mining"), "required"),
        (("--kind", "mining", "--lonlat", "37,112"), "longitude"),
        (("--kind", "mining", "--geojson", "nowhere.geojson"), "nowhere.geojson"),
        (("--kind", "mining", "--lonlat", "112,37", "--at", "yesterday"), "yesterday"),
    ],
)
def test_what_cannot_be_asked_is_said(demo: tuple[str, Any], words: tuple[str, ...], said: str) -> None:
    assert said in assert_refused(run_gridmap("check-distance", "--db", demo[0], *words, "--json"))


def test_an_unknown_kind_is_told_the_list(demo: tuple[str, Any]) -> None:
    done = run_gridmap("check-distance", "--db", demo[0], "--kind", "dragon", "--lonlat", "112,37", "--json")
    assert "sand-mining" in done.document["hint"]
