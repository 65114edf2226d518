"""Whole files into the store: counts, second imports, failures that leave nothing."""

from __future__ import annotations

import gzip
import itertools
import math
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import osmium
import pytest
import shapely
import sqlalchemy as sa

from gridmap.domain.access import Actor
from gridmap.errors import (
    Cancelled,
    Conflict,
    GridmapError,
    InvalidInput,
    MixedData,
    NoData,
    NotAllowed,
    UnknownCrs,
    UnreadableFile,
)
from gridmap.services.context import Context
from gridmap.services.imports import ImportReport, import_file, import_job, preview_file
from gridmap.store import datasets, tables


def _count(context: Context, table: sa.Table, *conditions: sa.ColumnElement[bool]) -> int:
    with context.database.read() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(table).where(*conditions)) or 0)


def _dump(context: Context) -> dict[str, list[str]]:
    """Every row of every table, for comparing the whole database before and after."""
    with context.database.read() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(sa.select(table)).all()))
            for table in tables.metadata.sorted_tables
        }


def _write_counties(path: Path, *codes: str, size: float = 0.1, west: float = 112.5) -> Path:
    boxes = [shapely.box(west + size * i, 37.7, west + size * (i + 1), 37.7 + size) for i in range(len(codes))]
    table = gpd.GeoDataFrame({"code": codes, "name": [f"Area {c}" for c in codes]}, geometry=boxes, crs=4326)
    table.to_file(path)
    return path


def _reconcile(report: ImportReport) -> bool:
    return report.read == report.accepted + report.repaired + len(report.rejected)


# --- real files -------------------------------------------------------------------------------------------------


def test_liechtenstein_comes_out_whole(sqlite_context, administrator, realdata):
    context = sqlite_context
    report = import_file(context, administrator, path=realdata / "osm" / "liechtenstein.osm.pbf")
    assert (report.areas, report.stations, report.level_crossings) == (14, 4, 10)
    assert report.road_edges == 15_528
    assert report.road_km == pytest.approx(1117.6, abs=0.1)
    assert report.railway_km == pytest.approx(11.098, abs=0.001)
    assert _reconcile(report)
    assert _count(context, tables.area, tables.area.c.level == 5) == 11
    assert _count(context, tables.road_edge) == report.stored["road_edges"]
    # Of three turn restrictions one is about a road that is not in the file.
    assert _count(context, tables.turn_restriction) == 2
    assert [item["id"] for item in report.rejected if "turn restriction" in item["reason"]] == ["relation/3090789"]
    with context.database.read() as connection:
        source = connection.execute(sa.select(tables.source)).one()
    assert source.attribution == "© OpenStreetMap contributors"
    assert source.data_as_of == datetime(2015, 7, 27, 21, 14, 1, tzinfo=UTC)
    assert source.report["read"] == report.read
    assert not source.synthetic


def _check_counts(report: ImportReport, *, counts: tuple[int, int, int], railway_km: float) -> None:
    """Areas, stations and level crossings, the railways' length, and that everything read is accounted for."""
    assert (report.areas, report.stations, report.level_crossings) == counts
    assert report.railway_km == pytest.approx(railway_km, abs=0.001)
    assert _reconcile(report)
    assert len({item["id"] for item in report.rejected}) > 0


def test_areas_equal_those_of_an_independent_assembler(sqlite_context, administrator, realdata):
    path = realdata / "osm" / "monaco.osm.pbf"
    _check_counts(import_file(sqlite_context, administrator, path=path), counts=(13, 7, 1), railway_km=32.654)
    factory = osmium.geom.WKBFactory()
    expected = {}
    wanted = osmium.filter.TagFilter(("boundary", "administrative"))
    for thing in osmium.FileProcessor(str(path)).with_areas(wanted):
        if thing.is_area() and not thing.from_way() and thing.num_rings()[0] and "admin_level" in thing.tags:
            expected[f"relation/{thing.orig_id()}"] = shapely.from_wkb(factory.create_multipolygon(thing))
    with sqlite_context.database.read() as connection:
        found = dict(connection.execute(sa.select(tables.area.c.external_id, tables.area.c.geom)).all())
    assert found.keys() == expected.keys()
    assert all(shapely.equals(found[i], expected[i]) for i in expected)


