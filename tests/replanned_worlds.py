"""Small plans mended in the middle of their day, by every step that a repair takes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from gridmap.domain.patrol.assembly import build_problem
from gridmap.domain.patrol.document import build_document
from gridmap.domain.patrol.document_parts import Document
from gridmap.domain.patrol.mending import Mended, merge_plan
from gridmap.domain.patrol.problem import PatrolProblem, Task
from gridmap.domain.patrol.replanning import Disturbance, Remainder, cut_plan, hold_tasks, list_remaining
from gridmap.domain.patrol.restoring import restore_rules
from gridmap.domain.patrol.solution import Solution
from gridmap.domain.patrol.solver import Effort, solve
from tests.worlds import HEADER, PatrolWorld


@dataclass(frozen=True)
class Repair:
    """A mended plan with what it was made from."""

    document: Document
    remainder: Remainder
    problem: PatrolProblem
    solution: Solution


def mend(
    world: PatrolWorld,
    document: Document,
    disturbance: Disturbance,
    *,
    closed: Collection[int] = (),
    more: Collection[Task] = (),
    iterations: int = 60,
) -> Repair:
    """The plan of a world after a disturbance, with roads closed since and tasks that came up."""
    before = world.network.close_edges(document["closures"])
    now = before.close_edges(closed)
    remainder = cut_plan(document, disturbance, before=before, now=now)
    planned = {task["key"] for task in document["tasks"]} - disturbance.gone
    tasks = (*(task for task in world.given.tasks if task.key in planned), *more)
    given = replace(world.given, tasks=list_remaining(tasks, remainder), posts=remainder.posts, teams=remainder.teams)
    rules = replace(restore_rules(document), change_s=disturbance.change_s)
    problem, start = hold_tasks(build_problem(now, given, rules=rules), remainder)
    solution = solve(problem, effort=Effort(iterations=iterations, workers=1), start=start.solution)
    rest = build_document(problem, solution, network=now, lines=world.lines, header=HEADER)
    header: dict[str, Any] = {
        **HEADER,
        "closures": sorted({*document["closures"], *closed}),
        "repair": {
            "plan_id": None,
            "at_s": disturbance.at_s,
            "keep": disturbance.keep.value,
            "change_s": disturbance.change_s,
            "dropped": sorted(disturbance.dropped),
            "away": [{"team": team, "until_s": away.until_s} for team, away in disturbance.away.items()],
            "new_tasks": [task.key for task in more],
        },
    }
    mended = merge_plan(
        Mended(
            document=document,
            disturbance=disturbance,
            remainder=remainder,
            problem=problem,
            solution=solution,
            rest=rest,
            tasks=tasks,
            lines=world.lines,
            now=now,
            header=header,
        )
    )
    return Repair(mended, remainder, problem, solution)
