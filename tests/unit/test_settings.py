"""Settings come from the environment, and a wrong value is refused with the variable's name."""

import pytest

from gridmap.errors import InvalidInput
from gridmap.settings import DEFAULT_DATABASE_URL, Settings, read_settings


def test_an_empty_environment_gives_the_defaults() -> None:
    assert read_settings({}) == Settings()
    assert read_settings({"GRIDMAP_DB": ""}).database_url == DEFAULT_DATABASE_URL


def test_values_are_read() -> None:
    settings = read_settings({"GRIDMAP_DB": "sqlite:///x.db", "GRIDMAP_PORT": "9000", "GRIDMAP_SIMULATE": "0"})
    assert (settings.database_url, settings.port, settings.simulate) == ("sqlite:///x.db", 9000, False)


def test_a_word_for_a_number_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match="GRIDMAP_PORT is set to “many”"):
        read_settings({"GRIDMAP_PORT": "many"})


def test_a_raster_basemap_must_name_its_source() -> None:
    url = "https://tiles.example/{z}/{x}/{y}.png"
    with pytest.raises(InvalidInput, match="not fully described"):
        read_settings({"GRIDMAP_RASTER_URL": url})
    (basemap,) = read_settings(
        {"GRIDMAP_RASTER_URL": url, "GRIDMAP_RASTER_ATTRIBUTION": "© Somebody", "GRIDMAP_RASTER_DATUM": "gcj02"}
    ).raster_basemaps
    assert (basemap.url, basemap.datum) == (url, "gcj02")


@pytest.mark.parametrize(("host", "loopback"), [("127.0.0.1", True), ("localhost", True), ("0.0.0.0", False)])
def test_loopback_is_known(host: str, loopback: bool) -> None:
    assert Settings(host=host).is_loopback is loopback


def test_the_address_people_use_is_one() -> None:
    assert read_settings({}).public_url == ""
    assert read_settings({"GRIDMAP_PUBLIC_URL": "https://map.example/base/"}).public_url == "https://map.example/base"
    for wrong in ("map.example", "ftp://map.example", "https://", "https://map.example/?a=1"):
        with pytest.raises(InvalidInput, match="GRIDMAP_PUBLIC_URL"):
            read_settings({"GRIDMAP_PUBLIC_URL": wrong})
