"""`plan` and `check-plan`: patrol routes from a terminal, and the verdict on a plan file."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from functools import partial
from pathlib import Path
from typing import Any

from gridmap.cli.command import Command, Invocation, seed
from gridmap.cli.line_tables import parse_day, read_table
from gridmap.cli.patrol_arguments import add_team_arguments, read_team_arguments
from gridmap.cli.plan_files import read_plan_file, tell_unserved
from gridmap.cli.stopping import stop_softly
from gridmap.cli.teams import COLUMNS_HELP
from gridmap.domain.patrol.rules import PatrolRules
from gridmap.domain.roads.closures import RoadChanges
from gridmap.services.files import require_writable, write_bytes, write_text
from gridmap.services.patrol_crews import read_crew
from gridmap.services.plan_checking import check_plan
from gridmap.services.planning import PlanDocument, PlanRequest, compute_plan
from gridmap.services.routing import read_road_changes
from gridmap.services.unpredictable import draw_plan
from gridmap.views.documents import draw_plan_book, draw_plan_geojson, draw_plan_gpx, draw_plan_kml

_SHOWN = 20


def _add_plan_arguments(parser: ArgumentParser) -> None:
    add_team_arguments(parser)
    parser.add_argument("--team-file", metavar="FILE", help="the teams of this table (.xlsx or CSV) instead")
    parser.add_argument("--seconds", type=float, default=10.0, metavar="S", help="how long to search (default: 10)")
    parser.add_argument("--iterations", type=int, metavar="N", help="search N steps instead; reproducible by its seed")
    parser.add_argument("--seed", type=seed, default=1, metavar="K", help="start of the random numbers (default: 1)")
    parser.add_argument("--area", default="", metavar="CODE", help="only what is due in this area")
    parser.add_argument("--date", type=parse_day, metavar="YYYY-MM-DD", help="day of service (default: today)")
    parser.add_argument("--horizon", type=int, default=0, metavar="DAYS", help="also what falls due within DAYS")
    begins = parser.add_mutually_exclusive_group()
    begins.add_argument("--warm-start", type=Path, metavar="PLAN", help="begin with the routes of another plan file")
    parser.add_argument("--balance", type=float, default=0.0, metavar="W", help="how much teams work alike (0 to 10)")
    parser.add_argument(
        "--closures", type=Path, metavar="FILE", help="GeoJSON of roads that are closed, or slowed to speed_kmh"
    )
    parser.add_argument("--no-hazards", action="store_true", help="railway segments only")
    begins.add_argument("--randomise", action="store_true", help="draw it by the seed from the area's strategy")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the plan (docs/plan.schema.json)")
    parser.add_argument("--geojson", type=Path, metavar="FILE", help="write the routes as GeoJSON")
    parser.add_argument("--gpx", type=Path, metavar="FILE", help="write the routes as GPX 1.1")
    parser.add_argument("--kml", type=Path, metavar="FILE", help="write the routes as KML 2.2, for Google Earth")
    parser.add_argument("--xlsx", type=Path, metavar="FILE", help="write the plan as a workbook, a sheet for each team")
    parser.epilog = COLUMNS_HELP


def _run_plan(invocation: Invocation) -> Any:
    given = invocation.arguments
    require_writable(given.out, given.geojson, given.gpx, given.kml, given.xlsx)
    crew = None
    if given.team_file is not None:
        content = read_table(given.team_file)
        crew = read_crew(invocation.context, invocation.actor, content=content)
    changes = RoadChanges((), (), ())
    if given.closures is not None:
        changes = read_road_changes(invocation.context, invocation.actor, path=given.closures)
    request = PlanRequest(
        area_code=given.area,
        **read_team_arguments(invocation),
        seconds=given.seconds,
        iterations=given.iterations,
        seed=given.seed,
        include_hazards=not given.no_hazards,
        horizon_days=given.horizon,
        service_date=given.date,
        crew=crew,
        start=None if given.warm_start is None else read_plan_file(given.warm_start),
        rules=PatrolRules(balance=given.balance),
        closures=changes.closed,
        slowed=changes.slowed,
    )
    make = partial(draw_plan, seed=given.seed) if given.randomise else compute_plan
    with stop_softly(invocation.progress) as stop:
        document = make(invocation.context, invocation.actor, request=request, progress=stop)
    _write_files(given, document)
    return {
        **_describe_document(document),
        "stopped": stop.is_asked,
        "closures": {
            "closed_edges": len(changes.closed),
            "slowed_edges": len(changes.slowed),
            "unmatched": list(changes.unmatched),
        },
    }


def _describe_document(document: dict[str, Any]) -> dict[str, Any]:
    summary, warm = document["summary"], document["effort"].get("warm_start")
    return {
        # `compute_plan` hands out nothing that has not passed the checker.
        "feasible": True,
        "tasks": summary["tasks"],
        "served": summary["served"],
        "unserved": tell_unserved(document),
        "duration_s": summary["duration_s"],
        "distance_m": summary["distance_m"],
        "driven_m": summary["driven_m"],
        "walked_m": summary["walked_m"],
        "objective": summary["objective"]["value"],
        "objective_terms": {name: value for name, value in summary["objective"].items() if name != "value"},
        "lower_bound": document["lower_bound"],
        "gap": document["gap"],
        "routes": len(document["routes"]),
        "warm_started": warm is not None,
        "warm_start": warm,
        "notes": [item["text"].format(**item["values"]) for item in document["notes"]],
        "checked": True,
        **({"drawn": document["drawn"]} if "drawn" in document else {}),
    }


def _write_files(given: Namespace, document: PlanDocument) -> None:
    """The plan in every format that a file was named for."""
    if given.out is not None:
        write_text(given.out, json.dumps(document, ensure_ascii=False, indent=1))
    if given.geojson is not None:
        write_text(given.geojson, json.dumps(draw_plan_geojson(document), ensure_ascii=False))
    if given.gpx is not None:
        write_text(given.gpx, draw_plan_gpx(document))
    if given.kml is not None:
        write_text(given.kml, draw_plan_kml(document))
    if given.xlsx is not None:
        write_bytes(given.xlsx, draw_plan_book(document))


def _describe_plan(result: Any) -> str:
    lines = [
        f"{result['served']} of {result['tasks']} tasks served on {result['routes']} routes: "
        f"{result['duration_s'] / 3600:.1f} h, {result['driven_m'] / 1000:.1f} km driven, "
        f"{result['walked_m'] / 1000:.1f} km walked; checked",
        *([f"  at most {result['gap']:.1%} from the best possible"] if result["lower_bound"] else []),
        *(f"  note: {text}" for text in result["notes"]),
        *(f"  no road is near the closure {name}" for name in result["closures"]["unmatched"]),
        *(f"  unserved {item['id']}: {item['binding']['text']}" for item in result["unserved"][:_SHOWN]),
    ]
    if len(result["unserved"]) > _SHOWN:
        lines.append(f"  … and {len(result['unserved']) - _SHOWN} more; --json lists them all")
    return "\n".join(lines)


def _add_check_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a plan written by “plan --out”")


def _run_check(invocation: Invocation) -> Any:
    result = check_plan(invocation.context, invocation.actor, document=read_plan_file(invocation.arguments.file))
    return {
        "valid": result.valid,
        "violations": [{"code": found.code, "where": found.where, "text": found.text} for found in result.violations],
    }


def _describe_check(result: Any) -> str:
    if result["valid"]:
        return "The plan is valid."
    found = [f"  {item['where']}: {item['text']}" for item in result["violations"][:_SHOWN]]
    return "\n".join([f"The plan is not valid: {len(result['violations'])} violations.", *found])


COMMANDS = (
    Command("plan", "compute patrol routes for what is due", _add_plan_arguments, _run_plan, _describe_plan),
    Command("check-plan", "check a plan file against the database", _add_check_arguments, _run_check, _describe_check),
)
