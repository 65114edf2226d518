"""Every text has its Chinese, and every Chinese text fills in the same fields."""

from __future__ import annotations

import re
import string
from collections import Counter
from pathlib import Path

import pytest

import gridmap
from gridmap.i18n import choose_language, translator
from gridmap.i18n.extraction import find_messages

PACKAGE = Path(gridmap.__file__).parent
MESSAGES = find_messages(PACKAGE)
PROPER_NAMES = {"OpenStreetMap", "GeoPackage", "GeoJSON", "GPX"}


def fields_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_message_has_a_chinese_translation() -> None:
    chinese = translator("zh-CN")
    missing = {
        msgid: places for msgid, places in MESSAGES.items() if chinese(msgid) == msgid and msgid not in PROPER_NAMES
    }
    assert not missing, "\n".join(f"{places[0]}: {msgid}" for msgid, places in missing.items())


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_translation_fills_the_same_fields(language: str) -> None:
    translate = translator(language)
    different = [msgid for msgid in MESSAGES if fields_of(translate(msgid)) != fields_of(msgid)]
    assert different == []


def test_the_catalogue_keeps_no_text_nobody_uses() -> None:
    catalogue = (PACKAGE / "i18n" / "zh_CN.po").read_text(encoding="utf-8")
    kept = set(re.findall(r'^msgid "(.+)"$', catalogue, flags=re.MULTILINE))
    escaped = {msgid.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for msgid in MESSAGES}
    assert kept - escaped == set()


def test_no_page_says_error_and_none_shows_an_emoji() -> None:
    loud = [
        msgid for msgid in MESSAGES if re.search(r"\berror\b|oops|[\U0001f300-\U0001faff]", msgid, flags=re.IGNORECASE)
    ]
    assert loud == []
    chinese = translator("zh-CN")
    assert [msgid for msgid in MESSAGES if "错误" in chinese(msgid)] == []


def test_the_empty_text_is_not_the_header() -> None:
    assert translator("zh-CN")("") == ""
    assert translator("en")("") == ""


@pytest.mark.parametrize(
    ("wishes", "language"),
    [
        (("zh-Hans-CN",), "zh-CN"),
        (("en-GB",), "en"),
        (("", None, "de-DE,de;q=0.9,en;q=0.8,zh;q=0.7"), "en"),
        (("en;q=0.3, zh_TW;q=0.9",), "zh-CN"),
        (("en", "zh-CN"), "en"),
        (("fr",), "zh-CN"),
        (("en;q=nonsense",), "zh-CN"),
        ((), "zh-CN"),
    ],
)
def test_the_first_wish_that_can_be_met_decides(wishes: tuple[str | None, ...], language: str) -> None:
    assert choose_language(*wishes) == language


def test_a_mark_around_something_that_is_no_literal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.py").write_text("text = 'x'\nN_(text)\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"page\.py:2"):
        find_messages(tmp_path)


def test_marks_inside_f_strings_are_found(tmp_path: Path) -> None:
    (tmp_path / "page.py").write_text("f\"<b>{_('Inside')}</b>\"\n", encoding="utf-8")
    assert find_messages(tmp_path) == {"Inside": ["page.py:1"]}


@pytest.mark.parametrize("file", ["zh_CN.po", "en.po"])
def test_no_message_is_translated_twice(file: str) -> None:
    text = (PACKAGE / "i18n" / file).read_text(encoding="utf-8")
    told = Counter(line for line in text.splitlines() if line.startswith('msgid "') and line != 'msgid ""')
    assert [line for line, times in told.items() if times > 1] == []
