"""Map colours: neighbouring units differ, and a unit keeps its colour as long as it can."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush

COLOURS = 6


def color_units(units: Sequence[int], neighbours: Iterable[tuple[int, int]]) -> dict[int, int]:
    """A colour 0 to 5 for each unit such that neighbours differ.

    Units are coloured in the reverse of the smallest-last order (Matula and Beck, 1983, Journal of the ACM 30:417), in
    which every unit of a planar map meets at most five coloured neighbours, so that six colours always suffice. Only
    where units of many scattered parts make the map other than planar may a unit share the colour that fewest of its
    neighbours have.
    """
    near: dict[int, set[int]] = defaultdict(set)
    for a, b in neighbours:
        if a != b:
            near[a].add(b)
            near[b].add(a)
    colour: dict[int, int] = {}
    for unit in reversed(_order_smallest_last(units, near)):
        taken = [colour[other] for other in near[unit] if other in colour]
        # Starting from the unit's own number keeps its colour through changes elsewhere and uses all six hues.
        wished = [(unit + step) % COLOURS for step in range(COLOURS)]
        colour[unit] = min(wished, key=taken.count)
    return colour


def _order_smallest_last(units: Sequence[int], near: Mapping[int, set[int]]) -> list[int]:
    """Units in the order of being taken away, each time the one with the fewest neighbours left."""
    degree = {unit: len(near.get(unit, ())) for unit in units}
    queue = [(count, unit) for unit, count in degree.items()]
    heapify(queue)
    order: list[int] = []
    while queue:
        count, unit = heappop(queue)
        if degree.get(unit) != count:
            continue  # queued again since, with fewer neighbours
        del degree[unit]
        order.append(unit)
        for other in near.get(unit, ()):
            if other in degree:
                degree[other] -= 1
                heappush(queue, (degree[other], other))
    return order
