"""`roads check`: which roads nobody can go to, and why."""

from __future__ import annotations

import math
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from gridmap.cli.command import Command, Invocation
from gridmap.cli.plan_files import read_plan_file
from gridmap.domain.roads.closures import RoadChanges
from gridmap.domain.roads.speeds import Mode
from gridmap.services.plan_checking import read_document
from gridmap.services.road_check import (
    EXPLANATIONS,
    Reachability,
    RoadFault,
    check_roads,
    check_starts,
    list_starts,
)
from gridmap.services.routing import read_road_changes


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("what", choices=["check"], help="check: roads that cannot be gone to, or not be left again")
    whose = parser.add_mutually_exclusive_group()
    whose.add_argument("--mode", choices=[mode.value for mode in Mode], default=Mode.CAR.value, help="who travels")
    whose.add_argument("--plan", type=Path, metavar="FILE", help="from the posts of this plan, as its teams travel")
    parser.add_argument("--closures", type=Path, metavar="FILE", help="GeoJSON of roads that are closed besides")
    parser.epilog = (
        "Without a plan the roads are those that are open now; of a plan they are those that are open in its hours."
    )


def _run(invocation: Invocation) -> Any:
    given = invocation.arguments
    drawn = RoadChanges((), (), ())
    if given.closures is not None:
        drawn = read_road_changes(invocation.context, invocation.actor, path=given.closures)
    told = {"closures": {"closed_edges": len(drawn.closed), "unmatched": list(drawn.unmatched)}}
    if given.plan is None:
        whole, *posts = check_roads(invocation.context, invocation.actor, mode=Mode(given.mode), closures=drawn.closed)
        return {"mode": given.mode, **_list(whole), **told, "posts": [_list_post(post) for post in posts]}
    document = read_document(read_plan_file(given.plan))
    closures = tuple(sorted({*document["closures"], *drawn.closed}))
    starts = list_starts(document)
    found = check_starts(invocation.context, invocation.actor, starts=starts, closures=closures)
    return {**told, "posts": [_list_post(post) for post in found]}


def _list_post(found: Reachability) -> dict[str, Any]:
    return {"post": found.post, "mode": found.mode.value, **_list(found)}


def _list(found: Reachability) -> dict[str, Any]:
    return {
        "off_m": None if math.isnan(found.off_m) else round(found.off_m, 1),
        "reached": found.stretches,
        "reached_m": round(found.length_m),
        "out_of_reach": [_list_fault(fault) for fault in found.faults],
    }


def _list_fault(fault: RoadFault) -> dict[str, Any]:
    return {
        "because": fault.obstacle.value,
        "text": EXPLANATIONS[fault.obstacle],
        "stretches": fault.stretches,
        "metres": round(fault.length_m),
        "examples": [
            {
                "edge": road.edge_id,
                "name": road.name,
                "class": road.road_class,
                "lon": round(road.lon, 6),
                "lat": round(road.lat, 6),
            }
            for road in fault.examples
        ],
    }


def _describe(result: Any) -> str:
    lines = [f"no road is near the closure {name}" for name in result["closures"]["unmatched"]]
    if "mode" in result:
        lines += [f"{result['mode']}: {result['reached']} stretches of road hang together", *_describe_faults(result)]
    for post in result["posts"]:
        who = f"{post['post']} ({post['mode']})"
        if post["off_m"] is None:
            lines.append(f"{who}: no road that could be used is near")
            continue
        lines += [f"{who}: reaches {post['reached']} stretches", *_describe_faults(post)]
    return "\n".join(lines)


def _describe_faults(found: Any) -> list[str]:
    return [
        f"  cannot use {fault['stretches']} ({fault['metres'] / 1000:.1f} km), for example "
        f"{fault['examples'][0]['name'] or fault['examples'][0]['class']} at {fault['examples'][0]['lon']},"
        f"{fault['examples'][0]['lat']}: {fault['text']}"
        for fault in found["out_of_reach"]
    ]


COMMANDS = (Command("roads", "roads that cannot be gone to, and why", _add_arguments, _run, _describe),)
