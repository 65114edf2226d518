"""Of several photos the best known place counts, and how far they lie apart is known."""

from __future__ import annotations

import pytest

from gridmap.domain.photos import PhotoFacts, choose_best, compute_spread_m


def test_the_best_known_place_counts() -> None:
    nowhere, vague = PhotoFacts(), PhotoFacts(lon=1.0, lat=1.0, fault="")
    rough, fine = (PhotoFacts(lon=1.0, lat=1.0, accuracy_m=metres, fault="") for metres in (30.0, 5.0))
    assert choose_best([nowhere, vague, rough, fine]) == 3
    assert choose_best([nowhere, vague, vague]) == 1
    assert choose_best([nowhere]) is None


def test_the_two_furthest_apart_tell_the_spread() -> None:
    places = [(112.5, 37.8), (112.5, 37.801), (112.5, 37.8005)]
    assert compute_spread_m(places) == pytest.approx(111, abs=1)
    assert compute_spread_m(places[:1]) == compute_spread_m([]) == 0
