"""`import --preview` and `--edition`."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import shapely

from tests.integration.cli.conftest import assert_refused, run_gridmap


def write(path: Path, rows: dict[str, tuple[str, int]]) -> Path:
    """Squares side by side: code → name and column."""
    shapes = [shapely.box(112 + at, 37, 113 + at, 38) for _, at in rows.values()]
    gpd.GeoDataFrame(
        {"code": list(rows), "name": [name for name, _ in rows.values()]}, geometry=shapes, crs=4326
    ).to_file(path)
    return path


def test_an_edition_is_seen_and_applied(tmp_path: Path) -> None:
    url = tmp_path / "x.db"
    old = write(tmp_path / "old.geojson", {"140105": ("A", 0), "140106": ("B", 1), "140107": ("C", 2)})
    new = write(tmp_path / "new.geojson", {"140105": ("A", 0), "140109": ("B", 1), "140107": ("Z", 2)})
    assert run_gridmap("import", old, "--db", url).code == 0
    seen = run_gridmap("import", new, "--preview", "--db", url, "--json").document
    assert (seen["unchanged"], seen["added"], seen["removed"], seen["applied"]) == (1, [], [], None)
    assert [(item["old"], item["new"]) for item in seen["codes"]] == [("140106", "140109")]
    assert [item["after"] for item in seen["names"]] == ["Z"]
    assert_refused(run_gridmap("import", new, "--edition", "--db", url, "--json"))
    assert_refused(run_gridmap("import", old, new, "--preview", "--db", url, "--json"))
    done = run_gridmap("import", new, "--edition", "--reason", "2026", "--db", url)
    assert done.code == 0, done.err
    assert "140106 → 140109" in done.out
    assert "applied as change" in done.out
    assert "nothing differs" in run_gridmap("import", new, "--preview", "--db", url).out
    assert "140109 B" in run_gridmap("areas", "find", "140106", "--db", url).out
