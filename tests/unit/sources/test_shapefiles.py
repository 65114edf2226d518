"""Shapefiles that do not name their encoding, and zips of them."""

from __future__ import annotations

import zipfile

import geopandas as gpd
import pytest
import shapely

from gridmap.errors import InvalidInput
from gridmap.sources.files import read_table
from gridmap.sources.shapefiles import find_encoding, find_in_zip

NAMES = ["小店区", "迎泽区"]


@pytest.fixture(params=["GB18030", "UTF-8"])
def shapefile(request, tmp_path):
    """A Shapefile in an encoding that it does not tell."""
    boxes = [shapely.box(112, 37, 112.1, 37.1), shapely.box(112.1, 37, 112.2, 37.1)]
    table = gpd.GeoDataFrame({"代码": ["140105", "140106"], "名称": NAMES}, geometry=boxes, crs="EPSG:4490")
    path = tmp_path / "counties.shp"
    table.to_file(path, encoding=request.param)
    path.with_suffix(".cpg").unlink()
    return path


def test_names_are_read_whatever_the_encoding(shapefile):
    assert list(read_table(shapefile)["名称"]) == NAMES


def test_a_named_encoding_is_left_alone(shapefile):
    shapefile.with_suffix(".CPG").write_text("GBK", encoding="ascii")
    assert find_encoding(shapefile) is None


def test_the_same_from_a_zip(shapefile, tmp_path):
    packed = tmp_path / "counties.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for part in tmp_path.glob("counties.???"):
            if part != packed:
                archive.write(part, f"县界/{part.name}")
        archive.writestr("__MACOSX/县界/._counties.shp", b"")
    assert find_in_zip(packed).endswith("/县界/counties.shp")
    assert list(read_table(packed)["名称"]) == NAMES


def test_only_shapefiles_have_an_encoding_to_guess(tmp_path):
    assert find_encoding(tmp_path / "areas.gpkg") is None


@pytest.mark.parametrize("names", [[], ["a.shp", "b.shp"]])
def test_a_zip_must_hold_one_file_of_areas(tmp_path, names):
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "x")
        for name in names:
            archive.writestr(name, b"")
    with pytest.raises(InvalidInput, match=f"holds {len(names)} files"):
        read_table(path)


def test_of_the_layers_of_an_export_the_areas_are_taken(tmp_path):
    path = tmp_path / "export.geojson.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("roads.geojson", "areas.geojson"):
            archive.writestr(name, b"")
    assert find_in_zip(path).endswith("/areas.geojson")
