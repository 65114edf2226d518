"""The legend of cells in the hues of units: which unit has which hue, and how many cells it gets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from gridmap.pages import readings
from gridmap.pages.visit import Visit

_MOST = 8
"""So many units are named, those that get most cells first."""


def explain_gains(visit: Visit, title: str, *, gained: Iterable[int], hue: Mapping[int, int]) -> dict[str, Any]:
    """Fields of a `CellFill` that say which hue the units have that cells go to; `gained` has a unit for each cell."""
    units = readings.list_units(visit)
    names = dict(zip(units["id"], units["name"], strict=True))
    counted = Counter(int(unit) for unit in gained if unit in hue and unit in names).most_common(_MOST)
    if not counted:
        return {}
    return {
        "title": title,
        "labels": tuple(str(names[unit]) for unit, _ in counted),
        "counts": tuple(number for _, number in counted),
        "tones": tuple(int(hue[unit]) for unit, _ in counted),
    }
