"""The table of speeds by the hour."""

from __future__ import annotations

from pathlib import Path

import pytest

from gridmap.domain.roads.profiles import HOURS
from gridmap.domain.roads.speeds import Mode
from gridmap.errors import InvalidInput
from gridmap.sources.speed_profile import read_speed_profile

HEADING = ",".join(["mode", "class", *(f"{hour:02d}" for hour in range(HOURS))])


def _write(folder: Path, *rows: str) -> Path:
    path = folder / "hours.csv"
    path.write_text("\n".join([HEADING, *rows]), encoding="utf-8")
    return path


def test_the_usual_table_slows_the_peaks_and_leaves_the_night() -> None:
    profile = read_speed_profile()
    eight, night = (profile.compute_shares(["primary", "track"], mode=Mode.CAR, at_s=h * 3600) for h in (8.5, 3))
    assert eight.tolist() == [0.75, 1.0]
    assert night.tolist() == [1.0, 1.0]


def test_between_two_hours_the_share_changes_evenly_and_links_are_as_their_class(tmp_path: Path) -> None:
    shares = ["1.0", "0.6", *["1.0"] * 22]
    profile = read_speed_profile(_write(tmp_path, f"motorcycle,primary,{','.join(shares)}"))
    found = [profile.compute_shares(["primary_link"], mode=Mode.MOTORCYCLE, at_s=s)[0] for s in (1800, 3600, 5400)]
    assert found == pytest.approx([1.0, 0.8, 0.6])
    assert profile.compute_shares(["primary"], mode=Mode.CAR, at_s=5400).tolist() == [1.0]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("car,primary,1,2", "24 shares"),
        ("lorry,primary," + ",".join(["1"] * 24), "row 2"),
        ("car,primary," + ",".join(["fast"] * 24), "row 2"),
        ("car,primary," + ",".join(["1.2"] * 24), "24 shares"),
        ("car,primary," + ",".join(["1", "0.2", *["1"] * 22]), "there sooner"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, row: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_speed_profile(_write(tmp_path, row))


def test_another_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("id,lon,lat\n1,2,3\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="columns mode"):
        read_speed_profile(path)
