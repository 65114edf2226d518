"""Small routing problems: a ring whose best routes are obvious, and made-up towns."""

from __future__ import annotations

import numpy as np

from gridmap.domain.patrol.mcgrp.instance import Instance, Link, Task, TaskKind


def build_ring(count: int, *, capacity: int, kind: TaskKind = TaskKind.EDGE) -> Instance:
    """`count` links of cost 1 in a ring through the depot, all required, demand 1 each."""
    ring = [(node, (node + 1) % count) for node in range(count)]
    tasks = tuple(Task(f"T{a}", kind, a, b, 1, 1) for a, b in ring)
    links = tuple(Link(a, b, 1, two_way=kind is TaskKind.EDGE) for a, b in ring)
    return Instance("ring", count, 0, capacity, tasks, links)


def build_instance(seed: int, *, tasks: int = 12) -> Instance:
    """A town of random streets, some of them one-way beside a two-way net, with required nodes, edges and arcs."""
    rng = np.random.default_rng(seed)
    nodes = max(4, tasks // 2)
    spread = [(node, int(rng.integers(node)), int(rng.integers(1, 20))) for node in range(1, nodes)]
    links = [Link(a, b, cost, two_way=True) for a, b, cost in spread]
    for _ in range(2 * nodes):
        a, b = rng.choice(nodes, 2, replace=False).tolist()
        links.append(Link(a, b, int(rng.integers(1, 20)), two_way=bool(rng.integers(2))))
    chosen = rng.choice(len(links) + nodes, min(tasks, len(links) + nodes), replace=False)
    required = tuple(_require(links, int(at), int(rng.integers(1, 6))) for at in chosen)
    return Instance(f"town {seed}", nodes, 0, int(rng.integers(8, 25)), required, tuple(links))


def _require(links: list[Link], at: int, demand: int) -> Task:
    if at >= len(links):
        node = at - len(links)
        return Task(f"N{node}", TaskKind.NODE, node, node, 0, demand)
    link = links[at]
    kind = TaskKind.EDGE if link.two_way else TaskKind.ARC
    return Task(f"L{at}", kind, link.tail, link.head, link.cost, demand)
