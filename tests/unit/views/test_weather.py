"""The lists before wind and rain in words, and their numbers on the map."""

from __future__ import annotations

import pandas as pd
import pytest

from gridmap.i18n import translator
from gridmap.views.map import MapOverlay
from gridmap.views.weather import MARKED, describe_stretch, describe_visit, draw_rain, draw_wind

PLACE = {"kind": "culvert", "name": "", "line": "Line", "mileage": "K1+000", "until": "", "lon": 112.5, "lat": 37.8}
ENGLISH = translator("en")


def row(**values: object):
    return next(pd.DataFrame([{**PLACE, "days": None, "hazards": 0, **values}]).itertuples())


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "never inspected"),
        ({"days": 0.0}, "inspected today"),
        ({"days": 12.0, "hazards": 2}, "open hazards near: 2 · last inspected, days ago: 12"),
    ],
)
def test_how_long_ago_and_what_lies_near(values: dict[str, object], words: str) -> None:
    assert describe_visit(row(**values), translate=ENGLISH) == words


def test_what_is_long_says_where_it_ends() -> None:
    assert describe_stretch(row()) == "Line K1+000"
    assert describe_stretch(row(until="K1+300")) == "Line K1+000–K1+300"


def test_the_map_numbers_the_head_of_a_list() -> None:
    many = pd.DataFrame([{**PLACE, "id": 7 + n, "title": f"No {n}"} for n in range(MARKED + 5)])
    wind, rain = draw_wind(many, translate=ENGLISH), draw_rain(many, translate=ENGLISH)
    assert [stop.number for stop in wind.stops] == [stop.number for stop in rain.stops] == list(range(1, MARKED + 1))
    assert (wind.stops[0].hazard, rain.stops[0].hazard) == (7, None)
    assert (wind.stops[0].label, rain.stops[0].label) == ("No 0", "Culvert · Line K1+000")
    assert MapOverlay(routes=(wind, rain)).routes[0].ranked
