"""The account always adds up."""

from __future__ import annotations

from gridmap.sources.reconciliation import Notice, Tally


def test_what_was_read_is_what_became_of_it():
    tally = Tally()
    tally.accept()
    tally.accept(repaired=True)
    tally.reject("way/1", "It has no geometry.")
    tally.warn("{id} was mended.", id="way/2")
    assert (tally.read, tally.accepted, tally.repaired) == (3, 1, 1)
    assert tally.rejected == [{"id": "way/1", "reason": "It has no geometry."}]
    assert tally.notices == [Notice("{id} was mended.", {"id": "way/2"})]
    assert str(tally.notices[0]) == "way/2 was mended."
