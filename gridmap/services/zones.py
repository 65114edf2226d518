"""Safety protection zones: which one is in force where, announced or screened, and in which a place lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.days import BEIJING
from gridmap.domain.railways.mileage import MeasuredLine
from gridmap.domain.railways.zone_shapes import ZoneDrawer, find_structures
from gridmap.domain.railways.zones import (
    SettingStretch,
    Span,
    Structure,
    Zone,
    ZoneRules,
    choose_in_force,
    clip_zones,
    screen_zones,
)
from gridmap.errors import N_
from gridmap.i18n import labels
from gridmap.services import railways
from gridmap.services.announced import load_announced
from gridmap.services.context import Context
from gridmap.services.railways import MileageHit
from gridmap.services.statutes import load_jurisdiction, load_zone_rules
from gridmap.store import rail, zones

LABELS: Mapping[object, str] = labels.LABELS["zone_kind"]
"""Kind of a zone → what it is called, a catalogue message."""

_COLUMNS = ["line_id", "line", "side", "from_m", "to_m", "start", "end", "official", "kind", "label", "width_m"]
_COLUMNS += ["origin_offset_m", "category", "place", "notice"]

_NEAR_M = 300.0
"""No zone reaches further from its line: 200 m of width, and half a station."""


@dataclass(frozen=True)
class ZoneLine:
    """A line with all that its zones are made of."""

    name: str
    prefix: str
    measured: MeasuredLine
    high_speed: bool
    structures: tuple[Structure, ...]
    drawer: ZoneDrawer

    def write(self, chainage_m: float, *, arriving: bool = False) -> str:
        """The mileage of a place as the posts there say it."""
        return self.measured.scale.write(chainage_m, prefix=self.prefix, arriving=arriving)


@dataclass(frozen=True)
class ZoneAnswer:
    """How a place lies to the zone of a line near it.

    Attributes
    ----------
    mileage, side, distance_m
        The place seen from the line.
    inside
        Whether it lies in the zone; probably, where `official` is false.
    reason, values
        Why, a catalogue message and the values of its fields.
    """

    line_id: int
    line: str
    mileage: str
    side: str
    distance_m: float
    inside: bool
    official: bool
    label: str
    width_m: float
    origin_offset_m: float
    notice: str
    reason: str
    values: dict[str, Any]

    def __str__(self) -> str:
        return self.reason.format(**self.values)


def list_zones(
    context: Context, actor: Actor, *, line_ids: Sequence[int] | None = None, at: datetime | None = None
) -> gpd.GeoDataFrame:
    """The zones in force along the segments in scope, of `line_ids` where given, at an instant or now.

    Columns: line_id, line, side, from_m and to_m (chainage), start and end (as written), official, kind (official,
    formation, bridge, tunnel), label (a catalogue message), width_m, origin_offset_m (assumed, from the outer track to
    where the width begins), category, place, notice; the geometry is the ground from the line to the zone's edge.
    """
    check_allowed(actor, Permission.VIEW)
    found = _load_in_force(context, actor, line_ids=line_ids, at=at)
    shapes = [line.drawer.draw(zone) for line, zone in found]
    return gpd.GeoDataFrame(_tabulate(found), geometry=shapes, crs="EPSG:4326")


def list_zones_within(context: Context, actor: Actor, *, spans: Mapping[int, Sequence[Span]]) -> gpd.GeoDataFrame:
    """As `list_zones` now, for the stretches of each line that `spans` names, chainages: their ground alone is drawn.

    The columns are those of the whole zone. What is in force along a line is found once for a state of it and a day.
    """
    check_allowed(actor, Permission.VIEW)
    revision = (*context.revisions("rail", "zones"), _find_day(context, None), load_jurisdiction(context))
    parts = []
    for line_id, own in spans.items():
        load = partial(_load_in_force, context, actor, line_ids=(line_id,), at=None)
        found = context.cache.get(("zones_in_force", actor.scope_code, line_id), revision, load)
        parts += [(line, zone, part) for line, zone in found for part in clip_zones([zone], own)]
    shapes = [line.drawer.draw(part) for line, _, part in parts]
    return gpd.GeoDataFrame(_tabulate([(line, zone) for line, zone, _ in parts]), geometry=shapes, crs="EPSG:4326")


def list_widths(
    context: Context, actor: Actor, *, line_ids: Sequence[int] | None = None, at: datetime | None = None
) -> pd.DataFrame:
    """As `list_zones`, without the ground, which takes most of the time."""
    check_allowed(actor, Permission.VIEW)
    return _tabulate(_load_in_force(context, actor, line_ids=line_ids, at=at))


def _load_in_force(
    context: Context, actor: Actor, *, line_ids: Sequence[int] | None, at: datetime | None
) -> list[tuple[ZoneLine, Zone]]:
    announced = load_announced(context, line_ids=line_ids, on=_find_day(context, at))
    rules = load_zone_rules(context, at=at)
    return [
        (line, zone)
        for line_id, stretches in load_settings(context, actor, line_ids=line_ids).items()
        for line in (load_zone_line(context, line_id),)
        for zone in _find_in_force(line_id, line, stretches, announced.get(line_id, ()), rules)
    ]


def _tabulate(found: Sequence[tuple[ZoneLine, Zone]]) -> pd.DataFrame:
    rows = []
    for line, zone in found:
        written = (line.write(zone.from_m), line.write(zone.to_m, arriving=True))
        place = [zone.line_id, line.name, zone.side, zone.from_m, zone.to_m, *written]
        nature = [zone.is_official, zone.kind, LABELS[zone.kind], zone.width_m, zone.origin_offset_m]
        rows.append([*place, *nature, zone.category, zone.place, zone.notice])
    return pd.DataFrame(rows, columns=_COLUMNS)


def find_zone(
    context: Context, actor: Actor, *, lon: float, lat: float, at: datetime | None = None
) -> list[ZoneAnswer]:
    """How a place, degrees, lies to the zone of each line near it, those it lies in and the nearest first.

    Raises
    ------
    NotFound
        The place lies outside the scope.
    """
    hits = railways.locate_point(context, actor, lon=lon, lat=lat, within_m=_NEAR_M)
    if not hits:
        return []
    line_ids = [hit.line_id for hit in hits]
    segments = load_settings(context, actor, line_ids=line_ids)
    announced = load_announced(context, line_ids=line_ids, on=_find_day(context, at))
    rules = load_zone_rules(context, at=at)
    answers = []
    for hit in hits:
        line = load_zone_line(context, hit.line_id)
        here = [s for s in segments.get(hit.line_id, ()) if s.from_m <= hit.chainage_m <= s.to_m]
        in_force = _find_in_force(hit.line_id, line, here, announced.get(hit.line_id, ()), rules)
        beside = [z for z in in_force if z.from_m <= hit.chainage_m <= z.to_m and hit.side in (z.side, "")]
        if beside:
            answers.append(_answer(hit, line, max(beside, key=lambda zone: zone.width_m)))
    return sorted(answers, key=lambda answer: (not answer.inside, answer.distance_m))


def _answer(hit: MileageHit, line: ZoneLine, zone: Zone) -> ZoneAnswer:
    place = shapely.Point(hit.lon, hit.lat)
    inside = not hit.side or bool(shapely.covers(line.drawer.draw(zone), place))
    if zone.kind == "tunnel":
        inside, reason = False, N_("The line runs in a tunnel here: there is no zone on the surface.")
    elif not inside:
        reason = N_("It lies {distance} m from the line; the zone ends {reach} m from the outer track.")
    elif zone.is_official:
        reason = N_("The announced zone is {width} m wide, beyond {offset} m assumed from the outer track.")
    else:
        reason = N_("Article 27 sets {width} m here, beyond {offset} m assumed from the outer track.")
    values = {"distance": round(hit.offset_m, 1), "reach": zone.reach_m, "width": zone.width_m}
    return ZoneAnswer(
        line_id=hit.line_id,
        line=hit.line,
        mileage=hit.mileage,
        side=hit.side,
        distance_m=hit.offset_m,
        inside=inside,
        official=zone.is_official,
        label=LABELS[zone.kind],
        width_m=zone.width_m,
        origin_offset_m=zone.origin_offset_m,
        notice=zone.notice,
        reason=reason,
        values={**values, "offset": zone.origin_offset_m},
    )


def _find_day(context: Context, at: datetime | None) -> date:
    return (at or context.clock()).astimezone(BEIJING).date()


def _find_in_force(
    line_id: int, line: ZoneLine, stretches: Sequence[SettingStretch], announced: Sequence[Zone], rules: ZoneRules
) -> list[Zone]:
    """Zones along stretches that somebody may see: nothing is told of what lies beyond."""
    screened = screen_zones(
        stretches, line_id=line_id, high_speed=line.high_speed, structures=line.structures, rules=rules
    )
    seen: list[Span] = [(stretch.from_m, stretch.to_m) for stretch in stretches]
    return choose_in_force(clip_zones(announced, seen), screened)


# --- what zones are made of -------------------------------------------------------------------------------------


def load_zone_line(context: Context, line_id: int) -> ZoneLine:
    """A line with its structures and tracks, built once per revision of the railways; NotFound without such a line."""
    name, prefix, measured = railways.load_line(context, line_id)
    revision = context.revisions("rail")

    def load() -> tuple[gpd.GeoDataFrame, dict[int, bool]]:
        with context.database.read() as connection:
            lines = rail.load_lines(connection)
            fast = dict(zip(lines["id"].tolist(), lines["high_speed"].tolist(), strict=True))
            return zones.load_zone_tracks(connection), fast

    def build() -> ZoneLine:
        tracks, fast = context.cache.get("zone_tracks", revision, load)
        own = tracks[(tracks["line_id"] == line_id).to_numpy(bool)]
        about = tracks.geometry[(tracks["line_id"].isna() | (tracks["line_id"] == line_id)).to_numpy(bool)]
        drawer = ZoneDrawer(measured, about.to_numpy())
        structures = tuple(find_structures(measured, own))
        return ZoneLine(name, prefix, measured, bool(fast[line_id]), structures, drawer)

    return context.cache.get(("zone_line", line_id), revision, build)


def load_settings(
    context: Context, actor: Actor, *, line_ids: Sequence[int] | None = None
) -> dict[int, list[SettingStretch]]:
    """The setting of each segment in scope, in the order of each line, by line."""
    found: dict[int, list[SettingStretch]] = {}
    with context.database.read() as connection:
        segments = rail.load_segments(connection, scope=actor.scope_code, line_ids=line_ids)
    for row in segments[["line_id", "from_m", "to_m", "side", "setting"]].itertuples(index=False):
        found.setdefault(int(row.line_id), []).append(SettingStretch(row.from_m, row.to_m, row.side, row.setting))
    return found
