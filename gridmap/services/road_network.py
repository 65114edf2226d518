"""The road network that is loaded, as it is always and as it is at a time: with what is closed or slowed then."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import geopandas as gpd
import pandas as pd

from gridmap.domain.days import BEIJING
from gridmap.domain.roads.closures import DrawnChange, RoadChanges, resolve_changes
from gridmap.domain.roads.graph import RoadNetwork, build_network
from gridmap.domain.roads.profiles import SpeedProfile
from gridmap.errors import N_, NoData
from gridmap.services.context import Context
from gridmap.sources.speed_profile import USUAL, read_speed_profile
from gridmap.store import closures, roads


def get_network(context: Context) -> RoadNetwork:
    """The road network with everything open, built once per revision of the roads.

    Raises
    ------
    NoData
        No roads are loaded.
    """

    def build() -> RoadNetwork:
        with context.database.read() as connection:
            nodes, edges = roads.load_road_nodes(connection), roads.load_road_edges(connection)
            turns = roads.load_turns(connection)
        if edges.empty:
            raise NoData(N_("No roads are loaded."), hint=N_("Import an OpenStreetMap file of the area first."))
        return replace(build_network(nodes, edges, turns), u_turn_s=context.settings.u_turn_s)

    return context.cache.get("road_network", context.revisions("roads"), build)


def get_open_network(context: Context, *, departure: time | None = None) -> RoadNetwork:
    """The road network as it is now: closed roads are not driven, slowed ones no faster than allowed.

    With a local time of departure, with the speeds of that time; else with those of free roads.

    Raises
    ------
    NoData
        As `get_network`.
    """
    network, now = get_network(context), context.clock()
    chosen = _choose(context, now, now)
    if not chosen.empty:
        revision = (context.revisions("roads", "closures"), tuple(chosen["id"]))
        network = context.cache.get(
            "open_network",
            revision,
            lambda: apply_changes(get_network(context), _resolve(get_network(context), chosen)),
        )
    if departure is None:
        return network
    at_s = departure.hour * 3600 + departure.minute * 60 + departure.second
    return network.leave_at(get_speed_profile(context), at_s)


def get_speed_profile(context: Context) -> SpeedProfile:
    """Speeds by the hour as the settings name them, else those that come with the program."""
    path = context.settings.speed_profile or USUAL
    return context.cache.get("speed_profile", path, lambda: read_speed_profile(path))


def get_plan_network(context: Context, changes: RoadChanges) -> RoadNetwork:
    """The road network of a plan: with its changes, and with the speeds by the hour for the hours of its teams.

    Raises
    ------
    NoData
        As `get_network`.
    """
    return apply_changes(get_network(context), changes).know_speeds(get_speed_profile(context))


def find_standing_changes(context: Context, *, start: datetime, end: datetime) -> RoadChanges:
    """What is closed or slowed at any time between two instants, wherever it was drawn.

    Raises
    ------
    NoData
        As `get_network`.
    """
    return _resolve(get_network(context), _choose(context, start, end))


def find_shift_changes(context: Context, *, day: date, shift_s: tuple[int, int]) -> RoadChanges:
    """What is closed or slowed at any time of a shift, given in seconds after local midnight of a day.

    Raises
    ------
    NoData
        As `get_network`.
    """
    start, end = (datetime.combine(day, time(), BEIJING) + timedelta(seconds=s) for s in shift_s)
    return find_standing_changes(context, start=start, end=end)


def find_ended_changes(context: Context, *, since: datetime, until: datetime) -> RoadChanges:
    """What was closed or slowed by closures that ended after one instant and no later than another.

    Raises
    ------
    NoData
        As `get_network`.
    """
    known = _load_closures(context)
    if known.empty:
        return RoadChanges((), (), ())
    ends_at = pd.to_datetime(known["ends_at"], utc=True)
    ended = ends_at.notna() & (ends_at > since) & (ends_at <= until)
    return _resolve(get_network(context), known[ended.to_numpy(bool)])


def apply_changes(network: RoadNetwork, changes: RoadChanges) -> RoadNetwork:
    """The network with roads closed and slowed."""
    return network.close_edges(changes.closed).slow_edges(dict(changes.slowed))


def _choose(context: Context, start: datetime, end: datetime) -> gpd.GeoDataFrame:
    """Closures that stand at some time from `start` to `end`; both ends counted, the end of a closure not."""
    known = _load_closures(context)
    if known.empty:
        return known
    ends_at = pd.to_datetime(known["ends_at"], utc=True)
    standing = (pd.to_datetime(known["starts_at"], utc=True) <= end) & (ends_at.isna() | (ends_at > start))
    return known[standing.to_numpy(bool)]


def _load_closures(context: Context) -> gpd.GeoDataFrame:
    """All closures, those that are over included, wherever they were drawn."""

    def load() -> gpd.GeoDataFrame:
        with context.database.read() as connection:
            return closures.load_closures(connection, scope="")

    return context.cache.get("closures", context.revisions("closures"), load)


def _resolve(network: RoadNetwork, chosen: gpd.GeoDataFrame) -> RoadChanges:
    return resolve_changes(network, read_changes(chosen))


def read_changes(chosen: gpd.GeoDataFrame) -> list[DrawnChange]:
    """Rows of `store.closures.load_closures` as what was drawn, called by their ids."""
    speeds = [None if pd.isna(kmh) else float(kmh) for kmh in chosen["speed_kmh"]]
    shapes = chosen.geometry.to_numpy()
    return [DrawnChange(str(i), *rest) for i, *rest in zip(chosen["id"], shapes, speeds, strict=True)]
