"""Speeds by the hour: nobody overtakes by leaving later, and every search minds them."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gridmap.domain.roads.profiles import FIFO_S, HOURS, SpeedProfile
from gridmap.domain.roads.routes import Router, compute_times
from gridmap.domain.roads.speeds import Mode
from gridmap.errors import InvalidInput
from tests.property.test_turns_laws import draw_spots
from tests.worlds import build_world

SHARES = st.lists(st.floats(0.55, 1.0), min_size=HOURS, max_size=HOURS).map(tuple)
TIMES_S = st.floats(0.0, 86_399.0)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), SHARES, SHARES, TIMES_S, st.floats(1.0, 3_000.0))
def test_who_leaves_later_is_there_later(
    seed: int, first: tuple[float, ...], second: tuple[float, ...], at_s: float, later_s: float
) -> None:
    network = build_world(seed)
    profile = SpeedProfile({(Mode.CAR, "primary"): first, (Mode.CAR, "residential"): second})
    spots = draw_spots(network, seed, count=6)
    soon, late = (
        compute_times(network.leave_at(profile, t), spots, spots, mode=Mode.CAR)[0] for t in (at_s, at_s + later_s)
    )
    short = np.isfinite(soon) & (soon <= FIFO_S)
    assert (late[short] + later_s >= soon[short] - 1e-6).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), SHARES, TIMES_S)
def test_ways_of_an_hour_are_those_of_a_network_built_with_its_speeds(
    seed: int, shares: tuple[float, ...], at_s: float
) -> None:
    network = build_world(seed)
    leaving = network.leave_at(SpeedProfile({(Mode.CAR, "primary"): shares}), at_s)
    built = replace(leaving, base=None)
    spots = draw_spots(network, seed, count=6)
    seconds, _ = compute_times(leaving, spots, spots, mode=Mode.CAR)
    np.testing.assert_allclose(seconds, compute_times(built, spots, spots, mode=Mode.CAR)[0], rtol=1e-9, atol=1e-6)
    router = Router(leaving, Mode.CAR)
    for column, end in enumerate(spots):
        path = router.find(spots[0], end)
        assert (path is None) == np.isinf(seconds[0, column])
        if path is not None:
            np.testing.assert_allclose(path.seconds, seconds[0, column], rtol=1e-9, atol=1e-6)


@given(st.lists(st.floats(0.01, 1.0), min_size=HOURS, max_size=HOURS).map(tuple))
def test_only_shares_that_keep_the_order_are_taken(shares: tuple[float, ...]) -> None:
    steepest = max(max(pair) / min(pair) for pair in zip(shares, (*shares[1:], shares[0]), strict=True))
    assume(abs(steepest - 2) > 1e-9)
    with pytest.raises(InvalidInput) if steepest > 2 else nullcontext():
        SpeedProfile({(Mode.CAR, "primary"): shares})
