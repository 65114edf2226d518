"""Mileage through calibration points, long and short chains, and why points cannot stand."""

from __future__ import annotations

import numpy as np
import pytest

from gridmap.domain.railways.calibration import CalibrationPoint, MileageScale, find_contradictions
from gridmap.errors import InvalidInput


def plain(chainage_m: float, mileage_m: float) -> CalibrationPoint:
    return CalibrationPoint(chainage_m, mileage_m, mileage_m)


def scale(*points: CalibrationPoint) -> MileageScale:
    return MileageScale(points, start_m=0.0, end_m=20_000.0)


LONG = scale(CalibrationPoint(5_000.0, 12_500.0, 12_300.0))
SHORT = scale(CalibrationPoint(5_000.0, 12_150.0, 12_480.0))


def test_without_points_mileage_is_chainage() -> None:
    assert scale().to_mileage(12_300.0) == 12_300.0
    assert [c.chainage_m for c in scale().to_chainages(12_300.0)] == [12_300.0]


def test_between_posts_metres_are_spread_and_beyond_them_counted() -> None:
    measured = scale(plain(1_000.0, 51_000.0), plain(3_000.0, 53_020.0))
    assert measured.to_mileage(np.array([0.0, 2_000.0, 4_000.0])).tolist() == [50_000.0, 52_010.0, 54_020.0]
    assert measured.to_chainages(52_010.0)[0].chainage_m == pytest.approx(2_000.0)
    assert measured.write(2_000.0, prefix="DK") == "DK52+010"


def test_a_long_chain_gives_two_places_told_apart() -> None:
    before, after = LONG.find_places(12_400.0, prefix="DK")
    assert (before.chainage_m, after.chainage_m) == (4_900.0, 5_100.0)
    assert before.note.format(**before.values) == "Before the broken chain at DK12+500"
    assert after.note.format(**after.values) == "After the broken chain at DK12+500"
    assert [c.note for c in LONG.find_places(12_200.0)] == [""]


def test_a_short_chain_says_where_counting_goes_on() -> None:
    with pytest.raises(InvalidInput) as refused:
        SHORT.find_places(12_300.0)
    assert str(refused.value) == (
        "K12+300 does not exist on this line: at the short chain after K12+150 counting goes on at K12+480."
    )
    assert SHORT.to_chainages(12_300.0) == ()


def test_the_break_itself_reads_as_it_is_come_upon() -> None:
    assert SHORT.write(5_000.0, arriving=True) == "K12+150"
    assert SHORT.write(5_000.0) == "K12+480"
    assert SHORT.write_range(4_000.0, 5_000.0) == "K11+150–K12+150"


def test_beyond_the_ends_the_line_is_named_by_its_mileages() -> None:
    with pytest.raises(InvalidInput, match=r"K900\+000 lies outside this line, which runs from K7\+500 to K27\+300"):
        LONG.find_places(900_000.0)


def reasons(*points: CalibrationPoint) -> list[tuple[int, str]]:
    return [(c.position, str(c)) for c in find_contradictions(points, start_m=0.0, end_m=20_000.0)]


def test_mileage_that_runs_backwards_is_refused_unless_a_long_chain_says_so() -> None:
    rows = reasons(plain(1_000.0, 1_000.0), plain(2_000.0, 2_000.0), plain(3_000.0, 1_500.0), plain(4_000.0, 4_000.0))
    assert rows == [(2, "Mileage runs backwards between it and K2+000, and no long chain says so.")]
    assert reasons(plain(2_000.0, 2_000.0), CalibrationPoint(3_000.0, 3_000.0, 1_500.0), plain(4_000.0, 2_500.0)) == []


def test_reversed_mileage_leaves_one_point_and_a_reason_for_each_other() -> None:
    found = reasons(*(plain(1_000.0 * n, 9_000.0 - 1_000.0 * n) for n in range(1, 5)))
    assert len(found) == 3
    assert all("backwards" in text for _, text in found)


@pytest.mark.parametrize(
    ("second", "text"),
    [
        (plain(1_000.4, 1_000.0), "This place is calibrated twice, as K1+000 too."),
        (plain(3_000.0, 3_200.0), "Between it and K1+000 lie 2000 m of line and 2200 m of mileage"),
        (plain(25_000.0, 25_000.0), "It lies outside the line, whose chainage runs from 0 to 20000 m."),
        (plain(float("nan"), 3_000.0), "A number is missing."),
        (plain(3_000.0, -2_000.0), "Its mileage lies more than a kilometre before the line's zero."),
    ],
)
def test_every_point_that_cannot_stand_has_its_reason(second: CalibrationPoint, text: str) -> None:
    ((position, reason),) = reasons(plain(1_000.0, 1_000.0), second)
    assert position == 1
    assert reason.startswith(text)


def test_points_that_put_the_zero_far_into_the_line_are_refused() -> None:
    assert [position for position, _ in reasons(plain(5_000.0, 1_000.0), plain(6_000.0, 2_000.0))] == [0, 1]


def test_a_scale_is_not_made_of_points_that_contradict_each_other() -> None:
    with pytest.raises(InvalidInput, match="backwards"):
        scale(plain(1_000.0, 2_000.0), plain(2_000.0, 1_000.0))


def test_one_misread_post_does_not_cost_the_others() -> None:
    posts = [plain(1_000.0 * n, 1_000.0 * n + 40_000.0) for n in range(1, 10)]
    posts[4] = plain(5_000.0, 54_000.0)
    assert [position for position, _ in reasons(*posts)] == [4]
