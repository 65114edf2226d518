"""A unit closes, a new one begins, or all are drawn afresh; each as few moves from today as that allows."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from gridmap.domain.districting.adjacency import IntArray
from gridmap.domain.districting.annealing import NEVER, Rules, build_ground
from gridmap.domain.districting.contiguity import NOBODY, label_parts
from gridmap.domain.districting.growing import grow_units
from gridmap.domain.districting.measures import compute_fair, find_unit_parents
from gridmap.domain.districting.proposals import AIM_WORDS, Aim, Proposal, Wishes, build_proposal
from gridmap.domain.districting.rebalance import Task, solve_task
from gridmap.domain.districting.search import BORDERS, Cooling, Effort, Search
from gridmap.domain.districting.territory import Territory, check_owner
from gridmap.domain.progress import Progress, silent
from gridmap.errors import N_, CannotPlan, InvalidInput, NotFound

_CLOSED = -1
"""Parent of a unit that takes no cells."""
_DRAWING = Cooling(hot=2.0, cold=0.1)
_TRIES = 3_000
_ROUNDEST = 10.0
"""Cut neighbours a hundredth of the mean Polsby-Popper measure is worth where the roundest plan is asked for."""


def absorb(
    territory: Territory,
    owner: IntArray,
    closing: int,
    *,
    units: int,
    wishes: Wishes,
    effort: Effort,
    unit_parent: IntArray | None = None,
    progress: Progress = silent,
    clock: Callable[[], float] = time.monotonic,
) -> Proposal:
    """Propose how the cells of a unit that closes go to those that stay; its cells cost no move, others do.

    `unit_parent` is the parent each unit takes cells of; where it is left out, that of most cells it has.

    Raises
    ------
    NotFound
        There is no such unit, or it has no cell.
    CannotPlan
        A cell of it is locked, or borders no other unit of its parent, not even over others of its cells.
    """
    check_owner(territory, owner, units=units)
    going = owner == closing
    if not 0 <= closing < units or not going.any():
        raise NotFound(N_("There is no such unit."), hint=N_("Choose one of the units of this area."))
    if (going & territory.locked).any():
        raise CannotPlan(
            N_("A unit with locked cells cannot be closed."), hint=N_("Unlock its cells, or move them yourself first.")
        )
    parents = find_unit_parents(territory, owner, units=units) if unit_parent is None else unit_parent.copy()
    parents[closing] = _CLOSED
    if not (parents == territory.parent[going][0]).any():
        raise CannotPlan(
            N_("No other unit can take the cells."), hint=N_("Choose a unit that has another one beside it.")
        )
    fair = compute_fair(territory, unit_parent=parents)
    rng = np.random.default_rng(effort.seed)
    start = grow_units(territory, np.where(going, NOBODY, owner), fair=fair, takes=parents, rng=rng, free=going)
    if (start[going] == NOBODY).any():
        raise CannotPlan(
            N_("Some cells of the unit border no other unit."),
            hint=N_("Join them to a neighbour where a bridge leads, or move them yourself first."),
        )
    task = Task(today=owner, start=start, free=going, unit_parent=parents, kept=np.zeros(0, np.int64))
    return solve_task(territory, task, wishes=wishes, effort=effort, progress=progress, clock=clock)


def staff(
    territory: Territory,
    owner: IntArray,
    *,
    units: int,
    wishes: Wishes,
    effort: Effort,
    seed_cell: int | None = None,
    unit_parent: IntArray | None = None,
    progress: Progress = silent,
    clock: Callable[[], float] = time.monotonic,
) -> Proposal:
    """Propose cells for a new unit, which is called `units` in the proposal, until all carry a fair share.

    It begins at `seed_cell`, which it keeps; where that is left out, at a cell of the unit that carries most.
    `unit_parent` is the parent each unit of today takes cells of; where it is left out, that of most cells it has.

    Raises
    ------
    InvalidInput
        The seed is no cell.
    CannotPlan
        The seed is locked or the only cell of its unit, or its unit would fall apart without it; without a seed, there
        is no cell that can be given.
    """
    check_owner(territory, owner, units=units)
    parents = find_unit_parents(territory, owner, units=units) if unit_parent is None else unit_parent
    seed = _choose_seed(territory, owner, units=units) if seed_cell is None else seed_cell
    if not 0 <= seed < territory.cells:
        raise InvalidInput(N_("A selected cell is not in this area."), hint=N_("Select the cells again."))
    if territory.locked[seed] or not _can_leave(territory, owner, seed):
        raise CannotPlan(
            N_("The new unit cannot begin at this cell."),
            hint=N_("Choose a cell that is not locked, and without which its unit stays in one piece."),
        )
    start = owner.copy()
    start[seed] = units
    task = Task(
        today=owner,
        start=start,
        free=np.zeros(territory.cells, np.bool_),
        unit_parent=np.append(parents, territory.parent[seed]),
        kept=np.array([seed] if seed_cell is not None else [], np.int64),
    )
    return solve_task(territory, task, wishes=wishes, effort=effort, progress=progress, clock=clock)


def draw_afresh(
    territory: Territory,
    owner: IntArray,
    *,
    unit_parent: IntArray,
    wishes: Wishes,
    effort: Effort,
    progress: Progress = silent,
    clock: Callable[[], float] = time.monotonic,
) -> Proposal:
    """Propose units drawn anew within the tolerance, with short borders; `unit_parent` says how many each parent has.

    There may be fewer units than today, or more: those of `owner` that are beyond the last of `unit_parent` close. Of
    the numbers a unit could have it gets the one by which fewest cells change hands. Locked cells stay with their
    unit and it grows from them. The alternatives are other plans: rounder ones, more even ones.

    Raises
    ------
    CannotPlan
        A parent has cells and no unit, or more separate parts than units; or a cell of a unit that closes is locked.
    """
    check_owner(territory, owner, units=max(len(unit_parent), int(owner.max(initial=0)) + 1))
    if (owner[territory.locked] >= len(unit_parent)).any():
        raise CannotPlan(
            N_("A unit with locked cells cannot be closed."), hint=N_("Unlock its cells, or move them yourself first.")
        )
    fair = compute_fair(territory, unit_parent=unit_parent)
    n = territory.cells
    ground = build_ground(territory, home=np.zeros(n, np.int64), price=np.zeros(n), unit_parent=unit_parent)
    search = Search(ground, effort, words=BORDERS, progress=progress, clock=clock)
    rng = np.random.default_rng(effort.seed)
    aims = [Aim.FEWEST, *wishes.alternatives]
    proposals = []
    for number, aim in enumerate(aims):
        search.forget(AIM_WORDS[aim])
        end = (number + 1) / len(aims)
        tolerance = wishes.tolerance / 2 if aim is Aim.EVEN else wishes.tolerance
        weight = max(wishes.compactness_weight, _ROUNDEST) if aim is Aim.ROUND else wishes.compactness_weight
        rules = Rules(
            low=(1 - tolerance) * fair,
            high=(1 + tolerance) * fair,
            scale=max(float(fair.mean()) / 50, 1e-12),
            excess=1.0,
            bend=0.05,
            cut=1.0,
            compact=100.0 * weight / len(unit_parent),
            shape=0.0,
            shape_floor=-NEVER,
            swaps=0.1,
            most=NEVER,
            dear=0.0,
        )
        while search.owner is None or search.count_left(end) > _TRIES * n:
            start = _begin(territory, owner, unit_parent=unit_parent, rng=rng)
            tries = min(max(search.count_left(end), 1), 4 * _TRIES * n)
            search.run(rules, start, cooling=_DRAWING, tries=tries, share=end)
        named = _name_units(territory, owner, search.owner, unit_parent=unit_parent)
        proposals.append(build_proposal(territory, owner, named, aim=aim, fair=fair, tolerance=wishes.tolerance))
        if search.is_cancelled:  # another aim would show where a search begins, not what it found
            break
    return replace(proposals[0], alternatives=tuple(proposals[1:]))


def share_out_units(territory: Territory, units: int) -> IntArray:
    """How many of `units` each parent has by its load, at least one where it has cells.

    Raises CannotPlan for fewer units than parents with cells, or more than cells.
    """
    size = int(territory.parent.max(initial=-1)) + 1
    cells = np.bincount(territory.parent, minlength=size)
    load = np.bincount(territory.parent, weights=territory.load, minlength=size)
    if not int((cells > 0).sum()) <= units <= territory.cells:
        raise CannotPlan(
            N_("{units} units are too few or too many for these cells."),
            hint=N_("Each area within it needs a unit, and each unit a cell."),
            units=units,
        )
    count = (cells > 0).astype(np.int64)
    for _ in range(units - int(count.sum())):
        # The next unit goes where each carries most, as in the method of Webster and Sainte-Laguë.
        need = np.where(count < cells, load / (count + 0.5), -1.0)
        count[int(need.argmax())] += 1
    return count


def _begin(territory: Territory, owner: IntArray, *, unit_parent: IntArray, rng: np.random.Generator) -> IntArray:
    """Units grown from their locked cells, those without any from cells of their parent that nobody has."""
    start = np.where(territory.locked, owner, NOBODY)
    fair = compute_fair(territory, unit_parent=unit_parent)
    for parent in np.unique(territory.parent).tolist():
        mine = np.flatnonzero(unit_parent == parent)
        empty = mine[~np.isin(mine, start)]
        free = np.flatnonzero((territory.parent == parent) & ~territory.locked)
        if len(mine) == 0 or len(free) < len(empty):
            raise CannotPlan(
                N_("A parent has cells and no unit, or fewer cells than units."),
                hint=N_("Choose how many units each parent has."),
            )
        start[rng.choice(free, len(empty), replace=False)] = empty
    grown = grow_units(territory, start, fair=fair, takes=unit_parent, rng=rng, free=~territory.locked)
    if ((grown == NOBODY) & ~territory.locked).any():
        raise CannotPlan(
            N_("The cells lie in more separate parts than there are units."),
            hint=N_("Join the parts where a bridge or an enclave connects them, or choose more units."),
        )
    return grown


def _name_units(territory: Territory, today: IntArray, drawn: IntArray, *, unit_parent: IntArray) -> IntArray:
    """Call units of a parent so that fewest cells change hands; one with a locked cell keeps its number."""
    k = len(unit_parent)
    overlap = np.zeros((k, k))
    known = (today >= 0) & (today < k)
    np.add.at(overlap, (drawn[known], today[known]), 1.0)
    overlap[unit_parent[:, None] != unit_parent[None, :]] = -NEVER
    for unit in np.unique(drawn[territory.locked & (drawn != NOBODY)]).tolist():
        overlap[unit, unit] = NEVER
    row, column = linear_sum_assignment(-np.clip(overlap, -1e9, 1e9))
    name = np.empty(k, np.int64)
    name[row] = column
    return np.where(drawn == NOBODY, NOBODY, name[drawn])


def _choose_seed(territory: Territory, owner: IntArray, *, units: int) -> int:
    """A cell of the heaviest unit that can be given; the unit after it where it has none."""
    load = np.bincount(owner[owner >= 0], weights=territory.load[owner >= 0], minlength=units)
    for unit in np.argsort(-load).tolist():
        for cell in np.flatnonzero((owner == unit) & ~territory.locked).tolist():
            if _can_leave(territory, owner, cell):
                return int(cell)
    raise CannotPlan(N_("No unit can give a cell away."), hint=N_("Unlock cells, or draw the units afresh."))


def _can_leave(territory: Territory, owner: IntArray, cell: int) -> bool:
    """Whether a unit has other cells and lies in no more parts without this one."""
    unit = owner[cell]
    if unit == NOBODY:
        return True
    mine = np.flatnonzero(owner == unit)
    if len(mine) == 1:
        return False
    pairs = territory.list_pairs()
    inside = pairs[np.isin(pairs, mine).all(axis=1)]
    before = len(np.unique(label_parts(inside, owner)[mine]))
    without = inside[(inside != cell).all(axis=1)]
    rest = mine[mine != cell]
    return len(np.unique(label_parts(without, owner)[rest])) <= before
