"""Search over everything that has a name, a code or a mileage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.railways.mileage import format_mileage, is_mileage, parse_mileage
from gridmap.services import railways
from gridmap.services.area_history import find_place
from gridmap.services.context import Context
from gridmap.services.places import find_in_scope
from gridmap.store import areas, hazards, networks, rail, teams

Bounds = tuple[float, float, float, float]

_PER_KIND = 50
"""Hits of one kind that are ranked; what begins with the text is then shown first."""


@dataclass(frozen=True)
class SearchHit:
    """One thing found; `bounds` where it has an extent, `id` where it has a card."""

    kind: str
    label: str
    lon: float
    lat: float
    bounds: Bounds | None = None
    id: int | None = None


def search(context: Context, actor: Actor, *, text: str, limit: int = 10) -> list[SearchHit]:
    """The best hits for a name, a code or a mileage, exact beginnings first, confined to the scope."""
    check_allowed(actor, Permission.VIEW)
    asked = text.strip()
    if not asked:
        return []
    hits = list(_find_mileage(context, actor, asked)) if is_mileage(asked) else []
    if not hits:
        with context.database.read() as connection:
            found = [*_find_in_own_area(connection, actor.scope_code, asked), *_find_anywhere(connection, asked)]
            found += _find_past_code(connection, actor, asked)
        inside = find_in_scope(context, actor, [hit.lon for hit in found], [hit.lat for hit in found])
        hits = [hit for hit, keep in zip(found, inside, strict=True) if keep or hit.kind not in _UNCONFINED]
        folded = asked.casefold()
        hits.sort(key=lambda hit: (not hit.label.casefold().startswith(folded), len(hit.label), hit.label))
    return hits[:limit]


def _find_mileage(context: Context, actor: Actor, text: str) -> Iterator[SearchHit]:
    """The mileage on every line that reaches so far and lies in scope there."""
    asked = parse_mileage(text)
    hits = []
    for name, prefix, measured in railways.load_lines(context).values():
        # None where this line is shorter; two beside a long chain.
        for found in measured.scale.to_chainages(asked.metres):
            lon, lat = measured.point_at(found.chainage_m)
            hits.append(SearchHit("mileage", f"{name} {format_mileage(asked.metres, prefix=prefix)}", lon, lat))
    inside = find_in_scope(context, actor, [hit.lon for hit in hits], [hit.lat for hit in hits])
    yield from (hit for hit, keep in zip(hits, inside, strict=True) if keep)


_UNCONFINED = frozenset({"place", "station"})
"""Kinds that carry no area code: whether they are in scope is seen from where they lie."""


def _find_anywhere(connection: sa.Connection, text: str) -> Iterator[SearchHit]:
    yield from _as_hits("place", areas.load_places(connection, text=text, limit=_PER_KIND))
    yield from _as_hits("station", rail.find_stations(connection, text=text, limit=_PER_KIND))


def _find_past_code(connection: sa.Connection, actor: Actor, text: str) -> Iterator[SearchHit]:
    """What a place is now that had the code once, both codes said."""
    place = find_place(connection, actor, text) if text.isascii() and text.isdigit() else None
    if place is None or place.until is None:
        return
    for area_id, code, name in place.now:
        for row in areas.load_area(connection, area_id, scope=actor.scope_code).itertuples():
            point = row.geometry.representative_point()
            told = f"{text} → {code} {name}"
            yield SearchHit("area", told, point.x, point.y, tuple(row.geometry.bounds), area_id)


def _find_in_own_area(connection: sa.Connection, scope: str, text: str) -> Iterator[SearchHit]:
    for row in areas.find_areas(connection, text=text, scope=scope, limit=_PER_KIND).itertuples():
        point = row.geometry.representative_point()
        yield SearchHit("area", row.name, point.x, point.y, tuple(row.geometry.bounds), int(row.id))
    yield from _as_line_hits(rail.find_segments(connection, text=text, scope=scope, limit=_PER_KIND))
    yield from _as_hits("hazard", hazards.find_hazards(connection, text=text, scope=scope, limit=_PER_KIND))
    yield from _as_hits("site", networks.find_sites(connection, text=text, scope=scope, limit=_PER_KIND))
    crews = teams.load_teams(connection, scope=scope)
    named = crews[crews["name"].str.contains(text, regex=False, case=False) & crews["lon"].notna()]
    yield from _as_hits("team", named.head(_PER_KIND))


def _as_hits(kind: str, table: pd.DataFrame) -> Iterator[SearchHit]:
    for row in table.itertuples():
        yield SearchHit(kind, str(row.name), float(row.lon), float(row.lat), None, int(row.id))


def _as_line_hits(segments: gpd.GeoDataFrame) -> Iterator[SearchHit]:
    for row in segments.itertuples():
        middle = row.geometry.interpolate(0.5, normalized=True)
        yield SearchHit("segment", str(row.name), middle.x, middle.y, tuple(row.geometry.bounds), int(row.id))
