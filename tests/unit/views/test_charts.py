"""Bars are to scale, and say in words what they show."""

from __future__ import annotations

import re

from gridmap.views.charts import BalanceBar, draw_balance_bars, draw_share


def widths(drawn: str) -> list[float]:
    return [float(width) for width in re.findall(r'<rect x="0" y="[\d.]+" width="([\d.]+)"', drawn)]


def test_bars_share_one_scale() -> None:
    bars = [BalanceBar("北", 100, 50, "100 → 50"), BalanceBar("南", 50, 100, "50 → 100")]
    before_north, after_north, before_south, after_south = widths(
        draw_balance_bars(bars, before_label="before", after_label="after")
    )
    assert before_north == after_south
    assert after_north == before_south
    assert abs(before_north - 2 * after_north) <= 0.2


def test_the_numbers_and_names_stand_beside_the_bars() -> None:
    drawn = draw_balance_bars(
        [BalanceBar("<North>", 1, 2, "1 → 2")], before_label="before", after_label="after", mean=1.5
    )
    assert "&lt;North&gt;" in drawn
    assert "1 → 2" in drawn
    assert "stroke-dasharray" in drawn


def test_no_unit_draws_nothing_and_an_empty_unit_divides_by_nothing() -> None:
    assert draw_balance_bars([], before_label="before", after_label="after") == ""
    assert widths(draw_balance_bars([BalanceBar("A", 0, 0, "0")], before_label="before", after_label="after")) == [0, 0]


def test_a_share_stays_within_its_bar() -> None:
    assert 'width="320.0"' in draw_share(1.7, text="all")
    assert 'width="0.0"' in draw_share(-1, text="none")
