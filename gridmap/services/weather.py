"""What to look at before a strong wind (大风) and before heavy rain (暴雨), the worst first."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.crs import to_metric, working_crs
from gridmap.domain.hazards import OPEN
from gridmap.domain.railways import wet_places
from gridmap.domain.railways.exposure import PARTS, REACH_M, Wind, find_nearest_tracks, rate_exposure
from gridmap.domain.railways.freshness import rate_pieces
from gridmap.services import hazards, railways
from gridmap.services.context import Context
from gridmap.services.hazard_kinds import load_kinds
from gridmap.services.places import find_in_scope
from gridmap.store import basemap, coverage, rail

WIND_COLUMNS = (
    "id",
    "code",
    "title",
    "kind",
    "severity",
    "line_id",
    "line",
    "mileage",
    "side",
    "distance_m",
    "bearing_deg",
    "exposure",
    *PARTS,
    "electrified",
    "high_speed",
    "raised",
    "lon",
    "lat",
)
RAIN_COLUMNS = (
    "kind",
    "name",
    "line_id",
    "line",
    "mileage",
    "until",
    "last_at",
    "days",
    "hazards",
    "severities",
    "lon",
    "lat",
)

_FEATURES = ("culvert", "water_bridge", "cutting", "embankment", "slope")
_WINDOW_DEG = 0.01
"""More than the 300 m within which a hazard is near a line, in every direction up to 70° of latitude."""

BoolArray = npt.NDArray[np.bool_]


def list_wind(context: Context, actor: Actor, *, wind: Wind | None = None) -> pd.DataFrame:
    """Open hazards of light material within 500 m of a track in the open, the most exposed first.

    Distances are true: from where the hazard lies now to the outer track on its side.

    Returns
    -------
    pandas.DataFrame
        `WIND_COLUMNS`: mileage as the posts say it, `exposure` a percentage and its parts as in
        `domain.railways.exposure.rate_exposure`.
    """
    check_allowed(actor, Permission.VIEW)
    light = load_kinds(context).light
    found = pd.DataFrame(hazards.list_hazards(context, actor, states=OPEN, kinds=light).drop(columns="geometry"))
    tracks = _load_open_tracks(context)
    track, metres, bearing = find_nearest_tracks(
        tracks.geometry.to_numpy(), found["lon"].to_numpy(float), found["lat"].to_numpy(float)
    )
    near = metres <= REACH_M
    found = found[near].reset_index(drop=True).assign(distance_m=metres[near], bearing_deg=bearing[near])
    own = tracks.iloc[track[near]].reset_index(drop=True)
    found = _place_on_lines(context, found, own["line_id"])
    nature = own[["electrified", "high_speed"]].astype(bool)
    raised = own["bridge"].to_numpy(bool) | _is_on_embankment(context, found)
    found = found.assign(electrified=nature["electrified"], high_speed=nature["high_speed"], raised=raised)
    rated = found.join(rate_exposure(found, wind or Wind()))
    rated = rated.sort_values(["exposure", "distance_m", "id"], ascending=[False, True, True], kind="stable")
    return rated.reset_index(drop=True)[list(WIND_COLUMNS)]


def _load_open_tracks(context: Context) -> gpd.GeoDataFrame:
    def build() -> gpd.GeoDataFrame:
        with context.database.read() as connection:
            tracks = rail.load_tracks(connection)
        return tracks[~tracks["tunnel"].to_numpy(bool)].reset_index(drop=True)

    return context.cache.get("open_tracks", context.revisions("rail"), build)


def _place_on_lines(context: Context, found: pd.DataFrame, line_ids: pd.Series) -> pd.DataFrame:
    """Line, mileage and side of each place, on the line of its track; chainage_m is where on it."""
    lines = railways.load_lines(context)
    placed = found.drop(columns=["line_id", "mileage_m", "side", "offset_m"]).assign(
        line_id=line_ids.astype("Int64"), line="", mileage="", side="", chainage_m=np.nan
    )
    for line_id, rows in placed.groupby("line_id").groups.items():
        line = lines[int(line_id)]
        seen = line[2].locate_all(placed.loc[rows, "lon"].to_numpy(float), placed.loc[rows, "lat"].to_numpy(float))
        placed.loc[rows, "line"] = line[0]
        placed.loc[rows, "mileage"] = [railways.write_mileage(line, at) for at in seen.chainage_m.tolist()]
        placed.loc[rows, "side"] = seen.side
        placed.loc[rows, "chainage_m"] = seen.chainage_m
    return placed


def _is_on_embankment(context: Context, found: pd.DataFrame) -> BoolArray:
    with context.database.read() as connection:
        features = rail.load_rail_features(connection)
    return _lies_on(found["line_id"], found["chainage_m"], features[features["kind"] == "embankment"])


def _lies_on(line_ids: pd.Series, chainages_m: pd.Series, structures: pd.DataFrame) -> BoolArray:
    """Which places on lines lie on one of the structures (line_id, mileage_m of the middle, length_m)."""
    line_id, at = line_ids.to_numpy(object), chainages_m.to_numpy(float)
    within = np.zeros(len(at), bool)
    for one in structures[structures["mileage_m"].notna()].itertuples():
        within |= (line_id == one.line_id) & (np.abs(at - one.mileage_m) <= one.length_m / 2)
    return within


def list_rain(context: Context, actor: Actor) -> pd.DataFrame:
    """Culverts, bridges over water, slopes and low crossings of lines in scope, the worst first.

    The order is that of `domain.railways.wet_places`.

    Returns
    -------
    pandas.DataFrame
        `RAIN_COLUMNS`: kind of `wet_places.KINDS`, mileage and (of what is long) until as the posts say them, `days`
        since the last inspection (missing = never), `hazards` open ones near and the sum of their `severities`.
    """
    check_allowed(actor, Permission.VIEW)
    places = _load_wet_places(context)
    inside = find_in_scope(context, actor, places["lon"].tolist(), places["lat"].tolist())
    places = places[inside & places["line_id"].notna().to_numpy(bool)].reset_index(drop=True)
    water = hazards.list_hazards(context, actor, states=OPEN, kinds=wet_places.HAZARD_KINDS)
    parts = [
        _describe_line(context, actor, int(line_id), own.reset_index(drop=True), water)
        for line_id, own in places.groupby("line_id")
    ]
    if not parts:
        return pd.DataFrame({name: [] for name in RAIN_COLUMNS})
    found = pd.concat(parts, ignore_index=True)
    found["days"] = (pd.Timestamp(context.clock()) - found["last_at"]).dt.total_seconds() / 86_400 // 1
    return found.iloc[wet_places.order_places(found)].reset_index(drop=True)[list(RAIN_COLUMNS)]


def _load_wet_places(context: Context) -> pd.DataFrame:
    """Kind, name, line_id, chainage_m (middle), length_m, lon, lat of everything that rain makes dangerous."""

    def build() -> pd.DataFrame:
        with context.database.read() as connection:
            features, access = rail.load_rail_features(connection), rail.load_access_points(connection)
            rivers = basemap.load_rivers(connection)
        below = access[access["kind"] == "underpass"].assign(length_m=0.0).reset_index(drop=True)
        viaducts = features[
            (features["kind"] == "bridge") & (features["length_m"].astype(float) >= wet_places.VIADUCT_M)
        ]
        below = below[~_lies_on(below["line_id"], below["mileage_m"], viaducts)]
        crossings = features[features["kind"] == "level_crossing"]
        crossings = crossings[_is_near_water(crossings, rivers)]
        known = pd.concat([features[features["kind"].isin(_FEATURES)], below, crossings], ignore_index=True)
        known["length_m"] = known["length_m"].astype(float).fillna(0.0)
        names = ["kind", "name", "line_id", "mileage_m", "length_m", "lon", "lat"]
        return known[names].rename(columns={"mileage_m": "chainage_m"})

    return context.cache.get("wet_places", context.revisions("rail", "basemap"), build)


def _is_near_water(crossings: pd.DataFrame, rivers: pd.DataFrame) -> BoolArray:
    near = np.zeros(len(crossings), bool)
    if near.size and len(rivers):
        lon, lat = crossings["lon"].to_numpy(float), crossings["lat"].to_numpy(float)
        crs = working_crs(float(lon.mean()), float(lat.mean()))
        points = to_metric(np.asarray(shapely.points(lon, lat), object), crs)
        water = to_metric(rivers.geometry.to_numpy(), crs)
        near[shapely.STRtree(water).query(points, predicate="dwithin", distance=wet_places.NEAR_WATER_M)[0]] = True
    return near


def _describe_line(
    context: Context, actor: Actor, line_id: int, places: pd.DataFrame, water: pd.DataFrame
) -> pd.DataFrame:
    """Places of one line with their mileages, what lies near and when somebody last looked."""
    line = railways.load_line(context, line_id)
    name, _, measured = line
    middle, half = places["chainage_m"].to_numpy(float), places["length_m"].to_numpy(float) / 2
    from_m = np.maximum(middle - half, measured.start_m)
    to_m = np.minimum(middle + half, measured.end_m)
    near = _see_from_line(water, line)
    count, severities = wet_places.weigh_hazards(near, from_m=from_m, to_m=to_m)
    written = [railways.write_stretch(line, *ends) for ends in zip(from_m.tolist(), to_m.tolist(), strict=True)]
    is_long = to_m - from_m >= 1.0
    return places.assign(
        line=name,
        from_m=from_m,
        mileage=[start for start, _ in written],
        until=[end if long else "" for (_, end), long in zip(written, is_long.tolist(), strict=True)],
        last_at=wet_places.find_last_visits(_rate_line(context, actor, line_id), from_m=from_m, to_m=to_m),
        hazards=count,
        severities=severities,
    )


def _see_from_line(water: pd.DataFrame, line: railways.Line) -> pd.DataFrame:
    """Hazards about a line: severity, chainage_m, offset_m."""
    west, south, east, north = line[2].geometry.buffer(_WINDOW_DEG).bounds
    about = water[water["lon"].between(west, east) & water["lat"].between(south, north)]
    seen = line[2].locate_all(about["lon"].to_numpy(float), about["lat"].to_numpy(float))
    return pd.DataFrame(
        {"severity": about["severity"].to_numpy(int), "chainage_m": seen.chainage_m, "offset_m": seen.offset_m}
    )


def _rate_line(context: Context, actor: Actor, line_id: int) -> pd.DataFrame:
    segments = railways.list_segments(context, actor, line_ids=(line_id,))
    with context.database.read() as connection:
        covers = coverage.load_coverage(connection, line_ids=(line_id,))
    return rate_pieces(pd.DataFrame(segments.drop(columns="geometry")), covers, at=context.clock())
