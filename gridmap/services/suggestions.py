"""Better territories proposed: rebalanced, a unit absorbed, one staffed, or all drawn afresh; ordered as one order.

What is asked is posed from the database (`suggestion_posing.pose_suggestion`), searched for without one
(`suggestion_job`), and judged against the database again (`judge_proposals`): a worker process gets arrays alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.change_orders import NewOrder, OrderKind
from gridmap.domain.days import local_day
from gridmap.domain.districting.contiguity import NOBODY
from gridmap.domain.districting.measures import UnitMeasures, compute_fair, measure_units
from gridmap.domain.districting.proposals import Aim, Proposal
from gridmap.domain.districting.rebalance import rebalance
from gridmap.domain.districting.restaffing import absorb, draw_afresh, staff
from gridmap.domain.districting.warming import compile_districting
from gridmap.domain.progress import Progress, silent
from gridmap.errors import N_, NoData
from gridmap.services.change_orders import REASSIGNMENT, PlacedOrder, add_order
from gridmap.services.context import Context
from gridmap.services.due import put_due_in_effect
from gridmap.services.grids import UnitFigures, read_figures
from gridmap.services.station_times import StationTimes, get_station_times
from gridmap.services.suggestion_posing import (
    Goal,
    PosedSuggestion,
    SuggestionRequest,
    find_begin,
    find_closing,
    pose_suggestion,
)
from gridmap.services.territory import NO_PARENT, HeldTerritory
from gridmap.services.units import NewUnit, add_unit
from gridmap.services.workload import load_weighed_territory

IntArray = npt.NDArray[np.int64]

_KINDS = {
    Goal.REBALANCE: OrderKind.REBALANCE,
    Goal.ABSORB: OrderKind.ABSORB,
    Goal.STAFF: OrderKind.STAFF,
    Goal.AFRESH: OrderKind.REBALANCE,
}


@dataclass(frozen=True)
class SuggestedUnit:
    """One unit before and after; a unit that is to begin has a negative number."""

    unit_id: int
    name: str
    before: UnitFigures
    after: UnitFigures


@dataclass(frozen=True)
class PlanFigures:
    """What a plan is like as a whole.

    Attributes
    ----------
    deviation
        The largest of a unit from its fair share, as a share of it, without its sign.
    compactness
        Mean Polsby-Popper measure of the units.
    minutes
        By road from a station to the farthest of its cells; None where that is not known.
    strays
        Parts that lie apart from their unit.
    """

    deviation: float
    compactness: float
    minutes: float | None
    strays: int


@dataclass(frozen=True)
class Alternative:
    """One way to meet the wishes.

    Attributes
    ----------
    owners
        Unit by cell, of the cells that change hands.
    households
        That change hands.
    balanced
        Whether every unit is within the tolerance; else it is the nearest that was found.
    units
        Every unit that takes part.
    begins
        The units that are to begin, by their negative number.
    """

    aim: Aim
    owners: dict[int, int]
    households: int
    balanced: bool
    before: PlanFigures
    after: PlanFigures
    units: tuple[SuggestedUnit, ...]
    begins: dict[int, NewUnit]


@dataclass(frozen=True)
class Suggestion:
    """What was found: alternatives, the one with the fewest moves first, and the states they were computed from."""

    request: SuggestionRequest
    alternatives: tuple[Alternative, ...]
    versions: dict[int, int]


def suggest(context: Context, actor: Actor, *, request: SuggestionRequest, progress: Progress = silent) -> Suggestion:
    """Propose other territories; nothing is changed. Whoever cancels gets the best so far.

    Raises
    ------
    NotFound
        There is no unit in that area, or not the one or the cell that the request names.
    CannotPlan
        The domain's reasons: a locked cell of a unit that closes, nobody beside it, too few or too many units.
    """
    posed = pose_suggestion(context, actor, request=request)
    return judge_proposals(context, actor, posed=posed, proposals=suggestion_job(progress, posed))


# --- searching ----------------------------------------------------------------------------------------------------


def suggestion_job(progress: Progress, posed: PosedSuggestion) -> tuple[Proposal, ...]:
    """Search for what is posed; needs no database. Whoever cancels gets the best so far."""
    compile_districting()
    request, territory, owner = posed.request, posed.territory, posed.owner
    wishes, effort = request.wishes, request.effort
    if request.goal is Goal.AFRESH:
        found = _draw_afresh(posed, progress)
        return (found, *found.alternatives)
    units, parents = int((posed.parent_before != NO_PARENT).sum()), posed.parent_before
    if request.goal is Goal.ABSORB:
        closing = find_closing(posed)
        found = absorb(
            territory,
            owner,
            closing,
            units=units,
            wishes=wishes,
            effort=effort,
            unit_parent=parents,
            progress=progress,
        )
    elif request.goal is Goal.STAFF:
        found = staff(
            territory,
            owner,
            units=units,
            wishes=wishes,
            effort=effort,
            seed_cell=find_begin(posed),
            unit_parent=parents[:units],
            progress=progress,
        )
    else:
        found = rebalance(
            territory, owner, units=units, wishes=wishes, effort=effort, unit_parent=parents, progress=progress
        )
    return (found, *found.alternatives)


def _draw_afresh(posed: PosedSuggestion, progress: Progress) -> Proposal:
    """Units that close are put last, as the search wants them, and back into their order afterwards."""
    open_ = posed.parent_after != NO_PARENT
    order = np.concatenate([np.flatnonzero(open_), np.flatnonzero(~open_)])
    place = np.full(len(order) + 1, NOBODY, np.int64)
    place[order] = np.arange(len(order))
    found = draw_afresh(
        posed.territory,
        place[posed.owner],
        unit_parent=posed.parent_after[open_],
        wishes=posed.request.wishes,
        effort=posed.request.effort,
        progress=progress,
    )
    back = np.append(order, NOBODY)
    alternatives = tuple(replace(other, owner=back[other.owner]) for other in found.alternatives)
    return replace(found, owner=back[found.owner], alternatives=alternatives)


# --- judging ------------------------------------------------------------------------------------------------------


def judge_proposals(
    context: Context, actor: Actor, *, posed: PosedSuggestion, proposals: Sequence[Proposal]
) -> Suggestion:
    """Say what each proposal comes to, with travel times; one that is like another is left out."""
    check_allowed(actor, Permission.REASSIGN_CELLS)
    held, times = load_weighed_territory(context), get_station_times(context)
    distinct = {proposal.owner.tobytes(): proposal for proposal in reversed(proposals)}
    alternatives = tuple(_judge(held, times, posed, proposal) for proposal in reversed(distinct.values()))
    return Suggestion(posed.request, alternatives, posed.versions)


def _judge(held: HeldTerritory, times: StationTimes | None, posed: PosedSuggestion, proposal: Proposal) -> Alternative:
    after_parent = posed.parent_after.copy()
    fresh = np.flatnonzero(np.array(posed.unit_ids) < 0)
    for unit in fresh[after_parent[fresh] == NO_PARENT].tolist():  # the search chose where it begins
        after_parent[unit] = posed.territory.parent[proposal.owner == unit][0]
    begins = {posed.unit_ids[unit]: _found_unit(held, posed, proposal.owner, unit) for unit in fresh.tolist()}
    sides = [
        _measure(posed, held, times, owner, parents, begins)
        for owner, parents in ((posed.owner, posed.parent_before), (proposal.owner, after_parent))
    ]
    (before, before_min), (after, after_min) = sides
    moved = np.flatnonzero(proposal.owner != posed.owner)
    units = tuple(
        SuggestedUnit(
            unit_id,
            posed.names[unit],
            read_figures(before, unit, before_min[unit]),
            read_figures(after, unit, after_min[unit]),
        )
        for unit, unit_id in enumerate(posed.unit_ids)
    )
    return Alternative(
        aim=proposal.aim,
        owners={int(posed.cell_ids[cell]): posed.unit_ids[proposal.owner[cell]] for cell in moved.tolist()},
        households=proposal.households,
        balanced=proposal.balanced,
        before=_sum_up(before, before_min),
        after=_sum_up(after, after_min),
        units=units,
        begins=begins,
    )


def _found_unit(held: HeldTerritory, posed: PosedSuggestion, owner: IntArray, unit: int) -> NewUnit:
    """A new unit with its station inside the cell in the middle of its cells, in the area of whoever had that cell."""
    cells = posed.cells[owner == unit]
    points = held.points[cells]
    middle = cells[int(np.argmin(((points - points.mean(axis=0)) ** 2).sum(axis=1)))]
    today = held.owner[middle]
    parent = held.parents[held.territory.parent[middle]]
    area = parent if today == NOBODY else str(held.units["area_code"].iloc[today])
    lon, lat = held.points[middle].tolist()
    return NewUnit(posed.names[unit], area, lon, lat)


def _measure(
    posed: PosedSuggestion,
    held: HeldTerritory,
    times: StationTimes | None,
    owner: IntArray,
    parents: IntArray,
    begins: dict[int, NewUnit],
) -> tuple[UnitMeasures, list[float | None]]:
    """Measures of all units, and minutes to the farthest cell of each."""
    fair = compute_fair(posed.territory, unit_parent=parents)
    measured = measure_units(posed.territory, owner, fair=fair, units=np.arange(len(posed.unit_ids)))
    if times is None:
        return measured, [None] * len(posed.unit_ids)
    stood = dict(zip(held.unit_ids.tolist(), held.stations, strict=True))
    stood |= {unit: (new.lon, new.lat) for unit, new in begins.items()}
    return measured, times.measure_farthest([stood[unit] for unit in posed.unit_ids], posed.cells, owner)


def _sum_up(measures: UnitMeasures, minutes: Sequence[float | None]) -> PlanFigures:
    there = measures.cells > 0
    known = [value for value in minutes if value is not None]
    return PlanFigures(
        deviation=float(np.abs(measures.deviation[there]).max(initial=0.0)),
        compactness=float(measures.polsby_popper[there].mean()) if there.any() else 0.0,
        minutes=max(known, default=None),
        strays=int((measures.parts[there] - 1).sum()),
    )


# --- ordering -----------------------------------------------------------------------------------------------------


def order_suggestion(
    context: Context,
    actor: Actor,
    *,
    suggestion: Suggestion,
    choice: int,
    reason: str,
    effective_on: date | None = None,
) -> PlacedOrder:
    """Order one alternative as a single change order; a unit that is to begin is made in the same transaction.

    Raises
    ------
    Conflict, NotAllowed, NotFound, InvalidInput
        As `services.change_orders.place_order`.
    NoData
        The alternative moves no cell.
    """
    check_allowed(actor, Permission.REASSIGN_CELLS)
    chosen = suggestion.alternatives[choice]
    if not chosen.owners:
        raise NoData(N_("This proposal moves no cell."), hint=N_("There is nothing to order."))
    order = NewOrder(
        owners=chosen.owners,
        reason=reason,
        kind=_KINDS[suggestion.request.goal],
        effective_on=effective_on,
        versions=suggestion.versions,
    )
    said, day = order.check(local_day(context.clock()))
    put_due_in_effect(context)
    with context.database.write(actor, kind=REASSIGNMENT, reason=said) as work:
        made = {number: add_unit(work, unit=unit) for number, unit in chosen.begins.items()}
        owners = {cell: made.get(unit, unit) for cell, unit in chosen.owners.items()}
        return add_order(work, order=replace(order, owners=owners), reason=said, day=day)
