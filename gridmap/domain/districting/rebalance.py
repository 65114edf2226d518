"""Units brought within a tolerance of their fair load by moving as few cells, then households, as can be.

A simulated annealing that starts from today's units and is drawn back to them: each cell away from home costs one,
and a load outside its window costs more the further it is outside, so that work flows over several units where it has
to.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gridmap.domain.districting.adjacency import FloatArray, IntArray
from gridmap.domain.districting.annealing import NEVER, Ground, Rules, build_ground
from gridmap.domain.districting.contiguity import NOBODY, find_strays
from gridmap.domain.districting.growing import grow_units
from gridmap.domain.districting.measures import compute_fair, find_unit_parents, measure_units
from gridmap.domain.districting.proposals import AIM_WORDS, Aim, Proposal, Wishes, build_proposal
from gridmap.domain.districting.search import MOVES, Cooling, Effort, Search
from gridmap.domain.districting.territory import Territory, check_owner
from gridmap.domain.progress import Progress, silent

_FRESH = Cooling(hot=1.0, cold=0.1)
_AGAIN = Cooling(hot=0.4, cold=0.1)
_TRIES = 1_500
"""For each cell, of an annealing, where there is time for more than one."""
_LAST = 1.6
_BEND = 0.2
_MOST_SWAPS = 0.1
"""Share of the tries that exchange two cells, which takes twenty times as long as moving one."""
_MARGIN = 0.002
"""Of the shape that is to be kept, held in reserve against rounding."""
_SHAPE = 40.0
"""Cells that a loss of one in the sum of Polsby-Popper measures below the floor costs."""
_ROUNDER = 2.0
"""Cells a hundredth of the mean measure is worth where a rounder alternative is asked for."""
_DEAR = 5.0
_MAIN_SHARE = 0.6
"""Of the effort, for the fewest moves; the alternatives share the rest."""


@dataclass(frozen=True)
class Task:
    """A search with its beginning.

    Attributes
    ----------
    today
        Unit of each cell now, NOBODY where it has none.
    start
        Where the search begins: as today, but for cells that have to go in any case.
    free
        Cells that have to go in any case, and cost nothing.
    unit_parent
        Parent each unit takes cells of, below 0 of one that takes none.
    kept
        Cells that stay besides the locked ones.
    """

    today: IntArray
    start: IntArray
    free: np.ndarray[tuple[int], np.dtype[np.bool_]]
    unit_parent: IntArray
    kept: IntArray


def rebalance(
    territory: Territory,
    owner: IntArray,
    *,
    units: int,
    wishes: Wishes,
    effort: Effort,
    unit_parent: IntArray | None = None,
    progress: Progress = silent,
    clock: Callable[[], float] = time.monotonic,
) -> Proposal:
    """Propose moves after which every unit's load is within the tolerance of its fair share.

    No part is cut off; locked cells stay; a cell goes only to units of its parent (`unit_parent`, where it is left out
    the parent of most cells of the unit); the mean Polsby-Popper measure keeps `wishes.compactness_kept` of today's.
    Anytime: when the effort is spent, or `progress` raises `Cancelled`, the best so far is proposed.

    Raises
    ------
    InvalidInput
        A cell belongs to a unit that is not there.
    """
    check_owner(territory, owner, units=units)
    parents = find_unit_parents(territory, owner, units=units) if unit_parent is None else unit_parent
    start = heal_strays(territory, owner, unit_parent=parents, seed=effort.seed) if wishes.heal else owner
    task = Task(
        today=owner,
        start=start,
        free=start != owner,
        unit_parent=parents,
        kept=np.zeros(0, np.int64),
    )
    return solve_task(territory, task, wishes=wishes, effort=effort, progress=progress, clock=clock)


def heal_strays(territory: Territory, owner: IntArray, *, unit_parent: IntArray, seed: int) -> IntArray:
    """Give parts that lie apart from their unit to neighbours; locked cells and what has no other neighbour stay."""
    apart = np.zeros(territory.cells, np.bool_)
    for stray in find_strays(territory.list_pairs(), owner):
        apart[list(stray.cells)] = True
    apart &= ~territory.locked
    left = np.where(apart, NOBODY, owner)
    fair = compute_fair(territory, unit_parent=unit_parent)
    rng = np.random.default_rng(seed)
    grown = grow_units(territory, left, fair=fair, takes=unit_parent, rng=rng, free=apart)
    return np.where(grown == NOBODY, owner, grown)


def solve_task(
    territory: Territory,
    task: Task,
    *,
    wishes: Wishes,
    effort: Effort,
    progress: Progress = silent,
    clock: Callable[[], float] = time.monotonic,
) -> Proposal:
    """The fewest moves from a beginning, and the alternatives that are wished for."""
    fair = compute_fair(territory, unit_parent=task.unit_parent)
    ground = _build_ground(territory, task)
    rules = _build_rules(territory, task, fair=fair, wishes=wishes)
    search = Search(ground, effort, words=MOVES, progress=progress, clock=clock)
    aims = [Aim.FEWEST, *wishes.alternatives]
    proposals: list[Proposal] = []
    for number, aim in enumerate(aims):
        end = 1.0 if number == len(aims) - 1 else _MAIN_SHARE + (1 - _MAIN_SHARE) * number / max(len(aims) - 1, 1)
        # Alternatives begin where the fewest moves ended: what they gain is gained beside it.
        start = proposals[0].owner if proposals else task.start
        search.forget(AIM_WORDS[aim])
        found = _search_aim(search, _aim_rules(rules, aim, fair, wishes), start, cells=territory.cells, share=end)
        proposals.append(build_proposal(territory, task.today, found, aim=aim, fair=fair, tolerance=wishes.tolerance))
        if search.is_cancelled:
            break
    return replace(_find_fewest(proposals, wishes), alternatives=tuple(proposals[1:]))


def _find_fewest(proposals: Sequence[Proposal], wishes: Wishes) -> Proposal:
    """The first one, or another that came to fewer moves by its stricter rules: then it is both."""
    if wishes.compactness_weight > 0:  # fewest moves are not all that counts
        return proposals[0]
    first = proposals[0]
    as_good = [found for found in proposals if found.balanced or (not first.balanced and _off(found) <= _off(first))]
    best = min(as_good, key=lambda found: (not found.balanced, len(found.moves), found.households))
    return replace(best, aim=Aim.FEWEST)


def _off(found: Proposal) -> float:
    """The largest deviation of a unit from its fair share."""
    return float(np.abs(found.after.deviation).max(initial=0.0))


def _search_aim(search: Search, rules: Rules, start: IntArray, *, cells: int, share: float) -> IntArray:
    first = True
    while first or search.count_left(share) > 0:
        left = search.count_left(share)
        tries = _TRIES * cells
        tries = left if tries * _LAST > left else tries
        cooling = _FRESH if first else _AGAIN
        begin = start if search.owner is None or search.cost >= NEVER else search.owner
        search.run(rules, begin, cooling=cooling, tries=max(tries, 1), share=share)
        first = False
        if search.cost < NEVER and not _can_gain(rules, search.cost):
            break
    return start if search.owner is None else search.owner


def _can_gain(rules: Rules, cost: float) -> bool:
    """Whether another plan can cost less: nothing costs less than no move, but for what compactness earns."""
    return rules.compact > 0 or cost > 1e-6


def _build_ground(territory: Territory, task: Task) -> Ground:
    homes = territory.households / max(float(territory.households.sum()), 1.0)
    movable = task.start != NOBODY
    movable[task.kept] = False
    return build_ground(
        territory,
        home=task.today,
        # Half a cell for all households together: they decide only between plans of equally many cells.
        price=np.where(task.free, 0.0, 1.0 + 0.5 * homes),
        unit_parent=task.unit_parent,
        movable=movable,
    )


def _build_rules(territory: Territory, task: Task, *, fair: FloatArray, wishes: Wishes) -> Rules:
    """Shape is measured against today's units, as far as they are still there."""
    open_ = np.flatnonzero(task.unit_parent >= 0)
    shape = measure_units(territory, task.start, fair=fair, units=open_).polsby_popper.sum()
    slack = wishes.tolerance * fair
    return Rules(
        low=fair - slack,
        high=fair + slack,
        scale=max(float(territory.load.mean()), 1e-12) if territory.cells else 1.0,
        excess=1.0,
        bend=_BEND,
        cut=0.0,
        compact=100.0 * wishes.compactness_weight / max(len(open_), 1),
        shape=_SHAPE,
        shape_floor=float(shape) * min(wishes.compactness_kept + _MARGIN, 1.0),
        # Units of few cells come into balance by exchanges alone; those of many hardly need any.
        swaps=min(_MOST_SWAPS, len(open_) / max(territory.cells, 1)),
        most=NEVER if wishes.most_moves is None else wishes.most_moves + 0.5,
        dear=_DEAR,
    )


def _aim_rules(rules: Rules, aim: Aim, fair: FloatArray, wishes: Wishes) -> Rules:
    if aim is Aim.ROUND:
        units = max(int((fair > 0).sum()), 1)
        return rules._replace(compact=100.0 * max(2 * wishes.compactness_weight, _ROUNDER) / units)
    if aim is Aim.EVEN:
        slack = 0.5 * wishes.tolerance * fair
        return rules._replace(low=fair - slack, high=fair + slack)
    return rules
