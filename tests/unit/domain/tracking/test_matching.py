"""Tracks whose truth is known, over a winding line and its roads: what counts, what does not, and why."""

from __future__ import annotations

import numpy as np
import pytest

from gridmap.domain.tracking.matching import Reason, match_track
from gridmap.domain.tracking.track import Track
from tests.made_tracks import (
    DISTRACTORS,
    START,
    MadeTrack,
    Place,
    Score,
    build_place,
    make_noise,
    make_track,
    match_by_buffer,
    score,
)

SEEDS = range(2000, 2004)
LINE = 1


@pytest.fixture(scope="module")
def place() -> Place:
    return build_place()


def walk(
    place: Place,
    *,
    offset_m: float = 12.0,
    speed_kmh: float = 4.5,
    minutes: float = 20.0,
    sigma_m: float = 8.0,
    start_m: float = 14_000.0,
    every_s: int = 1,
) -> Track:
    """Somebody who keeps a pace and a distance to the left (negative: right) of a line, mileage increasing."""
    seconds = np.arange(0, round(60 * minutes))
    mileage = start_m + speed_kmh / 3.6 * seconds
    xy = place.axes[LINE].beside(mileage, np.full(len(seconds), offset_m))
    xy += make_noise(np.random.default_rng(7), len(seconds), sigma_m=sigma_m)
    lon, lat = place.to_lonlat(xy[::every_s]).T
    unknown = np.full(len(lon), np.nan)
    return Track(lon, lat, START + seconds[::every_s], unknown, unknown)


def keep(track: Track, chosen: np.ndarray) -> Track:
    return Track(*(values[chosen] for values in (track.lon, track.lat, track.at, track.speed_kmh, track.accuracy_m)))


@pytest.mark.parametrize(("sigma_m", "least"), [(5.0, 0.97), (10.0, 0.95), (20.0, 0.90)])
def test_patrols_are_found_and_distractors_are_not(place: Place, sigma_m: float, least: float) -> None:
    total, buffer = Score(), Score()
    for every_s in (1.0, 10.0, 30.0):
        made = [make_track(place, "patrol", seed=seed, sigma_m=sigma_m, every_s=every_s) for seed in SEEDS]
        made += [
            make_track(place, kind, seed=seed, sigma_m=sigma_m, every_s=every_s)
            for kind in DISTRACTORS
            for seed in SEEDS[:2]
        ]
        for item in made:
            total += _score(place, item)
            buffer += score(item.truth, match_by_buffer(place, item.track))
    assert total.precision >= least
    assert total.recall >= least
    assert total.precision > buffer.precision + 0.3


def _score(place: Place, made: MadeTrack) -> Score:
    found = match_track(made.track, lines=place.lines, network=place.network)
    return score(made.truth, [(part.line_id, part.from_m, part.to_m) for part in found.covered])


@pytest.mark.parametrize(("offset_m", "side"), [(12.0, "left"), (-12.0, "right")])
def test_side_pace_and_ends_of_a_walk(place: Place, offset_m: float, side: str) -> None:
    match = match_track(walk(place, offset_m=offset_m), lines=place.lines, network=place.network)
    (found,) = match.covered
    assert (found.line_id, found.side, found.kind, found.bridged) == (LINE, side, "foot", False)
    assert found.from_m == pytest.approx(14_000, abs=25)
    assert found.to_m == pytest.approx(15_500, abs=25)
    assert found.confidence > 0.8
    assert (found.since, found.until) == pytest.approx((START, START + 1200), abs=30)
    assert match.matched_m == pytest.approx(1500, rel=0.1)


def test_without_roads_the_same_walk_is_found(place: Place) -> None:
    (found,) = match_track(walk(place), lines=place.lines).covered
    assert found.length_m == pytest.approx(1500, abs=50)


def test_whoever_walks_in_the_track_sees_both_sides(place: Place) -> None:
    track = walk(place, offset_m=1.0, sigma_m=3.0, minutes=40)
    assert [part.side for part in match_track(track, lines=place.lines).covered] == ["both"]


def test_a_slow_vehicle_on_the_line_side_counts(place: Place) -> None:
    (found,) = match_track(walk(place, speed_kmh=30, minutes=8), lines=place.lines, network=place.network).covered
    assert found.kind == "vehicle"
    assert found.length_m == pytest.approx(4000, rel=0.03)


@pytest.mark.parametrize(
    ("motion", "reason"),
    [
        ({"offset_m": 0.0, "speed_kmh": 160, "minutes": 6}, Reason.TOO_FAST),
        ({"offset_m": 20.0, "speed_kmh": 70, "minutes": 10}, Reason.TOO_FAST),
        ({"offset_m": 80.0, "speed_kmh": 30, "minutes": 10}, Reason.TOO_FAR),
        ({"offset_m": 900.0, "speed_kmh": 5, "minutes": 20}, Reason.AWAY),
    ],
)
def test_what_is_no_patrol_says_why(place: Place, motion: dict[str, float], reason: Reason) -> None:
    match = match_track(walk(place, **motion), lines=place.lines)
    assert match.covered == ()
    assert match.matched_m == 0.0
    assert max(match.reasons, key=lambda why: match.reasons[why]) is reason


