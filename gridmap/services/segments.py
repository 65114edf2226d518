"""Segments as people set them: the stretch that is meant, and what is set of it by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import sqlalchemy as sa

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.railways.line_rows import LineRow, find_stretch
from gridmap.domain.railways.mileage import parse_mileage
from gridmap.domain.railways.segment_edits import SegmentEdit
from gridmap.errors import N_, InvalidInput, NotFound
from gridmap.services import railways
from gridmap.services.context import Context
from gridmap.store import rail


def find_segments(context: Context, actor: Actor, *, line_id: int, start: str, end: str) -> gpd.GeoDataFrame:
    """The segments in scope that lie by more than half between two mileages of a line, as `list_segments` has them.

    Between two mileages within one segment it is that one.

    Raises
    ------
    InvalidInput
        Not a mileage, beyond the line, in the gap of a short chain, reversed, or of several meanings at a long chain.
    NotFound
        No such line, or no segment in scope lies there.
    """
    check_allowed(actor, Permission.VIEW)
    _, prefix, measured = railways.load_line(context, line_id)
    low, high = find_stretch(LineRow(parse_mileage(start), parse_mileage(end)), measured.scale, prefix=prefix)
    found = railways.list_segments(context, actor, line_ids=(line_id,))
    middle = (found["from_m"] + found["to_m"]) / 2
    inside = middle.between(low, high)
    if not inside.any():
        inside = (found["from_m"] <= (low + high) / 2) & (found["to_m"] >= (low + high) / 2)
    if not inside.any():
        raise NotFound(
            N_("No segment of this line in your area lies there."), hint=N_("Check the line and the two mileages.")
        )
    return found[inside.to_numpy(bool)].reset_index(drop=True)


def edit_segments(
    context: Context, actor: Actor, *, segment_ids: Sequence[int], edit: SegmentEdit, versions: Mapping[int, int]
) -> int:
    """Set values of segments by hand, where they stay through every later import; returns the number of the change.

    `versions` are the ones that were seen, by segment.

    Raises
    ------
    NotFound
        A segment does not exist or lies outside the scope.
    Conflict
        Somebody changed one since.
    InvalidInput
        Nothing would change, or more visits are asked for than fit into the interval.
    """
    check_allowed(actor, Permission.PLAN_PATROLS)
    with context.database.read() as connection:
        reason = _describe(context, _load(connection, actor, segment_ids))
    with context.database.write(actor, kind="edit_segments", reason=reason) as work:
        rows = _load(work.connection, actor, segment_ids).drop(columns="geometry").to_dict("records")
        changes = {int(row["id"]): edit.apply(row) for row in rows}
        changes = {i: values for i, values in changes.items() if values}
        if not changes:
            raise InvalidInput(N_("It is set so already."), hint=N_("Choose another value."))
        rail.save_edits(work, changes=changes, versions=versions)
    assert work.txn_id is not None
    return work.txn_id


def _load(connection: sa.Connection, actor: Actor, segment_ids: Sequence[int]) -> gpd.GeoDataFrame:
    """All of the segments, or NotFound."""
    found = rail.load_segments(connection, scope=actor.scope_code, ids=segment_ids)
    if found.empty or set(segment_ids) != set(found["id"]):
        raise NotFound(N_("A segment does not exist in your area."), hint=N_("Reload the page and choose again."))
    return found


def _describe(context: Context, segments: gpd.GeoDataFrame) -> str:
    """Each line with the outermost mileages of its segments."""
    told = []
    for line_id, own in segments.groupby("line_id"):
        line = railways.load_line(context, int(line_id))
        told.append(f"{line[0]} {'–'.join(railways.write_stretch(line, own['from_m'].min(), own['to_m'].max()))}")
    return ", ".join(told)
