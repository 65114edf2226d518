"""Announced protection zones in force on a day, and what the distance rules make of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import geopandas as gpd

from gridmap.domain.railways.zones import Zone
from gridmap.domain.statutes.announced import AnnouncedLine, AnnouncedZones
from gridmap.domain.statutes.scene import Scene
from gridmap.services import railways
from gridmap.services.context import Context
from gridmap.store import rail, zones


def load_announced(context: Context, *, on: date, line_ids: Sequence[int] | None = None) -> dict[int, list[Zone]]:
    """Announced zones in force on a day, by line; of every scope."""
    found: dict[int, list[Zone]] = {}
    with context.database.read() as connection:
        rows = zones.load_zones(connection, line_ids=line_ids, on=on)
    for _, zone in list_announced(rows):
        found.setdefault(zone.line_id, []).append(zone)
    return found


def list_announced(rows: gpd.GeoDataFrame) -> list[tuple[int, Zone]]:
    """Rows of `store.zones.load_zones` as zones, each with its id."""
    values = rows.drop(columns=["geometry", "id", "official", "valid_from", "valid_to"]).to_dict("records")
    return [(int(i), Zone(**row, kind="official")) for i, row in zip(rows["id"], values, strict=True)]


def load_announced_zones(context: Context, scene: Scene, *, on: date) -> AnnouncedZones:
    """Zones in force on a day over the tracks of `scene`, built once for a state of both."""

    def build() -> AnnouncedZones:
        lines = railways.load_lines(context)
        with context.database.read() as connection:
            known = rail.load_lines(connection)
        fast = dict(zip(known["id"].tolist(), known["high_speed"].tolist(), strict=True))
        held = load_announced(context, on=on)
        return AnnouncedZones(
            scene, [AnnouncedLine(i, lines[i][2], bool(fast[i]), tuple(found)) for i, found in held.items()]
        )

    # What is kept holds its scene, so that no other one has the same id.
    return context.cache.get("announced_zones", (id(scene), on, context.revisions("rail", "zones")), build)
