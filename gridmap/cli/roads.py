"""`roads check`: which roads nobody can drive to, and why."""

from __future__ import annotations

import math
from argparse import ArgumentParser
from typing import Any

from gridmap.cli.command import Command, Invocation
from gridmap.domain.roads.speeds import Mode
from gridmap.services.road_check import EXPLANATIONS, Reachability, RoadFault, check_roads


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("what", choices=["check"], help="check: roads that cannot be gone to, or not be left again")
    parser.add_argument("--mode", choices=[mode.value for mode in Mode], default=Mode.CAR.value, help="who travels")


def _run(invocation: Invocation) -> Any:
    mode = invocation.arguments.mode
    whole, *posts = check_roads(invocation.context, invocation.actor, mode=Mode(mode))
    return {"mode": mode, **_list(whole), "posts": [{"post": post.post, **_list(post)} for post in posts]}


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
    lines = [f"{result['mode']}: {result['reached']} stretches of road hang together", *_describe_faults(result)]
    for post in result["posts"]:
        if post["off_m"] is None:
            lines.append(f"{post['post']}: no road that could be used is near")
            continue
        lines += [f"{post['post']}: reaches {post['reached']} stretches", *_describe_faults(post)]
    return "\n".join(lines)


def _describe_faults(found: Any) -> list[str]:
    return [
        f"  cannot use {fault['stretches']} ({fault['metres'] / 1000:.1f} km), for example "
        f"{fault['examples'][0]['name'] or fault['examples'][0]['class']} at {fault['examples'][0]['lon']},"
        f"{fault['examples'][0]['lat']}: {fault['text']}"
        for fault in found["out_of_reach"]
    ]


COMMANDS = (Command("roads", "roads that cannot be driven to, and why", _add_arguments, _run, _describe),)
