"""Legend, layer list and words of the map."""

from __future__ import annotations

import pytest

from gridmap.i18n import translator
from gridmap.views.legends import LAYER_NAMES, build_change_legend, build_legend, build_switches, build_words
from gridmap.views.palette import DARK, LIGHT, Palette


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_legend_explains_layers_that_can_be_switched(palette: Palette) -> None:
    sections = build_legend(palette, str)
    assert [section["layer"] for section in sections][:3] == ["incidents", "segments", "hazards"]
    assert {section["layer"] for section in sections} <= set(LAYER_NAMES)
    for section in sections:
        assert all(item["swatch"].startswith("<svg") and item["text"] for item in section["items"])


def test_swatches_carry_the_colours_of_the_map() -> None:
    hazards = next(section for section in build_legend(LIGHT, str) if section["layer"] == "hazards")
    drawn = "".join(item["swatch"] for item in hazards["items"])
    assert all(colour in drawn for colour in LIGHT.severity.values())


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_each_change_of_an_edition_has_its_colour_and_pattern(palette: Palette) -> None:
    items = build_change_legend(palette, str)
    assert [item["kind"] for item in items] == list(palette.change)
    for item in items:
        assert palette.change[item["kind"]] in item["swatch"]
        assert item["text"]
    bare = [item["swatch"].replace(palette.change[item["kind"]], "") for item in items]
    assert len(set(bare)) == len(bare)


def test_switches_keep_their_order_and_what_is_on() -> None:
    switches = build_switches(str, on=("teams", "roads"))
    assert [switch["name"] for switch in switches] == list(LAYER_NAMES)
    assert {switch["name"] for switch in switches if switch["on"]} == {"teams", "roads"}


def test_raster_is_offered_switched_off() -> None:
    assert build_switches(str, on=LAYER_NAMES, raster="Tianditu")[-1] == {
        "name": "raster",
        "text": "Tianditu",
        "on": False,
    }


def test_words_cover_the_coded_values() -> None:
    words = build_words(str)
    assert words["hazard_kind.burning"] == "Burning"
    assert words["team_state.silent"] == "Silent"
    assert words["severity.4"] == "Critical"
    own = build_words(str, hazard_kinds={"burning": "Straw fires", "marquee": "Marquee"})
    assert (own["hazard_kind.burning"], own["hazard_kind.marquee"]) == ("Straw fires", "Marquee")
    assert own["hazard_kind.grazing"] == words["hazard_kind.grazing"]
    assert all(words.values())


def test_chinese_words_are_chinese() -> None:
    words = build_words(translator("zh-CN"))
    untranslated = [name for name, text in words.items() if not any("\u4e00" <= letter <= "\u9fff" for letter in text)]
    assert untranslated == []
