"""`route`, `matrix`, `isochrone`, `nearest-teams`: ways and times by road from a terminal."""

from __future__ import annotations

import json
import math
from argparse import ArgumentParser, ArgumentTypeError
from datetime import time
from pathlib import Path
from typing import Any

import shapely

from gridmap.cli.command import Command, Invocation, lonlat
from gridmap.domain.crs import FloatArray
from gridmap.domain.roads.speeds import Mode
from gridmap.services.response import compute_reach, rank_teams
from gridmap.services.routing import find_route, measure_table


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--from", dest="start", type=lonlat, required=True, metavar="LON,LAT")
    parser.add_argument("--to", dest="end", type=lonlat, required=True, metavar="LON,LAT")
    _add_mode(parser)


def _add_mode(parser: ArgumentParser) -> None:
    parser.add_argument("--mode", choices=[mode.value for mode in Mode], default=Mode.CAR.value, help="who travels")
    _add_departure(parser)


def _add_departure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--at", type=_parse_time, metavar="HH:MM", help="leave at this local time (default: with free roads)"
    )


def _parse_time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"“{text}” is no time of day, for example 07:30") from error


def _run(invocation: Invocation) -> Any:
    given = invocation.arguments
    ends, how = {"start": given.start, "end": given.end}, {"mode": Mode(given.mode), "departure": given.at}
    route = find_route(invocation.context, invocation.actor, **ends, **how)
    return {
        "seconds": round(route.seconds, 1),
        "metres": round(route.metres, 1),
        "start_off_m": round(route.start_off_m, 1),
        "end_off_m": round(route.end_off_m, 1),
        "geometry": shapely.geometry.mapping(route.geometry),
    }


def _describe(result: Any) -> str:
    return f"{result['metres'] / 1000:.2f} km, {result['seconds'] / 60:.1f} min"


def _add_matrix_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--points", type=Path, required=True, metavar="FILE", help="CSV with columns id, lon, lat")
    _add_mode(parser)


def _run_matrix(invocation: Invocation) -> Any:
    given = invocation.arguments
    table = measure_table(
        invocation.context, invocation.actor, path=given.points, mode=Mode(given.mode), departure=given.at
    )
    return {"ids": list(table.ids), "seconds": _round_all(table.seconds), "metres": _round_all(table.metres)}


def _round_all(values: FloatArray) -> list[list[float | None]]:
    """Rows to a tenth, None where there is no way."""
    return [[round(value, 1) if math.isfinite(value) else None for value in row] for row in values.tolist()]


def _describe_matrix(result: Any) -> str:
    lines = ["minutes from (row) to (column)", "\t".join(["", *result["ids"]])]
    for name, row in zip(result["ids"], result["seconds"], strict=True):
        lines.append("\t".join([name, *("–" if s is None else f"{s / 60:.1f}" for s in row)]))
    return "\n".join(lines)


def _add_isochrone_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--lonlat", type=lonlat, required=True, metavar="LON,LAT")
    parser.add_argument("--minutes", type=_parse_minutes, default=(5.0, 10.0, 15.0), metavar="M,M,…")
    _add_mode(parser)
    parser.epilog = "The areas from which the place is reached in time, as a GeoJSON FeatureCollection."


def _parse_minutes(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise ArgumentTypeError(f"“{text}” is no list of minutes, for example 5,10,15") from error


def _run_isochrone(invocation: Invocation) -> Any:
    given = invocation.arguments
    lon, lat = given.lonlat
    how = {"minutes": given.minutes, "mode": Mode(given.mode), "departure": given.at}
    bands = compute_reach(invocation.context, invocation.actor, lon=lon, lat=lat, **how)
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"minutes": round(band.limit_s / 60, 3), "mode": given.mode},
                "geometry": shapely.geometry.mapping(band.area_wgs84),
            }
            for band in bands
        ],
    }


def _describe_isochrone(result: Any) -> str:
    return json.dumps(result)


def _add_nearest_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--lonlat", type=lonlat, required=True, metavar="LON,LAT")
    parser.add_argument("-k", type=int, default=5, metavar="N", help="how many teams (default: 5)")
    _add_departure(parser)
    parser.epilog = (
        "Teams on duty without an open task. One that sent no position lately is counted from where it was last, or "
        "from its post, and its state says so."
    )


def _run_nearest(invocation: Invocation) -> Any:
    given = invocation.arguments
    lon, lat = given.lonlat
    ways = rank_teams(invocation.context, invocation.actor, lon=lon, lat=lat, k=given.k, departure=given.at)
    return [
        {
            "team": way.name,
            "id": way.team_id,
            "kind": way.kind,
            "state": way.state,
            "seconds": round(way.seconds, 1),
            "metres": round(way.metres, 1),
        }
        for way in ways
    ]


def _describe_nearest(result: Any) -> str:
    if not result:
        return "No team that is on duty and has no task has a way there."
    return "\n".join(
        f"{way['team']} ({way['kind']}, {way['state']}): {way['seconds'] / 60:.1f} min, {way['metres'] / 1000:.2f} km"
        for way in result
    )


COMMANDS = (
    Command("route", "fastest way between two places", _add_arguments, _run, _describe),
    Command("matrix", "times between many places", _add_matrix_arguments, _run_matrix, _describe_matrix),
    Command(
        "isochrone",
        "from where a place is reached in time",
        _add_isochrone_arguments,
        _run_isochrone,
        _describe_isochrone,
    ),
    Command("nearest-teams", "who can be at a place first", _add_nearest_arguments, _run_nearest, _describe_nearest),
)
