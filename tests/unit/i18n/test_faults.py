"""Every class of failure has words for a person."""

from __future__ import annotations

import pytest

from gridmap import errors
from gridmap.errors import Conflict, GridmapError, NotFound
from gridmap.i18n import describe_error, describe_unexpected, translator
from gridmap.i18n.faults import DEFAULT_HINTS


def every_class(kind: type[GridmapError] = GridmapError) -> list[type[GridmapError]]:
    return [kind, *(found for child in kind.__subclasses__() for found in every_class(child))]


def test_every_class_of_the_tree_says_what_to_do() -> None:
    declared = [kind for kind in every_class() if kind.__module__ == errors.__name__]
    assert set(DEFAULT_HINTS) == set(declared)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_fields_are_filled_in_both_sentences(language: str) -> None:
    error = NotFound("There is no change number {txn}.", hint="Undo change {by} instead.", txn=7, by=9)
    notice = describe_error(error, translator(language))
    assert "7" in notice.message
    assert "9" in notice.hint
    assert "{" not in notice.message + notice.hint


def test_a_failure_without_a_hint_gets_the_one_of_its_class() -> None:
    notice = describe_error(Conflict("Somebody else changed this first; nothing was saved."), translator("zh-CN"))
    assert notice.message == "他人已先作改动，本次未保存。"
    assert notice.hint == "请刷新页面，查看最新情况。"


def test_a_subclass_made_elsewhere_is_described_as_its_base() -> None:
    class Odd(Conflict):
        pass

    assert describe_error(Odd("x"), translator("en")).hint == DEFAULT_HINTS[Conflict]


def test_the_unexpected_is_told_calmly() -> None:
    assert describe_unexpected(translator("zh-CN")).message == "暂时无法显示，数据没有改动。"