def test_track_kilometres_agree_with_a_second_reading(sqlite_context, administrator, realdata):
    """Added up node by node on a sphere instead of in arrays on the ellipsoid; clipped ways included."""
    path = realdata / "osm" / "helsinki-clip.osm.pbf"
    report = import_file(sqlite_context, administrator, path=path)
    _check_counts(report, counts=(0, 1, 1), railway_km=16.216)
    total_m, highways = 0.0, 0
    for way in osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY).with_locations():
        if way.is_way() and way.tags.get("railway") == "rail":
            places = [(n.lat, n.lon) if n.location.valid() else None for n in way.nodes]
            total_m += sum(_haversine_m(a, b) for a, b in itertools.pairwise(places) if a and b)
        highways += way.is_way() and "highway" in way.tags
    assert report.railway_km == pytest.approx(total_m / 1000, rel=0.003)
    assert highways == 2650


def _haversine_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    phi, psi = math.radians(a[0]), math.radians(b[0])
    half = math.sin((psi - phi) / 2) ** 2
    half += math.cos(phi) * math.cos(psi) * math.sin(math.radians(b[1] - a[1]) / 2) ** 2
    return 2 * 6_371_008.8 * math.asin(math.sqrt(half))


# --- second imports ---------------------------------------------------------------------------------------------


def test_a_second_import_replaces_and_keeps(context, administrator, thinned):
    first = import_file(context, administrator, path=thinned)
    patrolled = datetime(2026, 3, 1, tzinfo=UTC)
    with context.database.write(administrator, kind="test") as work:
        cell, other = work.connection.execute(
            sa.select(tables.assignment.c.cell_id, tables.grid_unit.c.id)
            .join(tables.grid_unit, tables.grid_unit.c.id != tables.assignment.c.unit_id)
            .order_by(tables.assignment.c.cell_id)
        ).first()
        work.update(tables.assignment, cell, {"unit_id": other})
        segment, line = work.connection.execute(
            sa.select(tables.rail_segment.c.id, tables.rail_segment.c.line_id).order_by(tables.rail_segment.c.id)
        ).first()
        work.update(tables.rail_segment, segment, {"last_patrol_at": patrolled})
        hazard = work.insert(tables.hazard, _hazard(line_id=line, area_code="990001002001"))
    before = _dump(context)
    second = import_file(context, administrator, path=thinned)
    after = _dump(context)
    assert first.stored == {**second.stored, "units": first.stored["units"]}
    assert second.stored["units"] == 0
    for name in ("assignment", "hazard", "grid_unit"):
        assert after[name] == before[name]
    with context.database.read() as connection:
        assert connection.scalar(sa.select(tables.hazard.c.line_id).where(tables.hazard.c.id == hazard)) == line
        kept = connection.execute(sa.select(tables.rail_segment).where(tables.rail_segment.c.id == segment)).one()
    assert kept.last_patrol_at == patrolled
    assert _count(context, tables.source) == 1


def _hazard(**values) -> dict[str, object]:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    row = {"code": "H1", "kind": "dumping", "severity": 2, "title": "t", "lon": 9.5, "lat": 47.16, "area_code": ""}
    return {**row, "state": "reported", "reported_at": now, "due_at": now, **values}


def test_gone_areas_take_their_units_along(sqlite_context, administrator, tmp_path):
    path = _write_counties(tmp_path / "cells.gpkg", "140105001", "140106001")
    import_file(sqlite_context, administrator, path=path)
    assert _count(sqlite_context, tables.grid_unit) == 2
    path.unlink()
    report = import_file(sqlite_context, administrator, path=_write_counties(path, "140105001", "140105002"))
    assert report.stored["units"] == 0
    assert _count(sqlite_context, tables.assignment) == 2
    with sqlite_context.database.read() as connection:
        assert list(connection.scalars(sa.select(tables.grid_unit.c.code))) == ["U140105"]


def test_two_sources_live_side_by_side_and_do_not_share_codes(context, administrator, tmp_path):
    import_file(context, administrator, path=_write_counties(tmp_path / "a.gpkg", "140105", "140106"))
    import_file(context, administrator, path=_write_counties(tmp_path / "b.gpkg", "140107", west=113))
    assert _count(context, tables.area) == 3
    before = _dump(context)
    clashing = _write_counties(tmp_path / "c.gpkg", "140106", "140108", west=112.6)
    with pytest.raises(Conflict) as failure:
        import_file(context, administrator, path=clashing)
    assert "140106" in str(failure.value)
    assert "--replace" in failure.value.hint_text
    assert _dump(context) == before
    import_file(context, administrator, path=clashing, replace=True)
    assert _count(context, tables.area) == 4
    assert _count(context, tables.assignment) == 4


