"""A change of the hierarchy as somebody asked for it: kept until its day, worked out against the areas as they are."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import shapely
import sqlalchemy as sa

from gridmap.domain.access import Actor
from gridmap.domain.codes import parse_code
from gridmap.domain.ground_parts import cut_by_line, fit_parts
from gridmap.domain.hierarchy import SuccessionKind, check_number
from gridmap.errors import N_, Conflict, InvalidInput
from gridmap.services.area_history import require_area
from gridmap.services.change_order_rules import require_units
from gridmap.services.hierarchy_effect import AreaChange, AreaState, Plan, check_unbound
from gridmap.services.hierarchy_plans import NewParts, plan_merge, plan_move, plan_rename, plan_renumber, plan_split
from gridmap.store import area_orders, hierarchy

_SAME_AREA = 1e-4
"""Areas of states that differ by less than this share are one: a vertex more on a border changes them by less."""


@dataclass(frozen=True, kw_only=True)
class AreaRequest:
    """What is asked for.

    Parameters
    ----------
    codes
        The area; the areas to be merged.
    name, names
        New name; of a split one for each part.
    to
        The new code; of a move the new parent.
    shapes
        Of a split the line, or a shape for each part, as WKB in hexadecimal (WGS-84).
    unit_id
        Of a merge who answers for the new area.
    """

    kind: SuccessionKind
    codes: tuple[str, ...]
    name: str = ""
    to: str = ""
    shapes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    households: tuple[int, ...] = ()
    unit_id: int | None = None

    def to_row(self) -> dict[str, Any]:
        """As plain values, for `read_request`."""
        return {**asdict(self), "kind": self.kind.value}


def read_request(row: dict[str, Any]) -> AreaRequest:
    """The request that `AreaRequest.to_row` wrote."""
    lists = {name: tuple(value) for name, value in row.items() if isinstance(value, list)}
    return AreaRequest(**{**row, **lists, "kind": SuccessionKind(row["kind"])})


def build_plan(
    connection: sa.Connection, actor: Actor, request: AreaRequest, *, day: date, order: int | None = None
) -> Plan:
    """Work a request out against the areas as they are, to hold from a day.

    What is numbered by itself gets no code that a change which waits is to give, but for the one numbered `order`.

    Raises
    ------
    NotFound, InvalidInput, NotAllowed, Conflict
        As the functions of `services.hierarchy`.
    """
    if request.kind is SuccessionKind.RENAME:
        return _build_rename(connection, actor, request)
    if request.kind is SuccessionKind.RENUMBER:
        return _build_renumber(connection, actor, request, day)
    reserved = area_orders.load_reserved(connection, but=order)
    if request.kind is SuccessionKind.MOVE:
        area, above = (require_area(connection, actor, code=code) for code in (request.codes[0], request.to))
        return plan_move(connection, actor, area, above, day=day, reserved=reserved)
    if request.kind is SuccessionKind.SPLIT:
        return _build_split(connection, actor, request, reserved)
    return _build_merge(connection, actor, request, day, reserved)


def _build_rename(connection: sa.Connection, actor: Actor, request: AreaRequest) -> Plan:
    area = require_area(connection, actor, code=request.codes[0])
    new = request.name.strip()
    if not new or new == area["name"].iloc[0]:
        raise InvalidInput(N_("A new name is needed."), hint=N_("Write the name the area shall have."))
    return plan_rename(connection, area, name=new)


def _build_renumber(connection: sa.Connection, actor: Actor, request: AreaRequest, day: date) -> Plan:
    old, new = parse_code(request.codes[0]), parse_code(request.to)
    require_area(connection, actor, code=old)
    check_number(new, like=old)
    return plan_renumber(connection, actor, old=old, new=new, day=day)


def _build_split(connection: sa.Connection, actor: Actor, request: AreaRequest, reserved: set[str]) -> Plan:
    area = require_area(connection, actor, code=request.codes[0])
    check_unbound(connection, area)
    ground, shapes = area.geometry.iloc[0], [shapely.from_wkb(text) for text in request.shapes]
    first = shapes[0] if len(shapes) == 1 else None
    parts = cut_by_line(ground, first) if isinstance(first, shapely.LineString) else fit_parts(ground, shapes)
    named = NewParts(parts, request.names, request.households)
    return plan_split(connection, actor, area, named, reserved=reserved)


def _build_merge(connection: sa.Connection, actor: Actor, request: AreaRequest, day: date, reserved: set[str]) -> Plan:
    wanted = [require_area(connection, actor, code=code)["code"].iloc[0] for code in request.codes]
    ended = hierarchy.load_some(connection, wanted)
    check_unbound(connection, ended)
    if request.unit_id is not None:
        require_units(connection, actor, [request.unit_id])
    return plan_merge(
        connection,
        actor,
        ended,
        name=request.name.strip(),
        new_code=request.to,
        unit_id=request.unit_id,
        day=day,
        reserved=reserved,
    )


# --- what was seen ------------------------------------------------------------------------------------------------


def read_seen(change: AreaChange) -> dict[str, Any]:
    """What a person saw of a change, in plain values, for `check_as_seen`."""
    before, after = ([_read_state(state) for state in states] for states in (change.before, change.after))
    return {"before": before, "after": after, "recoded": change.recoded, "unit": change.unit}


def _read_state(state: AreaState) -> dict[str, Any]:
    names = {name: getattr(state, name) for name in ("code", "name", "level", "households", "area_m2")}
    return {**names, "box": [round(value, 6) for value in shapely.bounds(state.shape_wgs84).tolist()]}


def check_as_seen(change: AreaChange, seen: dict[str, Any]) -> None:
    """Raise Conflict where a change would be another one than was seen when it was ordered."""
    now = read_seen(change)
    for state in seen["before"]:
        if not any(_are_alike(state, other) for other in now["before"]):
            raise Conflict(
                N_("{code} ({name}) is no longer as it was when this was ordered."),
                hint=N_("Withdraw the change and order it anew."),
                code=state["code"],
                name=state["name"],
            )
    alike = len(now["after"]) == len(seen["after"]) and all(map(_are_alike, now["after"], seen["after"]))
    if not alike or (now["recoded"], now["unit"]) != (seen["recoded"], seen["unit"]):
        raise Conflict(
            N_("The change would come out otherwise than it was seen when it was ordered."),
            hint=N_("Withdraw the change and order it anew."),
        )


def _are_alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    same_area = abs(one["area_m2"] - other["area_m2"]) <= _SAME_AREA * one["area_m2"]
    return same_area and {**one, "area_m2": 0} == {**other, "area_m2": 0}
