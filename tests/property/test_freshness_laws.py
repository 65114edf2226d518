"""What is known of every hundred metres of a line is what asking each visit by itself says."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.domain.railways.freshness import rate_pieces
from tests.unit.domain.railways.test_freshness import NOW, make_covers, make_segments

SEGMENTS = pd.concat([make_segments(to_m=730.0), make_segments(from_m=730.0, to_m=1900.0)])


@settings(deadline=None, max_examples=40)
@given(
    visits=st.lists(
        st.tuples(
            st.integers(0, 2000), st.integers(1, 900), st.sampled_from(["left", "right", "both"]), st.floats(0, 40)
        ),
        max_size=12,
    )
)
def test_pieces_agree_with_asking_every_visit(visits: list[tuple[int, int, str, float]]) -> None:
    covers = make_covers(*((float(low), float(low + long), side, age) for low, long, side, age in visits))
    for piece in rate_pieces(SEGMENTS, covers, at=NOW).itertuples():
        middle = (piece.from_m + piece.to_m) / 2
        ages = [age for low, long, side, age in visits if low <= middle <= low + long and side in {piece.side, "both"}]
        if ages:
            assert piece.last_at == NOW - timedelta(days=min(ages))
        else:
            assert piece.freshness == "never"
