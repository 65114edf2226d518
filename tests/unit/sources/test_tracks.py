"""Tracks from files: what receivers and people write, and what is wrong with it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from gridmap.errors import GridmapError, InvalidInput, NoData, TooLarge, UnreadableFile
from gridmap.sources import tracks
from gridmap.sources.tracks import find_longest_rise, read_track

NINE = datetime(2026, 3, 4, 1, tzinfo=UTC).timestamp()
"""09:00 in Beijing."""


def gpx(*points: str, version: str = "1/1") -> str:
    """A GPX file of two segments with a waypoint and a route that nobody walked."""
    half = len(points) // 2
    segments = "".join(f"<trkseg>{''.join(part)}</trkseg>" for part in (points[:half], points[half:]))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><gpx xmlns="http://www.topografix.com/GPX/{version}">'
        f'<!-- a note --><wpt lon="1" lat="2"/><rte><rtept lon="3" lat="4"/></rte><trk>{segments}</trk></gpx>'
    )


def point(lon: float, lat: float, time: str = "", more: str = "") -> str:
    told = f"<time>{time}</time>" if time else ""
    return f'<trkpt lon="{lon}" lat="{lat}"><ele>5</ele>{told}{more}</trkpt>'


def write(folder: Path, text: str | bytes, name: str = "track.gpx") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_gpx_of_several_segments_is_one_track(tmp_path: Path) -> None:
    text = gpx(
        point(112.5, 37.8, "2026-03-04T01:00:00Z", "<speed>2.5</speed>"),
        point(112.6, 37.9, "2026-03-04T01:00:10.5Z", "<extensions><accuracy>7</accuracy></extensions>"),
        point(112.7, 38.0, "2026-03-04T09:01:00+08:00"),
    )
    found = read_track(write(tmp_path, text))
    assert found.track.lon.tolist() == [112.5, 112.6, 112.7]
    assert found.track.at.tolist() == [NINE, NINE + 10.5, NINE + 60]
    assert found.track.speed_kmh[0] == pytest.approx(9.0)
    assert found.track.accuracy_m[1] == 7.0
    assert found.faults == ()


def test_gpx_without_times_is_a_track_without_times(tmp_path: Path) -> None:
    found = read_track(write(tmp_path, gpx(point(112.5, 37.8), point(112.6, 37.9), version="1/0")))
    assert not found.track.is_timed
    assert found.faults == ()


@pytest.mark.parametrize(
    "text",
    [
        "lon,lat,time\n112.5,37.8,2026-03-04 09:00:00\n112.6,37.9,2026-03-04 09:00:10\n",
        "\ufeff时间;纬度;经度\n2026/3/4 9:00:00;37.8;112.5\n2026/3/4 9:00:10;37.9;112.6\n",
        "Latitude\tLongitude\tTimestamp\n37.8\t112.5\t1772586000\n\n37.9\t112.6\t1772586010\n",
        "LNG,LAT,定位时间\n112.5,37.8,1772586000000\n112.6,37.9,1772586010000\n",
        "lon,lat,at\n112.5,37.8,20260304090000\n112.6,37.9,20260304090010\n",
        "lon,lat,time\n112.5,37.8,2026-03-04T01:00:00Z\n112.6,37.9,2026年03月04日 09:00:10\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_csv_as_people_write_it(tmp_path: Path, text: str, encoding: str) -> None:
    data = text.removeprefix("\ufeff").encode(encoding) if encoding == "gb18030" else text.encode()
    found = read_track(write(tmp_path, data, "track.csv"))
    assert found.faults == ()
    assert found.track.lon.tolist() == [112.5, 112.6]
    assert found.track.lat.tolist() == [37.8, 37.9]
    assert found.track.at.tolist() == [NINE, NINE + 10]


def test_speed_and_accuracy_of_a_csv(tmp_path: Path) -> None:
    text = "lon,lat,time,速度(m/s),精度\n112.5,37.8,1772586000,2,9\n112.6,37.9,1772586010,-1,\n"
    track = read_track(write(tmp_path, text, "track.csv")).track
    assert track.speed_kmh[0] == pytest.approx(7.2)
    assert track.accuracy_m[0] == 9.0
    assert np.isnan(track.speed_kmh[1])
    assert np.isnan(track.accuracy_m[1])


def test_each_bad_point_has_its_reason(tmp_path: Path) -> None:
    rows = [
        "112.50,37.8,1772586000",
        "here,37.8,1772586010",
        "37.8,112.5,1772586020",
        "0,0,1772586030",
        "112.51,37.8,soon",
        "112.52,37.8,1772586040",
        "112.52,37.8,1772586040",
        "112.53,37.8,1772586030",
        "112.54,37.8,1772586040",
        "112.55,37.8,1772586050",
    ]
    found = read_track(write(tmp_path, "\n".join(["lon,lat,time", *rows]), "track.csv"))
    reasons = {fault.row: fault.reason for fault in found.faults}
    assert "no number" in reasons[2]
    assert "swapped" in reasons[3]
    assert "0, 0" in reasons[4]
    assert "time" in reasons[5]
    assert sum("backwards" in reason or "same time" in reason for reason in reasons.values()) == 2
    assert found.repeated + len(found.track) + len(found.faults) == len(rows)
    assert (np.diff(found.track.at) > 0).all()


def test_one_wrong_date_does_not_condemn_what_follows(tmp_path: Path) -> None:
    rows = [f"112.5{n},37.8,{1772586000 + 10 * n + (10**8 if n == 2 else 0)}" for n in range(8)]
    found = read_track(write(tmp_path, "\n".join(["lon,lat,time", *rows]), "track.csv"))
    assert len(found.track) == 7
    assert [fault.row for fault in found.faults] == [3]


def test_a_clock_that_runs_backwards_throughout_leaves_one_point(tmp_path: Path) -> None:
    rows = [f"112.5{n},37.8,{1772586000 - 10 * n}" for n in range(8)]
    found = read_track(write(tmp_path, "\n".join(["lon,lat,time", *rows]), "track.csv"))
    assert len(found.faults) == 7
    assert {fault.reason for fault in found.faults} == {
        "The clock runs backwards: this time is before that of an earlier point."
    }


DOCTYPE = '<!DOCTYPE gpx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("text", "name", "error", "says"),
    [
        ("", "track.gpx", UnreadableFile, "is empty"),
        ("A walk along the line.", "track.gpx", UnreadableFile, "not complete XML"),
        ("A walk along the line.", "track.csv", InvalidInput, "no columns"),
        (gpx(point(112.5, 37.8), point(112.6, 37.8))[:-40], "track.gpx", UnreadableFile, "not complete XML"),
        ("<html/>", "track.gpx", UnreadableFile, "not a GPX"),
        (f"{DOCTYPE}<gpx><trk>&b;</trk></gpx>", "track.gpx", UnreadableFile, "document type"),
        (f"{DOCTYPE}<gpx/>".encode("utf-16"), "track.gpx", UnreadableFile, "document type"),
        ('<gpx><wpt lon="1" lat="2"/></gpx>', "track.gpx", NoData, "holds no track"),
        ("lon,lat,time\n", "track.csv", NoData, "holds no track"),
        ("lon,lat\nx,y\n", "track.csv", NoData, "No point"),
        (bytes(range(256)) * 4, "track.csv", UnreadableFile, "neither GPX nor a table"),
        ("lon,lat,time\n112.5,37.8,5\n112.6,37.8,5\n112.7,37.8,5\n", "track.csv", InvalidInput, "same time"),
    ],
)
def test_a_file_that_is_no_track_says_what_it_is(
    tmp_path: Path, text: str | bytes, name: str, error: type[GridmapError], says: str
) -> None:
    with pytest.raises(error, match=says) as caught:
        read_track(write(tmp_path, text, name))
    assert caught.value.hint


def test_a_file_that_is_missing_or_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnreadableFile, match="There is no file"):
        read_track(tmp_path / "none.gpx")
    monkeypatch.setattr(tracks, "LARGEST_BYTES", 10)
    with pytest.raises(TooLarge):
        read_track(write(tmp_path, gpx(point(1, 2))))


def test_the_longest_rise() -> None:
    assert find_longest_rise(np.array([3.0, 1.0, 2.0, 9.0, 4.0, 4.0, 5.0])).tolist() == [1, 2, 5, 6]
    assert find_longest_rise(np.zeros(0)).tolist() == []
