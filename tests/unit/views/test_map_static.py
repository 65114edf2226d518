"""The files the browser gets: vendored ones as the manifest says, own ones small and free of outside addresses."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

import gridmap
from gridmap.views.elements import compute_static_version

STATIC = Path(gridmap.__file__).parent / "static"
VENDOR = STATIC / "vendor"
MANIFEST = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))
SCRIPTS = sorted((STATIC / "map").glob("*.js"))


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: entry["file"])
def test_vendored_file_is_the_one_of_the_manifest(entry: dict[str, object]) -> None:
    content = (VENDOR / str(entry["file"])).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert entry["version"]
    assert entry["licence"]


def test_manifest_names_every_vendored_file() -> None:
    present = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert present == {entry["file"] for entry in MANIFEST} | {"manifest.json"}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_script_is_small_and_knows_no_outside_address(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 400
    assert re.findall(r"https?://(?!www\.w3\.org/)\S+", text) == []
    assert re.search(r"\beval\(|new Function\(|\.innerHTML\s*\+=", text) is None


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_script_imports_only_what_is_there(script: Path) -> None:
    names = re.findall(r"^import [^;]*? from '([^']+)'", script.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for name in names:
        target = VENDOR / name.removeprefix("/vendor/") if name.startswith("/vendor/") else script.parent / name
        assert target.is_file()


def test_version_is_short_and_steady() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", compute_static_version())
    assert compute_static_version() == compute_static_version()


def test_the_map_asks_for_all_its_modules_at_once() -> None:
    text = (STATIC / "map" / "boot.js").read_text(encoding="utf-8")
    listed = re.findall(r"'(\w+)',", text[text.index("const MODULES") : text.index("];")])
    # The others are no part of the map: what loads it, and what runs in the page around it.
    assert listed == sorted(script.stem for script in SCRIPTS if script.stem not in {"boot", "ahead"})