def test_official_areas_take_over_what_lay_in_reserved_ones(sqlite_context, administrator, thinned, tmp_path):
    import_file(sqlite_context, administrator, path=thinned)
    whole = gpd.GeoDataFrame({"code": ["140105"], "name": ["x"]}, geometry=[shapely.box(9.4, 47, 9.7, 47.3)], crs=4326)
    whole.to_file(tmp_path / "official.gpkg")
    import_file(sqlite_context, administrator, path=tmp_path / "official.gpkg")
    with sqlite_context.database.read() as connection:
        assert set(connection.scalars(sa.select(tables.rail_segment.c.area_code))) == {"140105"}


# --- real and synthetic -----------------------------------------------------------------------------------------


def test_real_data_is_not_mixed_into_synthetic(context, administrator, tmp_path):
    with context.database.write(administrator, kind="test") as work:
        datasets.save_setting(work, "synthetic", True)
        work.insert(tables.hazard, _hazard())
    before = _dump(context)
    path = _write_counties(tmp_path / "a.gpkg", "140105")
    with pytest.raises(MixedData) as failure:
        import_file(context, administrator, path=path)
    assert "--replace" in failure.value.hint_text
    assert _dump(context) == before
    import_file(context, administrator, path=path, replace=True)
    assert _count(context, tables.hazard) == 0
    with context.database.read() as connection:
        assert not datasets.is_synthetic(connection)


# --- files that cannot be used ----------------------------------------------------------------------------------


