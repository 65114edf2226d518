"""Tracks of patrols from files: GPX as receivers and telephones write it, and CSV with a header.

GPX 1.0 and 1.1, https://www.topografix.com/gpx.asp: the points of all tracks and segments in the order of the file.
Waypoints and routes say where somebody might go, not where anybody was, and are left out.
"""

from __future__ import annotations

import csv
import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import NoReturn
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt

from gridmap.domain.days import BEIJING
from gridmap.domain.fixes import Refusal, check_place
from gridmap.domain.tracking.track import KMH_PER_MPS, Track
from gridmap.errors import N_, InvalidInput, NoData, TooLarge, UnreadableFile

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

LARGEST_BYTES = 100_000_000
"""A day at one fix a second is 10 MB of GPX."""

LON_NAMES = ("lon", "lng", "long", "longitude", "经度", "x")
LAT_NAMES = ("lat", "latitude", "纬度", "y")
TIME_NAMES = (
    "time",
    "timestamp",
    "datetime",
    "date_time",
    "utc_time",
    "at",
    "时间",
    "定位时间",
    "采集时间",
    "记录时间",
)
SPEED_NAMES = ("speed", "speed_kmh", "speed(km/h)", "速度", "速度(km/h)", "速度（km/h）")
SPEED_MPS_NAMES = ("speed_mps", "speed(m/s)", "速度(m/s)", "速度（m/s）")
ACCURACY_NAMES = ("accuracy", "accuracy_m", "horizontal_accuracy", "精度", "定位精度")
"""Column names of CSV files, tried whatever their case; speed is in km/h where a name does not say m/s."""

_NO_NUMBER = N_("Longitude or latitude is no number.")
_OUTSIDE = N_("The place lies outside the globe, or is 0, 0, which receivers write when they have none.")
_SWAPPED = N_("Longitude and latitude are swapped.")
_NO_TIME = N_("The time is missing, or cannot be read.")
_BACKWARDS = N_("The clock runs backwards: this time is before that of an earlier point.")
_TWICE = N_("Another place has the same time.")
_PLACE_FAULTS = {
    Refusal.NOT_A_NUMBER: _NO_NUMBER,
    Refusal.OUT_OF_RANGE: _OUTSIDE,
    Refusal.SWAPPED: _SWAPPED,
}

_LATEST_SECONDS = 1e11
"""Numbers above it are milliseconds since 1970."""

_CHINESE_FORMATS = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y年%m月%d日 %H:%M:%S", "%Y%m%d%H%M%S", "%Y%m%d %H%M%S")


@dataclass(frozen=True)
class RowFault:
    """Why a point of a file cannot be used; points count from 1, those of CSV without the header."""

    row: int
    reason: str


@dataclass(frozen=True)
class TrackFile:
    """What could be read of a file, and what could not.

    `repeated` counts points that say again what one before them said, place and time; nothing is lost with them.
    """

    track: Track
    faults: tuple[RowFault, ...]
    repeated: int


@dataclass(frozen=True)
class _Point:
    """A point as it is written: "" where something is not."""

    lon: str
    lat: str
    time: str
    speed_kmh: float
    accuracy_m: float


def read_track(path: Path) -> TrackFile:
    """Read a GPX or CSV file.

    A time without a zone is UTC in GPX and Beijing time in CSV. Times that are missing throughout are no fault: the
    track then has none.

    Raises
    ------
    UnreadableFile
        Missing, empty, truncated, of another format, or XML that declares a document type.
    TooLarge
        Larger than any day's track.
    InvalidInput
        A CSV file has no columns for longitude and latitude, or all points have one and the same time.
    NoData
        The file holds no track, or not a point that can be used.
    """
    data = _read_bytes(path)
    if path.suffix.lower() == ".gpx" or data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        return _check(list(_read_gpx(data, path.name)), name=path.name, zone_is_utc=True)
    return _check(list(_read_csv(data, path.name)), name=path.name, zone_is_utc=False)


