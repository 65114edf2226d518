"""Routes and travel times over the road network that is loaded, as it is now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time
from pathlib import Path

import numpy as np

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.crs import FloatArray, shift_to_wgs84
from gridmap.domain.roads import routes
from gridmap.domain.roads.closures import RoadChanges, resolve_changes
from gridmap.domain.roads.routes import Place, RoadRoute
from gridmap.domain.roads.speeds import Mode
from gridmap.errors import N_, InvalidInput
from gridmap.services.context import Context
from gridmap.services.road_network import get_network, get_open_network
from gridmap.sources.closure_file import read_closures
from gridmap.sources.point_table import read_points


def find_route(
    context: Context,
    actor: Actor,
    *,
    start: Place,
    end: Place,
    mode: Mode | str = Mode.CAR,
    departure: time | None = None,
) -> RoadRoute:
    """The fastest way by road between two (lon, lat) places, for one who leaves at a local time where it is given.

    Raises
    ------
    Unreachable
        No road is near a place, or none joins them.
    """
    check_allowed(actor, Permission.VIEW)
    return routes.find_route(get_open_network(context, departure=departure), start, end, mode=Mode(mode))


def travel_times(
    context: Context,
    actor: Actor,
    *,
    origins: Sequence[Place],
    targets: Sequence[Place],
    mode: Mode | str = Mode.CAR,
    limit_s: float = np.inf,
) -> FloatArray:
    """Seconds by road, shape (origins, targets), infinite where unreachable or beyond `limit_s`."""
    return travel_costs(context, actor, origins=origins, targets=targets, mode=mode, limit_s=limit_s)[0]


def travel_costs(
    context: Context,
    actor: Actor,
    *,
    origins: Sequence[Place],
    targets: Sequence[Place],
    mode: Mode | str = Mode.CAR,
    limit_s: float = np.inf,
    departure: time | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Seconds, and metres of the same fastest ways, each of shape (origins, targets)."""
    check_allowed(actor, Permission.VIEW)
    network = get_open_network(context, departure=departure)
    return routes.compute_travel_times(network, origins, targets, mode=Mode(mode), limit_s=limit_s)


@dataclass(frozen=True)
class TravelTable:
    """Times between named places: seconds and metres of the fastest ways, from row to column, infinite where none."""

    ids: tuple[str, ...]
    seconds: FloatArray
    metres: FloatArray


def measure_table(
    context: Context, actor: Actor, *, path: Path, mode: Mode | str = Mode.CAR, departure: time | None = None
) -> TravelTable:
    """The times between all places of a CSV table with columns id, lon and lat, where given at a local time.

    Raises
    ------
    InvalidInput
        As `sources.point_table.read_points`.
    NoData
        No roads are loaded.
    """
    check_allowed(actor, Permission.VIEW)
    named = read_points(path)
    places, when = named.places, departure
    seconds, metres = travel_costs(context, actor, origins=places, targets=places, mode=mode, departure=when)
    return TravelTable(named.ids, seconds, metres)


def read_road_changes(context: Context, actor: Actor, *, path: Path) -> RoadChanges:
    """What the closures and temporary speeds drawn in a GeoJSON file are about; see `domain.roads.closures`.

    Raises
    ------
    InvalidInput
        As `sources.closure_file.read_closures`; or nothing is drawn; or no road is near anything of it, and would be
        were it in GCJ-02.
    NoData
        No roads are loaded.
    """
    check_allowed(actor, Permission.VIEW)
    network, drawn = get_network(context), read_closures(path)
    if not drawn:
        raise InvalidInput(
            N_("{name} draws nothing, so no road is closed or slowed by it."),
            hint=N_("Draw the roads, or leave the file out where all are open."),
            name=path.name,
        )
    changes = resolve_changes(network, drawn)
    if len(changes.unmatched) == len(drawn):
        geometries = np.array([change.geometry_wgs84 for change in drawn], object)
        moved = zip(drawn, shift_to_wgs84(geometries), strict=True)
        if not resolve_changes(network, [replace(change, geometry_wgs84=there) for change, there in moved]).unmatched:
            raise InvalidInput(
                N_("What {name} draws lies beside the roads, and on them once the shift of GCJ-02 is taken back."),
                hint=N_("Export it in WGS-84 or CGCS2000."),
                name=path.name,
            )
    return changes


def nearest_times(
    context: Context, actor: Actor, *, origins: Sequence[Place], targets: Sequence[Place], mode: Mode | str = Mode.CAR
) -> FloatArray:
    """Seconds to each target from the origin that reaches it first by road, infinite where none does."""
    check_allowed(actor, Permission.VIEW)
    return routes.compute_nearest_times(get_open_network(context), origins, targets, mode=Mode(mode))
