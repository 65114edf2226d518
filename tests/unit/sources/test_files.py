"""Areas from the files people have."""

from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from gridmap.errors import InvalidInput, NoData, UnknownCrs, UnreadableFile
from gridmap.sources.files import AreaFileOptions, read_area_file, read_table
from gridmap.sources.reconciliation import Tally

CODES = ["140105001", "140105002"]
BOXES = [shapely.box(112.5, 37.7, 112.6, 37.8), shapely.box(112.6, 37.7, 112.7, 37.8)]


def _table(**columns) -> gpd.GeoDataFrame:
    geometry = columns.pop("geometry", BOXES)
    return gpd.GeoDataFrame(columns or {"code": CODES, "name": ["东街", "西街"]}, geometry=geometry, crs="EPSG:4490")


def _read(path: Path, **options):
    tally = Tally()
    return read_area_file(path, options=AreaFileOptions(**options), tally=tally), tally


@pytest.fixture(params=["areas.geojson", "areas.gpkg", "areas.shp", "areas.zip"])
def file_of(request, tmp_path):
    """A writer of the same table in each format."""

    def write(table: gpd.GeoDataFrame) -> Path:
        path = tmp_path / request.param
        if path.suffix != ".zip":
            table.to_file(path)
            return path
        table.to_file(tmp_path / "inner.shp")
        with zipfile.ZipFile(path, "w") as archive:
            for part in tmp_path.glob("inner.*"):
                archive.write(part, f"folder/{part.name}")
        return path

    return write


def test_every_format_gives_the_same_areas(file_of):
    found, tally = _read(file_of(_table()))
    assert found.areas[["code", "name", "level", "kind"]].to_numpy().tolist() == [
        ["140105001", "东街", 4, "official"],
        ["140105002", "西街", 4, "official"],
    ]
    assert shapely.area(found.areas.geometry.to_numpy()) == pytest.approx([0.01, 0.01])
    assert (tally.read, tally.accepted) == (2, 2)


def test_projected_coordinates_are_moved(tmp_path):
    path = tmp_path / "areas.gpkg"
    _table().to_crs("EPSG:4526").to_file(path)
    found, _ = _read(path)
    assert found.crs == "EPSG:4526"
    assert found.areas.total_bounds.tolist() == pytest.approx([112.5, 37.7, 112.7, 37.8], abs=1e-6)


@pytest.mark.parametrize(
    ("columns", "code", "name"),
    [
        ({"ADCODE": CODES, "NAME": ["a", "b"]}, "ADCODE", "NAME"),
        ({"代码": CODES, "名称": ["a", "b"]}, "代码", "名称"),
        ({"city_adcode": ["1401"] * 2, "district_adcode": CODES, "district_name": ["a", "b"]}, "district_adcode", None),
        ({"which": CODES, "short_name": ["a", "b"]}, "which", "short_name"),
    ],
)
def test_columns_are_found_by_name_or_by_what_they_hold(tmp_path, columns, code, name):
    path = tmp_path / "areas.geojson"
    _table(**columns).to_crs(4326).to_file(path)
    found, _ = _read(path)
    assert found.code_column == code
    assert found.name_column == (name or "district_name")


def test_columns_can_be_named(tmp_path):
    path = tmp_path / "areas.gpkg"
    _table(code=["x", "y"], real=CODES, name=["", ""], label=["a", "b"], homes=[3, 4]).to_file(path)
    found, _ = _read(path, code_column="real", name_column="label", household_column="homes")
    assert list(found.areas["name"]) == ["a", "b"]
    assert list(found.areas["households"]) == [3, 4]
    with pytest.raises(InvalidInput, match="household"):
        _read(path, code_column="real", name_column="label", household_column="houses")


@pytest.mark.parametrize(("missing", "option"), [("code", "--code-column"), ("name", "--name-column")])
def test_a_missing_column_is_asked_for(tmp_path, missing, option):
    path = tmp_path / "areas.gpkg"
    _table(code=CODES, name=["a", "b"], note=["c", "d"]).drop(columns=missing).rename(
        columns={"code": "x", "note": "y"}
    ).assign(x=["?", "?"] if missing == "code" else CODES).to_file(path)
    with pytest.raises(InvalidInput) as failure:
        _read(path)
    assert option in failure.value.hint_text


def test_codes_lose_their_padding_and_their_decimal_point(tmp_path):
    path = tmp_path / "areas.gpkg"
    _table(code=[140105000000.0, 140106.0], name=["a", None]).to_file(path)
    found, _ = _read(path)
    assert found.areas[["code", "name", "level"]].to_numpy().tolist() == [["140105", "a", 3], ["140106", "140106", 3]]


def test_households_are_read_where_they_are_counts(tmp_path):
    path = tmp_path / "areas.gpkg"
    _table(code=CODES, name=["a", "b"], households=[320, None]).to_file(path)
    assert _read(path)[0].areas["households"].astype(object).tolist()[0] == 320


