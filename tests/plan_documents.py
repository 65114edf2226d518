"""Small plan documents, as far as they say who does what when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

EIGHT = 8 * 3600


def make_plan(
    routes: Mapping[str, Sequence[str]],
    *,
    unserved: Sequence[str] = (),
    ids: Mapping[str, int | None] | None = None,
    begin_s: int = EIGHT,
    hours: float = 1.0,
) -> dict[str, Any]:
    """Teams by name with the tasks they do, an hour each; tasks have the priority their key ends with."""
    teams = [
        {"key": f"T{n}", "id": (ids or {}).get(name), "name": name, "kind": "car"} for n, name in enumerate(routes, 1)
    ]
    step = round(hours * 3600)
    made = [
        {
            "team": team["key"],
            "start_s": begin_s,
            "end_s": begin_s + step * len(tasks),
            "duration_s": step * len(tasks),
            "driven_m": 1000.0 * len(tasks),
            "walked_m": 100.0 * len(tasks),
            "stops": [{"tasks": [task], "start_s": begin_s + step * at} for at, task in enumerate(tasks)],
        }
        for team, tasks in zip(teams, routes.values(), strict=True)
        if tasks
    ]
    served = [task for tasks in routes.values() for task in tasks]
    keys = [*dict.fromkeys(served), *unserved]
    duration = sum(route["duration_s"] for route in made)
    return {
        "teams": teams,
        "tasks": [{"key": key, "priority": int(key.rpartition("-")[2])} for key in keys],
        "routes": made,
        "unserved": [{"task": key, "reason": "no_time_left", "text": "full", "values": {}} for key in unserved],
        "summary": {
            "tasks": len(keys),
            "served": len(served),
            "unserved": len(unserved),
            "duration_s": duration,
            "driven_m": sum(route["driven_m"] for route in made),
            "walked_m": sum(route["walked_m"] for route in made),
            "objective": {"value": float(duration)},
        },
    }
