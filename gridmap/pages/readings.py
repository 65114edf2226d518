"""Readings kept between runs: the only place where Streamlit caches.

What a role may see is in the key, and so are the revisions of every topic the reading is made of: a change anywhere
makes a new key, and nobody receives what was read for somebody else.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import geopandas as gpd
import pandas as pd
import streamlit as st

from gridmap.domain.access import Actor
from gridmap.domain.hazard_kinds import HazardKinds
from gridmap.domain.railways.chiefs import Kilometre
from gridmap.domain.railways.exposure import Wind
from gridmap.domain.roads.isochrones import ReachBand
from gridmap.pages.visit import Visit
from gridmap.services import (
    adjacency_rules,
    area_history,
    areas,
    change_order_history,
    change_playback,
    chiefs,
    grids,
    hazard_kinds,
    hazards,
    imports,
    networks,
    railways,
    referrals,
    response,
    road_check,
    status,
    strategies,
    strips,
    topology,
    weather,
    workload,
    zone_audit,
)
from gridmap.services.context import Context
from gridmap.services.line_tables import Stretch
from gridmap.services.patrol_request import PatrolRequest

P = ParamSpec("P")
T = TypeVar("T")


@st.cache_data(show_spinner=False, max_entries=64)
def _read(key: tuple[object, ...], _load: Callable[[], Any]) -> Any:
    return _load()


def _reading(
    *topics: str, hourly: bool = False
) -> Callable[[Callable[Concatenate[Context, Actor, P], T]], Callable[Concatenate[Visit, P], T]]:
    """Turn a service call into one that is kept until a topic changes (or the hour, where the reading ages)."""

    def decorate(load: Callable[Concatenate[Context, Actor, P], T]) -> Callable[Concatenate[Visit, P], T]:
        def read(visit: Visit, /, *args: P.args, **parameters: P.kwargs) -> T:
            key = (
                f"{load.__module__}.{load.__qualname__}",
                visit.context.settings.database_url,
                visit.actor.role.value,
                visit.actor.scope_code,
                tuple(visit.revisions[topic] for topic in topics),
                f"{visit.now:%Y%m%d%H}" if hourly else "",
                args,
                tuple(sorted(parameters.items())),
            )
            return cast(T, _read(key, lambda: load(visit.context, visit.actor, *args, **parameters)))

        return read

    return decorate


@_reading("rail", "patrols", "coverage", "hazards", "teams", "zones", "chiefs", hourly=True)
def load_strip(context: Context, actor: Actor, *, line_id: int) -> strips.LineStrip:
    """A line kilometre by kilometre."""
    return strips.load_strip(context, actor, line_id=line_id)


@_reading("rail", "areas", "chiefs", hourly=True)
def list_kilometres(context: Context, actor: Actor, *, line_id: int) -> list[Stretch[Kilometre]]:
    """Kilometres of a line with their section chiefs."""
    return chiefs.list_kilometres(context, actor, line_id=line_id)


@_reading("rail", "areas", "chiefs")
def list_joint_inspections(context: Context, actor: Actor, *, line_id: int) -> pd.DataFrame:
    """Joint inspections of a line, the newest first."""
    return chiefs.list_joint_inspections(context, actor, line_id=line_id)


@_reading("hazards", "areas")
def list_waiting(context: Context, actor: Actor, *, line_id: int) -> pd.DataFrame:
    """Open hazards beside a line that a section chief did not take note of."""
    return referrals.list_referrals(context, actor, line_id=line_id, waiting=True)


@_reading("rail", "zones", hourly=True)
def audit_zones(context: Context, actor: Actor, *, line_id: int) -> zone_audit.ZoneAudit:
    """The protection zones of a line and what is wrong with them."""
    return zone_audit.audit_zones(context, actor, line_id=line_id)


@_reading("areas", "basemap", "rail", "roads", "teams", "plans", "hazards", "networks", "units", "incidents")
def load_banner(context: Context, actor: Actor) -> status.Banner:
    """Whether the data are real, and how old."""
    return status.load_banner(context, actor)


@_reading("areas", "basemap", "rail", "roads")
def list_sources(context: Context, actor: Actor) -> pd.DataFrame:
    """What is loaded, from where."""
    return status.list_sources(context, actor)


@_reading("areas")
def list_area_history(context: Context, actor: Actor, *, code: str) -> pd.DataFrame:
    """What happened to an area, the newest first."""
    return area_history.list_history(context, actor, code=code)


@_reading("areas", "units")
def load_tree(context: Context, actor: Actor) -> pd.DataFrame:
    """The areas in scope above the cells."""
    return areas.load_tree(context, actor)


@_reading("areas")
def load_bounds(context: Context, actor: Actor) -> tuple[float, float, float, float]:
    """West, south, east, north of what the person is responsible for, degrees."""
    return areas.load_bounds(context, actor)


@_reading("areas", "units")
def load_cells(context: Context, actor: Actor) -> gpd.GeoDataFrame:
    """Cells in scope with their unit."""
    return areas.load_cells(context, actor)


@_reading("areas", "units")
def list_units(context: Context, actor: Actor) -> pd.DataFrame:
    """Grid units with their load and map colour."""
    return grids.list_units(context, actor)


@_reading("areas", "units", "change_orders", "hazards", "rail", "networks", "roads")
def measure_units(context: Context, actor: Actor, *, area_code: str) -> workload.Workload:
    """What the units of an area carry."""
    return workload.measure_units(context, actor, area_code=area_code)


@_reading("areas", "units", "change_orders", hourly=True)
def compare_dates(context: Context, actor: Actor, *, earlier: date, later: date) -> change_order_history.DayComparison:
    """Which cells had another unit on the one day than on the other."""
    return change_order_history.compare_dates(context, actor, earlier=earlier, later=later)


@_reading("areas", "units", "change_orders", hourly=True)
def load_playback(context: Context, actor: Actor, *, earlier: date, later: date) -> change_playback.Playback:
    """What changed day by day between two days."""
    return change_playback.load_playback(context, actor, earlier=earlier, later=later)


@_reading("areas")
def check_borders(context: Context, actor: Actor, *, area_code: str) -> topology.TopologyReport:
    """Where cells overlap, leave gaps or leave the area above them."""
    return topology.check_parents(context, actor, area_code=area_code)


@_reading("areas")
def preview_repair(context: Context, actor: Actor, *, area_code: str, tolerance_m: float) -> topology.RepairReport:
    """What mending narrow faults would change."""
    return topology.repair_topology(context, actor, area_code=area_code, tolerance_m=tolerance_m, dry_run=True)


@_reading("areas", "borders")
def list_rules(context: Context, actor: Actor) -> gpd.GeoDataFrame:
    """Barriers and joins with the lines they are drawn as."""
    return adjacency_rules.list_rules(context, actor)


@_reading("areas", "borders", "rail", "roads", "basemap")
def propose_barriers(
    context: Context, actor: Actor, *, area_code: str, obstacle: adjacency_rules.Obstacle
) -> gpd.GeoDataFrame:
    """Borders along a railway or water that nothing crosses."""
    return adjacency_rules.propose_barriers(context, actor, area_code=area_code, obstacle=obstacle)


@_reading("rail", "patrols", "areas", hourly=True)
def list_lines(context: Context, actor: Actor) -> pd.DataFrame:
    """Railway lines with the number of overdue segments."""
    return railways.list_lines(context, actor)


@_reading("hazards", "areas", hourly=True)
def list_hazards(context: Context, actor: Actor) -> pd.DataFrame:
    """Hazards, overdue first."""
    return hazards.list_hazards(context, actor)


@_reading("hazards", "areas", "rail", hourly=True)
def list_wind(context: Context, actor: Actor, *, speed_ms: float | None, from_deg: float | None) -> pd.DataFrame:
    """Light material beside the lines, the most exposed first."""
    return weather.list_wind(context, actor, wind=Wind(speed_ms=speed_ms, from_deg=from_deg))


@_reading("hazards", "areas", "rail", "basemap", "coverage", hourly=True)
def list_rain(context: Context, actor: Actor) -> pd.DataFrame:
    """What rain makes dangerous along the lines, the worst first."""
    return weather.list_rain(context, actor)


def load_kinds(visit: Visit) -> HazardKinds:
    """The list of hazard kinds, which the service itself keeps."""
    return hazard_kinds.list_kinds(visit.context, visit.actor)


@_reading("plans", "rail", "roads", "teams", "closures", hourly=True)
def find_strategy(
    context: Context, actor: Actor, *, area_code: str, team_ids: tuple[int, ...] | None, shift: tuple[time, time]
) -> strategies.StrategyDocument | None:
    """The strategy that a plan of this area, these teams and this shift can be drawn from as everything is now."""
    request = PatrolRequest(area_code=area_code, team_ids=team_ids, shift_start=shift[0], shift_end=shift[1])
    found = strategies.find_fresh_strategy(context, actor, request=request)
    return None if found is None else found[1]


@_reading("networks", "areas")
def list_sites(context: Context, actor: Actor) -> pd.DataFrame:
    """Sites of every control network."""
    return networks.list_sites(context, actor)


@_reading("networks", "areas", "roads", "closures", hourly=True)
def compute_coverage(context: Context, actor: Actor, *, network: str, minutes: int) -> networks.NetworkCoverage:
    """Cells within `minutes` of a site by road."""
    return networks.compute_coverage(context, actor, network=network, minutes=minutes)


@_reading("roads", "closures", "teams", hourly=True)
def check_roads(context: Context, actor: Actor, *, mode: str) -> tuple[road_check.Reachability, ...]:
    """What cannot be reached by a mode, and why."""
    return road_check.check_roads(context, actor, mode=mode)


@_reading("roads")
def check_starts(
    context: Context, actor: Actor, *, starts: tuple[road_check.Start, ...], closures: tuple[int, ...]
) -> tuple[road_check.Reachability, ...]:
    """What the starts of a plan cannot reach, and why."""
    return road_check.check_starts(context, actor, starts=starts, closures=closures)


@_reading("roads", "closures", hourly=True)
def compute_reach(context: Context, actor: Actor, *, lon: float, lat: float) -> tuple[ReachBand, ...]:
    """From where a car is at a place within 5, 10 and 15 minutes."""
    return response.compute_reach(context, actor, lon=lon, lat=lat)


@_reading()
def preview_file(context: Context, actor: Actor, *, path: Path) -> imports.ImportPreview:
    """What an uploaded file holds; the path is new for every upload."""
    return imports.preview_file(context, actor, path=path)


@_reading("areas")
def load_scope_name(context: Context, actor: Actor) -> str:
    """Name of the area the person is responsible for: of the scope, else of the topmost area loaded."""
    return areas.load_scope_name(context, actor)
