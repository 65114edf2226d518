"""A line as a strip (straight-line diagram): kilometre by kilometre what stands there, and how fresh either side is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.hazards import OPEN
from gridmap.domain.railways.freshness import rate_pieces
from gridmap.domain.railways.mileage import LinePosition
from gridmap.errors import N_, NotFound
from gridmap.services import chiefs, hazards, railways, teams, zones
from gridmap.services.context import Context
from gridmap.services.railways import Line
from gridmap.store import coverage, rail

_MARKED = ("station", "halt", "level_crossing", "bridge", "tunnel")


@dataclass(frozen=True)
class Post:
    """A full kilometre of mileage: where it stands (chainage, m) and what is written there."""

    chainage_m: float
    text: str


@dataclass(frozen=True)
class LineStrip:
    """A line between the outermost of its segments in scope; places are chainages, metres.

    Attributes
    ----------
    pieces
        Every hundred metres and side, see `domain.railways.freshness.rate_pieces`, and `team` (its name, "" where
        unknown).
    features
        Stations, crossings and structures: kind, name, chainage_m (middle), length_m (0 for a point).
    hazards
        Open ones beside the line: id, kind, severity, title, overdue, chainage_m, side, offset_m.
    zones
        Protection zones in force, see `services.zones.list_widths`.
    lapses
        Where section chiefs fall short: kind (vacant, inspection), party (of a vacancy), from_m, to_m, start and end as
        written. Empty for a line on which nobody is named.
    """

    line_id: int
    name: str
    from_m: float
    to_m: float
    posts: tuple[Post, ...]
    pieces: pd.DataFrame
    features: pd.DataFrame
    hazards: pd.DataFrame
    zones: pd.DataFrame
    lapses: pd.DataFrame


def load_strip(context: Context, actor: Actor, *, line_id: int, at: datetime | None = None) -> LineStrip:
    """The strip of a line as it is at an instant (now where none is given), confined to the actor's scope.

    Raises
    ------
    NotFound
        No such line, or none of it lies in the scope.
    """
    check_allowed(actor, Permission.VIEW)
    line = railways.load_line(context, line_id)
    segments = railways.list_segments(context, actor, line_ids=(line_id,), at=at)
    if segments.empty:
        raise NotFound(N_("There is no such railway line."), hint=N_("Choose a line from the list."))
    with context.database.read() as connection:
        covers = coverage.load_coverage(connection, line_ids=(line_id,))
        features = rail.load_rail_features(connection)
    from_m, to_m = float(segments["from_m"].min()), float(segments["to_m"].max())
    pieces = rate_pieces(pd.DataFrame(segments.drop(columns="geometry")), covers, at=at or context.clock())
    crews = teams.list_teams(context, actor)
    names = dict(zip(crews["id"], crews["name"], strict=True))
    return LineStrip(
        line_id=line_id,
        name=line[0],
        from_m=from_m,
        to_m=to_m,
        posts=_set_posts(line, from_m, to_m),
        pieces=pieces.assign(team=[names.get(team, "") for team in pieces["team_id"]]),
        features=_list_features(features, line_id, from_m, to_m),
        hazards=_list_hazards(context, actor, line_id, from_m, to_m),
        zones=zones.list_widths(context, actor, line_ids=(line_id,), at=at),
        lapses=_list_lapses(context, actor, line_id, at),
    )


def _set_posts(line: Line, from_m: float, to_m: float) -> tuple[Post, ...]:
    """Full kilometres of mileage, at a long chain the same one twice."""
    _, prefix, measured = line
    return tuple(Post(at, f"{prefix}{km}") for at, km in measured.scale.list_posts(from_m, to_m))


def _list_features(features: pd.DataFrame, line_id: int, from_m: float, to_m: float) -> pd.DataFrame:
    known = features[features["kind"].isin(_MARKED) & (features["line_id"] == line_id) & features["mileage_m"].notna()]
    table = pd.DataFrame(
        {
            "kind": known["kind"],
            "name": known["name"],
            "chainage_m": known["mileage_m"].astype(float),
            "length_m": known["length_m"].astype(float).fillna(0.0),
        }
    )
    return table[table["chainage_m"].between(from_m, to_m)].sort_values("chainage_m").reset_index(drop=True)


def _list_hazards(context: Context, actor: Actor, line_id: int, from_m: float, to_m: float) -> pd.DataFrame:
    found = hazards.list_hazards(context, actor, states=OPEN, line_id=line_id)
    near = found[found["mileage_m"].astype(float).between(from_m, to_m)]
    names: Sequence[str] = ("id", "kind", "severity", "title", "overdue", "mileage_m", "side", "offset_m")
    return pd.DataFrame(near[list(names)]).rename(columns={"mileage_m": "chainage_m"}).reset_index(drop=True)


def _list_lapses(context: Context, actor: Actor, line_id: int, at: datetime | None) -> pd.DataFrame:
    kilometres = chiefs.list_kilometres(context, actor, line_id=line_id, at=at)
    rows: list[tuple[object, ...]] = []
    if any(own for one in kilometres for own in one.what.posts.values()):
        vacant = chiefs.list_vacancies(context, actor, line_id=line_id, at=at)
        rows += [("vacant", v.what.party, v.what.from_m, v.what.to_m, v.start, v.end) for v in vacant]
        late = [one for one in kilometres if one.what.overdue]
        rows += [("inspection", "", one.what.from_m, one.what.to_m, one.start, one.end) for one in late]
    return pd.DataFrame(rows, columns=["kind", "party", "from_m", "to_m", "start", "end"])


def find_on_strip(context: Context, actor: Actor, *, line_id: int, lon: float, lat: float) -> LinePosition:
    """Where a place, degrees, lies seen from a line.

    Raises
    ------
    NotFound
        No such line.
    """
    check_allowed(actor, Permission.VIEW)
    return railways.load_line(context, line_id)[2].locate(lon, lat)
