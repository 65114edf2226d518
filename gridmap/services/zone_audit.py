"""The zones of a line: what is announced, where that gapes, contradicts itself, or falls short of the statute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.days import BEIJING
from gridmap.domain.railways.zones import (
    Gap,
    Narrow,
    Overlap,
    clip_zones,
    find_gaps,
    find_narrow,
    find_overlaps,
)
from gridmap.services import zones
from gridmap.services.announced import load_announced
from gridmap.services.context import Context
from gridmap.services.statutes import load_zone_rules

_SAME_M = 0.5


@dataclass(frozen=True)
class ZoneAudit:
    """The zones in force along a line, and what is wrong with those that were announced.

    Attributes
    ----------
    zones
        One row for each stretch and side, in the order of the line: the columns of `services.zones.list_widths`, and
        `in_gap` (screened, between two announced ones), `other_m` (another announced width there, else NaN), `limit_m`
        (what Article 27 sets there where it is wider than the announced one, else NaN).
    """

    zones: pd.DataFrame
    gaps: tuple[Gap, ...]
    overlaps: tuple[Overlap, ...]
    below_statute: tuple[Narrow, ...]


def audit_zones(context: Context, actor: Actor, *, line_id: int, at: datetime | None = None) -> ZoneAudit:
    """The zones of a line in scope at an instant or now, held against one another and against Article 27.

    Raises
    ------
    NotFound
        No such line.
    """
    check_allowed(actor, Permission.VIEW)
    line = zones.load_zone_line(context, line_id)
    settings = zones.load_settings(context, actor, line_ids=(line_id,)).get(line_id, [])
    day = (at or context.clock()).astimezone(BEIJING).date()
    announced = load_announced(context, line_ids=(line_id,), on=day).get(line_id, [])
    own = clip_zones(announced, [(stretch.from_m, stretch.to_m) for stretch in settings])
    rules = load_zone_rules(context, at=at)
    gaps, overlaps = find_gaps(own, structures=line.structures), find_overlaps(own)
    narrow = find_narrow(own, high_speed=line.high_speed, settings=settings, rules=rules)
    table = zones.list_widths(context, actor, line_ids=(line_id,), at=at)
    return ZoneAudit(_mark(_merge(table), gaps, overlaps, narrow), tuple(gaps), tuple(overlaps), tuple(narrow))


def _merge(table: pd.DataFrame) -> pd.DataFrame:
    """Stretches one after the other that differ in nothing but their segment, as one."""
    ordered = table.sort_values(["side", "from_m"]).reset_index(drop=True)
    alike = ordered.drop(columns=["from_m", "to_m", "start", "end"])
    parted = (alike != alike.shift()).any(axis=1) | (ordered["from_m"] > ordered["to_m"].shift() + _SAME_M)
    merged = ordered.groupby(parted.cumsum(), sort=False).agg(
        {name: "last" if name in {"to_m", "end"} else "first" for name in ordered.columns}
    )
    return merged.sort_values(["from_m", "side"]).reset_index(drop=True)


def _mark(
    table: pd.DataFrame, gaps: Sequence[Gap], overlaps: Sequence[Overlap], narrow: Sequence[Narrow]
) -> pd.DataFrame:
    rows = list(table[["side", "from_m", "to_m", "official", "width_m"]].itertuples(index=False))
    others = [
        [width for one in overlaps if row.official and _meet(row, one) for width in one.widths_m if width < row.width_m]
        for row in rows
    ]
    limits = [
        [one.limit_m for one in narrow if row.official and one.width_m == row.width_m and _meet(row, one)]
        for row in rows
    ]
    return table.assign(
        in_gap=[not row.official and any(_meet(row, gap) for gap in gaps) for row in rows],
        other_m=[max(found, default=float("nan")) for found in others],
        limit_m=[max(found, default=float("nan")) for found in limits],
    )


def _meet(row: Any, found: Gap | Overlap | Narrow) -> bool:
    """Whether they lie beside the same ground, by more than their ends."""
    return bool(row.side == found.side and min(row.to_m, found.to_m) - max(row.from_m, found.from_m) > _SAME_M)