def test_bad_rows_are_refused_with_their_reason(tmp_path):
    path = tmp_path / "areas.geojson"
    geometry = [BOXES[0], BOXES[0], BOXES[1], shapely.Point(112, 37), None]
    codes = ["140105001", "140105001", "14010", "140105002", "140105003"]
    rows = _table(code=codes, name=list("abcde"), geometry=geometry)
    rows.to_crs(4326).to_file(path)
    found, tally = _read(path)
    assert list(found.areas["code"]) == ["140105001"]
    assert tally.read == 5
    assert {item["id"]: item["reason"] for item in tally.rejected} == {
        "row/2": "Another row of the file has the same code.",
        "row/3": "Its code is not an area code of 2, 4, 6, 9, 12 or 15 digits.",
        "row/4": "Its geometry is no area.",
        "row/5": "It has no geometry.",
    }


def test_an_area_that_crosses_itself_is_mended_and_noted(tmp_path):
    path = tmp_path / "areas.geojson"
    eight = shapely.Polygon([(112.5, 37.7), (112.6, 37.8), (112.6, 37.7), (112.5, 37.8)])
    _table(code=CODES, name=["a", "b"], geometry=[eight, BOXES[1]]).to_crs(4326).to_file(path)
    found, tally = _read(path)
    assert found.areas.geometry.is_valid.all()
    assert (tally.accepted, tally.repaired) == (1, 1)
    assert "row/1 crosses itself" in str(tally.notices[0])


def test_overlaps_are_noted_in_square_metres_and_slivers_are_not(tmp_path):
    path = tmp_path / "areas.geojson"
    wide = [BOXES[0], shapely.box(112.599, 37.7, 112.7, 37.8), shapely.box(112.699_999, 37.7, 112.8, 37.8)]
    _table(code=[*CODES, "140105003"], name=list("abc"), geometry=wide).to_crs(4326).to_file(path)
    _, tally = _read(path)
    (notice,) = tally.notices
    assert (notice.values["first"], notice.values["second"]) == tuple(CODES)
    assert notice.values["area_m2"] == pytest.approx(88_000 * 0.001 * 111_000 * 0.1, rel=0.02)


def test_areas_of_different_levels_may_lie_in_one_another(tmp_path):
    path = tmp_path / "areas.geojson"
    _table(code=["140105", "140105001"], name=["a", "b"], geometry=[BOXES[0], BOXES[0]]).to_crs(4326).to_file(path)
    assert _read(path)[1].notices == []


# --- coordinates ------------------------------------------------------------------------------------------------


def test_an_unknown_coordinate_system_is_asked_for(tmp_path):
    path = tmp_path / "areas.shp"
    _table().to_file(path)
    path.with_suffix(".prj").unlink()
    with pytest.raises(UnknownCrs) as failure:
        _read(path)
    assert "--crs" in failure.value.hint_text
    assert _read(path, crs="EPSG:4490")[0].areas.crs.to_epsg() == 4326


@pytest.mark.parametrize("crs", ["EPSG:999999", "nonsense"])
def test_a_coordinate_system_that_does_not_exist_is_refused(tmp_path, crs):
    path = tmp_path / "areas.gpkg"
    _table().to_file(path)
    with pytest.raises(UnknownCrs):
        _read(path, crs=crs)


def test_metres_that_claim_to_be_degrees_are_refused(tmp_path):
    path = tmp_path / "areas.geojson"
    _table().to_crs("EPSG:4526").set_crs(4326, allow_override=True).to_file(path)
    with pytest.raises(NoData, match="outside the globe"):
        _read(path)


def test_the_shift_is_undone_on_request(realdata):
    path = realdata / "shanxi" / "counties_gcj02.geojson"
    with pytest.raises(InvalidInput):
        _read(path)
    table = read_table(path)
    assert len(table) == 117


# --- broken files -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".shp", ".zip", ".json"])
@pytest.mark.parametrize("content", [b"", b"not a map", b'{"type": "Nonsense"}'])
def test_what_is_no_map_says_so(tmp_path, suffix, content):
    path = tmp_path / f"wrong{suffix}"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile) as failure:
        read_table(path)
    assert path.name in str(failure.value)


def test_a_missing_file_says_so(tmp_path):
    with pytest.raises(UnreadableFile, match="There is no file"):
        read_table(tmp_path / "gone.gpkg")


def test_a_file_without_rows_holds_no_areas(tmp_path, file_of):
    with pytest.raises(NoData):
        _read(file_of(_table().iloc[:0]))


def test_a_truncated_geopackage_is_refused(tmp_path):
    path = tmp_path / "areas.gpkg"
    _table().to_file(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 3])
    with pytest.raises(UnreadableFile):
        _read(path)


def test_of_several_layers_the_one_with_areas_is_read(tmp_path):
    path = tmp_path / "areas.gpkg"
    gpd.GeoDataFrame({"note": ["x"]}, geometry=[shapely.Point(1, 1)], crs=4326).to_file(path, layer="aside")
    _table().to_file(path, layer="areas")
    assert len(_read(path)[0].areas) == 2