def _read_bytes(path: Path) -> bytes:
    if not path.is_file():
        raise UnreadableFile(N_("There is no file {name}."), hint=N_("Check the path."), name=path.name)
    size = path.stat().st_size
    if size == 0:
        raise UnreadableFile(
            N_("The file {name} is empty."), hint=N_("Export the track from the receiver again."), name=path.name
        )
    if size > LARGEST_BYTES:
        raise TooLarge(N_("{name} is larger than any day's track."), hint=N_("Send a day at a time."), name=path.name)
    return path.read_bytes()


class _WithoutDoctype(ElementTree.TreeBuilder):
    """Refuses a document type before its entities are read: they can be made to unfold into gigabytes."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> NoReturn:
        raise UnreadableFile(
            N_("The file declares a document type, which no receiver writes."),
            hint=N_("Export the track from the receiver again."),
        )


def _read_gpx(data: bytes, name: str) -> Iterator[_Point]:
    try:
        root = ElementTree.parse(BytesIO(data), ElementTree.XMLParser(target=_WithoutDoctype())).getroot()
    except ElementTree.ParseError as error:
        raise UnreadableFile(
            N_("{name} is not complete XML (line {line})."),
            hint=N_("Export the track from the receiver again."),
            name=name,
            line=error.position[0],
        ) from error
    if _local(root.tag) != "gpx":
        raise UnreadableFile(
            N_("{name} is not a GPX file."), hint=N_("Export the track from the receiver again."), name=name
        )
    for element in root.iter():
        if _local(element.tag) == "trkpt":
            told = {_local(child.tag): (child.text or "").strip() for child in element.iter()}
            yield _Point(
                element.get("lon", ""),
                element.get("lat", ""),
                told.get("time", ""),
                _read_amount(told.get("speed", "")) * KMH_PER_MPS,
                _read_amount(told.get("accuracy", "")),
            )


def _local(tag: object) -> str:
    """The name of an element without its namespace; comments have none."""
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def _read_csv(data: bytes, name: str) -> Iterator[_Point]:
    text = _decode(data, name)
    header, _, _ = text.partition("\n")
    delimiter = max(",;\t", key=header.count)
    rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    names = [cell.strip().lower() for cell in next(rows, [])]
    lon, lat = _find_column(names, LON_NAMES), _find_column(names, LAT_NAMES)
    if lon is None or lat is None:
        raise InvalidInput(
            N_("{name} is no track: it has no columns for longitude and latitude."),
            hint=N_("Name the columns lon, lat and time (经度, 纬度, 时间)."),
            name=name,
        )
    time, accuracy = _find_column(names, TIME_NAMES), _find_column(names, ACCURACY_NAMES)
    kmh, mps = _find_column(names, SPEED_NAMES), _find_column(names, SPEED_MPS_NAMES)
    for cells in rows:
        if any(cell.strip() for cell in cells):
            speed_mps = _read_amount(_cell(cells, mps))
            speed_kmh = _read_amount(_cell(cells, kmh)) if mps is None else speed_mps * KMH_PER_MPS
            yield _Point(
                _cell(cells, lon),
                _cell(cells, lat),
                _cell(cells, time),
                speed_kmh,
                _read_amount(_cell(cells, accuracy)),
            )


def _decode(data: bytes, name: str) -> str:
    """UTF-8, else GB 18030, in which Chinese office programs write."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableFile(
        N_("{name} is neither GPX nor a table of text."), hint=N_("Export the track as GPX or CSV."), name=name
    )


