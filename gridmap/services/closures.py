"""Roads closed or slowed for a while: drawn by whoever is there, in force for every route and plan until they end."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.roads.closures import POINT_REACH_M, DrawnChange, resolve_changes
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.errors import N_, Conflict, InvalidInput, NoData, NotFound
from gridmap.services.context import Context
from gridmap.services.road_network import get_network, read_changes
from gridmap.store import areas, closures, tables
from gridmap.store.geometry import geometry_values
from gridmap.store.undo import CHANGED_MEANWHILE, RELOAD


@dataclass(frozen=True, kw_only=True)
class NewClosure:
    """Roads to close, or to slow to `speed_kmh`; see `domain.roads.closures` for which roads a drawing is about.

    Without a start it begins at once, without an end it stands until somebody opens the road.
    """

    geometry_wgs84: BaseGeometry
    reason: str
    speed_kmh: float | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def list_closures(context: Context, actor: Actor) -> gpd.GeoDataFrame:
    """Closures drawn in scope that are not over, the newest first.

    Columns: those of `store.closures.load_closures`, `edges`, how many stretches of road each is about, and `roads`,
    the lines of these (WGS-84); the geometry is what was drawn.
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        found = closures.load_closures(connection, scope=actor.scope_code, ends_after=context.clock())
    roads = np.empty(len(found), object)
    roads[:] = shapely.MultiLineString()
    # A closure outlives the roads it was drawn on; then it is about none.
    with suppress(NoData):
        roads[:] = [_draw_roads(get_network(context), change) for change in read_changes(found)]
    return found.assign(edges=[len(lines.geoms) for lines in roads], roads=roads)


def _draw_roads(network: RoadNetwork, change: DrawnChange) -> shapely.MultiLineString:
    """The lines of the roads that a change is about."""
    changes = resolve_changes(network, [change])
    at = np.isin(network.edge_id, [*changes.closed, *(edge for edge, _ in changes.slowed)])
    return shapely.MultiLineString(list(network.geometry[at]))


def close_road(context: Context, actor: Actor, *, new: NewClosure) -> int:
    """Close or slow roads, and return the id under which they are opened again.

    Raises
    ------
    InvalidInput
        No reason, an end that is not after the start, or a speed that is none.
    NotAllowed
        The place lies outside the scope.
    NotFound
        No road is there.
    NoData
        No roads are loaded.
    """
    check_allowed(actor, Permission.CLOSE_ROADS)
    reason = new.reason.strip()
    _check(context, new, reason)
    inside = _find_middle(new.geometry_wgs84)
    with context.database.write(actor, kind="close_road", reason=reason) as work:
        code = areas.find_area_code(work.connection, lon=inside.x, lat=inside.y)
        check_allowed(actor, Permission.CLOSE_ROADS, code)
        row = {
            "reason": reason,
            "speed_kmh": new.speed_kmh,
            **geometry_values(new.geometry_wgs84),
            "area_code": code,
            "starts_at": new.starts_at or work.at,
            "ends_at": new.ends_at,
        }
        closure_id = work.insert(tables.closure, row)
        work.touch("closures")
    return closure_id


def _find_middle(drawn: BaseGeometry) -> shapely.Point:
    """A place of what was drawn: halfway along a line, else inside."""
    if isinstance(drawn, shapely.LineString):
        return drawn.interpolate(0.5, normalized=True)
    return shapely.Point(shapely.get_coordinates(shapely.point_on_surface(drawn))[0])


def _check(context: Context, new: NewClosure, reason: str) -> None:
    if not reason:
        raise InvalidInput(N_("The closure has no reason."), hint=N_("Say why the road is closed."))
    if new.speed_kmh is not None and not 0 < new.speed_kmh < np.inf:
        raise InvalidInput(N_("The speed must be more than nothing."), hint=N_("Close the road, or give km/h."))
    if new.ends_at is not None and new.ends_at <= (new.starts_at or context.clock()):
        raise InvalidInput(N_("The closure ends before it begins."), hint=N_("Choose a later end."))
    drawn = DrawnChange("", new.geometry_wgs84, new.speed_kmh)
    if resolve_changes(get_network(context), [drawn]).unmatched:
        raise NotFound(
            N_("There is no road within {distance} m of this place."),
            hint=N_("Zoom in, and click on the road."),
            distance=round(POINT_REACH_M),
        )


def open_road(context: Context, actor: Actor, *, closure_id: int, version: int | None = None) -> None:
    """End a closure now.

    Raises
    ------
    Conflict
        It is over, or was changed by somebody else since `version`.
    NotFound
        No such closure in scope.
    """
    check_allowed(actor, Permission.CLOSE_ROADS)
    with context.database.write(actor, kind="open_road") as work:
        found = closures.load_closures(work.connection, scope=actor.scope_code, closure_id=closure_id)
        if found.empty:
            raise NotFound(N_("There is no such closure."), hint=RELOAD)
        row = found.iloc[0]
        if row["ends_at"] is not None and row["ends_at"] <= work.at:
            raise Conflict(N_("The road is open already."), hint=RELOAD)
        if version is not None and int(row["version"]) != version:
            raise Conflict(CHANGED_MEANWHILE, hint=RELOAD)
        # One that has not begun yet never does.
        begun = min(row["starts_at"], work.at)
        work.update(tables.closure, closure_id, {"starts_at": begun, "ends_at": work.at})
        work.touch("closures")
