"""What one place is told: each rule of its kind, and whether it concerns it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from gridmap.domain.statutes.rules import Rule


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One rule held against one place; see `checking.check_shapes` for what each value means.

    `distance_m` and `uncertainty_m` are None where nothing is recorded to measure from. `approximate`: the origin is
    assumed beside a mapped centreline, so the distance screens and proves nothing. `titles` of the law and `texts` of
    the rule are by language. `official`: the width is that of the zone announced by `notice`, wider than those that
    `overruled` names.
    """

    rule: str
    article: str
    jurisdiction: str
    origin: str
    distance_m: float | None
    uncertainty_m: float | None
    limit_m: float
    effect: str
    applies: bool
    certainty: str
    note: str
    titles: Mapping[str, str]
    texts: Mapping[str, str]
    official: bool = False
    notice: str = ""
    overruled: tuple[str, ...] = ()
    approximate: bool = True


def build_findings(table: pd.DataFrame, rules: Sequence[Rule]) -> list[Finding]:
    """The findings of a table of one object (`checking.FINDING_COLUMNS`), in its order; centimetres and decimetres."""
    known = {rule.id: rule for rule in rules}
    return [
        Finding(
            rule=row.rule,
            article=row.article,
            jurisdiction=row.jurisdiction,
            origin=row.origin,
            distance_m=_round(row.distance_m, 2),
            uncertainty_m=_round(row.uncertainty_m, 1),
            limit_m=float(row.limit_m),
            effect=row.effect,
            applies=bool(row.applies),
            certainty=row.certainty,
            note=row.note,
            titles=known[row.rule].titles,
            texts=known[row.rule].texts,
            official=bool(row.official),
            notice=row.notice,
            overruled=row.overruled,
        )
        for row in table.itertuples()
    ]


def _round(value: float, digits: int) -> float | None:
    return None if value != value else round(float(value), digits)
