"""Segments of lines as an import cuts them; what people set and know of the ground stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gridmap.domain.railways.segment_edits import carry_over
from gridmap.domain.railways.segments import build_segments
from gridmap.store import cutting, tables
from gridmap.store.areas import load_area_shapes
from gridmap.store.bulk import insert_numbered, rows_of
from gridmap.store.cutting import Ground
from gridmap.store.unit_of_work import UnitOfWork

_SAME_PLACE_DEG = 0.0005
"""About 50 m: how far a segment may have been redrawn and still be the same."""


def load_segments(
    work: UnitOfWork, ground: Ground, *, line_ids: Sequence[int], source_id: int, before: gpd.GeoDataFrame
) -> int:
    """Cut lines that have the ids `line_ids` into segments and store them; returns how many.

    `before` are the segments that lay there (`store.cutting.load_segments_before`): one with the same ends keeps its
    id, and each takes over the last patrol and what was set by hand from the one that ran through its middle, of its
    own line where that was known before.
    """
    if len(ground.lines) == 0:
        return 0
    areas = load_area_shapes(work.connection)
    segments = build_segments(
        ground.lines, areas=areas, tracks=ground.tracks, features=ground.features, land_use=ground.land_use
    )
    ids = dict(zip(before["code"], before["id"], strict=True))
    rows = rows_of(segments)
    for row, known in zip(rows, _match(segments, line_ids, before), strict=True):
        line_id = line_ids[row.pop("line")]
        code = f"S{source_id}-L{line_id:04d}-{round(row['from_m']):06d}-{round(row['to_m']):06d}"
        row.update(id=ids.get(code), code=code, line_id=line_id, source_id=source_id)
        # All rows of one statement have the same columns.
        row.update(visits=1, spacing_min=0, night=False, by_hand="", last_patrol_at=None)
        if known is not None:
            row.update(carry_over(row, known), last_patrol_at=known["last_patrol_at"])
    insert_numbered(work, tables.rail_segment, rows)
    return len(rows)


def recut_segments(work: UnitOfWork, *, besides: int) -> None:
    """Cut the lines of every source but one anew, because areas changed."""
    for source_id in cutting.list_sources_with_lines(work.connection, besides=besides):
        before = cutting.load_segments_before(work.connection, source_id)
        ground = cutting.load_ground(work.connection, source_id)
        cutting.remove_segments(work, source_id)
        ids = [int(i) for i in ground.lines["id"]]
        load_segments(work, ground, line_ids=ids, source_id=source_id, before=before)


def _match(
    segments: gpd.GeoDataFrame, line_ids: Sequence[int], before: gpd.GeoDataFrame
) -> list[dict[str, Any] | None]:
    """The segment that ran through the middle of each before, None where there was none."""
    found: list[dict[str, Any] | None] = [None] * len(segments)
    known = rows_of(before)
    shapes, owner = before.geometry.to_numpy(), before["line_id"].to_numpy(object)
    middle = shapely.line_interpolate_point(segments.geometry.to_numpy(), 0.5, normalized=True)
    position = segments["line"].to_numpy(int)
    for line in np.unique(position):
        own, here = np.flatnonzero(owner == line_ids[line]), np.flatnonzero(position == line)
        others = own if len(own) else np.arange(len(known))
        tree = shapely.STRtree(shapes[others])
        pairs = tree.query_nearest(middle[here], max_distance=_SAME_PLACE_DEG, all_matches=False)
        for segment, other in pairs.T.tolist():
            found[here[segment]] = known[others[other]]
    return found
