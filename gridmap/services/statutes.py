"""Distances the law sets: which rules concern a place, a layer of objects, or a hazard."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj.exceptions import CRSError

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.crs import Geometries
from gridmap.domain.days import BEIJING
from gridmap.domain.railways.zones import ZoneRules
from gridmap.domain.statutes.checking import check_shapes
from gridmap.domain.statutes.findings import Finding, build_findings
from gridmap.domain.statutes.rules import Rule, Statutes
from gridmap.domain.statutes.scene import Scene, build_scene
from gridmap.errors import N_, InvalidInput, NotAllowed, UnknownCrs
from gridmap.services import hazards
from gridmap.services.announced import load_announced_zones
from gridmap.services.context import Context
from gridmap.services.hazard_kinds import list_statutes_of, load_kinds
from gridmap.services.places import find_in_scope
from gridmap.sources.dataset import WGS84
from gridmap.sources.statutes import read_objects, read_statutes
from gridmap.store import basemap, rail
from gridmap.store.datasets import load_setting
from gridmap.store.zones import STATION_SERVICES


def load_statutes(context: Context) -> Statutes:
    """The rules as the data files have them, read once by a process."""
    return context.cache.get("statutes", 0, read_statutes)


def load_scene(context: Context) -> Scene:
    """What the rules measure from, built once for a state of railways and rivers."""

    def build() -> Scene:
        with context.database.read() as connection:
            tracks, rivers = basemap.load_tracks(connection), basemap.load_rivers(connection)
            segments = rail.load_segments(connection, scope="")
        tracks = tracks.assign(of_station=tracks["service"].isin(STATION_SERVICES))
        lines = rivers.geometry.to_numpy()
        return build_scene(tracks, segments=segments, rivers=lines, assumptions=load_statutes(context).assumptions)

    return context.cache.get("statute_scene", context.revisions("rail", "basemap"), build)


def load_jurisdiction(context: Context) -> str:
    """Whose rules hold: the database's setting, else that of the installation; never guessed from a place."""
    with context.database.read() as connection:
        return str(load_setting(connection, "jurisdiction", context.settings.jurisdiction))


def load_zone_rules(context: Context, *, at: datetime | None = None) -> ZoneRules:
    """What protection zones are screened by on the day of an instant, or today."""
    statutes = load_statutes(context)
    day = (at or context.clock()).astimezone(BEIJING).date()
    widths = statutes.select_widths(jurisdiction=load_jurisdiction(context), at=day)
    formation, bridge = (
        {fast: statutes.assumptions.edges[structure, fast].offset_m for fast in (False, True)}
        for structure in ("plain", "bridge")
    )
    return ZoneRules({} if widths is None else widths.metres, formation, bridge)


def check_distance(
    context: Context,
    actor: Actor,
    *,
    kind: str,
    geometry: shapely.Geometry,
    jurisdiction: str | None = None,
    at: date | None = None,
) -> list[Finding]:
    """Every rule about `kind` held against a point, line or polygon (WGS-84), whether it applies or not.

    Parameters
    ----------
    jurisdiction
        `CN-14`; None = the database's. One without rules gives an empty list.
    at
        The day whose law counts, and whose announced zones; None = today in Beijing.

    Raises
    ------
    InvalidInput
        No rule file knows the kind, or the geometry is empty or off the globe.
    NotAllowed
        The place lies outside the scope.
    """
    check_allowed(actor, Permission.VIEW)
    day = _choose_day(context, at)
    rules = _select_rules(context, (kind,), jurisdiction, day)
    shapes = np.array([geometry], object)
    _check_places(context, actor, shapes)
    return build_findings(_check_shapes(context, rules, [(kind,)], shapes, on=day), rules)


def _check_shapes(
    context: Context, rules: Sequence[Rule], kinds: Sequence[Sequence[str]], shapes_wgs84: Geometries, *, on: date
) -> pd.DataFrame:
    """Shapes against rules, with the zones announced by a day."""
    scene = load_scene(context)
    announced = load_announced_zones(context, scene, on=on)
    return check_shapes(scene, rules, kinds=kinds, geometries_wgs84=shapes_wgs84, announced=announced)


