"""The legend of cells in the hues of units: which unit has which hue, and how many cells it gets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from gridmap.pages import readings
from gridmap.pages.visit import Visit

_MOST = 8
"""So many units are named, those that get most cells first."""


def explain_gains(
    visit: Visit,
    title: str,
    *,
    gained: Iterable[int],
    hue: Mapping[int, int],
    begins: Mapping[int, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """Fields of a `CellFill` that say which hue the units have that cells go to; `gained` has a unit for each cell.

    Units that are to begin are named first, `begins` by their number; of those that are not named it says how many.
    """
    units = readings.list_units(visit)
    names = {**dict(zip(units["id"], units["name"], strict=True)), **begins}
    counted = Counter(int(unit) for unit in gained if unit in hue and unit in names).most_common()
    if not counted:
        return {}
    counted.sort(key=lambda pair: pair[0] not in begins)
    named, rest = counted[:_MOST], counted[_MOST:]
    words = visit.translate("Further units: {units}, cells in all: {cells}")
    return {
        "title": title,
        "labels": tuple(str(names[unit]) for unit, _ in named),
        "counts": tuple(number for _, number in named),
        "tones": tuple(int(hue[unit]) for unit, _ in named),
        "note": words.format(units=len(rest), cells=sum(number for _, number in rest)) if rest else "",
    }
