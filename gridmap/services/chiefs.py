"""Section chiefs of a line, kilometre by kilometre: both posts, vacancies, and the inspections made together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.days import BEIJING
from gridmap.domain.railways import chiefs as domain
from gridmap.domain.railways.chief_rows import refuse_telephone
from gridmap.domain.railways.chiefs import PARTIES, Chief, Inspection, Kilometre, Party, Vacancy
from gridmap.domain.railways.line_rows import LineRow
from gridmap.domain.railways.mileage import parse_mileage
from gridmap.domain.railways.zones import Span
from gridmap.errors import N_, InvalidInput, NotFound
from gridmap.services import railways
from gridmap.services.context import Context
from gridmap.services.line_tables import Stretch, find_span, load_scope_spans, write_stretch
from gridmap.services.places import find_in_scope
from gridmap.store import chiefs as store

Offices = dict[Party, tuple[str, ...]]

VACANT = N_("Vacant")
"""Stands in the place of a post where there is none."""


def list_kilometres(
    context: Context, actor: Actor, *, line_id: int, at: datetime | None = None
) -> list[Stretch[Kilometre]]:
    """Each kilometre of a line in scope with both posts, vacancies and joint inspections, at an instant or now.

    Raises
    ------
    NotFound
        No such line.
    """
    check_allowed(actor, Permission.VIEW)
    known = _load(context, actor, line_id, at)
    _, _, measured = railways.load_line(context, line_id)
    found = domain.list_kilometres(
        known.chiefs, known.inspections, scale=measured.scale, spans=known.spans, at=at or context.clock()
    )
    return [write_stretch(context, line_id, kilometre) for kilometre in found]


def list_vacancies(
    context: Context, actor: Actor, *, line_id: int, at: datetime | None = None
) -> list[Stretch[Vacancy]]:
    """Where a line in scope lacks a post, of the county's side first.

    Raises
    ------
    NotFound
        No such line.
    """
    check_allowed(actor, Permission.VIEW)
    known = _load(context, actor, line_id, at)
    found = domain.find_vacancies(known.chiefs, spans=known.spans)
    return [write_stretch(context, line_id, vacancy) for vacancy in found]


def find_chiefs(
    context: Context, actor: Actor, *, line_id: int, chainage_m: float, at: datetime | None = None
) -> dict[Party, Chief | None]:
    """Both posts that answer for a place on a line, None where one is vacant.

    Raises
    ------
    NotFound
        No such line, or the place lies outside the scope.
    InvalidInput
        The chainage lies beyond the line.
    """
    check_allowed(actor, Permission.VIEW)
    _, _, measured = railways.load_line(context, line_id)
    lon, lat = measured.point_at(chainage_m)
    if not find_in_scope(context, actor, [lon], [lat]).all():
        raise NotFound(N_("This place lies outside your area."), hint=N_("Choose another place."))
    with context.database.read() as connection:
        posts = load_posts(connection, line_ids=(line_id,), on=_day_of(at or context.clock()))
    return {party: domain.find_post(posts, party=party, chainage_m=chainage_m) for party in PARTIES}


def list_offices(context: Context, actor: Actor, *, segments: pd.DataFrame) -> list[Offices]:
    """For each of the segments (line_id, from_m, to_m) in scope the posts of each party that answer there now.

    In the order of the line; `VACANT` where there is none.
    """
    check_allowed(actor, Permission.VIEW)
    lines = sorted({int(line_id) for line_id in segments["line_id"]})
    with context.database.read() as connection:
        posts = load_posts(connection, line_ids=lines, on=_day_of(context.clock()))
    own = {line_id: [post for post in posts if post.line_id == line_id] for line_id in lines}
    chosen = {line_id: domain.choose_posts(chiefs) for line_id, chiefs in own.items()}
    ends = segments[["line_id", "from_m", "to_m"]].itertuples(index=False, name=None)
    return [_name_offices(own[int(i)], chosen[int(i)], (float(low), float(high))) for i, low, high in ends]


def _name_offices(posts: Sequence[Chief], chosen: Sequence[Chief], span: Span) -> Offices:
    low, high = span
    parts = [(c.party, c.from_m, c.office) for c in chosen if c.from_m < high and c.to_m > low]
    parts += [(v.party, v.from_m, VACANT) for v in domain.find_vacancies(posts, spans=[span])]
    ordered = sorted(parts, key=lambda part: part[1])
    return {party: tuple(dict.fromkeys(o for p, _, o in ordered if p == party)) for party in PARTIES}


def list_joint_inspections(context: Context, actor: Actor, *, line_id: int) -> pd.DataFrame:
    """Joint inspections of a line that lie in scope, or a part of them, the newest first.

    Columns: those of `store.chiefs.load_inspections`, and `start` and `end` as written.
    """
    check_allowed(actor, Permission.VIEW)
    line = railways.load_line(context, line_id)
    spans = load_scope_spans(context, actor, line_id=line_id)
    with context.database.read() as connection:
        found = store.load_inspections(connection, line_ids=(line_id,))
    seen = [
        any(f < high and t > low for low, high in spans) for f, t in zip(found["from_m"], found["to_m"], strict=True)
    ]
    found = found[pd.Series(seen, index=found.index, dtype=bool)].reset_index(drop=True)
    ends = [railways.write_stretch(line, f, t) for f, t in zip(found["from_m"], found["to_m"], strict=True)]
    return found.assign(start=[start for start, _ in ends], end=[end for _, end in ends])


def record_joint_inspection(
    context: Context, actor: Actor, *, line_id: int, start: str, end: str, at: datetime, note: str = ""
) -> int:
    """Record that both chiefs inspected a line between two mileages, `K12+000` and `K15+300`; returns the change.

    Raises
    ------
    InvalidInput
        A mileage cannot be read, they are reversed or lie beyond the line, the time lies ahead, or the note holds a
        telephone number.
    NotFound
        No such line, or a part of the stretch lies outside the scope.
    """
    check_allowed(actor, Permission.PLAN_PATROLS)
    if at > context.clock():
        raise InvalidInput(N_("An inspection cannot be recorded before it happened."), hint=N_("Check the time."))
    refuse_telephone(note)
    row = LineRow(parse_mileage(start), parse_mileage(end))
    low, high = find_span(context, actor, line_id=line_id, row=row)
    with context.database.write(actor, kind="joint_inspection", reason=note.strip()) as work:
        values = {"line_id": line_id, "from_m": low, "to_m": high, "at": at, "note": note.strip()}
        store.save_inspection(work, values)
    assert work.txn_id is not None
    return work.txn_id


# --- what they are made of --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Known:
    """What is known of a line: who answers, what was inspected, and which stretches of it lie in scope."""

    chiefs: Sequence[Chief]
    inspections: Sequence[Inspection]
    spans: Sequence[Span]


def _load(context: Context, actor: Actor, line_id: int, at: datetime | None) -> _Known:
    railways.load_line(context, line_id)
    now = at or context.clock()
    with context.database.read() as connection:
        posts = load_posts(connection, line_ids=(line_id,), on=_day_of(now))
        made = store.load_inspections(connection, line_ids=(line_id,))
    inspections = [Inspection(row.from_m, row.to_m, row.at) for row in made.itertuples() if pd.Timestamp(row.at) <= now]
    return _Known(posts, inspections, load_scope_spans(context, actor, line_id=line_id))


def _day_of(at: datetime) -> date:
    return at.astimezone(BEIJING).date()


def load_posts(connection: sa.Connection, *, line_ids: Sequence[int], on: date) -> list[Chief]:
    """The posts of lines that answer on a day; of every scope."""
    return [chief for _, chief in build_chiefs(store.load_chiefs(connection, line_ids=line_ids, on=on))]


def build_chiefs(rows: pd.DataFrame) -> list[tuple[int, Chief]]:
    """Rows of `store.chiefs.load_chiefs` as posts, each with its id."""
    return [(int(row.pop("id")), _build_chief(row)) for row in rows.to_dict("records")]


def _build_chief(row: dict[str, Any]) -> Chief:
    interval = row.pop("interval_days")
    return Chief(**row, interval_days=None if pd.isna(interval) else int(interval))
