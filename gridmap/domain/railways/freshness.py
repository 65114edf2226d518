"""How long ago a stretch of line was patrolled, against how often it must be: segments, and every 100 m of them."""

from __future__ import annotations

from datetime import datetime

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.domain.crs import FloatArray

FRESHNESS = ("fresh", "due", "overdue", "never")
SIDES = ("left", "right")
REPORT = "report"
"""Kind of a visit that was reported for a whole segment; the others are told by tracks."""

PIECE_M = 100.0

_DUE_SHARE = 0.8
"""From this share of the interval on, a segment counts as due although its day has not come."""

_SURE = 0.5
"""A track covers a stretch where that is more likely than not."""


def rate_freshness(segments: gpd.GeoDataFrame, *, at: datetime) -> gpd.GeoDataFrame:
    """Add `due_at`, `freshness` and `days_overdue` (whole days, 0 while not overdue) to segments.

    `segments` has `last_patrol_at` (None = never) and what `compute_gaps` needs; `at` is the instant of the judgement.
    """
    rated = segments.copy()
    last = pd.to_datetime(segments["last_patrol_at"], utc=True)
    rated[["due_at", "freshness", "days_overdue"]] = _rate(last, compute_gaps(segments), at=at)
    return rated


def compute_gaps(segments: pd.DataFrame) -> pd.Series:
    """How long after a visit the next is due: `interval_days` shared by `visits`, at least `spacing_min` minutes."""
    shared = pd.to_timedelta(segments["interval_days"].astype(float) / segments["visits"].astype(float), unit="D")
    return shared.clip(lower=pd.to_timedelta(segments["spacing_min"].astype(float), unit="min"))


def _rate(last: pd.Series, gap: pd.Series, *, at: datetime) -> pd.DataFrame:
    due = last + gap
    now = pd.Timestamp(at)
    never = last.isna().to_numpy()
    overdue = (due < now).to_numpy()
    nearly = (last + gap * _DUE_SHARE < now).to_numpy()
    late = ((now - due).dt.total_seconds() / 86_400).fillna(0.0).to_numpy(float)
    return pd.DataFrame(
        {
            "due_at": due.where(~never, now),
            "freshness": np.select([never, overdue, nearly], ["never", "overdue", "due"], "fresh"),
            "days_overdue": np.maximum(0, np.floor(late)).astype(int),
        },
        index=last.index,
    )


def rate_pieces(segments: pd.DataFrame, covers: pd.DataFrame, *, at: datetime) -> pd.DataFrame:
    """How fresh every hundred metres of a line are, on either side.

    Parameters
    ----------
    segments
        Those of one line: from_m, to_m (chainage), side (left, right or both), last_patrol_at, and what `compute_gaps`
        needs. Where none lies there is no piece.
    covers
        What tracks cover: from_m, to_m, side, at, kind, team_id (may be missing), confidence.
    at
        The instant of the judgement; what was covered later does not count.

    Returns
    -------
    pandas.DataFrame
        from_m, to_m, side (left or right), gap (how long after a visit the next is due), last_at (missing = never),
        kind ("" = never), team_id (nullable), due_at, freshness, days_overdue; by from_m, the left side first. A piece
        was visited when its middle was, and the visit of the latest time counts.
    """
    visits = _collect_visits(segments, covers, at=pd.Timestamp(at))
    rated = [_rate_side(segments, visits, side, at=at) for side in SIDES]
    return pd.concat(rated).sort_values(["from_m", "side"], kind="stable").reset_index(drop=True)


def _collect_visits(segments: pd.DataFrame, covers: pd.DataFrame, *, at: pd.Timestamp) -> pd.DataFrame:
    """Visits by time: from_m, to_m, side, at, kind, team_id."""
    names = ["from_m", "to_m", "side", "at", "kind", "team_id"]
    reported = segments.rename(columns={"last_patrol_at": "at"}).assign(kind=REPORT, team_id=None)[names]
    tracked = covers.loc[covers["confidence"].astype(float) >= _SURE, names]
    visits = pd.concat([reported.astype(object), tracked.astype(object)], ignore_index=True)
    visits["at"] = pd.to_datetime(visits["at"], utc=True)
    return visits[visits["at"].notna() & (visits["at"] <= at)].sort_values("at", kind="stable")


def _rate_side(segments: pd.DataFrame, visits: pd.DataFrame, side: str, *, at: datetime) -> pd.DataFrame:
    own = segments[segments["side"].isin([side, "both"])].sort_values("from_m")
    pieces = _cut(own["from_m"].to_numpy(float), own["to_m"].to_numpy(float))
    pieces["side"] = side
    pieces["gap"] = compute_gaps(own).to_numpy()[pieces.pop("segment")]
    middle = (pieces["from_m"] + pieces["to_m"]).to_numpy(float) / 2
    visited = np.full(len(pieces), -1)
    beside = visits[visits["side"].isin([side, "both"])].reset_index(drop=True)
    for visit, (low, high) in enumerate(beside[["from_m", "to_m"]].to_numpy(float)):
        visited[np.searchsorted(middle, low) : np.searchsorted(middle, high, side="right")] = visit
    met = beside.reindex(visited).set_index(pieces.index)  # -1 is no visit
    pieces["last_at"] = pd.to_datetime(met["at"], utc=True)
    pieces["kind"] = met["kind"].astype(object).where(met["kind"].notna(), "")
    pieces["team_id"] = met["team_id"].astype("Int64")
    return pieces.join(_rate(pieces["last_at"], pieces["gap"], at=at))


def _cut(from_m: FloatArray, to_m: FloatArray) -> pd.DataFrame:
    """Stretches cut at every full hundred metres: from_m, to_m, segment (position of the stretch)."""
    first, last = np.floor(from_m / PIECE_M), np.ceil(to_m / PIECE_M)
    count = np.maximum(0, last - first).astype(np.int64)
    segment: npt.NDArray[np.int64] = np.repeat(np.arange(len(from_m)), count)
    within = np.arange(len(segment)) - np.repeat(np.cumsum(count) - count, count)
    begins = (first[segment] + within) * PIECE_M
    low, high = np.maximum(begins, from_m[segment]), np.minimum(begins + PIECE_M, to_m[segment])
    return pd.DataFrame({"from_m": low, "to_m": high, "segment": segment})
