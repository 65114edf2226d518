"""`matrix`, `isochrone` and `nearest-teams` on the demo county."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import shapely

from tests.integration.cli.conftest import assert_refused, run_gridmap


def test_a_matrix_has_a_row_for_each_place_and_null_where_no_road_leads(demo: tuple[str, Any], tmp_path: Path) -> None:
    points = tmp_path / "points.csv"
    points.write_text("lat,id,lon\n37.0,甲,112.55\n\n37.05,b,112.6\n10.0,far,100.0\n", encoding="utf-8")
    done = run_gridmap("matrix", "--points", points, "--db", demo[0], "--json")
    said = done.document
    assert (done.code, said["ids"]) == (0, ["甲", "b", "far"])
    assert [said["seconds"][i][i] for i in range(2)] == [0, 0]
    assert said["seconds"][0][1] > 60
    assert said["metres"][0][1] > 1000
    assert said["seconds"][2] == said["metres"][2] == [None, None, None]
    route = run_gridmap("route", "--from", "112.55,37.0", "--to", "112.6,37.05", "--db", demo[0], "--json").document
    assert said["seconds"][0][1] == pytest.approx(route["seconds"], abs=0.11)


def test_bad_rows_of_a_matrix_are_named(demo: tuple[str, Any], tmp_path: Path) -> None:
    points = tmp_path / "points.csv"
    points.write_text("id,lon,lat\na,112.55,37\nb,x,37\nc,112.6,97\n", encoding="utf-8")
    done = run_gridmap("matrix", "--points", points, "--db", demo[0], "--json")
    assert "3, 4" in assert_refused(done)


def test_an_isochrone_is_a_collection_of_growing_areas(demo: tuple[str, Any]) -> None:
    done = run_gridmap("isochrone", "--lonlat", "112.55,37.0", "--minutes", "10,5", "--db", demo[0], "--json")
    said = done.document
    assert (said["type"], [f["properties"]["minutes"] for f in said["features"]]) == ("FeatureCollection", [5, 10])
    smaller, larger = (shapely.geometry.shape(f["geometry"]) for f in said["features"])
    assert larger.buffer(1e-9).contains(smaller)
    assert smaller.distance(shapely.Point(112.55, 37.0)) < 0.02
    assert_refused(run_gridmap("isochrone", "--lonlat", "112.55,37.0", "--minutes", "5,nan", "--db", demo[0], "--json"))


def test_the_nearest_teams_come_in_order(demo: tuple[str, Any]) -> None:
    done = run_gridmap("nearest-teams", "--lonlat", "112.55,37.0", "-k", "3", "--db", demo[0], "--json")
    said = done.document
    assert len({way["team"] for way in said}) == len(said) == 3
    assert [way["seconds"] for way in said] == sorted(way["seconds"] for way in said)
    assert all(way["metres"] >= 0 for way in said)
    assert_refused(run_gridmap("nearest-teams", "--lonlat", "112.55,37.0", "-k", "0", "--db", demo[0], "--json"))
    # A longitude west of Greenwich is no option, and there is no road there.
    said = assert_refused(run_gridmap("nearest-teams", "--lonlat=-71.1,42.3", "--db", demo[0], "--json"))
    assert "no road within 2000 m of -71.1" in said


def test_roads_out_of_reach_are_told_with_their_reasons_and_places(demo: tuple[str, Any]) -> None:
    done = run_gridmap("roads", "check", "--db", demo[0], "--json")
    said = done.document
    assert (done.code, said["mode"]) == (0, "car")
    assert len(said["posts"]) == demo[1]["posts"]
    total = said["reached"] + sum(fault["stretches"] for fault in said["out_of_reach"])
    for post in said["posts"]:
        assert post["reached"] + sum(fault["stretches"] for fault in post["out_of_reach"]) == total
    for fault in said["out_of_reach"]:
        assert fault["text"].endswith(".")
        assert {"name", "class", "lon", "lat", "edge"} <= fault["examples"][0].keys()


def test_who_leaves_in_the_morning_peak_takes_longer(demo: tuple[str, Any]) -> None:
    ends = ("--from", "112.55,37.0", "--to", "112.6,37.05", "--db", demo[0], "--json")
    free, peak, night = (
        run_gridmap("route", *ends, *when).document for when in ((), ("--at", "08:30"), ("--at", "03:00"))
    )
    assert peak["seconds"] > free["seconds"] == night["seconds"]
    assert run_gridmap("route", *ends, "--at", "25:00").code != 0