def _broken(realdata: Path, tmp_path: Path) -> dict[str, tuple[Path, type[GridmapError]]]:
    pbf = (realdata / "osm" / "liechtenstein.osm.pbf").read_bytes()
    texts = {
        "empty.osm.pbf": b"",
        "renamed.osm.pbf": b"dear diary",
        "truncated.osm.pbf": pbf[: len(pbf) // 2],
        "truncated.osm.gz": gzip.compress(b"<osm version='0.6'>" + b" " * 5000)[:40],
        "nothing.osm": b'<?xml version="1.0"?><osm version="0.6"></osm>',
        "areas.docx": b"PK",
    }
    for name, content in texts.items():
        (tmp_path / name).write_bytes(content)
    counties = gpd.read_file(_write_counties(tmp_path / "counties.gpkg", "140105"))
    counties.iloc[:0].to_file(tmp_path / "rows.gpkg")
    counties.to_file(tmp_path / "plain.shp")
    (tmp_path / "plain.prj").unlink()
    counties.assign(code="x").to_file(tmp_path / "codes.gpkg")
    kinds = {
        "areas.docx": InvalidInput,
        "nothing.osm": NoData,
        "rows.gpkg": NoData,
        "plain.shp": UnknownCrs,
        "codes.gpkg": NoData,
    }
    names = [*texts, "rows.gpkg", "plain.shp", "codes.gpkg", "gone.gpkg"]
    return {name: (tmp_path / name, kinds.get(name, UnreadableFile)) for name in names}


def test_a_file_that_cannot_be_used_changes_nothing(context, administrator, realdata, tmp_path):
    import_file(context, administrator, path=_write_counties(tmp_path / "before.gpkg", "140110"))
    before = _dump(context)
    for name, (path, kind) in _broken(realdata, tmp_path).items():
        with pytest.raises(kind) as failure:
            import_file(context, administrator, path=path)
        assert name in str(failure.value)
        assert failure.value.hint_text
        assert _dump(context) == before, name


def test_an_extract_without_roads_is_taken_as_it_is(sqlite_context, administrator, tmp_path):
    path = tmp_path / "quiet.osm"
    path.write_text(
        '<?xml version="1.0"?><osm version="0.6"><node id="1" version="1" lat="37.8" lon="112.5">'
        '<tag k="place" v="village"/><tag k="name" v="杨家堡"/></node></osm>',
        encoding="utf-8",
    )
    report = import_file(sqlite_context, administrator, path=path)
    assert (report.road_edges, report.road_km, report.stored["places"]) == (0, 0.0, 1)
    assert report.bounds is None


def test_a_failure_halfway_leaves_no_row(context, administrator, thinned):
    before = _dump(context)

    def stop_late(share: float, _: str) -> None:
        if share > 0.9:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        import_file(context, administrator, path=thinned, progress=stop_late)
    assert _dump(context) == before


def test_only_administrators_import(sqlite_context, planner, tmp_path):
    with pytest.raises(NotAllowed):
        import_file(sqlite_context, planner, path=tmp_path / "x.osm.pbf")
    with pytest.raises(NotAllowed):
        preview_file(sqlite_context, planner, path=tmp_path / "x.osm.pbf")


# --- the shift --------------------------------------------------------------------------------------------------


@pytest.fixture
def shifted(sqlite_context: Context, administrator: Actor, realdata: Path, tmp_path: Path) -> Path:
    """Counties in GCJ-02 beside a database that knows the cities."""
    import_file(sqlite_context, administrator, path=realdata / "shanxi" / "cities_wgs84.geojson")
    names = gpd.read_file(realdata / "shanxi" / "counties_wgs84.geojson")
    codes = dict(zip(names["district_name"], names["district_adcode"].astype(str), strict=True))
    counties = gpd.read_file(realdata / "shanxi" / "counties_gcj02.geojson").drop_duplicates("district")
    counties["code"] = counties["district"].map(codes)
    path = tmp_path / "counties.geojson"
    counties.dropna(subset="code")[["code", "district", "geometry"]].rename(columns={"district": "name"}).to_file(path)
    return path


def test_a_suspected_shift_is_asked_about_never_decided(sqlite_context, administrator, shifted, realdata):
    assert preview_file(sqlite_context, administrator, path=shifted).suspected_gcj02
    true = realdata / "shanxi" / "counties_wgs84.geojson"
    assert not preview_file(sqlite_context, administrator, path=true).suspected_gcj02
    before = _dump(sqlite_context)
    with pytest.raises(InvalidInput) as failure:
        import_file(sqlite_context, administrator, path=shifted)
    assert "--datum gcj02" in failure.value.hint_text
    assert _dump(sqlite_context) == before
    import_file(sqlite_context, administrator, path=shifted, datum="gcj02")
    with sqlite_context.database.read() as connection:
        back = connection.scalar(sa.select(tables.area.c.geom).where(tables.area.c.code == "140105"))
    expected = gpd.read_file(true).set_index("district_adcode").geometry.loc[140105]
    assert back.intersection(expected).area / back.union(expected).area > 0.99


# --- preview, jobs ----------------------------------------------------------------------------------------------


def test_a_preview_says_what_is_there_and_stores_nothing(sqlite_context, administrator, realdata, tmp_path):
    before = _dump(sqlite_context)
    osm = preview_file(sqlite_context, administrator, path=realdata / "osm" / "monaco.osm.pbf")
    assert (osm.kind, osm.crs) == ("osm", "EPSG:4326")
    assert osm.bounds[0] < 7.42 < osm.bounds[2]
    path = _write_counties(tmp_path / "a.gpkg", "140105", "140106")
    areas = preview_file(sqlite_context, administrator, path=path)
    assert (areas.kind, areas.rows, areas.columns) == ("areas", 2, ("code", "name"))
    assert (areas.code_column, areas.name_column) == ("code", "name")
    assert areas.sample[0] == {"code": "140105", "name": "Area 140105"}
    assert _dump(sqlite_context) == before


def test_a_preview_without_a_coordinate_system_says_so(sqlite_context, administrator, tmp_path):
    path = _write_counties(tmp_path / "a.shp", "140105")
    path.with_suffix(".prj").unlink()
    preview = preview_file(sqlite_context, administrator, path=path)
    assert (preview.crs, preview.bounds, preview.rows) == ("", None, 1)


def test_a_job_imports_with_a_connection_of_its_own(context, administrator, tmp_path):
    path = _write_counties(tmp_path / "a.gpkg", "140105")
    heard: list[float] = []
    report = import_job(lambda share, _: heard.append(share), context.settings, administrator, path, {"replace": False})
    assert report["areas"] == 1
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert _count(context, tables.area) == 1
