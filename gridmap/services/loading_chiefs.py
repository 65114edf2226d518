"""Section chiefs and joint inspections through a second import of their lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gridmap.domain.railways.lines import Lines
from gridmap.domain.railways.mileage import MeasuredLine
from gridmap.errors import N_
from gridmap.services.loading_stretches import find_again
from gridmap.sources.reconciliation import Notice
from gridmap.store.imports import Held
from gridmap.store.rail import name_line


@dataclass(frozen=True)
class RebuiltChiefs:
    """Rows of `section_chief` and `joint_inspection` to be written, and what a person should know of the others."""

    chiefs: list[dict[str, Any]]
    inspections: list[dict[str, Any]]
    notices: list[Notice]


def build_chiefs(built: Lines, line_ids: Sequence[int], *, held: Held) -> RebuiltChiefs:
    """Those of lines that now have the ids `line_ids`."""
    found = RebuiltChiefs([], [], [])
    concerned = {*held.chiefs["line_id"], *held.inspections["line_id"]}
    for line in held.lines[held.lines["id"].isin(concerned)].itertuples():
        before = MeasuredLine(line.geometry, start_m=line.start_m)
        now = None
        if line.id in line_ids:
            drawn = built.lines.iloc[list(line_ids).index(line.id)]
            now = MeasuredLine(drawn.geometry, start_m=drawn.start_m)
        lost = 0
        for rows, kept in ((held.chiefs, found.chiefs), (held.inspections, found.inspections)):
            own = _list_rows(rows[rows["line_id"] == line.id])
            again = [] if now is None else find_again(own, before, now)
            lost += len(own) - len(again)
            kept.extend(again)
        if lost:
            message = N_("Railway {line}: {number} section chief(s) or joint inspection(s) no longer fit.")
            name = name_line(line.name, "", int(line.id))
            found.notices.append(Notice(message, {"line": name, "number": lost}))
    return found


def _list_rows(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as they were kept: what is missing is None again."""
    plain: list[dict[str, Any]] = rows.astype(object).where(rows.notna(), None).to_dict("records")
    return plain
