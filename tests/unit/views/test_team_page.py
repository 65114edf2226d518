"""Links to be led by, and the words that the scripts of a team's page ask for."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

import gridmap
from gridmap.domain.crs import GEOD
from gridmap.i18n import translator
from gridmap.views.navigation import link_amap, link_geo
from gridmap.views.team_words import build_team_words

SCRIPTS = sorted((Path(gridmap.__file__).parent / "static" / "team").glob("*.js"))
TEXT = "\n".join(script.read_text(encoding="utf-8") for script in SCRIPTS)


def test_a_geo_link_has_the_latitude_first() -> None:
    assert link_geo(112.5, 37.8, name="桥 1") == "geo:37.800000,112.500000?q=37.800000,112.500000(%E6%A1%A5%201)"


def test_amap_is_given_its_own_datum() -> None:
    link = link_amap(112.5, 37.8, name="K12+300, left", on_foot=True)
    found = re.search(r"to=([\d.]+),([\d.]+),([^&]+)&mode=(\w+)&coordinate=gaode", link)
    assert found
    _, _, metres = GEOD.inv(112.5, 37.8, float(found[1]), float(found[2]))
    assert 500 < metres < 650
    assert (unquote(found[3]), found[4]) == ("K12+300, left", "walk")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_scripts_ask_for_words_that_are_there(language: str) -> None:
    words = build_team_words(translator(language))
    asked = set(re.findall(r"say\('(\w+)'", TEXT))
    assert asked <= set(words)
    plain = {name for name in words if "." not in name}
    assert {name for name in plain if f"'{name}'" not in TEXT} == set()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_small_and_knows_no_outside_address(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 300
    assert re.findall(r"https?://\S+", text) == []
    assert re.search(r"\beval\(|new Function\(|innerHTML", text) is None


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_imports_only_what_is_there(script: Path) -> None:
    for name in re.findall(r"^import [^;]*? from '([^']+)'", script.read_text(encoding="utf-8"), flags=re.MULTILINE):
        assert (script.parent / name).is_file()
