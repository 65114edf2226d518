"""Lines, polygons, tunnels, several lines at once, and distances as true as the ellipsoid."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gridmap.domain.crs import GEOD, to_metric
from gridmap.domain.statutes.checking import FINDING_COLUMNS, check_shapes
from tests.statute_worlds import LAT, LON, RULES, build_track, build_world, check, draw, walk

HERE = (LON, LAT)
ORDINARY = build_track()


def square(place: tuple[float, float], half_m: float) -> shapely.Polygon:
    (west, _), (east, _) = walk(place, 270, half_m), walk(place, 90, half_m)
    (_, south), (_, north) = walk(place, 180, half_m), walk(place, 0, half_m)
    return shapely.box(west, south, east, north)


def test_a_shape_is_measured_where_it_is_nearest() -> None:
    scene = build_world(ORDINARY)
    away = walk(HERE, 90, 500)
    wall = draw(walk(HERE, 90, 300), away)
    found = check(scene, "cn-639/34", square(away, 100), wall, away)
    assert found["distance_m"].tolist() == pytest.approx([396, 296, 496], abs=0.05)


def test_what_crosses_or_holds_a_line_is_at_no_distance() -> None:
    short = build_track(draw(HERE, walk(HERE, 0, 50)))
    scene = build_world(short)
    across = draw(walk(HERE, 270, 100), walk(walk(HERE, 0, 30), 90, 100))
    found = check(scene, "cn-639/30", square(HERE, 200), across, square(HERE, 10))
    assert found["distance_m"].tolist() == [0, 0, 0]
    assert found["applies"].all()


def test_no_zone_above_a_tunnel_but_mining_keeps_from_its_centreline() -> None:
    scene = build_world(build_track(structure="tunnel"))
    assert check(scene, "cn-639/30", HERE)["note"].tolist() == ["none_recorded"]
    (mining,) = check(scene, "cn-639/34", walk(HERE, 90, 999)).itertuples()
    assert (mining.applies, mining.origin) == (True, "tunnel-centreline")
    assert mining.distance_m == pytest.approx(999, abs=0.05)


def test_beside_a_portal_the_open_line_counts() -> None:
    mouth = walk(HERE, 180, 100)
    scene = build_world(
        build_track(draw(walk(HERE, 0, 3_000), mouth), structure="tunnel"),
        build_track(draw(mouth, walk(HERE, 180, 3_000))),
    )
    (found,) = check(scene, "cn-639/29", HERE).itertuples()
    assert (found.distance_m, found.origin) == (pytest.approx(96, abs=0.05), "toe-or-top")


def test_the_line_counts_whose_zone_is_intruded_on_not_the_nearest() -> None:
    fast = build_track(
        draw(walk(walk(HERE, 90, 40), 0, 5_000), walk(walk(HERE, 90, 40), 180, 5_000)), fast=True, structure="plain"
    )
    scene = build_world(ORDINARY, fast)
    (found,) = check(scene, "cn-639/29", walk(HERE, 90, 19.5)).itertuples()
    assert (found.applies, found.limit_m) == (True, 20)
    assert found.distance_m == pytest.approx(20.5 - 4.3, abs=0.05)


def test_pumping_keeps_from_fast_lines_alone() -> None:
    assert check(build_world(ORDINARY), "cn-639/35", HERE)["note"].tolist() == ["none_recorded"]
    assert check(build_world(build_track(fast=True)), "cn-639/35", walk(HERE, 90, 150))["applies"].all()


def test_conductors_are_where_wires_are() -> None:
    assert not check(build_world(build_track(electric=False)), "cn-639/53-conductor", HERE)["applies"].any()
    assert check(build_world(ORDINARY), "cn-639/53-conductor", HERE)["applies"].all()


def test_a_limit_within_the_uncertainty_is_marked() -> None:
    found = check(build_world(ORDINARY), "cn-639/34", walk(HERE, 90, 1_003), walk(HERE, 90, 900))
    assert found["note"].tolist() == ["borderline", ""]


def test_a_track_without_a_segment_lies_in_open_country() -> None:
    scene = build_world(ORDINARY, setting="urban")
    siding = build_track(draw(walk(walk(HERE, 90, 900), 0, 500), walk(walk(HERE, 90, 900), 180, 500)))
    both = build_world(ORDINARY, setting="urban")
    assert check(both, "cn-639/30", walk(HERE, 90, 20))["limit_m"].tolist() == [8]
    assert check(scene, "cn-639/30", HERE)["limit_m"].tolist() == [8]
    assert check(build_world(siding), "cn-639/30", walk(HERE, 90, 899))["limit_m"].tolist() == [15]


def test_many_shapes_are_answered_like_each_alone() -> None:
    scene = build_world(ORDINARY, build_track(draw(HERE, walk(HERE, 60, 4_000)), fast=True))
    rng = np.random.default_rng(5)
    places = [
        walk(HERE, float(a), float(m)) for a, m in zip(rng.uniform(0, 360, 60), rng.uniform(0, 3e3, 60), strict=True)
    ]
    kinds = [("building",), ("mining",), ("kite",)] * 20
    rules = list(RULES.values())
    shapes = np.array([shapely.Point(place) for place in places], object)
    table = check_shapes(scene, rules, kinds=kinds, geometries_wgs84=shapes)
    assert list(table.columns) == list(FINDING_COLUMNS)
    for row in range(60):
        alone = check_shapes(scene, rules, kinds=[kinds[row]], geometries_wgs84=shapes[row : row + 1])
        asked = table[table["object"] == row].drop(columns="object").reset_index(drop=True)
        assert asked.equals(alone.drop(columns="object"))


def test_no_rule_and_no_shape_give_an_empty_table() -> None:
    scene = build_world(ORDINARY)
    for rules, kinds in (([], [("building",)]), (list(RULES.values()), [])):
        shapes = np.array([shapely.Point(HERE)] * len(kinds), object)
        found = check_shapes(scene, rules, kinds=kinds, geometries_wgs84=shapes)
        assert found.empty
        assert list(found.columns) == list(FINDING_COLUMNS)


@pytest.mark.parametrize("place", [(113.999, 38.5), (112.499, 36.0), (9.55, 47.2), (25.0, 65.0), (-71.1, -42.3)])
def test_distances_are_true_on_the_ellipsoid(place: tuple[float, float]) -> None:
    """Against every half metre of the line measured with Geod: 0.05 m, where a UTM plane is off by decimetres."""
    rng = np.random.default_rng(1)
    course = [walk(place, 30, -2_500), walk(place, 75, 300), walk(place, 20, 2_800)]
    line = draw(*course)
    scene = build_world(build_track(line))
    dense = shapely.get_coordinates(shapely.segmentize(line, 0.5 / 111_000))
    places = [
        walk(place, float(a), float(m)) for a, m in zip(rng.uniform(0, 360, 40), rng.uniform(30, 6e3, 40), strict=True)
    ]
    true = [
        GEOD.inv(np.full(len(dense), lon), np.full(len(dense), lat), dense[:, 0], dense[:, 1])[2].min()
        for lon, lat in places
    ]
    found = check(scene, "cn-639/34", *places)["distance_m"].to_numpy() + 4.0
    assert np.abs(found - np.array(true)).max() < 0.05


def test_a_utm_plane_would_be_off_at_the_edge_of_its_zone() -> None:
    from pyproj import CRS

    a, b = (113.999, 38.5), walk((113.999, 38.5), 90, 1_000)
    shapes = to_metric(np.array([shapely.Point(a), shapely.Point(b)], object), CRS.from_epsg(32649))
    assert abs(shapely.distance(*shapes) - 1_000) > 0.4
