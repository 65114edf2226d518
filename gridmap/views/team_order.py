"""A team's order as its own page shows it: stops in words, times of Beijing, ways to draw and links to be led there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from gridmap.errors import N_
from gridmap.i18n import Translate
from gridmap.i18n.formats import BEIJING, format_distance, format_duration
from gridmap.i18n.labels import LABELS, label
from gridmap.views.navigation import link_amap, link_geo
from gridmap.views.plan_words import describe_place, find_line, write_clock, write_mileage

Document = dict[str, Any]
"""A plan document as one team may know it, see `domain.orders.cut_document`."""


def draw_stops(document: Document, stops: pd.DataFrame, *, translate: Translate) -> list[dict[str, Any]]:
    """The stops of the only route of `document`, each with its row of `store.orders.load_stops`.

    Keys: id, number, title, lines (more of what is to be done, in words), arrive and leave as planned, `seconds` of
    work, state, arrived and ended (HH:MM, "" before), reason, note, photo, lon, lat, geo and amap (links), `drive` and
    `walk` (lines of lon, lat).
    """
    if not document["routes"]:
        return []
    (route,), (team,) = document["routes"], document["teams"]
    planned = {stop["number"]: stop for stop in route["stops"]}
    tasks = {task["key"]: task for task in document["tasks"]}
    on_foot = team["kind"] == "foot"
    return [
        _draw_stop(document, planned[int(row["number"])], row, tasks=tasks, on_foot=on_foot, translate=translate)
        for _, row in stops.iterrows()
    ]


def _draw_stop(
    document: Document, stop: Document, row: pd.Series, *, tasks: Document, on_foot: bool, translate: Translate
) -> dict[str, Any]:
    title = describe_place(document, stop, tasks)
    lon, lat = float(row["lon"]), float(row["lat"])
    work = stop["work"]
    # One is led to where the road is left, not to the middle of what is walked.
    goal = stop["leg"]["coordinates"][-1] if stop["leg"]["coordinates"] else [lon, lat]
    return {
        "id": int(row["id"]),
        "number": int(row["number"]),
        "title": title,
        "lines": describe_work(document, stop, tasks=tasks, translate=translate),
        "arrive": write_clock(stop["arrive_s"]),
        "leave": write_clock(stop["leave_s"]),
        "seconds": stop["leave_s"] - stop["start_s"],
        "state": row["state"],
        "arrived": write_moment(row["arrived_at"]),
        "ended": write_moment(row["ended_at"]),
        "reason": row["reason"],
        "note": row["note"],
        "photo": not pd.isna(row["photo_id"]),
        "lon": lon,
        "lat": lat,
        "geo": link_geo(goal[0], goal[1], name=title),
        "amap": link_amap(goal[0], goal[1], name=title, on_foot=on_foot),
        "drive": _round(stop["leg"]["coordinates"]),
        "walk": _round(work["walk"]["coordinates"]) if work["walk"] is not None else [],
    }


def describe_work(document: Document, stop: Document, *, tasks: Document, translate: Translate) -> list[str]:
    """What is to be done at a stop beyond its place: the way there, the walk, who goes round, what hazard it is."""
    work = stop["work"]
    line = find_line(document, tasks[stop["tasks"][0]].get("line_id"))
    told = []
    if stop["leg"]["metres"] >= 1:
        going = translate(N_("{distance} by road, {time}"))
        told.append(
            going.format(
                distance=format_distance(stop["leg"]["metres"], translate),
                time=format_duration(stop["leg"]["seconds"], translate),
            )
        )
    if work["kind"] == "hazard":
        first = tasks[stop["tasks"][0]]
        told.append(f"{label('severity', first['severity'], translate)} · {first['code']}")
    if line is not None and work["walk"] is not None:
        told.append(_describe_walk(work["walk"], line, translate))
        if work["drive"] is not None:
            going = translate(N_("Meanwhile the vehicle goes round: {distance}, {time}."))
            told.append(
                going.format(
                    distance=format_distance(work["drive"]["metres"], translate),
                    time=format_duration(work["drive"]["seconds"], translate),
                )
            )
    return told


def _describe_walk(walk: Document, line: Document, translate: Translate) -> str:
    ends = {end: _describe_access(walk[end], line, translate) for end in ("entry", "exit")}
    distance = format_distance(walk["metres"], translate)
    return f"{translate(N_('On foot from {entry} to {exit}.')).format(**ends)} {distance}"


def _describe_access(access: Document, line: Document, translate: Translate) -> str:
    kind = label("access_kind", access["kind"], translate)
    return f"{access['name'] or kind} {write_mileage(line, access['mileage_m'])}"


def write_moment(at: datetime | None) -> str:
    """An instant as `HH:MM` of Beijing, "" where there is none."""
    return "" if at is None or pd.isna(at) else at.astimezone(BEIJING).strftime("%H:%M")


def draw_totals(document: Document, *, translate: Translate) -> dict[str, str]:
    """When the team sets out and is back, and how far it goes, in words."""
    if not document["routes"]:
        return {}
    (route,) = document["routes"]
    return {
        "start": write_clock(route["start_s"]),
        "end": write_clock(route["end_s"]),
        "driven": format_distance(route["driven_m"], translate),
        "walked": format_distance(route["walked_m"], translate),
    }


def draw_return(document: Document) -> list[list[float]]:
    """The way back from the last stop, a line of lon, lat."""
    return _round(document["routes"][0]["return"]["coordinates"]) if document["routes"] else []


def draw_breaks(document: Document, *, translate: Translate) -> list[dict[str, Any]]:
    """The team's breaks in words, each with `after`, the number of the stop it follows (0 = before the first)."""
    if not document["routes"]:
        return []
    words = translate(N_("Break {start}–{end}"))
    return [
        {
            "after": taken["after"],
            "text": words.format(start=write_clock(taken["start_s"]), end=write_clock(taken["end_s"])),
        }
        for taken in document["routes"][0].get("breaks", ())
    ]


def _round(line: Sequence[Sequence[float]]) -> list[list[float]]:
    """Five decimals are a metre: enough for a small map."""
    return [[round(lon, 5), round(lat, 5)] for lon, lat in line]


def list_reasons(translate: Translate, group: str) -> list[Mapping[str, str]]:
    """The reasons of a group of labels, `cannot_reason` or `decline_reason`, by value and name."""
    return [{"value": str(value), "name": label(group, value, translate)} for value in LABELS[group]]
