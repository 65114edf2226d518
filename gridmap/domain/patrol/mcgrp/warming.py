"""The search made ready before its time is counted."""

from __future__ import annotations

from gridmap.domain.patrol.mcgrp.instance import Instance, Link, Task, TaskKind
from gridmap.domain.patrol.mcgrp.search import Effort, search


def compile_search() -> None:
    """Compile every kernel by using it on a ring of streets: about 20 s the first time on a machine, 0.3 s after."""
    count = 6
    ring = [(node, (node + 1) % count) for node in range(count)]
    tasks = tuple(Task(f"E{a}", TaskKind.EDGE, a, b, 1, 1) for a, b in ring)
    links = tuple(Link(a, b, 1, two_way=True) for a, b in ring)
    search(Instance("ring", count, 0, 4, tasks, links), effort=Effort(iterations=10))
