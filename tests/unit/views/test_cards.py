"""Pieces of the panel: nothing from outside reaches the page as markup."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gridmap.views import cards
from gridmap.views.cards import Cell, Column

SHARP = '<script>alert("1")</script>&'

DRAWINGS: dict[str, Callable[[str], str]] = {
    "title": lambda text: cards.draw_title(text, text),
    "heading": cards.draw_heading,
    "empty": cards.draw_empty,
    "note": cards.draw_note,
    "item": lambda text: cards.draw_item(text, text, colour=text),
    "facts": lambda text: cards.draw_facts([(text, text)]),
    "figures": lambda text: cards.draw_figures([(text, text)]),
    "table": lambda text: cards.draw_table([Column(text)], [(text,), (Cell(text, "alert"),)]),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_text_is_escaped(name: str) -> None:
    drawn = DRAWINGS[name](SHARP)
    assert "<script>" not in drawn
    assert "&lt;script&gt;" in drawn


def test_what_is_whole_stays_in_one_line() -> None:
    drawn = cards.draw_table([Column("Since", whole=True), Column("Unit")], [("2026-07-28", "A")])
    assert '<td class="w">2026-07-28</td><td>A</td>' in drawn


def test_figures_stand_at_the_right_and_tones_are_classes() -> None:
    drawn = cards.draw_table([Column("Team"), Column("Time", numeric=True)], [("A", Cell("5 min", "alert"))])
    assert '<th class="n">Time</th>' in drawn
    assert '<td class="n gm-alert">5 min</td>' in drawn
    assert "<td>A</td>" in drawn


def test_a_row_of_another_width_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="zip"):
        cards.draw_table([Column("Team")], [("A", "B")])
