"""A photo says where and when it was taken, however its camera wrote that, and keeps nothing of it."""

from __future__ import annotations

import io
import struct
import zlib
from datetime import UTC, datetime

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from gridmap.errors import TooLarge, UnreadableFile
from gridmap.sources.photos import MAX_BYTES, SIDE_PX, Photo, read_photo
from tests.pictures import draw_photo, tag_place

HERE = (112.512345, 37.812345)


def read(**tags) -> Photo:
    return read_photo(draw_photo(**tags), name="IMG_1.jpg")


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("place", [HERE, (-71.1, 42.3), (-70.5, -33.4), (151.2, -33.9)])
def test_the_place_comes_from_the_hemisphere_it_says(place, kind) -> None:
    facts = read_photo(draw_photo(gps=tag_place(*place), kind=kind), name="a").facts
    assert (facts.lon, facts.lat) == pytest.approx(place, abs=2e-7)
    assert facts.fault == ""


def test_everything_a_telephone_says_is_read() -> None:
    gps = tag_place(*HERE, t16="T", t17=IFDRational(27_350, 100), t31=IFDRational(82, 10), t18="WGS-84")
    facts = read(gps=gps, detail={0x9003: "2026:03:04 09:15:30", 0x9011: "+08:00"}).facts
    assert facts.bearing_deg == pytest.approx(273.5)
    assert facts.accuracy_m == pytest.approx(8.2)
    assert facts.taken_at == datetime(2026, 3, 4, 1, 15, 30, tzinfo=UTC)
    assert not facts.is_gcj02


@pytest.mark.parametrize(
    ("tags", "hour"),
    [
        ({"detail": {0x9003: "2026:03:04 09:00:00"}}, 1),
        ({"detail": {0x9003: "2026:03:04 09:00:00", 0x9011: "-05:00"}}, 14),
        ({"detail": {0x9003: "2026:03:04 09:00:00", 0x9011: "nowhere"}}, 1),
        ({"main": {0x0132: "2026:03:04 11:00:00"}}, 3),
        (
            {
                "gps": tag_place(*HERE, t7=(IFDRational(5), IFDRational(0), IFDRational(0)), t29="2026:03:04"),
                "detail": {0x9003: "2026:03:04 09:00:00"},
            },
            5,
        ),
    ],
)
def test_the_satellites_clock_goes_first_and_no_zone_means_beijing(tags, hour) -> None:
    assert read(**tags).facts.taken_at == datetime(2026, 3, 4, hour, tzinfo=UTC)


@pytest.mark.parametrize("said", ["0000:00:00 00:00:00", "", "yesterday", "2026:13:41 09:00:00"])
def test_a_time_that_is_none_is_not_there(said) -> None:
    assert read(detail={0x9003: said}).facts.taken_at is None


@pytest.mark.parametrize(
    ("gps", "words"),
    [
        (None, "holds no position"),
        ({17: IFDRational(90)}, "holds no position"),
        (tag_place(*HERE) | {1: ""}, "does not say north or south"),
        ({k: v for k, v in tag_place(*HERE).items() if k != 3}, "does not say north or south"),
        (tag_place(*HERE, t9="V"), "had no position"),
        (tag_place(0.0, 0.0), "had no position"),
        (tag_place(*HERE) | {2: (IFDRational(37), IFDRational(5, 0), IFDRational(0))}, "had no position"),
        (tag_place(*HERE) | {4: (IFDRational(0, 0),) * 3}, "had no position"),
        (tag_place(*HERE) | {4: (IFDRational(190), IFDRational(0), IFDRational(0))}, "had no position"),
        (tag_place(*HERE) | {1: "X"}, "had no position"),
        (tag_place(*HERE, t18="TOKYO"), "coordinate system that is not known"),
    ],
)
def test_why_there_is_no_place_is_said_and_the_photo_stays(gps, words) -> None:
    photo = read(gps=gps)
    assert photo.facts.lon is photo.facts.lat is None
    assert words in photo.facts.fault
    assert photo.jpeg.startswith(b"\xff\xd8")


@pytest.mark.parametrize("name", ["GCJ-02", "gcj02", "GCJ 02"])
def test_a_datum_of_chinese_maps_is_told(name) -> None:
    assert read(gps=tag_place(*HERE, t18=name)).facts.is_gcj02


@pytest.mark.parametrize("value", [IFDRational(0, 0), IFDRational(-1, 1), IFDRational(0, 1)])
def test_an_accuracy_that_is_none_is_not_there(value) -> None:
    facts = read(gps=tag_place(*HERE) | {31: abs(value) if value == -1 else value}).facts
    assert facts.accuracy_m in (None, 1.0)
    assert facts.fault == ""


def test_what_is_kept_is_small_upright_and_says_nothing() -> None:
    data = draw_photo(
        gps=tag_place(*HERE), main={0x0112: 6, 0x010F: "Maker"}, detail={0x9286: b"note"}, size=(4000, 1000)
    )
    photo = read_photo(data, name="a.jpg")
    assert (photo.width, photo.height) == (400, SIDE_PX)
    assert photo.facts.fault == ""
    kept = Image.open(io.BytesIO(photo.jpeg))
    assert kept.size == (400, SIDE_PX)
    assert not kept.getexif()
    assert set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    # Turned by a quarter: what was left is on top.
    red, _, blue = kept.getpixel((200, 100))
    assert red > 200
    assert blue < 60
    assert b"Maker" not in photo.jpeg
    assert len(photo.sha256) == 64


def test_a_comment_of_the_file_goes_too() -> None:
    data = io.BytesIO()
    Image.new("RGB", (8, 8)).save(data, "JPEG", comment=b"taken by somebody")
    assert b"somebody" not in read_photo(data.getvalue(), name="a.jpg").jpeg


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "LA"])
def test_every_kind_of_png_becomes_a_picture(mode) -> None:
    photo = read_photo(draw_photo(image=Image.new(mode, (30, 20)), kind="PNG"), name="a.png")
    assert (photo.width, photo.height) == (30, 20)


@pytest.mark.parametrize("data", [b"", b"not a photo", b"\xff\xd8\xff\xe0", b"GIF89a" + bytes(40)])
def test_what_is_no_photo_is_said(data) -> None:
    with pytest.raises(UnreadableFile, match=r"a\.jpg is no photo"):
        read_photo(data, name="a.jpg")


def test_a_damaged_photo_is_said() -> None:
    whole = draw_photo(size=(800, 600))
    with pytest.raises(UnreadableFile, match="damaged"):
        read_photo(whole[: len(whole) // 2], name="a.jpg")


@pytest.mark.parametrize("brand", [b"heic", b"mif1"])
def test_heic_is_named(brand) -> None:
    with pytest.raises(UnreadableFile, match="HEIC"):
        read_photo(b"\x00\x00\x00\x18ftyp" + brand + bytes(40), name="a.heic")


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_photo_whose_data_are_damaged_is_still_one() -> None:
    exif = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 60) + b"\xff" * 30
    data = io.BytesIO()
    Image.new("RGB", (8, 8)).save(data, "JPEG", exif=exif)
    assert "holds no position" in read_photo(data.getvalue(), name="a.jpg").facts.fault


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    for side in (9_000, 40_000):
        head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
        bomb = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
        with pytest.raises(TooLarge, match="80 million pixels"):
            read_photo(bomb, name="a.png")


def test_a_file_that_is_too_long_is_not_looked_at() -> None:
    with pytest.raises(TooLarge, match="30 MB"):
        read_photo(bytes(MAX_BYTES + 1), name="a.jpg")
