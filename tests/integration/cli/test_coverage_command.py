"""`coverage` as somebody at a terminal runs it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gridmap.domain.railways.mileage import parse_mileage
from gridmap.services.context import open_context
from gridmap.services.railways import load_lines
from gridmap.settings import Settings
from tests.integration.cli.conftest import assert_refused, run_gridmap

SINCE = datetime(2026, 10, 1, 1, tzinfo=UTC)


def write_gpx(folder: Path, url: str, *, speed_kmh: float) -> Path:
    """Ten minutes along the first line of the county from K10+000, 10 m to its left, a fix every 10 s."""
    context = open_context(Settings(database_url=url))
    _, _, line = next(iter(load_lines(context).values()))
    context.close()
    points = []
    for second in range(0, 600, 10):
        lon, lat = line.beside(10_000 + speed_kmh / 3.6 * second, side="left", offset_m=10)
        at = (SINCE + timedelta(seconds=second)).isoformat()
        points.append(f'<trkpt lon="{lon}" lat="{lat}"><time>{at}</time></trkpt>')
    path = folder / "track.gpx"
    path.write_text(f"<gpx><trk><trkseg>{''.join(points)}</trkseg></trk></gpx>", encoding="utf-8")
    return path


def test_a_patrol_is_told_by_mileage_side_and_confidence(demo: tuple[str, Any], tmp_path: Path) -> None:
    url, _ = demo
    path = write_gpx(tmp_path, url, speed_kmh=5.0)
    document = run_gridmap("coverage", path, "--db", url, "--json").document
    (found,) = document["lines"]
    assert {"line", "from", "to", "side", "confidence"} <= set(found)
    assert parse_mileage(found["from"]).metres == pytest.approx(10_000, abs=20)
    assert parse_mileage(found["to"]).metres == pytest.approx(10_000 + 5 / 3.6 * 590, abs=20)
    assert found["side"] == "left"
    assert 0.8 < found["confidence"] <= 1.0
    assert document["matched_m"] == pytest.approx(5 / 3.6 * 590, rel=0.05)
    assert document["rejected_m"] == pytest.approx(sum(document["reasons"].values()), abs=0.5)
    told = run_gridmap("coverage", path, "--db", url)
    assert found["from"] in told.out


def test_a_train_is_no_patrol(demo: tuple[str, Any], tmp_path: Path) -> None:
    url, _ = demo
    document = run_gridmap("coverage", write_gpx(tmp_path, url, speed_kmh=160.0), "--db", url, "--json").document
    assert document["lines"] == []
    assert document["matched_m"] == 0
    assert document["reasons"]["too_fast"] > 0.9 * document["rejected_m"]


def test_refusals_are_one_sentence(demo: tuple[str, Any], tmp_path: Path) -> None:
    url, _ = demo
    path = tmp_path / "track.csv"
    path.write_text("lon,lat,time\n112.5,37.8,1772586000\n", encoding="utf-8")
    assert "single point" in assert_refused(run_gridmap("coverage", path, "--db", url, "--json"))
    path = write_gpx(tmp_path, url, speed_kmh=5.0)
    words = ("coverage", path, "--db", url, "--json")
    assert "no team" in assert_refused(run_gridmap(*words, "--save", "--team", "nobody"))
    assert "nothing is saved" in assert_refused(run_gridmap(*words, "--team", "nobody"))
    path.write_text(path.read_text(encoding="utf-8")[: int(np.ceil(path.stat().st_size / 2))], encoding="utf-8")
    assert "not complete" in assert_refused(run_gridmap(*words))
