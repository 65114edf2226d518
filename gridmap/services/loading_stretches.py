"""Stretches of a line through a second import: their ends are found again on the ground."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from gridmap.domain.railways.mileage import MeasuredLine

_MOVED_M = 50.0
"""How far a line may have been redrawn and still carry what was kept along it."""

_MOST_STRETCH = 0.05
"""A stretch whose ends are found so much nearer together or further apart is no longer the one that was meant."""


def find_again(rows: Iterable[dict[str, Any]], before: MeasuredLine, now: MeasuredLine) -> list[dict[str, Any]]:
    """Rows between chainages `from_m` and `to_m` on a line that may have been redrawn, less those that do not fit."""
    found = []
    for row in rows:
        ends = np.array([before.point_at(row[name]) for name in ("from_m", "to_m")])
        seen = now.locate_all(ends[:, 0], ends[:, 1])
        low, high = seen.chainage_m.tolist()
        length = row["to_m"] - row["from_m"]
        if seen.offset_m.max() <= _MOVED_M and abs(high - low - length) <= max(_MOST_STRETCH * length, 2.0):
            found.append({**row, "from_m": low, "to_m": high})
    return found
