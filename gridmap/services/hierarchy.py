"""Changes of the hierarchy: areas are renamed, renumbered, moved to another parent, split and merged.

Each has a reason, is one journalled change, and can be seen before it is made (`dry_run`). It holds from today, or
waits for its day (`services.area_orders`). What names an area by its code follows it in the same transaction: units,
hazards, sites, posts, teams, segments, closures, plans, orders of cells, and the areas accounts are confined to. An
area that is split or merged hands the unit that answers for it on to what comes of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import shapely

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.change_orders import check_day
from gridmap.domain.days import local_day
from gridmap.domain.hierarchy import SuccessionKind
from gridmap.errors import N_, InvalidInput
from gridmap.services.area_orders import save_order
from gridmap.services.area_requests import AreaRequest, build_plan
from gridmap.services.context import Context
from gridmap.services.due import put_due_in_effect
from gridmap.services.hierarchy_effect import CHANGE, AreaChange, carry_out, describe


def rename_area(
    context: Context,
    actor: Actor,
    *,
    code: str,
    name: str,
    reason: str = "",
    effective_on: date | None = None,
    dry_run: bool = False,
) -> AreaChange:
    """Give an area another name.

    Raises
    ------
    NotFound
        No such area in scope; where the code was given up, the sentence says what it is now.
    InvalidInput
        No name or reason is given, the name is the same, or the day is over.
    """
    check_allowed(actor, Permission.REASSIGN_CELLS)
    request = AreaRequest(kind=SuccessionKind.RENAME, codes=(code,), name=name)
    return _change(context, actor, request, reason=reason, effective_on=effective_on, dry_run=dry_run)


def renumber_area(
    context: Context,
    actor: Actor,
    *,
    code: str,
    new_code: str,
    reason: str = "",
    effective_on: date | None = None,
    dry_run: bool = False,
) -> AreaChange:
    """Give an area another code below the same parent; the codes of all below it follow.

    Raises
    ------
    NotFound, InvalidInput
        As `rename_area`; also where the code is of another level or below another parent.
    NotAllowed
        The new code lies outside the scope.
    Conflict
        Another place has the code, or gave it up today.
    """
    check_allowed(actor, Permission.REASSIGN_CELLS)
    request = AreaRequest(kind=SuccessionKind.RENUMBER, codes=(code,), to=new_code)
    return _change(context, actor, request, reason=reason, effective_on=effective_on, dry_run=dry_run)


def move_area(
    context: Context,
    actor: Actor,
    *,
    code: str,
    parent: str,
    reason: str = "",
    effective_on: date | None = None,
    dry_run: bool = False,
) -> AreaChange:
    """Put an area below another one of the level above, a village to another town; a number that is free there stays.

    The ground and the households of the areas above follow, and what was counted by their codes is shared out.

    Raises
    ------
    NotFound, InvalidInput, NotAllowed, Conflict
        As `renumber_area`; also where the parent is not of the level above, or would be left without ground.
    """
    check_allowed(actor, Permission.REASSIGN_CELLS)
    request = AreaRequest(kind=SuccessionKind.MOVE, codes=(code,), to=parent)
    return _change(context, actor, request, reason=reason, effective_on=effective_on, dry_run=dry_run)


def split_area(
    context: Context,
    actor: Actor,
    *,
    code: str,
    line_wgs84: shapely.LineString | None = None,
    shapes_wgs84: Sequence[shapely.Geometry] = (),
    names: Sequence[str] = (),
    households: Sequence[int] = (),
    reason: str = "",
    effective_on: date | None = None,
    dry_run: bool = False,
) -> AreaChange:
    """Let an area end and parts of it begin, with the lowest codes that nobody ever had; what lies below goes along.

    Parameters
    ----------
    line_wgs84, shapes_wgs84
        A line across it, or the shape of each part.
    names, households
        Of the parts, those of a line from west to east; households are shared by area where they are not given.

    Raises
    ------
    NotFound, InvalidInput, NotAllowed
        As `rename_area`; also where line or shapes do not cut it, or names and households do not fit.
    Conflict
        It is locked, an order waits for it, an account is confined to it, or an area below lies on both sides.
    """
    check_allowed(actor, Permission.REASSIGN_CELLS)
    shapes = shapes_wgs84 if line_wgs84 is None else [line_wgs84]
    request = AreaRequest(
        kind=SuccessionKind.SPLIT,
        codes=(code,),
        shapes=tuple(shapely.to_wkb(shape, hex=True) for shape in shapes),
        names=tuple(names),
        households=tuple(households),
    )
    return _change(context, actor, request, reason=reason, effective_on=effective_on, dry_run=dry_run)


def merge_areas(
    context: Context,
    actor: Actor,
    *,
    codes: Sequence[str],
    name: str = "",
    new_code: str = "",
    unit_id: int | None = None,
    reason: str = "",
    effective_on: date | None = None,
    dry_run: bool = False,
) -> AreaChange:
    """Let neighbours below one parent end and one area begin in their place.

    Parameters
    ----------
    name, new_code
        Of the new area; that of the largest, and the lowest code that nobody ever had, where they are not given.
    unit_id
        Who answers for it; the unit of the one with the most households where that is not given.

    Raises
    ------
    NotFound, InvalidInput, NotAllowed
        As `rename_area`; also for fewer than two areas, of several levels or parents, or that are no neighbours.
    Conflict
        As `split_area`; also where the code is used.
    """
    check_allowed(actor, Permission.REASSIGN_CELLS)
    request = AreaRequest(kind=SuccessionKind.MERGE, codes=tuple(codes), name=name, to=new_code, unit_id=unit_id)
    return _change(context, actor, request, reason=reason, effective_on=effective_on, dry_run=dry_run)


def _change(
    context: Context, actor: Actor, request: AreaRequest, *, reason: str, effective_on: date | None, dry_run: bool
) -> AreaChange:
    day = check_day(effective_on, local_day(context.clock()))
    put_due_in_effect(context)
    if dry_run:
        with context.database.read() as connection:
            return describe(connection, build_plan(connection, actor, request, day=day))
    if not reason.strip():
        raise InvalidInput(N_("A change needs a reason."), hint=N_("Write in a few words why the area changes."))
    with context.database.write(actor, kind=CHANGE, reason=reason.strip()) as work:
        today = local_day(work.at)
        plan = build_plan(work.connection, actor, request, day=max(day, today))
        if day > today:
            seen = describe(work.connection, plan)
            return replace(seen, order=save_order(work, request, seen, day=day))
        done = carry_out(work, plan, day=today)
    context.sessions.clear()  # an account may be confined to another code now
    return done