def check_layer(
    context: Context,
    actor: Actor,
    *,
    objects: gpd.GeoDataFrame,
    kind: str = "",
    jurisdiction: str | None = None,
    at: date | None = None,
) -> pd.DataFrame:
    """As `check_distance` for a whole layer at once: `objects` has `kind`, unless one is given for all.

    Returns
    -------
    pandas.DataFrame
        `checking.FINDING_COLUMNS`, `object` being the position in `objects`.

    Raises
    ------
    InvalidInput, NotAllowed
        As `check_distance`; no object is checked then.
    UnknownCrs
        `objects` has no coordinate system.
    """
    check_allowed(actor, Permission.VIEW)
    if not kind and "kind" not in objects.columns:
        raise InvalidInput(N_("The layer has no column “kind”."), hint=N_("Add one, or say one kind for all."))
    kinds = [(kind,)] * len(objects) if kind else [(str(value),) for value in objects["kind"]]
    day = _choose_day(context, at)
    rules = _select_rules(context, sorted({name for (name,) in kinds}), jurisdiction, day)
    try:
        shapes = objects.geometry.to_crs(WGS84).to_numpy()
    except (CRSError, ValueError) as error:
        raise UnknownCrs(
            N_("The coordinate system “{crs}” cannot be used."),
            hint=N_("Save the layer with its coordinate system, best as WGS-84."),
            crs=str(objects.crs),
        ) from error
    _check_places(context, actor, shapes)
    return _check_shapes(context, rules, kinds, shapes, on=day)


def check_file(
    context: Context,
    actor: Actor,
    *,
    path: Path,
    kind: str = "",
    jurisdiction: str | None = None,
    at: date | None = None,
) -> pd.DataFrame:
    """As `check_layer` for a vector file; `object` counts its rows from 0.

    Raises
    ------
    UnreadableFile, NoData, UnknownCrs
        The file cannot be used.
    InvalidInput, NotAllowed
        As `check_layer`.
    """
    check_allowed(actor, Permission.VIEW)
    objects = read_objects(path)
    found = check_layer(context, actor, objects=objects, kind=kind, jurisdiction=jurisdiction, at=at)
    # Rows without a geometry were left out.
    return found.assign(object=objects.index.to_numpy()[found["object"].to_numpy(int)])


def check_drawing(
    context: Context,
    actor: Actor,
    *,
    path: Path,
    kind: str,
    jurisdiction: str | None = None,
    at: date | None = None,
) -> list[Finding]:
    """As `check_distance` for the one object that a vector file draws, in one piece or several.

    Raises
    ------
    UnreadableFile, NoData, UnknownCrs
        The file cannot be used.
    InvalidInput, NotAllowed
        As `check_distance`.
    """
    check_allowed(actor, Permission.VIEW)
    drawn = shapely.union_all(read_objects(path).geometry.to_numpy())
    return check_distance(context, actor, kind=kind, geometry=drawn, jurisdiction=jurisdiction, at=at)


def check_hazard(context: Context, actor: Actor, *, hazard_id: int) -> list[Finding]:
    """The rules that concern a hazard by its kind, those that apply first; none for a kind without any.

    Raises
    ------
    NotFound
        No such hazard in scope.
    """
    row = hazards.load_hazard(context, actor, hazard_id=hazard_id)
    kind = load_kinds(context).find(str(row["kind"]))
    kinds = () if kind is None else list_statutes_of(context, kind)
    if not kinds:
        return []
    place = np.array([shapely.Point(float(row["lon"]), float(row["lat"]))], object)
    day = _choose_day(context, None)
    rules = _select_rules(context, kinds, None, day)
    found = build_findings(_check_shapes(context, rules, [kinds], place, on=day), rules)
    return sorted(found, key=lambda finding: not finding.applies)


def has_rules(context: Context, *, jurisdiction: str | None = None, at: date | None = None) -> bool:
    """Whether any rule at all is known for a jurisdiction."""
    statutes = load_statutes(context)
    return bool(_select_rules(context, list(statutes.kinds), jurisdiction, _choose_day(context, at)))


def _choose_day(context: Context, at: date | None) -> date:
    """The day asked for, else today in Beijing."""
    return at or context.clock().astimezone(BEIJING).date()


def _select_rules(context: Context, kinds: Sequence[str], jurisdiction: str | None, day: date) -> tuple[Rule, ...]:
    statutes = load_statutes(context)
    for kind in kinds:
        statutes.check_kind(kind)
    return statutes.select_rules(kinds, jurisdiction=jurisdiction or load_jurisdiction(context), at=day)


def _check_places(context: Context, actor: Actor, shapes_wgs84: Geometries) -> None:
    """Refuse what is no place on the globe, and what lies outside the actor's area."""
    west, south, east, north = shapely.bounds(shapes_wgs84).T if len(shapes_wgs84) else np.zeros((4, 0))
    # An empty shape has no bounds, and NaN is in no range.
    if not ((west >= -180) & (east <= 180) & (south >= -89) & (north <= 89)).all():
        raise InvalidInput(
            N_("A shape is empty or lies off the globe."), hint=N_("Give longitude and latitude in degrees, WGS-84.")
        )
    points = shapely.point_on_surface(shapes_wgs84)
    if not find_in_scope(context, actor, shapely.get_x(points).tolist(), shapely.get_y(points).tolist()).all():
        raise NotAllowed(N_("This place lies outside your area."), hint=N_("Choose something inside your own area."))
