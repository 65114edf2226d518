"""How a team is by the age of its fix."""

from __future__ import annotations

import numpy as np
import pytest

from gridmap.domain.teams import TeamState, rate_states


@pytest.mark.parametrize(
    ("on_duty", "age_s", "speed_kmh", "state"),
    [
        (True, 5.0, 30.0, TeamState.MOVING),
        (True, 5.0, 1.9, TeamState.STILL),
        (True, 121.0, 30.0, TeamState.STALE),
        (True, 601.0, 30.0, TeamState.SILENT),
        (True, np.nan, 0.0, TeamState.SILENT),
        (True, -60.0, 30.0, TeamState.MOVING),  # a clock a little ahead is usual
        (True, -86_400.0, 30.0, TeamState.STALE),
        (False, 5.0, 30.0, TeamState.OFF),
        (False, np.nan, 0.0, TeamState.OFF),
    ],
)
def test_a_team_is_rated_by_duty_age_and_speed(on_duty: bool, age_s: float, speed_kmh: float, state: TeamState) -> None:
    rated = rate_states(
        on_duty=np.array([on_duty]),
        age_s=np.array([age_s]),
        speed_kmh=np.array([speed_kmh]),
        stale_s=120,
        silent_s=600,
    )
    assert rated.tolist() == [state]
