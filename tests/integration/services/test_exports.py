"""Layers for other programs: complete, confined, and with their attribution, on both engines."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import geopandas as gpd
import osmnx
import pyogrio
import pytest
import sqlalchemy as sa

from gridmap.domain.access import Actor, Role
from gridmap.errors import InvalidInput, NoData
from gridmap.services.context import Context
from gridmap.services.exports import LAYERS, export_bytes, export_dataset
from gridmap.store import tables
from tests.counties import ADMIN, COLUMNS, ROWS, WEST_SUPERVISOR, fill_county

ATTRIBUTION = "© OpenStreetMap contributors"


on_one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what is computed alike on either engine; other tests show that both read and write what it is computed of."""


def test_a_geopackage_holds_every_layer(filled: Context, commander: Actor, tmp_path: Path) -> None:
    path = tmp_path / "out.gpkg"
    report = export_dataset(filled, commander, target=path, format="gpkg")
    assert set(report.layers) == set(LAYERS)
    assert report.attribution == ATTRIBUTION
    assert {name for name, _ in pyogrio.list_layers(path)} == {*LAYERS, "sources"}
    areas = gpd.read_file(path, layer="areas")
    assert areas.crs == "EPSG:4326"
    assert areas["code"].tolist() == ["149998", "149999", "149999001001001"]
    assert areas["unit_code"].tolist()[2] == "U1"
    assert areas["households"].tolist()[2] == 310
    assert areas["valid_from"].iloc[0] == "2026-01-01"
    hazards = gpd.read_file(path, layer="hazards")
    assert hazards["title"].tolist() == ["堆放"]
    assert (hazards.geometry.x[0], hazards.geometry.y[0]) == (112.15, 37.05)
    assert hazards["reported_at"].iloc[0].isoformat() == "2026-03-01T04:00:00.654000+00:00"
    assert gpd.read_file(path, layer="railway_tracks")["way_id"].tolist() == [2**40]
    assert pyogrio.read_info(path, layer="roads")["layer_metadata"]["attribution"] == ATTRIBUTION
    assert pyogrio.read_dataframe(path, layer="sources")["licence"].tolist() == ["ODbL-1.0"]


def test_a_scope_confines_every_layer(filled: Context, tmp_path: Path) -> None:
    west = Actor("w", Role.COMMANDER, "149998")
    east = Actor("e", Role.COMMANDER, "149999")
    in_west = export_dataset(filled, west, target=tmp_path / "w.gpkg", format="gpkg").layers
    in_east = export_dataset(filled, east, target=tmp_path / "e.gpkg", format="gpkg").layers
    assert in_west == {"areas": 1, "railway_lines": 1, "railway_tracks": 1, "roads": 1, "places": 1}
    assert in_east["areas"] == 2
    assert in_east["hazards"] == in_east["access_points"] == 1
    assert in_east["basemap"] == 2
    assert not {"roads", "places"} & set(in_east)
    with pytest.raises(NoData):
        export_dataset(filled, Actor("n", Role.COMMANDER, "11"), target=tmp_path / "n.gpkg", format="gpkg")
    assert not (tmp_path / "n.gpkg").exists()


def test_geojson_as_one_file(filled: Context, commander: Actor, tmp_path: Path) -> None:
    path = tmp_path / "out.geojson"
    export_dataset(filled, commander, target=path, format="geojson", layers=["hazards", "areas"])
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["attribution"] == ATTRIBUTION
    assert [feature["properties"]["layer"] for feature in document["features"]] == ["hazards", *["areas"] * 3]
    assert document["features"][0]["properties"]["reported_at"] == "2026-03-01T04:00:00.654321+00:00"
    assert document["features"][1]["properties"]["households"] is None
    assert len(gpd.read_file(path)) == 4


@on_one_engine
def test_geojson_as_a_zip(filled: Context, commander: Actor) -> None:
    name, content = export_bytes(filled, commander, format="geojson")
    assert name == "gridmap-all-20260304.geojson.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert set(archive.namelist()) == {*(f"{layer}.geojson" for layer in LAYERS), "ATTRIBUTION.txt"}
        assert ATTRIBUTION in archive.read("ATTRIBUTION.txt").decode()
        areas = json.loads(archive.read("areas.geojson"))
    with filled.database.read() as connection:
        stored = connection.scalars(sa.select(tables.area.c.geom).order_by(tables.area.c.id)).all()
    shapes = gpd.GeoDataFrame.from_features(areas["features"]).geometry
    assert all(shape.equals(other) for shape, other in zip(shapes, stored, strict=True))


@on_one_engine
def test_mileage_is_exported_as_the_posts_say_it(filled: Context, commander: Actor, tmp_path: Path) -> None:
    path = tmp_path / "out.gpkg"
    export_dataset(filled, commander, target=path, format="gpkg")
    features = gpd.read_file(path, layer="railway_features")
    # The only known mileage: K7+000.25 at chainage 100.5, where counting goes on from K7+100.
    assert features[["line", "mileage", "mileage_m"]].to_numpy().tolist() == [["Line", "K7+000", 100.0]]
    segments = gpd.read_file(path, layer="railway_segments")
    assert segments["mileage"].tolist() == ["K6+900–K8+500"]
    assert segments[["from_m", "to_m"]].to_numpy().tolist() == [[0.0, 1_500.0]]
    hazards = gpd.read_file(path, layer="hazards")
    assert hazards["mileage"].isna().all()
    assert not {"line_id"} & {*features.columns, *segments.columns, *hazards.columns}


@on_one_engine
def test_a_geopackage_for_download(filled: Context, tmp_path: Path) -> None:
    name, content = export_bytes(filled, Actor("e", Role.PLANNER, "149999"), format="gpkg")
    assert name == "gridmap-149999-20260304.gpkg"
    (tmp_path / name).write_bytes(content)
    assert len(gpd.read_file(tmp_path / name, layer="areas")) == 2


def test_the_road_network_is_a_graph_that_osmnx_reads(sqlite_context: Context, tmp_path: Path) -> None:
    fill_county(sqlite_context)
    whole = export_dataset(sqlite_context, ADMIN, target=tmp_path / "all.graphml", format="graphml")
    graph = osmnx.load_graphml(tmp_path / "all.graphml")
    assert len(graph) == whole.layers["road_nodes"] == (COLUMNS + 1) * (ROWS + 1)
    # Every road of the county is open both ways.
    assert graph.number_of_edges() == 2 * whole.layers["road_edges"]
    part = export_dataset(sqlite_context, WEST_SUPERVISOR, target=tmp_path / "west.graphml", format="graphml")
    assert 0 < part.layers["road_edges"] < whole.layers["road_edges"]


@on_one_engine
def test_what_cannot_be_exported(filled: Context, commander: Actor, tmp_path: Path) -> None:
    for options in ({"format": "dxf"}, {"format": "gpkg", "layers": ["accounts"]}):
        with pytest.raises(InvalidInput):
            export_dataset(filled, commander, target=tmp_path / "x.gpkg", **options)
    assert not list(tmp_path.glob("x.*"))


def test_an_empty_database_has_nothing(sqlite_context: Context, commander: Actor, tmp_path: Path) -> None:
    with pytest.raises(NoData):
        export_dataset(sqlite_context, commander, target=tmp_path / "x.gpkg", format="gpkg")
    assert not list(tmp_path.glob("x.*"))
