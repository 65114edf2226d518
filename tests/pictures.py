"""Photographs made for tests, with the data that telephones write."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

EXIF, GPS = 0x8769, 0x8825


def split_angle(degrees: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    """Degrees, minutes and seconds as rationals, good to three centimetres."""
    hundredths = round(abs(degrees) * 3600 * 1000)
    whole, rest = divmod(hundredths, 3_600_000)
    minutes, seconds = divmod(rest, 60_000)
    return IFDRational(whole), IFDRational(minutes), IFDRational(seconds, 1000)


def tag_place(lon: float, lat: float, **more: Any) -> dict[int, Any]:
    """The GPS directory of a photo taken at a place; further tags as `t17=…`."""
    tags: dict[int, Any] = {
        1: "N" if lat >= 0 else "S",
        2: split_angle(lat),
        3: "E" if lon >= 0 else "W",
        4: split_angle(lon),
    }
    return tags | {int(name[1:]): value for name, value in more.items()}


def draw_photo(
    *,
    gps: Mapping[int, Any] | None = None,
    detail: Mapping[int, Any] | None = None,
    main: Mapping[int, Any] | None = None,
    size: tuple[int, int] = (64, 48),
    kind: str = "JPEG",
    image: Image.Image | None = None,
) -> bytes:
    """A picture of two colours, red left and blue right, with these tags."""
    if image is None:
        image = Image.new("RGB", size, "blue")
        image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    for tag, value in (main or {}).items():
        exif[tag] = value
    for directory, tags in ((EXIF, detail), (GPS, gps)):
        if tags:
            exif.get_ifd(directory).update(tags)
    data = io.BytesIO()
    image.save(data, kind, exif=exif.tobytes())
    return data.getvalue()
