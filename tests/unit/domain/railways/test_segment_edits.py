"""What may be set of a segment: ranges, what follows from it, and what a new cut takes over."""

from __future__ import annotations

from typing import Any

import pytest

from gridmap.domain.railways.segment_edits import SegmentEdit, carry_over
from gridmap.errors import InvalidInput


def make_segment(**changes: object) -> dict[str, Any]:
    row = {"setting": "open", "risk": 1, "interval_days": 15, "visits": 1, "spacing_min": 0, "night": False}
    return {**row, "side": "both", "by_hand": "", **changes}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Nothing is to be set."),
        ({"setting": "forest"}, "“forest” is not a setting"),
        ({"risk": 0}, "0 is no risk."),
        ({"risk": 5}, "5 is no risk."),
        ({"interval_days": 0}, "0 is no number of days"),
        ({"interval_days": 366}, "366 is no number of days"),
        ({"visits": 0}, "0 is no number of visits."),
        ({"visits": 100}, "100 is no number of visits."),
        ({"spacing_min": -1}, "-1 is no number of minutes"),
        ({"side": "middle"}, "“middle” is no side of a line."),
    ],
)
def test_each_bad_value_has_a_sentence(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput) as failure:
        SegmentEdit(**given)
    assert said in str(failure.value)
    assert failure.value.hint_text


def test_only_what_becomes_other_is_changed() -> None:
    changes = SegmentEdit(setting="urban", visits=1).apply(make_segment())
    assert changes == {"setting": "urban", "by_hand": "setting visits"}
    assert SegmentEdit(setting="urban").apply(make_segment(setting="urban", by_hand="setting")) == {}


def test_the_interval_follows_the_risk_until_somebody_sets_it() -> None:
    assert SegmentEdit(risk=3).apply(make_segment())["interval_days"] == 3
    assert "interval_days" not in SegmentEdit(risk=3).apply(make_segment(by_hand="interval_days"))
    both = SegmentEdit(risk=3, interval_days=5).apply(make_segment())
    assert (both["interval_days"], both["by_hand"]) == (5, "risk interval_days")


def test_visits_must_fit_into_the_interval() -> None:
    assert SegmentEdit(visits=4, spacing_min=360).apply(make_segment(interval_days=1))["visits"] == 4
    with pytest.raises(InvalidInput, match="4 visits 361 minutes apart do not fit into 1 days"):
        SegmentEdit(visits=4, spacing_min=361).apply(make_segment(interval_days=1))


def test_a_new_cut_takes_over_what_was_set_by_hand_and_nothing_else() -> None:
    before = make_segment(setting="urban", risk=4, interval_days=1, visits=3, by_hand="risk visits")
    taken = carry_over(make_segment(setting="village", risk=2, interval_days=7), before)
    assert taken == {"risk": 4, "visits": 3, "interval_days": 1, "by_hand": "risk visits"}
    assert carry_over(make_segment(risk=2, interval_days=7), make_segment()) == {"interval_days": 7, "by_hand": ""}
