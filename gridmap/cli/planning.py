"""`plan` and `check-plan`: patrol routes from a terminal, and the verdict on a plan file."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from gridmap.cli.command import Command, Invocation
from gridmap.domain.roads.closures import RoadChanges
from gridmap.errors import N_, UnreadableFile
from gridmap.services.files import write_text
from gridmap.services.planning import PlanRequest, check_plan, compute_plan
from gridmap.services.routing import read_road_changes
from gridmap.views.documents import draw_plan_geojson, draw_plan_gpx

_SHOWN = 20


def _add_plan_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--teams", type=int, metavar="N", help="use N teams; missing ones are made up")
    parser.add_argument("--seconds", type=float, default=10.0, metavar="S", help="how long to search (default: 10)")
    parser.add_argument("--iterations", type=int, metavar="N", help="search N steps instead; reproducible by its seed")
    parser.add_argument("--seed", type=int, default=1, metavar="K", help="start of the random numbers (default: 1)")
    parser.add_argument("--area", default="", metavar="CODE", help="only what is due in this area")
    parser.add_argument("--date", type=date.fromisoformat, metavar="YYYY-MM-DD", help="day of service (default: today)")
    parser.add_argument("--horizon", type=int, default=0, metavar="DAYS", help="also what falls due within DAYS")
    parser.add_argument(
        "--closures", type=Path, metavar="FILE", help="GeoJSON of roads that are closed, or slowed to speed_kmh"
    )
    parser.add_argument("--no-hazards", action="store_true", help="railway segments only")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the plan (docs/plan.schema.json)")
    parser.add_argument("--geojson", type=Path, metavar="FILE", help="write the routes as GeoJSON")
    parser.add_argument("--gpx", type=Path, metavar="FILE", help="write the routes as GPX 1.1")


def _run_plan(invocation: Invocation) -> Any:
    given = invocation.arguments
    changes = RoadChanges((), (), ())
    if given.closures is not None:
        changes = read_road_changes(invocation.context, invocation.actor, path=given.closures)
    request = PlanRequest(
        area_code=given.area,
        team_count=given.teams,
        seconds=given.seconds,
        iterations=given.iterations,
        seed=given.seed,
        include_hazards=not given.no_hazards,
        horizon_days=given.horizon,
        service_date=given.date,
        closures=changes.closed,
        slowed=changes.slowed,
    )
    document = compute_plan(invocation.context, invocation.actor, request=request, progress=invocation.progress)
    if given.out is not None:
        write_text(given.out, json.dumps(document, ensure_ascii=False, indent=1))
    if given.geojson is not None:
        write_text(given.geojson, json.dumps(draw_plan_geojson(document), ensure_ascii=False))
    if given.gpx is not None:
        write_text(given.gpx, draw_plan_gpx(document))
    summary = document["summary"]
    return {
        # `compute_plan` hands out nothing that has not passed the checker.
        "feasible": True,
        "tasks": summary["tasks"],
        "served": summary["served"],
        "unserved": [
            {"id": item["task"], "reason": item["text"].format(**item["values"]), "code": item["reason"]}
            for item in document["unserved"]
        ],
        "duration_s": summary["duration_s"],
        "distance_m": summary["distance_m"],
        "driven_m": summary["driven_m"],
        "walked_m": summary["walked_m"],
        "objective": summary["objective"]["value"],
        "objective_terms": {name: value for name, value in summary["objective"].items() if name != "value"},
        "routes": len(document["routes"]),
        "notes": [item["text"].format(**item["values"]) for item in document["notes"]],
        "checked": True,
        "closures": {
            "closed_edges": len(changes.closed),
            "slowed_edges": len(changes.slowed),
            "unmatched": list(changes.unmatched),
        },
    }


def _describe_plan(result: Any) -> str:
    lines = [
        f"{result['served']} of {result['tasks']} tasks served on {result['routes']} routes: "
        f"{result['duration_s'] / 3600:.1f} h, {result['driven_m'] / 1000:.1f} km driven, "
        f"{result['walked_m'] / 1000:.1f} km walked; checked",
        *(f"  note: {text}" for text in result["notes"]),
        *(f"  no road is near the closure {name}" for name in result["closures"]["unmatched"]),
        *(f"  unserved {item['id']}: {item['reason']}" for item in result["unserved"][:_SHOWN]),
    ]
    if len(result["unserved"]) > _SHOWN:
        lines.append(f"  … and {len(result['unserved']) - _SHOWN} more; --json lists them all")
    return "\n".join(lines)


def _add_check_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a plan written by “plan --out”")


def _run_check(invocation: Invocation) -> Any:
    result = check_plan(invocation.context, invocation.actor, document=_read_document(invocation.arguments.file))
    return {
        "valid": result.valid,
        "violations": [{"code": found.code, "where": found.where, "text": found.text} for found in result.violations],
    }


def _read_document(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnreadableFile(
            N_("{path} cannot be read: {reason}."),
            hint=N_("Check the name and the rights of the file."),
            path=str(path),
            reason=error.strerror or str(error),
        ) from error
    except ValueError as error:
        raise UnreadableFile(
            N_("{path} is not a plan: it holds no JSON."),
            hint=N_("Choose a file written by “plan --out”."),
            path=str(path),
        ) from error


def _describe_check(result: Any) -> str:
    if result["valid"]:
        return "The plan is valid."
    found = [f"  {item['where']}: {item['text']}" for item in result["violations"][:_SHOWN]]
    return "\n".join([f"The plan is not valid: {len(result['violations'])} violations.", *found])


COMMANDS = (
    Command("plan", "compute patrol routes for what is due", _add_plan_arguments, _run_plan, _describe_plan),
    Command("check-plan", "check a plan file against the database", _add_check_arguments, _run_check, _describe_check),
)
