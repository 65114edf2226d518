"""The lists before wind and rain in words: rows to read, numbers on the map, a sheet for the teams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from gridmap.errors import N_
from gridmap.i18n import Translate
from gridmap.i18n.formats import format_date, format_distance
from gridmap.i18n.labels import label
from gridmap.views.map import RouteLine, RouteStop
from gridmap.views.sheets import Value

MARKED = 60
"""So many of a list are numbered on the map; further down nobody looks by number."""


def describe_exposure(row: Any, *, translate: Translate) -> str:
    """Why a hazard stands where it does: the exposure and the parts it is the product of."""
    return translate(N_("exposure {exposure}: distance {near} × wind {wind} × severity {grave} × line {line}")).format(
        exposure=f"{row.exposure:.0f}",
        near=f"{row.distance:.2f}",
        wind=f"{row.wind:.2f}",
        grave=f"{row.severity_part:.1f}",
        line=f"{row.line_part:.1f}",
    )


def describe_side(row: Any, *, translate: Translate) -> str:
    """Line, mileage, side and metres of a hazard beside a line."""
    side = label("side", row.side, translate) if row.side else ""
    where = " ".join(part for part in (row.line, row.mileage, side) if part)
    return " · ".join(part for part in (where, format_distance(row.distance_m, translate)) if part)


def describe_stretch(row: Any) -> str:
    """Line and mileage of a place, from where to where it reaches if it is long."""
    return f"{row.line} {row.mileage}" + (f"–{row.until}" if row.until else "")


def name_place(row: Any, *, translate: Translate) -> str:
    """What a place is, and its name where it has one."""
    return " ".join(part for part in (label("rail_feature", row.kind, translate), row.name) if part)


def describe_visit(row: Any, *, translate: Translate) -> str:
    """How long ago a place was inspected, and what lies near it."""
    if pd.isna(row.days):
        seen = translate(N_("never inspected"))
    elif row.days < 1:
        seen = translate(N_("inspected today"))
    else:
        seen = translate(N_("last inspected {number} days ago")).format(number=int(row.days))
    near = translate(N_("{number} open hazards near")).format(number=int(row.hazards)) if row.hazards else ""
    return " · ".join(part for part in (near, seen) if part)


def draw_wind(found: pd.DataFrame, *, translate: Translate) -> RouteLine:
    """Numbers on the map for the list before wind."""
    rows = found.head(MARKED).itertuples()
    stops = tuple(
        RouteStop(number=n, lon=row.lon, lat=row.lat, hazard=int(row.id), label=row.title)
        for n, row in enumerate(rows, start=1)
    )
    return RouteLine(name=translate(N_("Strong wind: the most exposed first")), parts=(), stops=stops, ranked=True)


def draw_rain(found: pd.DataFrame, *, translate: Translate) -> RouteLine:
    """Numbers on the map for the list before rain."""
    rows = found.head(MARKED).itertuples()
    stops = tuple(
        RouteStop(
            number=n,
            lon=row.lon,
            lat=row.lat,
            label=f"{name_place(row, translate=translate)} · {describe_stretch(row)}",
        )
        for n, row in enumerate(rows, start=1)
    )
    return RouteLine(name=translate(N_("Heavy rain: to be looked at first")), parts=(), stops=stops, ranked=True)


def build_wind_sheet(
    found: pd.DataFrame, *, kinds: Mapping[str, str], translate: Translate
) -> tuple[list[str], list[list[Value]]]:
    """Header and rows for the teams; `kinds` are names by code."""
    _ = translate
    columns = [_("No."), _("Code"), _("Title"), _("Kind"), _("Severity"), _("Line"), _("Mileage"), _("Side")]
    columns += [_("Metres to the outer track"), _("Exposure, %"), _("Part: distance"), _("Part: wind")]
    columns += [_("Part: severity"), _("Part: line"), _("Longitude"), _("Latitude")]
    rows: list[list[Value]] = [
        [
            number,
            row.code,
            row.title,
            kinds.get(row.kind, row.kind),
            label("severity", int(row.severity), _),
            row.line,
            row.mileage,
            label("side", row.side, _) if row.side else "",
            round(float(row.distance_m), 1),
            round(float(row.exposure), 1),
            *(round(float(part), 2) for part in (row.distance, row.wind, row.severity_part, row.line_part)),
            round(float(row.lon), 6),
            round(float(row.lat), 6),
        ]
        for number, row in enumerate(found.itertuples(), start=1)
    ]
    return columns, rows


def build_rain_sheet(found: pd.DataFrame, *, translate: Translate) -> tuple[list[str], list[list[Value]]]:
    """Header and rows for the teams."""
    _ = translate
    columns = [_("No."), _("Kind"), _("Name"), _("Line"), _("From mileage"), _("To mileage"), _("Last inspected")]
    columns += [_("Days ago"), _("Open hazards near"), _("Longitude"), _("Latitude")]
    rows: list[list[Value]] = [
        [
            number,
            label("rail_feature", row.kind, _),
            row.name,
            row.line,
            row.mileage,
            row.until,
            "" if pd.isna(row.last_at) else format_date(row.last_at),
            None if pd.isna(row.days) else int(row.days),
            int(row.hazards),
            round(float(row.lon), 6),
            round(float(row.lat), 6),
        ]
        for number, row in enumerate(found.itertuples(), start=1)
    ]
    return columns, rows
