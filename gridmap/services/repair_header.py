"""What a mended plan says of itself: what it mends, from when on, and what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from gridmap.domain.patrol.hours import DAY_S
from gridmap.domain.patrol.replanning import Away, Disturbance, Remainder
from gridmap.domain.patrol.solution import Solution
from gridmap.domain.patrol.starts import Start
from gridmap.domain.roads.closures import RoadChanges
from gridmap.errors import N_
from gridmap.services.patrol_request import note


@dataclass(frozen=True, kw_only=True)
class RepairFacts:
    """What is told of a repair.

    `new` are keys of tasks that came up, `plan_id` is the kept plan that is mended; `stopped_early`: somebody ended the
    search.
    """

    document: Mapping[str, Any]
    disturbance: Disturbance
    remainder: Remainder
    changes: RoadChanges
    new: Sequence[str]
    plan_id: int | None
    stopped_early: bool = False


def describe_search(
    solution: Solution, start: Start, *, seed: int, seconds: float, iterations: int | None
) -> dict[str, Any]:
    """How long was searched, and with how much of the plan the search began."""
    return {
        "seed": seed,
        "seconds": None if iterations is not None else seconds,
        "iterations": iterations,
        "iterations_run": solution.iterations,
        "stopped_early": solution.stopped_early,
        "warm_start": {"stops": start.stops, "kept": start.kept},
    }


def write_header(facts: RepairFacts) -> dict[str, Any]:
    """The part of a document that says what it is, without who made it when and how."""
    document, disturbance = facts.document, facts.disturbance
    return {
        **{name: document[name] for name in ("area_code", "service_date", "shift", "speeds") if name in document},
        "area_name": document.get("area_name", ""),
        "notes": _write_notes(facts),
        "closures": list(facts.changes.closed),
        "slowed": [list(slow) for slow in facts.changes.slowed],
        "repair": {
            "plan_id": facts.plan_id,
            "at_s": disturbance.at_s,
            "keep": disturbance.keep.value,
            "change_s": disturbance.change_s,
            "dropped": sorted(disturbance.dropped),
            "away": [_write_away(team, away) for team, away in sorted(disturbance.away.items())],
            "new_tasks": list(facts.new),
        },
    }


def read_clock(seconds: int) -> time:
    """Seconds after a midnight as a time of day."""
    minutes = seconds % DAY_S // 60
    return time(minutes // 60, minutes % 60)


def _write_away(team: str, away: Away) -> dict[str, Any]:
    place = {} if away.place is None else dict(zip(("lon", "lat"), away.place, strict=True))
    return {"team": team, "until_s": away.until_s, **place}


def _write_notes(facts: RepairFacts) -> list[dict[str, Any]]:
    disturbance = facts.disturbance
    names = {team["key"]: team["name"] for team in facts.document["teams"]}
    behind = sum(len(standing.behind) for standing in facts.remainder.standings.values())
    told = [
        note(
            N_("Planned anew from {time} on; {count} stops before stay as they were."),
            time=_write_clock(disturbance.at_s),
            count=behind,
        )
    ]
    if facts.stopped_early:
        told.append(note(N_("The search was stopped early; this is the best plan found by then.")))
    if disturbance.dropped:
        text = N_("These teams do nothing more: {teams}.")
        told.append(note(text, teams=", ".join(names[key] for key in sorted(disturbance.dropped))))
    told += [
        note(N_("{team} is back at {time}."), team=names[key], time=_write_clock(away.until_s))
        for key, away in sorted(disturbance.away.items())
    ]
    if facts.new:
        told.append(note(N_("{count} hazards came up since."), count=len(facts.new)))
    before, now = set(facts.document["closures"]), set(facts.changes.closed)
    if now - before:
        told.append(note(N_("{count} more stretches of road are closed than before."), count=len(now - before)))
    if before - now:
        told.append(note(N_("{count} stretches of road are open again."), count=len(before - now)))
    return told


def _write_clock(seconds: int) -> str:
    return read_clock(seconds).strftime("%H:%M")
