"""Limits along a river follow the water: up, down, through confluences and forks, and never across land."""

from __future__ import annotations

import pytest

from tests.statute_worlds import LAT, LON, build_track, build_world, check, draw, walk

HERE = (LON, LAT)
MAIN = draw(walk(HERE, 0, 5_000), walk(HERE, 0, 200), walk(HERE, 180, 200), walk(HERE, 180, 5_000))
BRIDGE = build_track(draw(walk(HERE, 270, 30), walk(HERE, 90, 30)), structure="bridge")
ABOVE, BELOW = walk(HERE, 0, 200), walk(HERE, 180, 200)


def test_up_and_down_are_told_apart() -> None:
    found = check(build_world(BRIDGE, rivers=(MAIN,)), "cn-639/38", walk(HERE, 0, 700), walk(HERE, 180, 700))
    assert found["applies"].tolist() == [False, True]
    assert found["note"].tolist() == ["upstream", "downstream"]
    assert found["distance_m"].tolist() == pytest.approx([700, 700], abs=0.05)


def test_a_bend_counts_by_its_length() -> None:
    elbow = walk(BELOW, 90, 400)
    bent = draw(ABOVE, BELOW, elbow, walk(elbow, 0, 300))
    place = walk(elbow, 0, 150)
    (found,) = check(build_world(BRIDGE, rivers=(bent,)), "cn-639/39", place).itertuples()
    assert found.distance_m == pytest.approx(200 + 400 + 150, abs=0.1)
    assert not found.applies


def test_a_tributary_above_the_bridge_flows_to_it_and_one_below_does_not() -> None:
    above = draw(walk(ABOVE, 270, 1_000), ABOVE)
    below = draw(walk(BELOW, 270, 1_000), BELOW)
    scene = build_world(BRIDGE, rivers=(MAIN, above, below))
    found = check(scene, "cn-639/39", walk(ABOVE, 270, 270), walk(BELOW, 270, 270))
    assert found["applies"].tolist() == [True, False]
    assert found["note"].tolist() == ["upstream", "no_bridge_on_river"]
    assert found["distance_m"].tolist()[0] == pytest.approx(470, abs=0.1)


def test_a_fork_below_the_bridge_is_downstream_by_either_arm() -> None:
    arm = draw(BELOW, walk(BELOW, 135, 2_000))
    found = check(build_world(BRIDGE, rivers=(MAIN, arm)), "cn-639/39", walk(BELOW, 135, 280), walk(BELOW, 180, 280))
    assert found["distance_m"].tolist() == pytest.approx([480, 480], abs=0.1)
    assert found["note"].tolist() == ["downstream", "downstream"]


def test_of_two_ways_the_shorter_counts() -> None:
    meet = walk(HERE, 180, 1_200)
    island = draw(BELOW, walk(walk(HERE, 180, 700), 90, 400), meet)
    scene = build_world(BRIDGE, rivers=(MAIN, island))
    (found,) = check(scene, "cn-639/37", walk(HERE, 180, 1_250)).itertuples()
    assert found.distance_m == pytest.approx(1_250, abs=0.1)


@pytest.mark.parametrize(("gap_m", "joined"), [(10, True), (40, False)])
def test_a_river_that_ends_beside_another_flows_into_it(gap_m: float, joined: bool) -> None:
    middle = walk(HERE, 0, 330)
    loose = draw(walk(middle, 270, 900), walk(middle, 270, gap_m))
    scene = build_world(BRIDGE, rivers=(MAIN, loose))
    (found,) = check(scene, "cn-639/37", walk(middle, 270, 500)).itertuples()
    assert found.applies == joined
    if joined:
        assert found.distance_m == pytest.approx(330 + 500, abs=0.2)


def test_a_place_on_land_is_no_place_on_the_river() -> None:
    scene = build_world(BRIDGE, rivers=(MAIN,))
    near, far = walk(walk(HERE, 180, 300), 90, 250), walk(walk(HERE, 180, 300), 90, 350)
    found = check(scene, "cn-639/39", near, far)
    assert found["applies"].tolist() == [True, False]
    assert found["note"].tolist() == ["downstream", "not_at_river"]
    assert found["distance_m"].tolist()[0] == pytest.approx(300, abs=0.1)


def test_a_dredged_stretch_counts_from_its_nearer_end() -> None:
    stretch = draw(walk(HERE, 180, 450), walk(HERE, 180, 900))
    (found,) = check(build_world(BRIDGE, rivers=(MAIN,)), "cn-639/39", stretch.buffer(0.0002)).itertuples()
    assert found.applies
    assert found.distance_m == pytest.approx(450, abs=25)


def test_a_track_over_a_river_without_a_bridge_is_none() -> None:
    culvert = build_track(draw(walk(HERE, 270, 30), walk(HERE, 90, 30)))
    assert check(build_world(culvert, rivers=(MAIN,)), "cn-639/39", HERE)["note"].tolist() == ["none_recorded"]


def test_a_bridge_in_several_pieces_is_one_bridge() -> None:
    pieces = [(-300, -100), (-100, 100), (100, 300)]
    tracks = [build_track(draw(walk(HERE, 90, a), walk(HERE, 90, b)), structure="bridge") for a, b in pieces]
    (found,) = check(build_world(*tracks, rivers=(MAIN,)), "cn-639/38", walk(HERE, 180, 2_900)).itertuples()
    assert (found.applies, found.limit_m) == (True, 3_000)


def test_a_reach_that_holds_the_bridge_is_at_no_distance() -> None:
    scene = build_world(BRIDGE, rivers=(MAIN,))
    reach = draw(walk(HERE, 0, 120), walk(HERE, 180, 130)).buffer(0.0002)
    assert check(scene, "cn-639/39", reach, HERE)["distance_m"].tolist() == pytest.approx([0, 0], abs=1e-3)
