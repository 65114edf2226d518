"""The table of statuses is complete."""

from __future__ import annotations

import pytest

from gridmap import errors
from gridmap.web.errors import CLOSING_CODE, STATUS


def list_kinds(kind: type[errors.GridmapError]) -> set[type[errors.GridmapError]]:
    return {kind}.union(*(list_kinds(child) for child in kind.__subclasses__()))


@pytest.mark.parametrize("kind", sorted(list_kinds(errors.GridmapError), key=lambda kind: kind.__name__))
def test_every_failure_has_a_status(kind: type[errors.GridmapError]) -> None:
    assert 400 <= STATUS[kind] < 600


def test_only_the_program_itself_answers_500() -> None:
    assert [kind for kind, status in STATUS.items() if status == 500] == [errors.GridmapError]


def test_closing_codes_are_free_for_applications() -> None:
    # RFC 6455, 7.4.2
    assert all(4000 <= code < 5000 for code in CLOSING_CODE.values())
