"""The five control networks: their sites, and which cells lie within reach of them by road."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from gridmap.domain import coverage
from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.crs import FloatArray, Geometries
from gridmap.domain.networks import Network
from gridmap.errors import N_, InvalidInput, NoData
from gridmap.services import routing
from gridmap.services.context import Context
from gridmap.store import areas, networks

_SITES_AT_ONCE = 256


@dataclass(frozen=True)
class NetworkCoverage:
    """Which cells a network reaches in time.

    Attributes
    ----------
    cells
        cell_id, code, name, households, minutes (by car from the nearest site, infinite where no road leads).
    gaps
        Ids of the cells beyond the limit.
    """

    cells: pd.DataFrame
    covered_cells: int
    total_cells: int
    covered_households_share: float
    gaps: list[int]


def list_sites(
    context: Context, actor: Actor, *, network: str | None = None, ids: Sequence[int] | None = None
) -> pd.DataFrame:
    """Sites in scope (those of `network` and among `ids` where given): id, network, kind, name, lon, lat, area_code."""
    check_allowed(actor, Permission.VIEW)
    if network is not None and network not in set(Network):
        raise InvalidInput(
            N_("“{network}” is not one of the five control networks."),
            hint=N_("Choose one from the list."),
            network=network,
        )
    with context.database.read() as connection:
        return networks.load_sites(connection, scope=actor.scope_code, network=network, ids=ids)


def compute_coverage(context: Context, actor: Actor, *, network: str, minutes: float) -> NetworkCoverage:
    """How far each cell in scope is from the nearest site of a network, by car, and which are within `minutes`.

    Sites outside the scope do not count: nobody here can send anyone from there.

    Raises
    ------
    InvalidInput
        Not one of the five networks, or not a positive time.
    """
    if not minutes > 0:
        raise InvalidInput(N_("The time must be more than nothing."), hint=N_("Give the minutes by road."))
    sites = list_sites(context, actor, network=network)
    with context.database.read() as connection:
        cells = areas.load_cells(connection, scopes=(actor.scope_code,))
    nearest = _compute_minutes(context, actor, sites, cells.geometry.to_numpy())
    households = cells["households"].astype(float).to_numpy()
    judged = coverage.compute_coverage(nearest, households, limit_min=minutes)
    table = pd.DataFrame(
        {
            "cell_id": cells["id"].astype(int),
            "code": cells["code"],
            "name": cells["name"],
            "households": np.nan_to_num(households).astype(int),
            "minutes": nearest,
        }
    )
    return NetworkCoverage(
        cells=table,
        covered_cells=int(judged.covered.sum()),
        total_cells=len(table),
        covered_households_share=judged.households_share,
        gaps=table.loc[~judged.covered, "cell_id"].tolist(),
    )


def _compute_minutes(context: Context, actor: Actor, sites: pd.DataFrame, cells: Geometries) -> FloatArray:
    """Minutes by car from the nearest site to a point inside each cell, infinite where no road leads."""
    points = shapely.get_coordinates(shapely.point_on_surface(cells))
    targets = [(float(lon), float(lat)) for lon, lat in points]
    nearest = np.full(len(targets), np.inf)
    places = list(zip(sites["lon"].astype(float), sites["lat"].astype(float), strict=True))
    # In portions, since the matrix of all sites and all cells of a province would not fit.
    for start in range(0, len(places) if targets else 0, _SITES_AT_ONCE):
        origins = places[start : start + _SITES_AT_ONCE]
        # Without roads no cell is within reach by road, and that is the answer.
        with suppress(NoData):
            seconds = routing.travel_times(context, actor, origins=origins, targets=targets)
            nearest = np.minimum(nearest, seconds.min(axis=0) / 60)
    return nearest
