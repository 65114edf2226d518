"""To which section chiefs a hazard went, and whether they took note of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa

from gridmap.store import tables
from gridmap.store.frames import in_scope, load_frame
from gridmap.store.unit_of_work import UnitOfWork

_referral, _hazard = tables.hazard_referral, tables.hazard


def load_referrals(
    connection: sa.Connection,
    *,
    scope: str,
    ids: Sequence[int] | None = None,
    hazard_id: int | None = None,
    line_id: int | None = None,
    states: Collection[str] | None = None,
) -> pd.DataFrame:
    """Referrals of the hazards in scope, where given among `ids`, of one hazard, beside a line, in one of `states`.

    Columns: id, hazard_id, party, office ("" where the post was vacant), acknowledged_at, acknowledged_note, version;
    of the hazard code, title, severity, state, due_at, line_id, mileage_m, lon, lat. The gravest hazards come first,
    then those due first.
    """
    c, h = _referral.c, _hazard.c
    statement = (
        sa.select(
            c.id,
            c.hazard_id,
            c.party,
            c.office,
            c.acknowledged_at,
            c.acknowledged_note,
            c.version,
            h.code,
            h.title,
            h.severity,
            h.state,
            h.due_at,
            h.line_id,
            h.mileage_m,
            h.lon,
            h.lat,
        )
        .join(_hazard, h.id == c.hazard_id)
        .where(in_scope(h.area_code, scope))
        .order_by(h.severity.desc(), h.due_at, h.id, c.party)
    )
    if ids is not None:
        statement = statement.where(c.id.in_(list(ids)))
    if hazard_id is not None:
        statement = statement.where(c.hazard_id == hazard_id)
    if line_id is not None:
        statement = statement.where(h.line_id == line_id)
    if states is not None:
        statement = statement.where(h.state.in_(states))
    return load_frame(connection, statement)


def load_open(connection: sa.Connection, *, line_ids: Sequence[int], states: Collection[str]) -> pd.DataFrame:
    """Hazards with a mileage on lines, in one of `states`, once for each referral they have, or once.

    Columns: hazard_id, line_id, mileage_m, referral_id, party, office; the last three None where there is no referral.
    """
    c, h = _referral.c, _hazard.c
    columns = (h.id.label("hazard_id"), h.line_id, h.mileage_m, c.id.label("referral_id"), c.party, c.office)
    statement = sa.select(*columns).select_from(_hazard.outerjoin(_referral, c.hazard_id == h.id))
    wanted = (h.line_id.in_(list(line_ids)), h.mileage_m.is_not(None), h.state.in_(states))
    return load_frame(connection, statement.where(*wanted).order_by(h.id, c.party))


def save_referrals(work: UnitOfWork, rows: Sequence[dict[str, Any]]) -> None:
    """Refer hazards: hazard_id, party, office."""
    work.insert_many(_referral, rows)
    work.touch("hazards")


def save_offices(work: UnitOfWork, offices: dict[int, str]) -> None:
    """Give referrals, by id, the posts they lacked."""
    work.update_many(_referral, {i: {"office": office} for i, office in offices.items()})
    work.touch("hazards")


def save_acknowledgement(work: UnitOfWork, *, referral_id: int, note: str) -> None:
    """Record that a post took note of its hazard."""
    work.update(_referral, referral_id, {"acknowledged_at": work.at, "acknowledged_note": note})
    work.touch("hazards")
