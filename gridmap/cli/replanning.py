"""`replan`: a plan mended in the middle of its day."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from gridmap.cli.command import Command, Invocation, seed
from gridmap.cli.comparing import describe_difference
from gridmap.cli.plan_files import read_plan_file
from gridmap.cli.stopping import stop_softly
from gridmap.domain.days import BEIJING
from gridmap.domain.patrol.standing import Keep
from gridmap.domain.roads.closures import RoadChanges
from gridmap.services.files import require_writable, write_text
from gridmap.services.planning import load_plan, save_plan
from gridmap.services.replanning import USUAL_CHANGE_S, RepairRequest, Return, enter_hazards, replan_day
from gridmap.services.routing import read_road_changes


def _read_moment(text: str) -> time:
    """Parse HH:MM of the day of the plan, for argparse."""
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"“{text}” is not HH:MM, for example 10:30") from error


def _read_away(text: str) -> tuple[str, time, tuple[float, float] | Return]:
    """Parse TEAM:UNTIL, or that with @here, @post or @LON,LAT behind it, for argparse."""
    told, _, place = text.partition("@")
    team, _, until = told.partition(":")
    try:
        if place in {"", *Return}:
            return team, time.fromisoformat(until), Return(place or Return.SENT)
        lon, lat = (float(part) for part in place.split(","))
        return team, time.fromisoformat(until), (lon, lat)
    except ValueError as error:
        raise ArgumentTypeError(f"“{text}” is not TEAM:HH:MM, or that and @here, @post or @LON,LAT") from error


def _add_arguments(parser: ArgumentParser) -> None:
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--plan", type=Path, metavar="FILE", help="a plan written by “plan --out”")
    chosen.add_argument("--plan-id", type=int, metavar="N", help="a kept plan; what its teams reported is read")
    parser.add_argument("--at", type=_read_moment, metavar="HH:MM", help="from when on (default: now)")
    parser.add_argument("--drop", action="append", default=[], metavar="TEAM", help="this team does nothing more")
    parser.add_argument(
        "--away",
        action="append",
        default=[],
        type=_read_away,
        metavar="TEAM:UNTIL",
        help="this team is back at UNTIL (HH:MM) where it was sent to, or as follows: @here, @post or @LON,LAT",
    )
    parser.add_argument("--hazards", type=Path, metavar="FILE", help="enter these hazards first (GeoJSON points)")
    parser.add_argument("--closures", type=Path, metavar="FILE", help="GeoJSON of roads closed or slowed by now")
    parser.add_argument("--no-new", action="store_true", help="leave out hazards that came up since")
    parser.add_argument("--keep-next", action="store_true", help="teams go on to the stop that they are driving to")
    parser.add_argument(
        "--change-s",
        type=int,
        default=USUAL_CHANGE_S,
        metavar="N",
        help=f"seconds a task has to gain for going to another team (default: {USUAL_CHANGE_S})",
    )
    parser.add_argument("--seconds", type=float, default=2.0, metavar="S", help="how long it may take (default: 2)")
    parser.add_argument("--iterations", type=int, metavar="N", help="search N steps instead; reproducible by its seed")
    parser.add_argument("--seed", type=seed, default=1, metavar="K", help="start of the random numbers (default: 1)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the mended plan")
    parser.add_argument("--save", metavar="NAME", help="keep the mended plan under this name, to be published")


def _run(invocation: Invocation) -> Any:
    given, context, actor = invocation.arguments, invocation.context, invocation.actor
    require_writable(given.out)
    changes = RoadChanges((), (), ())
    if given.closures is not None:
        changes = read_road_changes(context, actor, path=given.closures)
    request = _build_request(invocation, changes)
    hazards: AbstractContextManager[list[int]] = nullcontext([])
    if given.hazards is not None:
        hazards = enter_hazards(context, actor, path=given.hazards)
    with hazards as reported, stop_softly(invocation.progress) as stop:
        found = replan_day(context, actor, request=request, progress=stop)
        if given.out is not None:
            write_text(given.out, json.dumps(found.document, ensure_ascii=False, indent=1))
        kept = None if given.save is None else save_plan(context, actor, document=found.document, name=given.save)
    return {
        # `replan_day` hands out nothing that has not passed the checker.
        "checked": True,
        "stopped": stop.is_asked,
        "seconds": found.seconds,
        "at_s": found.document["repair"]["at_s"],
        "saved_as": kept,
        "reported": reported,
        "unmatched": list(changes.unmatched),
        "new_tasks": found.document["repair"]["new_tasks"],
        "visits": dict(found.visits),
        "notes": [item["text"].format(**item["values"]) for item in found.document["notes"]],
        "objective": found.document["summary"]["objective"]["value"],
        "difference": found.difference.as_json(),
    }


def _build_request(invocation: Invocation, changes: RoadChanges) -> RepairRequest:
    given, context = invocation.arguments, invocation.context
    document = None if given.plan is None else read_plan_file(given.plan)
    known = document
    if given.plan_id is not None:
        known = load_plan(context, invocation.actor, plan_id=given.plan_id)
    day = _read_day(known)
    return RepairRequest(
        plan_id=given.plan_id,
        document=document,
        at=None if given.at is None else datetime.combine(day, given.at, BEIJING),
        dropped=tuple(given.drop),
        away=tuple((team, datetime.combine(day, until, BEIJING), place) for team, until, place in given.away),
        include_hazards=not given.no_new,
        closures=changes.closed,
        slowed=changes.slowed,
        keep=Keep.NEXT if given.keep_next else Keep.WORK,
        change_s=given.change_s,
        seconds=given.seconds,
        iterations=given.iterations,
        seed=given.seed,
    )


def _read_day(document: Any) -> date:
    """The day of a plan; of what is none any, since it is refused anyway."""
    told = document.get("service_date") if isinstance(document, dict) else None
    try:
        return date.fromisoformat(str(told))
    except ValueError:
        return date.min


def _describe(result: Any) -> str:
    visits = result["visits"]
    lines = [
        f"mended in {result['seconds']:.1f} s and checked: {visits['stayed']} visits stay with their team, "
        f"{visits['moved']} go to another, {visits['dropped']} are dropped",
        *(f"  note: {text}" for text in result["notes"]),
        *(f"  no road is near the closure {name}" for name in result["unmatched"]),
        *([f"kept as plan {result['saved_as']}"] if result["saved_as"] is not None else []),
        describe_difference(result["difference"]),
    ]
    return "\n".join(lines)


COMMANDS = (Command("replan", "mend a plan in the middle of its day", _add_arguments, _run, _describe),)
