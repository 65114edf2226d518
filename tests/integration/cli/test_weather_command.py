"""`weather`: the lists before wind and rain, with their order and their reasons."""

from __future__ import annotations

from tests.integration.cli.conftest import assert_refused, run_gridmap


def test_the_demo_county_has_both_lists(demo) -> None:
    url, _ = demo
    wind = run_gridmap("weather", "wind", "--force", "8", "--from", "300", "--db", url, "--json")
    assert wind.code == 0, wind.err
    exposures = [row["exposure"] for row in wind.document]
    assert len(exposures) >= 3
    assert exposures == sorted(exposures, reverse=True)
    assert {row["kind"] for row in wind.document} <= {"light_objects", "colour_steel"}
    first = wind.document[0]
    parts = first["distance"] * first["wind"] * first["severity_part"] * first["line_part"]
    assert abs(100 * parts - first["exposure"]) < 0.5
    rain = run_gridmap("weather", "rain", "--db", url, "--json")
    assert {row["kind"] for row in rain.document} >= {"culvert", "water_bridge", "cutting", "embankment"}
    assert all(row["mileage"].startswith(("K", "DK")) for row in rain.document)
    severities = [row["severities"] for row in rain.document]
    assert severities == sorted(severities, reverse=True)


def test_a_question_that_is_none_is_refused(demo) -> None:
    url, _ = demo
    asked = ("weather", "rain", "--force", "8", "--db", url, "--json")
    assert "not clear" in assert_refused(run_gridmap(*asked))
    asked = ("weather", "wind", "--force", "13", "--db", url, "--json")
    assert "no force" in assert_refused(run_gridmap(*asked))
