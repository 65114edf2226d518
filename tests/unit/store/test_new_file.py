"""A file appears whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from gridmap.errors import DiskFull, InvalidInput, StoreFailure
from gridmap.store.new_file import create_file


def write(target: Path, text: str, *, through: Path | None = None, private: bool = False) -> None:
    with create_file(target, private=private) as draft:
        draft.write_text(text[:10], encoding="utf-8")
        assert not target.exists()
        assert draft.suffix == target.suffix
        if through is not None:
            with through.open("w", encoding="utf-8") as stream:
                stream.write(text)


def test_it_appears_at_the_end(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "hello")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "hello"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_private_file_is_for_its_owner_only(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "hello", private=True)
    assert (tmp_path / "a.txt").stat().st_mode & 0o077 == 0


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(DiskFull):
        write(tmp_path / "a.txt", "x" * 100_000, through=Path("/dev/full"))
    assert list(tmp_path.iterdir()) == []


def test_a_device_that_refuses_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreFailure):
        write(tmp_path / "a.txt", "x", through=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("precious", encoding="utf-8")
    with pytest.raises(InvalidInput):
        write(tmp_path / "a.txt", "x")
    with pytest.raises(InvalidInput):
        write(tmp_path / "no" / "a.txt", "x")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "precious"
