"""What is asked of a proposal, and the units and cells that take part in it, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.districting.contiguity import NOBODY
from gridmap.domain.districting.proposals import Wishes
from gridmap.domain.districting.restaffing import share_out_units
from gridmap.domain.districting.search import Effort
from gridmap.domain.districting.territory import Territory, restrict_territory
from gridmap.errors import N_, InvalidInput, NotFound
from gridmap.services.context import Context
from gridmap.services.due import put_due_in_effect
from gridmap.services.territory import NO_PARENT, HeldTerritory
from gridmap.services.workload import load_weighed_territory

IntArray = npt.NDArray[np.int64]


class Goal(StrEnum):
    """What is asked for: 均衡, 撤并, 新设, 重划."""

    REBALANCE = "rebalance"
    ABSORB = "absorb"
    STAFF = "staff"
    AFRESH = "afresh"


@dataclass(frozen=True, kw_only=True)
class SuggestionRequest:
    """What is asked of a proposal.

    Parameters
    ----------
    area_code
        Whose units and cells take part; "" for the whole scope.
    unit_id
        The unit that closes (`Goal.ABSORB`).
    name
        Of the new unit (`Goal.STAFF`), and the beginning of the names of new ones (`Goal.AFRESH`).
    begin_cell_id
        Where the new unit begins; None: where most is to do.
    count
        How many units there are to be (`Goal.AFRESH`); None: as many as there are.
    """

    goal: Goal = Goal.REBALANCE
    area_code: str = ""
    wishes: Wishes = field(default_factory=Wishes)
    effort: Effort = field(default_factory=lambda: Effort(seconds=5.0))
    unit_id: int | None = None
    name: str = ""
    begin_cell_id: int | None = None
    count: int | None = None


@dataclass(frozen=True)
class PosedSuggestion:
    """A request as arrays, over the units and cells that take part.

    Attributes
    ----------
    cells
        Position of each cell in the whole territory.
    unit_ids
        Of the units; a unit that is to begin has a negative number.
    names
        Of the units.
    owner
        Position among `unit_ids` of each cell's unit, `NOBODY` without one.
    parent_before, parent_after
        Parent each unit takes cells of, `NO_PARENT` of one that is not there then.
    versions
        The states this was computed from, by cell.
    """

    request: SuggestionRequest
    territory: Territory
    cells: IntArray
    cell_ids: IntArray
    unit_ids: tuple[int, ...]
    names: tuple[str, ...]
    owner: IntArray
    parent_before: IntArray
    parent_after: IntArray
    versions: dict[int, int]


def pose_suggestion(context: Context, actor: Actor, *, request: SuggestionRequest) -> PosedSuggestion:
    """Read what takes part: units of the area with cells, those cells, and cells of nobody among them.

    A cell of such a unit that lies outside the actor's own area stays where it is, as a locked one does.

    Raises
    ------
    NotFound, InvalidInput, CannotPlan
        As `services.suggestions.suggest`.
    """
    check_allowed(actor, Permission.REASSIGN_CELLS)
    put_due_in_effect(context)
    held = load_weighed_territory(context)
    is_in = [actor.covers(code) and code.startswith(request.area_code) for code in held.units["area_code"]]
    units = np.flatnonzero(np.array(is_in, bool) & (held.sharing != NO_PARENT))
    if not len(units):
        raise NotFound(
            N_("There is no unit with cells in {code}."), hint=N_("Choose an area with units."), code=request.area_code
        )
    posed = _pose_as_is(actor, held, units, request)
    if request.goal is Goal.ABSORB:
        return _pose_closing(posed)
    if request.goal is Goal.STAFF:
        return _pose_beginning(posed)
    return _pose_number(posed) if request.goal is Goal.AFRESH else posed


def _pose_as_is(actor: Actor, held: HeldTerritory, units: IntArray, request: SuggestionRequest) -> PosedSuggestion:
    place = np.full(len(held.units) + 1, NOBODY, np.int64)
    place[units] = np.arange(len(units))
    owner = place[held.owner]
    sharing = held.sharing[units]
    inside = held.cells["code"].str.startswith(request.area_code).to_numpy(bool)
    ownerless = (held.owner == NOBODY) & inside & np.isin(held.territory.parent, sharing)
    cells = np.flatnonzero((owner != NOBODY) | ownerless)
    part = restrict_territory(held.territory, cells)
    number = np.unique(np.concatenate([part.parent, sharing]), return_inverse=True)[1]
    foreign = np.array([not actor.covers(code) for code in held.cells["code"].iloc[cells]], bool)
    parent = number[len(cells) :].astype(np.int64)
    return PosedSuggestion(
        request=request,
        territory=replace(part, parent=number[: len(cells)].astype(np.int64), locked=part.locked | foreign),
        cells=cells,
        cell_ids=held.cell_ids[cells],
        unit_ids=tuple(held.unit_ids[units].tolist()),
        names=tuple(held.units["name"].iloc[units]),
        owner=owner[cells],
        parent_before=parent,
        parent_after=parent,
        versions=held.list_versions(cells),
    )


def _pose_closing(posed: PosedSuggestion) -> PosedSuggestion:
    after = posed.parent_after.copy()
    after[find_closing(posed)] = NO_PARENT
    return replace(posed, parent_after=after)


def find_closing(posed: PosedSuggestion) -> int:
    """Position of the unit that is to close, or NotFound."""
    unit_id = posed.request.unit_id
    if unit_id not in posed.unit_ids:
        raise NotFound(
            N_("The unit that is to close has no cells in this area."), hint=N_("Choose one of the units of this area.")
        )
    return posed.unit_ids.index(unit_id)


def _pose_beginning(posed: PosedSuggestion) -> PosedSuggestion:
    """One unit more; its parent is that of the cell it begins at, which the search may choose."""
    _require_name(posed.request)
    find_begin(posed)
    return _add_units(posed, [NO_PARENT])


def find_begin(posed: PosedSuggestion) -> int | None:
    """Position of the cell that the new unit begins at, None where none is named; or NotFound."""
    begin = posed.request.begin_cell_id
    if begin is None:
        return None
    found = np.flatnonzero(posed.cell_ids == begin)
    if not len(found):
        raise NotFound(
            N_("The cell that the new unit is to begin at is not in this area."), hint=N_("Choose another cell.")
        )
    return int(found[0])


def _require_name(request: SuggestionRequest) -> None:
    if not request.name.strip():
        raise InvalidInput(N_("A new unit needs a name."), hint=N_("Write the name it is known by."))


def _pose_number(posed: PosedSuggestion) -> PosedSuggestion:
    """As many units as are asked for, shared out over the parents by load; of one with too many the lightest close."""
    has = np.bincount(posed.parent_before, minlength=int(posed.territory.parent.max(initial=0)) + 1)
    count = posed.request.count
    wanted = has if count in {None, int(has.sum())} else share_out_units(posed.territory, int(count or 0))
    load = np.bincount(
        posed.owner[posed.owner >= 0], weights=posed.territory.load[posed.owner >= 0], minlength=len(posed.unit_ids)
    )
    closing: list[int] = []
    for parent in np.flatnonzero(wanted < has).tolist():
        mine = np.flatnonzero(posed.parent_before == parent)
        closing += mine[np.argsort(load[mine], kind="stable")][: has[parent] - wanted[parent]].tolist()
    new = np.repeat(np.arange(len(has)), np.maximum(wanted - has, 0)).tolist()
    if new:
        _require_name(posed.request)
    after = posed.parent_after.copy()
    after[closing] = NO_PARENT
    return _add_units(replace(posed, parent_after=after), new)


def _add_units(posed: PosedSuggestion, parents: Sequence[int]) -> PosedSuggestion:
    count, name = len(parents), posed.request.name.strip()
    names = [name] if count == 1 else [f"{name}{number}" for number in range(1, count + 1)]
    return replace(
        posed,
        unit_ids=(*posed.unit_ids, *(-number for number in range(1, count + 1))),
        names=(*posed.names, *names),
        parent_before=np.append(posed.parent_before, np.full(count, NO_PARENT, np.int64)),
        parent_after=np.append(posed.parent_after, np.array(parents, np.int64)),
    )
