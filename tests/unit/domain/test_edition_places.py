"""However much an edition changes, what is drawn of it stays small, and the largest pieces are in it."""

from __future__ import annotations

import numpy as np
import shapely

from gridmap.domain.edition_places import MOST_CORNERS, MOST_DRAWN, GroundKind, simplify_ground


def test_what_is_drawn_is_bounded_and_the_largest() -> None:
    number = MOST_DRAWN + 500
    centres = shapely.points(np.column_stack([100 + np.arange(number) % 90 * 0.1, 30 + np.arange(number) // 90 * 0.1]))
    radii = np.linspace(0.04, 0.01, number)
    circles = shapely.buffer(centres, radii, quad_segs=16)
    ground, left_out = simplify_ground([GroundKind.ADDED] * number, list(range(number)), circles)
    assert (len(ground), left_out) == (MOST_DRAWN, 500)
    assert [piece.place for piece in ground] == list(range(MOST_DRAWN))
    far = np.array([piece.far_wgs84 for piece in ground], object)
    assert shapely.get_num_coordinates(far).sum() <= MOST_CORNERS
    assert shapely.covers(shapely.envelope(circles[:MOST_DRAWN]), far).all()
    near = np.array([piece.near_wgs84 for piece in ground], object)
    differing = shapely.area(shapely.symmetric_difference(near, circles[:MOST_DRAWN]))
    assert (differing < 0.01 * shapely.area(near)).all()


def test_a_piece_with_many_corners_is_simplified_by_itself() -> None:
    angles = np.linspace(0, 2 * np.pi, 20_000, endpoint=False)
    radius = 0.3 + 0.01 * np.sin(60 * angles)
    rough = shapely.Polygon(np.column_stack([112 + radius * np.cos(angles), 37 + radius * np.sin(angles)]))
    small = shapely.box(112.5, 37.5, 112.50005, 37.50005)
    ground, _ = simplify_ground([GroundKind.GAINED, GroundKind.LOST], [7, 8], np.array([small, rough], object))
    assert [(piece.kind, piece.place) for piece in ground] == [(GroundKind.LOST, 8), (GroundKind.GAINED, 7)]
    assert shapely.get_num_coordinates(ground[0].near_wgs84) <= 400
    assert ground[1].near_wgs84.equals(small)
