"""The list of hazard kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from gridmap.domain.hazard_kinds import HazardKind, HazardKinds
from gridmap.store import tables
from gridmap.store.unit_of_work import UnitOfWork

_kind = tables.hazard_kind


def load_kinds(connection: sa.Connection) -> HazardKinds:
    """Every kind, in the order of the list."""
    rows = connection.execute(sa.select(_kind).order_by(_kind.c.position, _kind.c.id))
    return HazardKinds(
        HazardKind(
            id=row.id,
            code=row.code,
            name_zh=row.name_zh,
            name_en=row.name_en,
            is_line_side=row.line_side,
            is_light=row.light_material,
            statutes=tuple(row.statutes),
            is_active=row.active,
            is_built_in=row.built_in,
            skill=row.skill,
            inspect_min=row.inspect_min,
            hours=row.hours,
            version=row.version,
        )
        for row in rows
    )


def count_uses(connection: sa.Connection) -> dict[str, int]:
    """How many hazards there are of each kind, whatever their state."""
    kind = tables.hazard.c.kind
    return dict(connection.execute(sa.select(kind, sa.func.count()).group_by(kind)).all())


def save_kind(
    work: UnitOfWork, values: Mapping[str, Any], *, kind_id: int | None = None, version: int | None = None
) -> None:
    """Change the kind `kind_id`, or add one at the end of the list; the keys are columns of the table."""
    if kind_id is not None:
        work.update(_kind, kind_id, values, expected_version=version)
    else:
        last = work.connection.scalar(sa.select(sa.func.max(_kind.c.position)))
        work.insert(_kind, {**values, "position": (last or 0) + 1, "built_in": False})
    work.touch("hazards")


def save_order(work: UnitOfWork, kind_ids: Sequence[int]) -> None:
    """Let the list run in this order."""
    known = dict(work.connection.execute(sa.select(_kind.c.id, _kind.c.position)).all())
    work.update_many(_kind, {i: {"position": at} for at, i in enumerate(kind_ids) if known[i] != at})
    work.touch("hazards")


def delete_kind(work: UnitOfWork, kind_id: int) -> None:
    """Take a kind off the list."""
    work.delete_many(_kind, [kind_id])
    work.touch("hazards")
