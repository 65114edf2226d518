"""Benchmark files of the literature, solved and rechecked."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.patrol.mcgrp.checker import check_routes
from gridmap.domain.patrol.mcgrp.instance import Instance, Service
from gridmap.domain.patrol.mcgrp.search import Effort, Outcome, Standing, search
from gridmap.domain.patrol.mcgrp.warming import compile_search
from gridmap.domain.progress import Progress, silent
from gridmap.errors import N_, InvalidInput
from gridmap.services.files import require_folder, write_text
from gridmap.sources.routing_instances import read_routing_instance


@dataclass(frozen=True)
class BenchRow:
    """What came of one file; `valid` is the verdict of the independent checker, which also summed up the same cost."""

    instance: str
    cost: int
    lower_bound: int
    routes: int
    seconds: float
    seed: int
    valid: bool


def solve_routing_files(
    actor: Actor,
    *,
    files: Sequence[Path],
    effort: Effort,
    solutions: Path | None = None,
    progress: Progress = silent,
    clock: Callable[[], float] = time.monotonic,
) -> list[BenchRow]:
    """Solve CARP and MCGRP files one after the other; all are read before the first is solved.

    `solutions` is a folder that the routes are written to, a file `STEM.json` each. No database is touched.

    Raises
    ------
    InvalidInput
        A file cannot be used, with the line that is wrong; or the routes of two would be written to one file.
    StoreFailure
        The routes cannot be written there; found out before anything is solved.
    """
    check_allowed(actor, Permission.PLAN_PATROLS)
    if solutions is not None:
        require_folder(solutions)
    instances = [read_routing_instance(path) for path in files]
    if solutions is not None:
        _require_apart([instance.name for instance in instances])
    compile_search()
    rows = []
    for number, instance in enumerate(instances):

        def watch(standing: Standing, before: int = number) -> None:
            progress((before + standing.share) / len(instances), N_("searching for better routes"))

        outcome = search(instance, effort=effort, watch=watch, clock=clock)
        rows.append(_judge(instance, outcome, effort))
        if solutions is not None:
            write_text(solutions / f"{instance.name}.json", _build_solution(instance, outcome))
    return rows


def _require_apart(names: Sequence[str]) -> None:
    """Refuse names that are one file, also where capitals are not told from small letters."""
    told = Counter(name.casefold() for name in names)
    twice = next((name for name in names if told[name.casefold()] > 1), None)
    if twice is not None:
        raise InvalidInput(
            N_("Two files are called {name}: the routes of one would be written over those of the other."),
            hint=N_("Rename one, or solve them one after the other into folders of their own."),
            name=twice,
        )


def _judge(instance: Instance, outcome: Outcome, effort: Effort) -> BenchRow:
    verdict = check_routes(instance, outcome.routes, fleet=effort.fleet)
    return BenchRow(
        instance=instance.name,
        cost=outcome.cost,
        lower_bound=outcome.lower_bound,
        routes=len(outcome.routes),
        seconds=round(outcome.seconds, 3),
        seed=effort.seed,
        valid=verdict.is_valid and verdict.cost == outcome.cost,
    )


def _build_solution(instance: Instance, outcome: Outcome) -> str:
    """The routes in the terms of the file: tasks by name, nodes as it counts them, from 1."""
    routes = [list(_describe(instance, route)) for route in outcome.routes]
    return json.dumps({"instance": instance.name, "cost": outcome.cost, "routes": routes}, ensure_ascii=False)


def _describe(instance: Instance, route: Sequence[Service]) -> Iterator[dict[str, Any]]:
    for service in route:
        task = instance.tasks[service.task]
        start, end = (task.head, task.tail) if service.backward else (task.tail, task.head)
        yield {"task": task.name, "kind": task.kind.value, "from": start + 1, "to": end + 1}
