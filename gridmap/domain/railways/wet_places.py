"""Places along a line that heavy rain (暴雨) makes dangerous, and which of them to look at first.

How much it rains, and how much water a culvert takes, is not known here. What is known is what lies near and how long
ago somebody looked: places with open hazards of water or slopes come first, the gravest before the others, then those
that were never inspected, then those whose inspection is longest ago.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.domain.crs import FloatArray

KINDS = ("culvert", "water_bridge", "underpass", "level_crossing", "cutting", "embankment", "slope")
"""What is listed; of level crossings those near water, of underpasses those below a short bridge."""

HAZARD_KINDS = ("drainage", "flood_risk", "landslide")
NEAR_WATER_M = 100.0
VIADUCT_M = 100.0
"""Below a bridge of this length the road keeps its height; below a short one it dips, and water stands there."""

_NEAR_LINE_M = 300.0
_NEAR_ALONG_M = 200.0

IntArray = npt.NDArray[np.int64]


def find_last_visits(pieces: pd.DataFrame, *, from_m: FloatArray, to_m: FloatArray) -> pd.Series:
    """When the hundred metres of each place (chainages `from_m` to `to_m`) were last inspected.

    Of all of them, on both sides, the one longest without a visit counts; missing where one was never visited, or
    where no patrol is due.

    Parameters
    ----------
    pieces
        Those of the line, see `domain.railways.freshness.rate_pieces`.
    """
    low, high = pieces["from_m"].to_numpy(float), pieces["to_m"].to_numpy(float)
    visits = pd.to_datetime(pieces["last_at"], utc=True)
    found = []
    for start, end in zip(from_m.tolist(), to_m.tolist(), strict=True):
        # A place without length lies in one piece of either side, not in two that meet there.
        own = visits[(low < end) & (high > start)] if end > start else visits[(low <= start) & (high > start)]
        found.append(own.min() if len(own) and own.notna().all() else pd.NaT)
    return pd.Series(pd.to_datetime(found, utc=True), dtype="datetime64[ns, UTC]")


def weigh_hazards(hazards: pd.DataFrame, *, from_m: FloatArray, to_m: FloatArray) -> tuple[IntArray, IntArray]:
    """How many hazards lie near each place, and the sum of their severities.

    Near is within 300 m of the line and 200 m along it.

    Parameters
    ----------
    hazards
        chainage_m and offset_m seen from the line, severity.
    """
    beside = hazards[hazards["offset_m"] <= _NEAR_LINE_M]
    at, severity = beside["chainage_m"].to_numpy(float), beside["severity"].to_numpy(np.int64)
    near = (at >= from_m[:, None] - _NEAR_ALONG_M) & (at <= to_m[:, None] + _NEAR_ALONG_M)
    return near.sum(axis=1), (near * severity).sum(axis=1)


def order_places(places: pd.DataFrame) -> IntArray:
    """Positions of places (severities, last_at, line, from_m), the worst first."""
    last = places["last_at"]
    never = last.isna().to_numpy()
    since = last.fillna(pd.Timestamp(0, tz="UTC")).astype("int64").to_numpy()
    keys = (places["from_m"].to_numpy(float), places["line"].to_numpy(str), since, ~never)
    return np.asarray(np.lexsort((*keys, -places["severities"].to_numpy(np.int64))), np.int64)
