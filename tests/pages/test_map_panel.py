"""What the browser says is turned into an event."""

from __future__ import annotations

import pytest

from gridmap.pages.map_panel import MapEvent, read_event


def test_event_is_read() -> None:
    value = {"kind": "cells", "layer": "cell", "ids": [3, 4], "lon": 111.5, "lat": 37, "seq": 1_800_000_000_000}
    expected = MapEvent(kind="cells", layer="cell", ids=(3, 4), lon=111.5, lat=37.0, seq=1_800_000_000_000)
    assert read_event(value) == expected


@pytest.mark.parametrize("value", [None, {}, "text", {"last_clicked": None}])
def test_before_the_first_event_there_is_none(value: object) -> None:
    assert read_event(value) is None
