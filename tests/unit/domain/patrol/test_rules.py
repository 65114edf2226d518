"""What tasks are worth, and when segments may be walked."""

from __future__ import annotations

import pytest

from gridmap.domain.patrol.rules import PatrolRules
from gridmap.errors import InvalidInput

H = 3600
DAY = (8 * H, 17 * H)


def test_a_prize_grows_with_risk_and_with_lateness_and_stays_whole() -> None:
    rules = PatrolRules()
    assert [rules.prize(level, late=-2.0) for level in (1, 2, 3, 4)] == [1, 2, 3, 4]
    assert [rules.prize(2, late=late) for late in (0.0, 0.01, 0.5, 1.0, 3.0, 90.0)] == [2, 3, 3, 4, 8, 8]
    assert PatrolRules(prizes=(1, 2, 4, 8), late_weight=0.0).prize(4, late=5.0) == 8


def test_what_is_wanted_by_night_is_walked_by_night_only() -> None:
    rules = PatrolRules()
    assert rules.find_hours(night=True, setting="open", shift_s=DAY) == ((20 * H, 30 * H),)
    assert rules.find_hours(night=False, setting="open", shift_s=DAY) == ()


def test_open_country_may_be_kept_for_daylight() -> None:
    rules = PatrolRules(daylight_settings=("open",), day_s=(7 * H, 18 * H))
    assert rules.find_hours(night=False, setting="open", shift_s=DAY) == ((7 * H, 18 * H),)
    assert rules.find_hours(night=False, setting="urban", shift_s=DAY) == ()
    assert rules.find_hours(night=True, setting="open", shift_s=DAY) == ((20 * H, 30 * H),)


@pytest.mark.parametrize(
    "given", [{"balance": -1.0}, {"balance": 11.0}, {"night_s": (0, 90_000)}, {"line_walk_kmh": 9.0}]
)
def test_rules_that_cannot_be_planned_with_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(InvalidInput) as refused:
        PatrolRules(**given)  # type: ignore[arg-type]
    assert refused.value.hint_text
