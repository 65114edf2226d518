"""Photographs as they are uploaded: their facts, and a small picture without any of their file's data."""

from __future__ import annotations

import hashlib
import io
import struct
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from gridmap.domain.photos import PhotoFacts, read_facts
from gridmap.errors import N_, TooLarge, UnreadableFile

FORMATS = ("JPEG", "PNG")
"""What telephones write that keep a second picture behind the first (MPO) is opened as JPEG."""

MAX_BYTES = 30_000_000
MAX_PIXELS = 80_000_000
SIDE_PX = 1600
_QUALITY = 85

_EXIF, _GPS = 0x8769, 0x8825
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif")


@dataclass(frozen=True)
class Photo:
    """A photo to keep: a JPEG of at most `SIDE_PX` on its longer side, upright, and what its file said."""

    facts: PhotoFacts
    jpeg: bytes
    width: int
    height: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.jpeg).hexdigest()


def read_photo(data: bytes, *, name: str) -> Photo:
    """Read a JPEG or PNG.

    The picture is drawn anew from its pixels: neither position nor device, thumbnail or comment stays in it.

    Raises
    ------
    UnreadableFile
        It is no such file, or damaged.
    TooLarge
        It has more than 30 MB or 80 million pixels.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge(
            N_("The photo {name} is larger than {limit} MB."),
            hint=N_("Send it smaller, as the telephone offers."),
            name=name,
            limit=MAX_BYTES // 1_000_000,
        )
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        raise UnreadableFile(
            N_("The photo {name} is a HEIC file, which cannot be read here."),
            hint=N_("Set the camera to “most compatible”, or save the photo as JPEG."),
            name=name,
        )
    try:
        # Its size is looked at before anything is unpacked.
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_size(image, name)
            facts = _read_facts(image)
            return _draw(image, facts)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(name) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, struct.error) as error:
        raise UnreadableFile(
            N_("The file {name} is no photo that can be read, or it is damaged."),
            hint=N_("Choose a photo as JPEG or PNG."),
            name=name,
        ) from error


def _check_size(image: Image.Image, name: str) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise _too_many_pixels(name)


def _too_many_pixels(name: str) -> TooLarge:
    return TooLarge(
        N_("The photo {name} has more than {limit} million pixels."),
        hint=N_("Send it smaller, as the telephone offers."),
        name=name,
        limit=MAX_PIXELS // 1_000_000,
    )


def _read_facts(image: Image.Image) -> PhotoFacts:
    """The facts; a photo whose data cannot be read has none, and is a photo nevertheless."""
    try:
        exif = image.getexif()
        return read_facts(exif, exif.get_ifd(_EXIF), exif.get_ifd(_GPS))
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, struct.error):
        return PhotoFacts()


def _draw(image: Image.Image, facts: PhotoFacts) -> Photo:
    # A JPEG can be unpacked at half, a quarter or an eighth of its size.
    image.draft("RGB", (SIDE_PX, SIDE_PX))
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((SIDE_PX, SIDE_PX))
    clean = Image.new("RGB", upright.size, "white")
    solid = upright.convert("RGBA") if upright.mode in {"RGBA", "LA", "P", "PA"} else None
    if solid is None:
        clean.paste(upright.convert("RGB"))
    else:
        clean.paste(solid, mask=solid)
    packed = io.BytesIO()
    clean.save(packed, "JPEG", quality=_QUALITY, optimize=True)
    return Photo(facts, packed.getvalue(), clean.width, clean.height)
