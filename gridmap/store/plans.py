"""Patrol plans in the store."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import sqlalchemy as sa

from gridmap.store import tables
from gridmap.store.frames import in_scope, load_frame
from gridmap.store.unit_of_work import UnitOfWork

_plan = tables.patrol_plan


def save_plan(work: UnitOfWork, *, name: str, area_code: str, service_date: date, document: dict[str, Any]) -> int:
    """Insert a draft and return its id."""
    row = {
        "name": name,
        "area_code": area_code,
        "service_date": service_date,
        "status": "draft",
        "created_at": work.at,
        "created_by": work.actor.name,
        "document": document,
    }
    work.touch("plans")
    return work.insert(_plan, row)


def save_status(work: UnitOfWork, plan_id: int, *, status: str, version: int | None) -> None:
    """Change how a plan stands; `version` is what the person saw."""
    work.update(_plan, plan_id, {"status": status}, expected_version=version)
    work.touch("plans")


def load_plans(connection: sa.Connection, *, scope: str) -> pd.DataFrame:
    """Plans in scope, newest first, without their documents.

    Columns: id, name, area_code, service_date, status, created_at, created_by, tasks, served, version.
    """
    c = _plan.c
    statement = (
        sa.select(
            c.id,
            c.name,
            c.area_code,
            c.service_date,
            c.status,
            c.created_at,
            c.created_by,
            c.document["summary"]["tasks"].as_integer().label("tasks"),
            c.document["summary"]["served"].as_integer().label("served"),
            c.version,
        )
        .where(in_scope(c.area_code, scope))
        .order_by(c.created_at.desc(), c.id.desc())
    )
    return load_frame(connection, statement)


def load_status(connection: sa.Connection, plan_id: int) -> str:
    """How a plan that is there stands."""
    return str(connection.scalars(sa.select(_plan.c.status).where(_plan.c.id == plan_id)).one())


def load_outcome(connection: sa.Connection, plan_id: int, *, scope: str) -> dict[str, Any] | None:
    """What became of a closed plan in scope, None where it is not closed or there is none."""
    c = _plan.c
    outcome: dict[str, Any] | None = connection.scalar(
        sa.select(c.outcome).where(c.id == plan_id, in_scope(c.area_code, scope))
    )
    return outcome


def load_document(connection: sa.Connection, plan_id: int, *, scope: str) -> dict[str, Any] | None:
    """Document of a plan in scope, None where there is none."""
    c = _plan.c
    document: dict[str, Any] | None = connection.scalar(
        sa.select(c.document).where(c.id == plan_id, in_scope(c.area_code, scope))
    )
    return document
