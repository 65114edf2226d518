"""Changes of the hierarchy: areas are renamed, renumbered, moved to another parent, split and merged.

Each holds from today, has a reason, is one journalled change, and can be seen before it is made (`dry_run`). What names
an area by its code follows it in the same transaction: units, hazards, sites, posts, teams, segments, closures, plans,
orders of cells, and the areas accounts are confined to. An area that is split or merged hands the unit that answers for
it on to what comes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import shapely
import sqlalchemy as sa

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.codes import parse_code
from gridmap.domain.days import local_day
from gridmap.domain.ground_parts import cut_by_line, fit_parts
from gridmap.domain.hierarchy import check_number, check_today
from gridmap.errors import N_, InvalidInput
from gridmap.services.area_history import require_area
from gridmap.services.change_order_effect import put_due_orders_in_effect
from gridmap.services.change_order_rules import require_units
from gridmap.services.context import Context
from gridmap.services.hierarchy_effect import AreaChange, Plan, carry_out, check_unbound, describe
from gridmap.services.hierarchy_plans import NewParts, plan_merge, plan_move, plan_rename, plan_renumber, plan_split
from gridmap.store import hierarchy

CHANGE = "change_areas"
"""Kind of the journal entry of a change of the hierarchy."""

_Build = Callable[[sa.Connection, date], Plan]


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
        No name or reason is given, the name is the same, or the day is not today.
    """
    check_allowed(actor, Permission.REASSIGN_CELLS)

    def build(connection: sa.Connection, day: date) -> Plan:
        area = require_area(connection, actor, code=code)
        new = name.strip()
        if not new or new == area["name"].iloc[0]:
            raise InvalidInput(N_("A new name is needed."), hint=N_("Write the name the area shall have."))
        return plan_rename(connection, area, name=new)

    return _change(context, actor, build, reason=reason, effective_on=effective_on, dry_run=dry_run)


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

    def build(connection: sa.Connection, day: date) -> Plan:
        old, new = parse_code(code), parse_code(new_code)
        require_area(connection, actor, code=old)
        check_number(new, like=old)
        return plan_renumber(connection, actor, old=old, new=new, day=day)

    return _change(context, actor, build, reason=reason, effective_on=effective_on, dry_run=dry_run)


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

    def build(connection: sa.Connection, day: date) -> Plan:
        area, above = (require_area(connection, actor, code=which) for which in (code, parent))
        return plan_move(connection, actor, area, above, day=day)

    return _change(context, actor, build, reason=reason, effective_on=effective_on, dry_run=dry_run)


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

    def build(connection: sa.Connection, day: date) -> Plan:
        area = require_area(connection, actor, code=code)
        check_unbound(connection, area)
        ground = area.geometry.iloc[0]
        parts = cut_by_line(ground, line_wgs84) if line_wgs84 is not None else fit_parts(ground, shapes_wgs84)
        return plan_split(connection, actor, area, NewParts(parts, names, households))

    return _change(context, actor, build, reason=reason, effective_on=effective_on, dry_run=dry_run)


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

    def build(connection: sa.Connection, day: date) -> Plan:
        wanted = [require_area(connection, actor, code=which)["code"].iloc[0] for which in codes]
        ended = hierarchy.load_some(connection, wanted)
        check_unbound(connection, ended)
        if unit_id is not None:
            require_units(connection, actor, [unit_id])
        return plan_merge(connection, actor, ended, name=name.strip(), new_code=new_code, unit_id=unit_id, day=day)

    return _change(context, actor, build, reason=reason, effective_on=effective_on, dry_run=dry_run)


def _change(
    context: Context, actor: Actor, build: _Build, *, reason: str, effective_on: date | None, dry_run: bool
) -> AreaChange:
    check_today(effective_on, local_day(context.clock()))
    if dry_run:
        with context.database.read() as connection:
            return describe(connection, build(connection, local_day(context.clock())))
    if not reason.strip():
        raise InvalidInput(N_("A change needs a reason."), hint=N_("Write in a few words why the area changes."))
    put_due_orders_in_effect(context)
    with context.database.write(actor, kind=CHANGE, reason=reason.strip()) as work:
        day = local_day(work.at)
        done = carry_out(work, build(work.connection, day), day=day)
    context.sessions.clear()  # an account may be confined to another code now
    return done
