"""Who goes out and when: the options that plans, strategies and rosters share."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from datetime import time
from typing import Any

from gridmap.cli.command import Invocation
from gridmap.services.patrol_request import PatrolRequest
from gridmap.services.teams import find_team

_SHIFT = (PatrolRequest.shift_start, PatrolRequest.shift_end)


def add_team_arguments(parser: ArgumentParser) -> None:
    """`--teams`, `--team` and `--shift`."""
    parser.add_argument("--teams", type=int, metavar="N", help="use N teams; missing ones are made up")
    parser.add_argument("--team", action="append", metavar="NAME", help="only this team; may be given several times")
    parser.add_argument(
        "--shift", type=_parse_shift, default=_SHIFT, metavar="HH:MM-HH:MM", help="from when to when (08:00-17:00)"
    )


def read_team_arguments(invocation: Invocation) -> dict[str, Any]:
    """The fields of a `PatrolRequest` that these options are about.

    Raises
    ------
    NotFound
        There is no team of that name.
    """
    given, context, actor = invocation.arguments, invocation.context, invocation.actor
    start, end = given.shift
    named = tuple(sorted(find_team(context, actor, name=name) for name in given.team or ()))
    return {"team_count": given.teams, "team_ids": named or None, "shift_start": start, "shift_end": end}


def _parse_shift(text: str) -> tuple[time, time]:
    try:
        start, end = (time.fromisoformat(part) for part in text.split("-"))
    except ValueError as error:
        raise ArgumentTypeError(f"“{text}” is no shift, for example 08:00-17:00") from error
    return start, end
