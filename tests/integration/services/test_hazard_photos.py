"""Photos go with their hazard: kept without their data, seen by whoever sees it, gone for good when taken away."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import numpy as np
import pytest
import sqlalchemy as sa
from PIL import Image

from gridmap.domain.crs import wgs84_to_gcj02
from gridmap.errors import Conflict, InvalidInput, NotFound
from gridmap.services import hazard_photos, hazards, journal
from gridmap.services.context import Context
from gridmap.services.hazard_photos import MOST_PHOTOS, Photo
from gridmap.services.hazards import NewHazard
from gridmap.store import tables
from tests.counties import ADMIN, EAST_SUPERVISOR, WEST_SUPERVISOR, fill_county, place_in
from tests.pictures import draw_photo, tag_place

HERE = place_in(1, 2)


@pytest.fixture
def county(context: Context) -> Context:
    fill_county(context)
    return context


@pytest.fixture
def hazard(county: Context) -> int:
    lon, lat = HERE
    new = NewHazard(kind="dumping", severity=2, title="Rubble", lon=lon, lat=lat)
    return hazards.add_hazard(county, ADMIN, new=new)


def read(
    context: Context, *, place: tuple[float, float] | None = HERE, size: tuple[int, int] = (64, 48), **more
) -> Photo:
    gps = None if place is None else tag_place(*place, **more)
    data = draw_photo(gps=gps, detail={0x9003: "2026:03:04 09:00:00"}, size=size)
    return hazard_photos.read_photo(context, ADMIN, data=data, name="IMG_1.jpg")


def test_a_photo_comes_back_as_it_was_kept(county: Context, hazard: int) -> None:
    photo = read(county, t17=271.5, t31=6.5)
    (photo_id,) = hazard_photos.add_photos(county, ADMIN, hazard_id=hazard, photos=[photo])
    jpeg, sha256 = hazard_photos.load_picture(county, ADMIN, photo_id=photo_id)
    assert (jpeg, sha256) == (photo.jpeg, photo.sha256)
    assert Image.open(io.BytesIO(jpeg)).size == (64, 48)
    row = hazard_photos.list_photos(county, ADMIN, hazard_id=hazard).iloc[0]
    assert (row["lon"], row["lat"]) == pytest.approx(HERE, abs=1e-6)
    assert (row["bearing_deg"], row["accuracy_m"], row["width"]) == (271.5, 6.5, 64)
    assert row["taken_at"] == datetime(2026, 3, 4, 1, tzinfo=UTC)


def test_nobody_sees_photos_beyond_the_own_area(county: Context, hazard: int) -> None:
    (photo_id,) = hazard_photos.add_photos(county, WEST_SUPERVISOR, hazard_id=hazard, photos=[read(county)])
    assert hazard_photos.load_picture(county, WEST_SUPERVISOR, photo_id=photo_id)
    for act in (
        lambda: hazard_photos.load_picture(county, EAST_SUPERVISOR, photo_id=photo_id),
        lambda: hazard_photos.list_photos(county, EAST_SUPERVISOR, hazard_id=hazard),
        lambda: hazard_photos.remove_photo(county, EAST_SUPERVISOR, photo_id=photo_id),
        lambda: hazard_photos.add_photos(county, EAST_SUPERVISOR, hazard_id=hazard, photos=[read(county)]),
        lambda: hazard_photos.load_picture(county, ADMIN, photo_id=photo_id + 9),
    ):
        with pytest.raises(NotFound):
            act()


def test_the_journal_says_that_there_was_a_photo_and_holds_no_picture(county: Context, hazard: int) -> None:
    photo = read(county)
    (photo_id,) = hazard_photos.add_photos(county, ADMIN, hazard_id=hazard, photos=[photo])
    hazard_photos.remove_photo(county, ADMIN, photo_id=photo_id)
    with county.database.read() as connection:
        kept = connection.execute(sa.select(tables.event).where(tables.event.c.table_name == "hazard_photo")).all()
        assert connection.scalar(sa.select(sa.func.count()).select_from(tables.hazard_photo)) == 0
    assert len(kept) == 2
    assert all("jpeg" not in (event.before or {}) | (event.after or {}) for event in kept)
    newest = int(journal.list_changes(county, ADMIN)["txn_id"].iloc[0])
    with pytest.raises(Conflict, match="does not keep, such as a password or a photo"):
        journal.undo_change(county, ADMIN, txn_id=newest, reason="gone too soon")


def test_photos_that_were_added_are_taken_back_with_the_change(county: Context, hazard: int) -> None:
    hazard_photos.add_photos(county, ADMIN, hazard_id=hazard, photos=[read(county)])
    newest = int(journal.list_changes(county, ADMIN)["txn_id"].iloc[0])
    journal.undo_change(county, ADMIN, txn_id=newest, reason="wrong case")
    assert hazard_photos.list_photos(county, ADMIN, hazard_id=hazard).empty


def test_one_photo_is_kept_once_and_not_too_many(county: Context, hazard: int) -> None:
    photo = read(county)
    assert len(hazard_photos.add_photos(county, ADMIN, hazard_id=hazard, photos=[photo, photo])) == 1
    with pytest.raises(InvalidInput, match="no new photo"):
        hazard_photos.add_photos(county, ADMIN, hazard_id=hazard, photos=[photo])
    many = [read(county, size=(20 + n, 20)) for n in range(MOST_PHOTOS)]
    with pytest.raises(InvalidInput, match="too many"):
        hazard_photos.add_photos(county, ADMIN, hazard_id=hazard, photos=many)
    assert len(hazard_photos.list_photos(county, ADMIN, hazard_id=hazard)) == 1


def test_the_place_of_a_chinese_map_app_is_moved_back(county: Context, hazard: int) -> None:
    lon, lat = wgs84_to_gcj02(np.array([HERE[0]]), np.array([HERE[1]]))
    shifted = (float(lon[0]), float(lat[0]))
    told, said = read(county, place=shifted, t18="GCJ-02"), read(county, place=shifted)
    for photo, ticked in ((told, False), (said, True)):
        place = hazard_photos.find_place(county, ADMIN, photos=[photo], is_gcj02=ticked)
        assert place is not None
        assert (place.lon, place.lat) == pytest.approx(HERE, abs=1e-6)
    as_is = hazard_photos.find_place(county, ADMIN, photos=[said])
    assert as_is is not None
    assert abs(as_is.lon - HERE[0]) > 0.003
    hazard_photos.add_photos(county, ADMIN, hazard_id=hazard, photos=[said], is_gcj02=True)
    kept = hazard_photos.list_photos(county, ADMIN, hazard_id=hazard).iloc[0]
    assert (kept["lon"], kept["lat"]) == pytest.approx(HERE, abs=1e-6)


def test_several_photos_tell_how_far_they_lie_apart_and_whether_it_is_outside(county: Context) -> None:
    photos = [read(county, place=None), read(county, t31=30.0), read(county, place=place_in(5, 2), t31=5.0)]
    place = hazard_photos.find_place(county, WEST_SUPERVISOR, photos=photos)
    assert place is not None
    assert (place.lon, place.lat) == pytest.approx(place_in(5, 2), abs=1e-6)
    assert place.accuracy_m == 5.0
    assert place.spread_m == pytest.approx(3_520, rel=0.01)
    assert place.is_outside
    assert hazard_photos.find_place(county, ADMIN, photos=photos[:1]) is None
