"""Announced zones through a second import: found again on the ground, and drawn about the tracks as they now lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd

from gridmap.domain.railways.lines import Lines
from gridmap.domain.railways.mileage import MeasuredLine
from gridmap.domain.railways.zone_shapes import ZoneDrawer
from gridmap.domain.railways.zones import Zone
from gridmap.errors import N_
from gridmap.services.loading_stretches import find_again
from gridmap.sources.reconciliation import Notice
from gridmap.store.geometry import geometry_values
from gridmap.store.imports import Held
from gridmap.store.rail import name_line
from gridmap.store.zones import STATION_SERVICES


@dataclass(frozen=True)
class RebuiltZones:
    """Rows of `protection_zone` to be written, and what a person should know about those that are not."""

    rows: list[dict[str, Any]]
    notices: list[Notice]


def build_zones(built: Lines, line_ids: Sequence[int], tracks: gpd.GeoDataFrame, *, held: Held) -> RebuiltZones:
    """The zones of lines that now have the ids `line_ids`."""
    found = RebuiltZones([], [])
    known = {int(line.id): line for line in held.lines.itertuples()}
    for line_id, zones in held.zones.groupby("line_id"):
        before = known[int(line_id)]
        kept: list[dict[str, Any]] = []
        if line_id in line_ids:
            position = list(line_ids).index(line_id)
            line = built.lines.iloc[position]
            own = (built.track_line == position) | (
                (built.track_line < 0) & tracks["service"].isin(STATION_SERVICES).to_numpy(bool)
            )
            now = MeasuredLine(line.geometry, start_m=line.start_m)
            drawer = ZoneDrawer(now, tracks.geometry.to_numpy()[own])
            kept = _move(zones, MeasuredLine(before.geometry, start_m=before.start_m), now, drawer)
        found.rows.extend(kept)
        if len(kept) < len(zones):
            name = name_line(before.name, "", int(line_id))
            message = N_("Railway {line}: {number} announced zone(s) no longer fit and were left out.")
            found.notices.append(Notice(message, {"line": name, "number": len(zones) - len(kept)}))
    return found


def _move(zones: gpd.GeoDataFrame, before: MeasuredLine, now: MeasuredLine, drawer: ZoneDrawer) -> list[dict[str, Any]]:
    """Rows of zones on a line that may have been redrawn, without those that are no longer on it."""
    rows = []
    columns = [name for name in zones.columns if name != "geometry"]
    for row in find_again(zones[columns].to_dict("records"), before, now):
        zone = Zone(
            line_id=int(row["line_id"]),
            side=row["side"],
            from_m=row["from_m"],
            to_m=row["to_m"],
            width_m=row["width_m"],
            origin_offset_m=row["origin_offset_m"],
            category=row["category"],
            kind="official",
        )
        rows.append({**row, **geometry_values(drawer.draw(zone))})
    return rows
