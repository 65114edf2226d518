"""Bars before and after a change: one scale, words beside them, nothing taken as markup."""

from __future__ import annotations

import re

from gridmap.views.charts import BalanceBar, draw_balance_bars


def draw(*bars: BalanceBar) -> str:
    return draw_balance_bars(bars, before_label="before", after_label="after")


def widths(drawn: str) -> list[float]:
    return [float(width) for width in re.findall(r"width:([\d.]+)%", drawn)]


def test_all_bars_share_one_scale() -> None:
    drawn = draw(BalanceBar("A", 100, 50, "100 → 50"), BalanceBar("B", 0, 200, "0 → 200"))
    assert widths(drawn) == [50, 25, 0, 100]


def test_words_are_escaped() -> None:
    drawn = draw(BalanceBar("<b>", 1, 2, "1 & 2"))
    assert "&lt;b&gt;" in drawn
    assert "1 &amp; 2" in drawn


def test_nothing_to_compare_is_no_chart() -> None:
    assert draw() == ""
    assert widths(draw(BalanceBar("A", 0, 0, "0"))) == [0, 0]
