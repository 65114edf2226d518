"""`route`: the fastest way between two places."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

import shapely

from gridmap.cli.command import Command, Invocation, lonlat
from gridmap.domain.roads.speeds import Mode
from gridmap.services.routing import find_route


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--from", dest="start", type=lonlat, required=True, metavar="LON,LAT")
    parser.add_argument("--to", dest="end", type=lonlat, required=True, metavar="LON,LAT")
    parser.add_argument("--mode", choices=[mode.value for mode in Mode], default=Mode.CAR.value, help="who travels")


def _run(invocation: Invocation) -> Any:
    given = invocation.arguments
    route = find_route(invocation.context, invocation.actor, start=given.start, end=given.end, mode=Mode(given.mode))
    return {
        "seconds": round(route.seconds, 1),
        "metres": round(route.metres, 1),
        "start_off_m": round(route.start_off_m, 1),
        "end_off_m": round(route.end_off_m, 1),
        "geometry": shapely.geometry.mapping(route.geometry),
    }


def _describe(result: Any) -> str:
    return f"{result['metres'] / 1000:.2f} km, {result['seconds'] / 60:.1f} min"


COMMANDS = (Command("route", "fastest way between two places", _add_arguments, _run, _describe),)