def test_the_speed_of_the_receiver_is_believed(place: Place) -> None:
    slow = walk(place, speed_kmh=30, minutes=8)
    told = Track(slow.lon, slow.lat, slow.at, np.full(len(slow), 90.0), slow.accuracy_m)
    assert match_track(told, lines=place.lines).covered == ()


def test_the_accuracy_of_the_receiver_is_believed(place: Place) -> None:
    track = walk(place)
    told = Track(track.lon, track.lat, track.at, track.speed_kmh, np.full(len(track), 15.1))
    assert match_track(told, lines=place.lines).sigma_m == pytest.approx(10.0, abs=0.1)


@pytest.mark.parametrize("sigma_m", [5.0, 10.0, 20.0])
def test_the_error_is_told_from_the_track(place: Place, sigma_m: float) -> None:
    match = match_track(walk(place, sigma_m=sigma_m, minutes=60), lines=place.lines)
    assert match.sigma_m == pytest.approx(sigma_m, rel=0.35)


@pytest.mark.parametrize("sigma_m", [5.0, 20.0])
def test_a_stay_of_an_hour_covers_nothing(place: Place, sigma_m: float) -> None:
    match = match_track(walk(place, speed_kmh=0.0, minutes=60, sigma_m=sigma_m), lines=place.lines)
    assert match.covered == ()
    assert set(match.reasons) <= {Reason.STANDING, Reason.PASSING}


def test_a_jump_of_the_receiver_breaks_nothing(place: Place) -> None:
    track = walk(place)
    track.lat[600] += 0.02
    match = match_track(track, lines=place.lines)
    assert len(match.covered) == 1
    assert match.reasons[Reason.JUMP] > 4_000


def test_a_tunnel_is_bridged_at_a_walking_pace_and_trusted_less(place: Place) -> None:
    track = walk(place, minutes=40)
    silent = (track.at - START > 900) & (track.at - START < 1400)
    match = match_track(keep(track, ~silent), lines=place.lines)
    (gap,) = [part for part in match.covered if part.bridged]
    before, after = [part for part in match.covered if not part.bridged]
    assert (before.to_m, after.from_m) == pytest.approx((gap.from_m, gap.to_m), abs=30)
    assert gap.length_m == pytest.approx(625, abs=60)
    assert gap.confidence <= 0.5
    assert Reason.NO_SIGNAL not in match.reasons or match.reasons[Reason.NO_SIGNAL] < 60


def test_a_gap_that_was_ridden_through_is_not_bridged(place: Place) -> None:
    first = walk(place, minutes=15)
    later = walk(place, minutes=15, start_m=21_000)
    both = Track(
        *(
            np.concatenate([getattr(first, name), getattr(later, name) + more])
            for name, more in (("lon", 0), ("lat", 0), ("at", 1_200), ("speed_kmh", 0), ("accuracy_m", 0))
        )
    )
    match = match_track(both, lines=place.lines)
    assert [part.bridged for part in match.covered] == [False, False]
    assert match.reasons[Reason.NO_SIGNAL] > 5_000


def test_without_times_it_counts_for_half_at_most(place: Place) -> None:
    track = walk(place, every_s=10)
    untimed = Track(track.lon, track.lat, np.full(len(track), np.nan), track.speed_kmh, track.accuracy_m)
    match = match_track(untimed, lines=place.lines)
    assert not match.is_timed
    assert sum(part.length_m for part in match.covered) == pytest.approx(1500, rel=0.1)
    assert all(part.confidence <= 0.5 for part in match.covered)


def test_there_and_back_on_the_other_side_is_two_stretches(place: Place) -> None:
    out, back = walk(place, minutes=20), walk(place, offset_m=-12, minutes=20)
    both = Track(
        np.concatenate([out.lon, back.lon[::-1]]),
        np.concatenate([out.lat, back.lat[::-1]]),
        np.concatenate([out.at, out.at + 1200]),
        np.full(2 * len(out), np.nan),
        np.full(2 * len(out), np.nan),
    )
    assert [part.side for part in match_track(both, lines=place.lines).covered] == ["left", "right"]


def test_a_single_fix_covers_nothing(place: Place) -> None:
    assert match_track(keep(walk(place), np.array([0])), lines=place.lines, network=place.network).covered == ()


def test_the_metres_of_a_track_add_up(place: Place) -> None:
    made = make_track(place, "patrol", seed=2100, sigma_m=10.0, every_s=10.0)
    match = match_track(made.track, lines=place.lines, network=place.network)
    assert match.rejected_m == pytest.approx(sum(match.reasons.values()))
    assert all(metres > 0 for metres in match.reasons.values())


def test_instants_that_do_not_increase_are_refused() -> None:
    with pytest.raises(ValueError, match="do not increase"):
        Track(*np.zeros((5, 3)))
