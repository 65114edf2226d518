"""`import` by its contract, and what broken files do: one clear sentence, and a database without a new row."""

from __future__ import annotations

import gzip
import hashlib
import json
import resource
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import osmium
import pytest

from tests.integration.cli.conftest import Done, assert_refused, run_gridmap

COUNTS = ("areas", "road_edges", "stations", "level_crossings", "read", "accepted", "repaired")
SQUARE = [[112.0, 37.0], [112.1, 37.0], [112.1, 37.1], [112.0, 37.1], [112.0, 37.0]]
BOW_TIE = [[112.2, 37.0], [112.3, 37.1], [112.3, 37.0], [112.2, 37.1], [112.2, 37.0]]


def read_all(database: Path) -> Counter[str]:
    """How many rows each table holds."""
    with closing(sqlite3.connect(database)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return Counter({name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names})


def write_areas(path: Path, *features: tuple[str, list[list[float]]], **extra: Any) -> Path:
    collection = {
        "type": "FeatureCollection",
        **extra,
        "features": [
            {
                "type": "Feature",
                "properties": {"code": code, "name": code},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
            for code, ring in features
        ],
    }
    path.write_text(json.dumps(collection), encoding="utf-8")
    return path


@pytest.fixture
def pbf(realdata: Path) -> Path:
    return realdata / "osm" / "liechtenstein.osm.pbf"


@pytest.fixture
def database(imported: tuple[str, Any], tmp_path: Path) -> Path:
    """A copy of a database that holds a real extract."""
    source = imported[0].removeprefix("sqlite:///")
    copy = tmp_path / "held.db"
    with closing(sqlite3.connect(source)) as held, closing(sqlite3.connect(copy)) as target:
        held.backup(target)
    return copy


def import_into(database: Path, *words: str | Path) -> Done:
    return run_gridmap("import", *words, "--db", f"sqlite:///{database}", "--json")


# --- the contract -----------------------------------------------------------------------------------------------


def test_the_report_counts_and_reconciles(imported: tuple[str, Any]) -> None:
    _, report = imported
    assert all(type(report[name]) is int for name in COUNTS)
    assert report["read"] == report["accepted"] + report["repaired"] + len(report["rejected"])
    assert all(set(item) == {"id", "reason"} and item["id"] and item["reason"] for item in report["rejected"])
    assert (report["areas"], report["stations"], report["level_crossings"]) == (14, 4, 10)
    assert report["road_edges"] == 15_528
    assert report["road_km"] == pytest.approx(1117.6, abs=0.1)
    assert report["railway_km"] == pytest.approx(11.098, abs=0.01)
    assert 0 < report["seconds"] < 60


def test_another_form_of_openstreetmap_says_the_same(thinned: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.osm.gz"
    with osmium.SimpleWriter(str(again)) as writer:
        for thing in osmium.FileProcessor(str(thinned)):
            writer.add(thing)
    reports = [import_into(tmp_path / f"{n}.db", path).document for n, path in enumerate((thinned, again))]
    for name in (*COUNTS, "road_km", "railway_km", "rejected"):
        assert reports[0][name] == reports[1][name], name


def test_several_files_make_one_array(thinned: Path, tmp_path: Path) -> None:
    files = [thinned, write_areas(tmp_path / "areas.geojson", ("140105001", SQUARE))]
    done = import_into(tmp_path / "new.db", *files)
    assert done.code == 0
    assert [report["source"] for report in done.document] == [path.name for path in files]
    assert "Traceback" not in done.err


def test_a_second_import_replaces_what_came_from_the_file(thinned: Path, tmp_path: Path) -> None:
    database = tmp_path / "new.db"
    assert import_into(database, thinned).code == 0
    before = read_all(database)
    assert import_into(database, thinned).code == 0
    after = read_all(database)
    for name in ("area", "road_edge", "road_node", "rail_track", "rail_segment", "source", "grid_unit"):
        assert after[name] == before[name] > 0, name


def test_real_and_synthetic_data_do_not_mix(demo: tuple[str, Any], thinned: Path, tmp_path: Path) -> None:
    database = tmp_path / "demo.db"
    with closing(sqlite3.connect(demo[0].removeprefix("sqlite:///"))) as held, closing(sqlite3.connect(database)) as to:
        held.backup(to)
    before = read_all(database)
    assert "synthetic" in assert_refused(import_into(database, thinned))
    assert read_all(database) == before
    assert import_into(database, thinned, "--replace").code == 0
    after = read_all(database)
    assert after["hazard"] == after["team"] == 0
    assert after["area"] == 14


def test_a_file_without_roads_is_read_for_what_it_has(thinned: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.osm.pbf"
    with osmium.SimpleWriter(str(bare)) as writer:
        for thing in osmium.FileProcessor(str(thinned)):
            if "highway" not in thing.tags:
                writer.add(thing)
    done = import_into(tmp_path / "new.db", bare)
    assert done.code == 0
    assert done.document["road_edges"] == 0
    assert done.document["areas"] == 14
    assert any("road" in notice for notice in (*done.document["warnings"], *done.document["notices"]))


def test_areas_that_cross_themselves_or_overlap_are_told(tmp_path: Path) -> None:
    overlapping = [[x + 0.05, y] for x, y in SQUARE]
    path = write_areas(
        tmp_path / "areas.geojson", ("140105001", SQUARE), ("140105002", overlapping), ("140105003", BOW_TIE)
    )
    done = import_into(tmp_path / "new.db", path)
    assert done.code == 0, done.err
    report = done.document
    assert report["read"] == 3 == report["accepted"] + report["repaired"] + len(report["rejected"])
    assert report["repaired"] + len(report["rejected"]) >= 1
    assert any("overlap" in notice for notice in (*report["warnings"], *report["notices"]))
    assert report["borders"]["cells"] == 3
    assert report["borders"]["overlaps"]["number"] >= 1
    (worst, *_) = report["borders"]["worst"]
    assert (worst["kind"], set(worst["cells"])) == ("overlap", {"140105001", "140105002"})
    assert worst["area_m2"] > 1e6
    assert any("in all" in warning for warning in report["warnings"])


# --- what is broken ---------------------------------------------------------------------------------------------


def _empty(path: Path, _: Path) -> Path:
    path.with_suffix(".pbf").write_bytes(b"")
    return path.with_suffix(".pbf")


def _text(path: Path, _: Path) -> Path:
    path.with_suffix(".pbf").write_text("This is not a map.\n" * 100, encoding="utf-8")
    return path.with_suffix(".pbf")


def _truncated(path: Path, pbf: Path) -> Path:
    path.with_suffix(".pbf").write_bytes(pbf.read_bytes()[:400_000])
    return path.with_suffix(".pbf")


def _truncated_gzip(path: Path, _: Path) -> Path:
    whole = gzip.compress(b'<osm version="0.6"><node id="1" lat="1" lon="1"/></osm>' * 50)
    path.with_suffix(".osm.gz").write_bytes(whole[:-20])
    return path.with_suffix(".osm.gz")


def _no_rows(path: Path, _: Path) -> Path:
    return write_areas(path.with_suffix(".geojson"))


def _no_code(path: Path, _: Path) -> Path:
    text = write_areas(path.with_suffix(".geojson"), ("140105001", SQUARE)).read_text(encoding="utf-8")
    path.with_suffix(".geojson").write_text(text.replace('"code"', '"colour"'), encoding="utf-8")
    return path.with_suffix(".geojson")


def _unknown_crs(path: Path, _: Path) -> Path:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::999999"}}
    return write_areas(path.with_suffix(".geojson"), ("140105001", SQUARE), crs=crs)


def _missing(path: Path, _: Path) -> Path:
    return path.with_suffix(".osm.pbf")


def _folder(path: Path, _: Path) -> Path:
    path.mkdir()
    return path


@pytest.mark.parametrize(
    "spoil", [_empty, _text, _truncated, _truncated_gzip, _no_rows, _no_code, _unknown_crs, _missing, _folder]
)
def test_a_broken_file_changes_nothing(database: Path, pbf: Path, tmp_path: Path, spoil: Any) -> None:
    before = hashlib.sha256(database.read_bytes()).hexdigest()
    broken = spoil(tmp_path / "broken", pbf)
    said = assert_refused(import_into(database, broken))
    assert len(said) < 200
    assert hashlib.sha256(database.read_bytes()).hexdigest() == before


def test_of_several_files_a_broken_one_says_so_and_the_others_stay(tmp_path: Path) -> None:
    broken = tmp_path / "broken.osm.pbf"
    broken.write_bytes(b"")
    areas = write_areas(tmp_path / "areas.geojson", ("140105001", SQUARE))
    done = import_into(tmp_path / "new.db", areas, broken)
    assert done.code == 1
    assert read_all(tmp_path / "new.db")["area"] in {0, 1}


def test_a_database_of_a_newer_version_is_left_alone(database: Path, pbf: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = hashlib.sha256(database.read_bytes()).hexdigest()
    assert "newer" in assert_refused(import_into(database, pbf))
    assert hashlib.sha256(database.read_bytes()).hexdigest() == before


def test_a_full_disk_loses_nothing(database: Path, pbf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = read_all(database)
    size = database.stat().st_size
    held = resource.getrlimit(resource.RLIMIT_FSIZE)
    # No file of the process may grow much beyond what is there: the system refuses as it does on a full disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, held[1]))
    try:
        done = import_into(database, pbf)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, held)
    assert_refused(done)
    assert read_all(database) == before
    assert shutil.disk_usage(database.parent).free > size
