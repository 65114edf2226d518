"""The files of the law are read whole or refused in a sentence that names the file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gridmap.errors import UnreadableFile
from gridmap.sources.statutes import FOLDER, read_statutes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "statutes"))


def test_the_files_that_come_with_the_program_are_right(folder: Path) -> None:
    assert read_statutes(folder) == read_statutes()


def test_a_law_is_added_by_adding_its_file(folder: Path) -> None:
    text = (folder / "cn-14-2021.toml").read_text(encoding="utf-8").replace("CN-14", "CN-37").replace("cn-14", "cn-37")
    (folder / "cn-37-2021.toml").write_text(text, encoding="utf-8")
    assert {law.jurisdiction for law in read_statutes(folder).laws} == {"CN", "CN-14", "CN-37"}


def test_what_is_broken_is_named(folder: Path) -> None:
    law = folder / "cn-639-2014.toml"
    law.write_text(law.read_text(encoding="utf-8").replace("limit = 200.0", "limit = -1"), encoding="utf-8")
    with pytest.raises(UnreadableFile, match=r"cn-639-2014\.toml: cn-639/35"):
        read_statutes(folder)
    law.write_text("key = ", encoding="utf-8")
    with pytest.raises(UnreadableFile, match=r"cn-639-2014\.toml"):
        read_statutes(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "origins.toml").unlink()
    with pytest.raises(UnreadableFile, match=r"origins\.toml"):
        read_statutes(folder)
