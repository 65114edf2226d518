"""A hazard goes from report to closure by lawful steps, in the time its severity allows."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta

import pytest

from gridmap.domain.hazards import (
    ENDED,
    TRANSITIONS,
    HazardRules,
    HazardState,
    Severity,
    check_transition,
    is_overdue,
    parse_rules,
    parse_severity,
    parse_state,
)
from gridmap.errors import Conflict, InvalidInput

NOW = datetime(2026, 3, 4, 1, tzinfo=UTC)


def test_every_state_can_be_reached_and_leads_to_an_end() -> None:
    assert set(TRANSITIONS) == set(HazardState)
    reached, waiting = {HazardState.REPORTED}, deque([HazardState.REPORTED])
    while waiting:
        for following in TRANSITIONS[waiting.popleft()]:
            if following not in reached:
                reached.add(following)
                waiting.append(following)
    assert reached == set(HazardState)
    assert {state for state, following in TRANSITIONS.items() if not following} == ENDED


@pytest.mark.parametrize("current", list(HazardState))
def test_only_the_steps_offered_are_taken(current: HazardState) -> None:
    for target in HazardState:
        if target in TRANSITIONS[current]:
            check_transition(current, target)
        else:
            with pytest.raises(Conflict):
                check_transition(current, target)


def test_the_graver_the_sooner() -> None:
    due = [HazardRules().compute_due(severity, NOW) - NOW for severity in sorted(Severity, reverse=True)]
    assert due == [timedelta(days=days) for days in (1, 3, 7, 15)]


def test_only_what_is_open_can_be_overdue() -> None:
    assert is_overdue(HazardState.VERIFIED, NOW, NOW + timedelta(seconds=1))
    assert not is_overdue(HazardState.VERIFIED, NOW, NOW)
    assert not is_overdue(HazardState.CLOSED, NOW, NOW + timedelta(days=9))


def test_an_installation_may_keep_its_own_limits() -> None:
    rules = parse_rules({"days": {"4": 2}, "extended": 3})
    assert rules.days_to_handle[Severity.CRITICAL] == 2
    assert rules.days_to_handle[Severity.MINOR] == 15
    assert rules.extend_due(NOW) == NOW + timedelta(days=3)
    for broken in ({"days": {"5": 1}}, {"days": {"1": 0}}, {"days": {"1": "x"}}, {"extended": -1}):
        with pytest.raises(InvalidInput):
            parse_rules(broken)


def test_words_that_are_none_are_said() -> None:
    for parse, word in ((parse_state, "asleep"), (parse_severity, 9)):
        with pytest.raises(InvalidInput):
            parse(word)
