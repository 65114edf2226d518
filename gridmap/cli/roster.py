"""`roster`: which places are seen on which day, and the plan of each day."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from gridmap.cli.command import Command, Invocation, seed
from gridmap.cli.line_tables import parse_day
from gridmap.cli.patrol_arguments import add_team_arguments, read_team_arguments
from gridmap.cli.plan_files import tell_unserved
from gridmap.cli.stopping import stop_softly
from gridmap.services.files import require_folder, write_text
from gridmap.services.patrol_request import PatrolRequest
from gridmap.services.roster_plans import DayPlans, plan_days
from gridmap.services.rosters import RosterRequest, compute_roster

_SHOWN = 10


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--from", dest="first_day", type=parse_day, required=True, metavar="YYYY-MM-DD")
    parser.add_argument("--days", type=int, default=7, metavar="N", help="1 to 14 days (default: 7)")
    parser.add_argument("--area", default="", metavar="CODE", help="only what lies in this area")
    add_team_arguments(parser)
    parser.add_argument("--seconds", type=float, default=10.0, metavar="S", help="for the roster, and for each day")
    parser.add_argument("--seed", type=seed, default=1, metavar="K", help="start of the random numbers (default: 1)")
    parser.add_argument("--no-hazards", action="store_true", help="railway segments only")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write the plan of each day as DIR/plan-DATE.json")


def _run(invocation: Invocation) -> Any:
    given = invocation.arguments
    plan = PatrolRequest(
        area_code=given.area,
        **read_team_arguments(invocation),
        seconds=given.seconds,
        seed=given.seed,
        include_hazards=not given.no_hazards,
    )
    request = RosterRequest(plan=plan, first_day=given.first_day, days=given.days, seconds=given.seconds)
    context, actor, made = invocation.context, invocation.actor, None
    if given.out is not None:
        require_folder(given.out)
    with stop_softly(invocation.progress) as stop:
        roster = compute_roster(context, actor, request=request, progress=stop)
        if given.out is not None:
            made = plan_days(context, actor, request=request, roster=roster, progress=stop)
    unreachable = [
        {"id": item["task"], "reason": item["text"].format(**item["values"]), "code": item["reason"]}
        for item in roster["unreachable"]
    ]
    return {
        **roster,
        "unreachable": unreachable,
        "plans": [] if made is None else _write_plans(given.out, made),
        "hours": None if made is None else made.describe_hours(),
        "stopped": stop.is_asked,
        "unplanned": [] if made is None else [day.isoformat() for day in made.unplanned],
    }


def _write_plans(folder: Path, made: DayPlans) -> list[dict[str, Any]]:
    """A file for each day that has a plan; returns what is in which."""
    written = []
    for document in made.plans:
        path = folder / f"plan-{document['service_date']}.json"
        write_text(path, json.dumps(document, ensure_ascii=False, indent=1))
        written.append(
            {
                "file": path,
                "served": document["summary"]["served"],
                "unserved": tell_unserved(document),
                "stopped_early": document["effort"]["stopped_early"],
            }
        )
    return written


def _describe(result: Any) -> str:
    lines = [f"{result['visits']} visits on {len(result['days'])} days"]
    for day in result["days"]:
        load, room = (sum(post[name] for post in day["posts"]) / 3600 for name in ("load_s", "capacity_s"))
        lines.append(f"  {day['date']}: {sum(len(p['tasks']) for p in day['posts'])} tasks, {load:.1f} of {room:.1f} h")
    hours = result["hours"]
    if hours is not None and hours["repeats"]:
        lines.append(
            f"  {hours['same_hour']:.0%} of {hours['repeats']} visits to places seen on several days are in an hour of "
            f"another day ({hours['same_hour_before']:.0%} before), for "
            f"{(hours['seconds'] - hours['seconds_before']) / 60:.0f} minutes more of {hours['seconds'] / 3600:.1f} h"
        )
    if result["unplanned"]:
        lines.append(f"  stopped: no plan for {', '.join(result['unplanned'])}")
    lines += [f"  not seen by {item['date']}: {item['code']}" for item in result["missing"][:_SHOWN]]
    if len(result["missing"]) > _SHOWN:
        lines.append(f"  … and {len(result['missing']) - _SHOWN} more; --json lists them all")
    return "\n".join(lines)


COMMANDS = (Command("roster", "spread visits over days", _add_arguments, _run, _describe),)
