"""How long ago a segment was patrolled, against how often it must be."""

from __future__ import annotations

from datetime import datetime

import geopandas as gpd
import numpy as np
import pandas as pd

FRESHNESS = ("fresh", "due", "overdue", "never")

_DUE_SHARE = 0.8
"""From this share of the interval on, a segment counts as due although its day has not come."""


def rate_freshness(segments: gpd.GeoDataFrame, *, at: datetime) -> gpd.GeoDataFrame:
    """Add `due_at`, `freshness` and `days_overdue` (whole days, 0 while not overdue) to segments.

    `segments` has `last_patrol_at` (None = never) and `interval_days`; `at` is the instant of the judgement.
    """
    last = pd.to_datetime(segments["last_patrol_at"], utc=True)
    interval = pd.to_timedelta(segments["interval_days"].astype(float), unit="D")
    due = last + interval
    now = pd.Timestamp(at)
    never = last.isna().to_numpy()
    overdue = (due < now).to_numpy()
    nearly = (last + interval * _DUE_SHARE < now).to_numpy()
    rated = segments.copy()
    rated["due_at"] = due.where(~never, now)
    rated["freshness"] = np.select([never, overdue, nearly], ["never", "overdue", "due"], "fresh")
    late = ((now - due).dt.total_seconds() / 86_400).fillna(0.0).to_numpy(float)
    rated["days_overdue"] = np.maximum(0, np.floor(late)).astype(int)
    return rated