def _find_column(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    return next((names.index(name) for name in wanted if name in names), None)


def _cell(cells: Sequence[str], column: int | None) -> str:
    return cells[column].strip() if column is not None and column < len(cells) else ""


def _check(points: Sequence[_Point], *, name: str, zone_is_utc: bool) -> TrackFile:
    """The points that can be used, in order, as a track."""
    if not points:
        raise NoData(N_("{name} holds no track."), hint=N_("Choose a file with a recorded track."), name=name)
    timed = any(point.time for point in points)
    values = np.array(
        [
            (
                _read_number(point.lon),
                _read_number(point.lat),
                _read_instant(point.time, zone_is_utc) if timed else math.nan,
                point.speed_kmh,
                point.accuracy_m,
            )
            for point in points
        ]
    )
    faults = [_find_fault(lon, lat, at if timed else 0.0) for lon, lat, at in values[:, :3].tolist()]
    repeated = 0
    if timed:
        usable = np.array([i for i, fault in enumerate(faults) if fault is None], np.int64)
        _check_instants(values[usable])
        repeated = _mark_clock_faults(values, usable, faults)
    kept = np.array([fault is None for fault in faults])
    told = tuple(RowFault(i + 1, fault) for i, fault in enumerate(faults) if fault)
    if not kept.any():
        raise NoData(
            N_("No point of {name} can be used: {reason}"),
            hint=N_("Export the track from the receiver again."),
            name=name,
            reason=told[0].reason,
        )
    return TrackFile(Track(*values[kept].T), told, repeated)


def _mark_clock_faults(values: FloatArray, usable: IntArray, faults: list[str | None]) -> int:
    """Put the faults of the clock among the others; returns how many points say again what one before them said.

    As many points stay as go forward in time together, so that one wrong date does not condemn all that follow. A
    point that repeats another is marked with the empty text.
    """
    kept = usable[find_longest_rise(values[usable, 2])]
    by_time = dict(zip(values[kept, 2].tolist(), kept.tolist(), strict=True))
    repeated = 0
    for row in np.setdiff1d(usable, kept).tolist():
        same = by_time.get(float(values[row, 2]))
        if same is None:
            faults[row] = _BACKWARDS
        elif (values[row, :2] == values[same, :2]).all():
            faults[row] = ""
            repeated += 1
        else:
            faults[row] = _TWICE
    return repeated


def find_longest_rise(values: FloatArray) -> IntArray:
    """Positions of the longest strictly increasing run of values, others left out between them.

    Fredman, On computing the length of longest increasing subsequences, Discrete Mathematics 11 (1975).
    """
    tails: list[float] = []
    ends: list[int] = []
    before = np.full(len(values), -1, np.int64)
    for i, value in enumerate(values.tolist()):
        place = bisect_left(tails, value)
        before[i] = ends[place - 1] if place else -1
        tails[place : place + 1], ends[place : place + 1] = [value], [i]
    chain = [ends[-1]] if ends else []
    while chain and before[chain[-1]] >= 0:
        chain.append(int(before[chain[-1]]))
    return np.array(chain[::-1], np.int64)


def _find_fault(lon: float, lat: float, at: float) -> str | None:
    wrong = check_place(lon, lat)
    if wrong is not None:
        return _PLACE_FAULTS[wrong]
    return None if math.isfinite(at) else _NO_TIME


def _check_instants(values: FloatArray) -> None:
    """Refuse a file whose clock stood still while somebody moved: it tells neither speed nor order."""
    if len(values) > 1 and len(np.unique(values[:, 2])) == 1 and len(np.unique(values[:, :2], axis=0)) > 1:
        raise InvalidInput(
            N_("All points have one and the same time."),
            hint=N_("Export the track with the time of each point, or with none."),
        )


def _read_number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _read_amount(text: str) -> float:
    """Not a number too for what receivers write where they do not know (-1, words)."""
    number = _read_number(text)
    return number if math.isfinite(number) and number >= 0 else math.nan


def _read_instant(text: str, zone_is_utc: bool) -> float:
    """Unix seconds from ISO 8601, seconds or milliseconds since 1970, or the ways Chinese programs write; else NaN."""
    number = _read_number(text)
    if math.isfinite(number) and not (len(text) == 14 and text.isdigit()):
        return number / 1000 if number > _LATEST_SECONDS else number
    parsed = _parse_time(text)
    if parsed is None:
        return math.nan
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC if zone_is_utc else BEIJING)
    return parsed.timestamp()


def _parse_time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in _CHINESE_FORMATS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007  the zone follows from the kind of file
        except ValueError:
            continue
    return None
