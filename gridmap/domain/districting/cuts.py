"""Districts within bounds of load that cut as few neighbours apart as can be.

The benchmark of Validi and Buchanan ("Political districting to minimize cut edges", 2022, Mathematical Programming
Computation 14:623): every district connected, its population within [L, U].
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gridmap.domain.districting.adjacency import FloatArray, IntArray
from gridmap.domain.districting.annealing import NEVER, Rules, build_ground
from gridmap.domain.districting.contiguity import label_parts
from gridmap.domain.districting.growing import draw_seeds, grow_units
from gridmap.domain.districting.search import EDGES, Cooling, Effort, Search
from gridmap.domain.districting.territory import Territory
from gridmap.domain.progress import Progress, silent
from gridmap.errors import N_, CannotPlan, InvalidInput

_FRESH = Cooling(hot=3.0, cold=0.2)
_AGAIN = Cooling(hot=1.0, cold=0.2)
_TRIES = 12_000
"""For each cell, of the first annealing; each one after it takes longer."""
_LONGER = 1.2
_SWAPS = 0.3
_SCALE = 0.02
"""Of a fair share: being outside a window by so much costs as much as a cut at first."""
_FIRST_SHARE, _LAST = 0.25, 1.6
"""An annealing takes at most this share of what is left; the one that would leave too little for another takes all."""


@dataclass(frozen=True)
class Districts:
    """A plan, counted afresh from its owners.

    Attributes
    ----------
    owner
        District of each cell, from 0.
    cut_edges
        Neighbours in different districts.
    loads
        Of each district.
    contiguous
        Whether every district hangs together.
    within
        Whether every load is inside its bounds; where none such was found, this is the nearest to it.
    """

    owner: IntArray
    cut_edges: int
    loads: FloatArray
    contiguous: bool
    within: bool
    seconds: float


def find_cuts(
    territory: Territory,
    *,
    units: int,
    low: float,
    high: float,
    effort: Effort,
    enough: int = 0,
    progress: Progress = silent,
    clock: Callable[[], float] = time.monotonic,
) -> Districts:
    """Divide a territory into `units` connected districts of a load in [low, high] with the fewest cut neighbours.

    Ends as soon as no more than `enough` are cut. Anytime: when the effort is spent, or `progress` raises `Cancelled`,
    the best so far is returned.

    Raises
    ------
    InvalidInput
        Bounds or the number of districts make no sense.
    CannotPlan
        The bounds leave no room for the total, a cell alone is above them, or the cells lie in too many parts.
    """
    _check_bounds(territory, units, low, high)
    rng = np.random.default_rng(effort.seed)
    n, fair = territory.cells, float(territory.load.sum()) / units
    whole = np.zeros(units, np.int64)
    ground = build_ground(territory, home=np.zeros(n, np.int64), price=np.zeros(n), unit_parent=whole)
    rules = _build_rules(units, low, high, scale=max(fair, 1e-9) * _SCALE)
    search = Search(ground, effort, words=EDGES, progress=progress, clock=clock)
    tries = float(_TRIES * n)
    while search.owner is None or (search.cost > enough + 0.5 and search.count_left() > 0):
        left = search.count_left()
        length = int(min(tries, max(left * _FIRST_SHARE, 1_000 * n)))
        length = left if length * _LAST > left else length
        if search.cost < NEVER and rng.random() < 1 / 3:
            search.run(rules, search.owner if search.owner is not None else whole, cooling=_AGAIN, tries=length)
        else:
            seeded = np.full(n, -1, np.int64)
            seeded[draw_seeds(territory, units, rng=rng)] = np.arange(units)
            start = grow_units(territory, seeded, fair=np.full(units, fair), takes=whole, rng=rng)
            search.run(rules, start, cooling=_FRESH, tries=length)
        tries *= _LONGER
    return count_districts(territory, search.owner, units=units, low=low, high=high, seconds=search.seconds)


def count_districts(
    territory: Territory, owner: IntArray, *, units: int, low: float, high: float, seconds: float = 0.0
) -> Districts:
    """Judge a plan by nothing but the owners of its cells."""
    pairs = territory.list_pairs()
    loads: FloatArray = np.bincount(owner, weights=territory.load, minlength=units).astype(np.float64)
    parts = label_parts(pairs, owner)
    return Districts(
        owner=owner,
        cut_edges=int((owner[pairs[:, 0]] != owner[pairs[:, 1]]).sum()),
        loads=loads,
        contiguous=len(np.unique(parts)) == units == len(np.unique(owner)),
        within=bool(((loads >= low) & (loads <= high)).all()),
        seconds=seconds,
    )


def _build_rules(units: int, low: float, high: float, *, scale: float) -> Rules:
    return Rules(
        low=np.full(units, float(low)),
        high=np.full(units, float(high)),
        scale=scale,
        excess=1.0,
        bend=0.0,
        cut=1.0,
        compact=0.0,
        shape=0.0,
        shape_floor=-NEVER,
        swaps=_SWAPS,
        most=NEVER,
        dear=0.0,
    )


def _check_bounds(territory: Territory, units: int, low: float, high: float) -> None:
    if units < 1 or not 0 <= low <= high:
        raise InvalidInput(
            N_("{units} districts of {low} to {high} people make no sense."),
            hint=N_("Give at least one district, and a lower bound that is not above the upper."),
            units=units,
            low=f"{low:g}",
            high=f"{high:g}",
        )
    total = float(territory.load.sum())
    if not units * low <= total <= units * high:
        raise CannotPlan(
            N_("{units} districts of {low} to {high} people cannot hold {total} people."),
            hint=N_("Choose bounds with the average district between them."),
            units=units,
            low=f"{low:g}",
            high=f"{high:g}",
            total=f"{total:g}",
        )
    if territory.cells and float(territory.load.max()) > high:
        raise CannotPlan(
            N_("One cell alone has more people than a district may have."),
            hint=N_("Raise the upper bound, or divide the cell."),
        )
