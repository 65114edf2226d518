"""The card of a clicked thing: its title and the facts worth knowing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.statutes.findings import Finding
from gridmap.errors import N_, NotFound
from gridmap.i18n.labels import LABELS
from gridmap.services import chiefs, closures, hazards, incidents, networks, railways, referrals, statutes, teams
from gridmap.services.context import Context
from gridmap.services.hazard_kinds import load_kinds
from gridmap.services.places import find_in_scope
from gridmap.store import areas, rail

Row = tuple[str, object]


@dataclass(frozen=True)
class Card:
    """What to show of one thing.

    `rows` are (label, value): labels are catalogue keys; a text value is a catalogue key or a name, a tuple several
    of them; numbers, times and kinds of hazard keep their type for the page to format. `findings` are the rules of
    distance that apply to a hazard.
    """

    title: str
    subtitle: str
    kind: str
    rows: tuple[Row, ...]
    lon: float
    lat: float
    findings: tuple[Finding, ...] = ()


def load_card(context: Context, actor: Actor, *, kind: str, id: int) -> Card:  # noqa: A002  the word a map uses
    """The card of a thing in scope.

    Raises
    ------
    NotFound
        There is none such, or it lies outside the scope.
    """
    check_allowed(actor, Permission.VIEW)
    load = _LOADERS.get(kind)
    if load is None:
        raise _missing()
    return load(context, actor, id)


def _missing() -> NotFound:
    return NotFound(N_("This is no longer there, or it lies outside your area."), hint=N_("Reload the map."))


def _one(table: pd.DataFrame, row_id: int) -> Any:
    found = table[table["id"] == row_id]
    if found.empty:
        raise _missing()
    return found.iloc[0]


def _value(cell: Any) -> Any:
    """A cell of a table as plain Python, missing as None."""
    if cell is None or cell != cell or cell is pd.NaT:
        return None
    if isinstance(cell, pd.Timestamp):
        return cell.to_pydatetime()
    return cell.item() if hasattr(cell, "item") else cell


def _word(group: str, value: Any) -> str:
    return LABELS[group].get(_value(value), str(value))


def _area_card(context: Context, actor: Actor, row_id: int) -> Card:
    with context.database.read() as connection:
        fact = _one(areas.load_area(connection, row_id, scope=actor.scope_code), row_id)
        is_cell = fact["level"] == areas.load_cell_level(connection)
        cells = areas.count_cells(connection, within=fact["code"])
    point = fact["geometry"].representative_point()
    rows: list[Row] = [
        (N_("Code"), fact["code"]),
        (N_("Households"), _value(fact["households"])),
        (N_("Area, km²"), round(float(fact["area_m2"]) / 1e6, 2)),
    ]
    if is_cell:
        rows.insert(0, (N_("Responsible unit"), _value(fact["unit_name"]) or N_("Nobody yet")))
    else:
        rows.append((N_("Cells"), cells))
    return Card(fact["name"], _word("level", fact["level"]), "area", tuple(rows), point.x, point.y)


def _segment_card(context: Context, actor: Actor, row_id: int) -> Card:
    row = railways.load_segment(context, actor, segment_id=row_id)
    name, prefix, line = railways.load_line(context, int(row["line_id"]))
    lon, lat = line.point_at((row["from_m"] + row["to_m"]) / 2)
    title = f"{name} {line.scale.write_range(row['from_m'], row['to_m'], prefix=prefix)}"
    rows: list[Row] = [
        (N_("Code"), row["code"]),
        (N_("Patrol"), _word("freshness", row["freshness"])),
        (N_("Last patrol"), _value(row["last_patrol_at"])),
        (N_("Due"), None if row["freshness"] == "never" else _value(row["due_at"])),
        (N_("Days overdue"), int(row["days_overdue"])),
        (N_("Every … days"), int(row["interval_days"])),
        (N_("Visits in each interval"), int(row["visits"])),
        (N_("Side that is walked"), _word("walked_side", row["side"])),
        (N_("Length, m"), round(float(row["length_m"]))),
        (N_("Bridge, m"), round(float(row["bridge_m"]))),
        (N_("Tunnel, m"), round(float(row["tunnel_m"]))),
        (N_("Setting"), _word("setting", row["setting"])),
        (N_("Risk"), _word("risk", row["risk"])),
        (N_("Responsible area"), _value(row["area_name"])),
    ]
    if row["spacing_min"]:
        rows.append((N_("Minutes between visits"), int(row["spacing_min"])))
    if row["night"]:
        rows.append((N_("Visits by night"), True))
    if row["by_hand"]:
        rows.append((N_("Set by hand"), tuple(LABELS["settable"][name] for name in row["by_hand"].split())))
    (posts,) = chiefs.list_offices(context, actor, segments=row[["line_id", "from_m", "to_m"]].to_frame().T)
    rows += [(_word("party", party), offices) for party, offices in posts.items()]
    kind = N_("High-speed railway") if row["high_speed"] else N_("Railway")
    return Card(title, kind, "segment", tuple(rows), lon, lat)


def _hazard_card(context: Context, actor: Actor, row_id: int) -> Card:
    row = hazards.load_hazard(context, actor, hazard_id=row_id)
    rows: list[Row] = [
        (N_("State"), _word("hazard_state", row["state"])),
        (N_("Severity"), _word("severity", row["severity"])),
        (N_("Kind"), load_kinds(context).find(row["kind"]) or row["kind"]),
        (N_("Reported"), _value(row["reported_at"])),
        (N_("Due"), _value(row["due_at"])),
        (N_("Overdue"), bool(row["overdue"])),
        (N_("Area"), _value(row["area_name"])),
    ]
    if _value(row["mileage_m"]) is not None and _value(row["line_id"]) is not None:
        line = railways.load_line(context, int(row["line_id"]))
        rows.append((N_("Mileage"), railways.write_mileage(line, float(row["mileage_m"]))))
    told = referrals.list_referrals(context, actor, hazard_id=row_id)
    rows += [(_word("party", one.party), one.office or chiefs.VACANT) for one in told.itertuples()]
    found = statutes.check_hazard(context, actor, hazard_id=row_id)
    near = tuple(finding for finding in found if finding.applies)
    return Card(row["title"], row["code"], "hazard", tuple(rows), float(row["lon"]), float(row["lat"]), near)


def _incident_card(context: Context, actor: Actor, row_id: int) -> Card:
    row = _one(incidents.list_incidents(context, actor), row_id)
    rows = (
        (N_("Severity"), _word("severity", row["severity"])),
        (N_("Reported"), _value(row["reported_at"])),
        (N_("Area"), _value(row["area_name"])),
        (N_("Teams sent"), int(row["teams"])),
    )
    kind = _word("incident_kind", row["kind"])
    title, subtitle = (row["title"], kind) if row["title"] else (kind, N_("Incident"))
    return Card(title, subtitle, "incident", rows, float(row["lon"]), float(row["lat"]))


def _site_card(context: Context, actor: Actor, row_id: int) -> Card:
    row = _one(networks.list_sites(context, actor), row_id)
    rows = ((N_("Network"), _word("network", row["network"])), (N_("Kind"), _word("site_kind", row["kind"])))
    return Card(row["name"], N_("Control network site"), "site", rows, float(row["lon"]), float(row["lat"]))


def _team_card(context: Context, actor: Actor, row_id: int) -> Card:
    row = _one(teams.list_teams(context, actor), row_id)
    shift = f"{_clock(row['shift_start_min'])} – {_clock(row['shift_end_min'])}"
    speed = _value(row["speed_kmh"])
    rows = (
        (N_("State"), _word("team_state", row["state"])),
        (N_("Kind"), _word("team_kind", row["kind"])),
        (N_("Position from"), _value(row["at"])),
        (N_("Speed, km/h"), None if speed is None else round(float(speed))),
        (N_("Members"), int(row["members"])),
        (N_("Post"), row["post_name"]),
        (N_("Ends at"), row["end_post_name"] or None),
        (N_("Shift"), shift),
        (N_("Breaks"), row["breaks"] or None),
        (N_("Back by"), _clock(row["latest_return_min"])),
        (N_("Skills"), row["skills"] or None),
        (N_("Walks at most, m a day"), _value(row["max_walk_m"])),
        (N_("Simulated"), bool(row["simulated"])),
    )
    return Card(row["name"], N_("Patrol team"), "team", rows, float(row["lon"]), float(row["lat"]))


def _clock(minutes: float | None) -> str | None:
    """Minutes after midnight as a clock shows them."""
    return None if minutes is None or pd.isna(minutes) else f"{int(minutes) // 60:02d}:{int(minutes) % 60:02d}"


def _one_in_scope(context: Context, actor: Actor, table: pd.DataFrame, row_id: int) -> Any:
    """As `_one`, for what has no area code of its own."""
    row = _one(table, row_id)
    if not find_in_scope(context, actor, [row["lon"]], [row["lat"]]).all():
        raise _missing()
    return row


def _feature_card(context: Context, actor: Actor, row_id: int) -> Card:
    with context.database.read() as connection:
        found = rail.load_rail_features(connection, feature_id=row_id)
    row = _one_in_scope(context, actor, found, row_id)
    rows: list[Row] = [(N_("Kind"), _word("rail_feature", row["kind"]))]
    if _value(row["mileage_m"]) is not None and _value(row["line_id"]) is not None:
        line = railways.load_line(context, int(row["line_id"]))
        rows += [(N_("Line"), line[0]), (N_("Mileage"), railways.write_mileage(line, float(row["mileage_m"])))]
    title = row["name"] or _word("rail_feature", row["kind"])
    return Card(title, _word("rail_feature", row["kind"]), "station", tuple(rows), float(row["lon"]), float(row["lat"]))


def _access_card(context: Context, actor: Actor, row_id: int) -> Card:
    with context.database.read() as connection:
        found = rail.load_access_points(connection, access_id=row_id)
    row = _one_in_scope(context, actor, found, row_id)
    line = railways.load_line(context, int(row["line_id"]))
    rows = (
        (N_("Line"), line[0]),
        (N_("Mileage"), railways.write_mileage(line, float(row["mileage_m"]))),
        (N_("Walk from the road, m"), round(float(row["walk_m"]))),
        (N_("Reached by car"), bool(row["drivable"])),
    )
    title = row["name"] or _word("access_kind", row["kind"])
    return Card(title, N_("Access to the line"), "access_point", rows, float(row["lon"]), float(row["lat"]))


def _post_card(context: Context, actor: Actor, row_id: int) -> Card:
    row = _one(teams.list_posts(context, actor), row_id)
    crew = teams.list_teams(context, actor)
    rows = ((N_("Kind"), _word("post_kind", row["kind"])), (N_("Teams"), int((crew["post_id"] == row_id).sum())))
    return Card(row["name"], N_("Post"), "post", rows, float(row["lon"]), float(row["lat"]))


def _closure_card(context: Context, actor: Actor, row_id: int) -> Card:
    row = _one(closures.list_closures(context, actor), row_id)
    slowed_to = _value(row["speed_kmh"])
    rows: list[Row] = [
        (N_("Most that is driven, km/h"), None if slowed_to is None else round(slowed_to)),
        (N_("Since"), _value(row["starts_at"])),
        (N_("Lasts until"), _value(row["ends_at"]) or N_("Until it is opened")),
        (N_("Stretches of road"), int(row["edges"])),
    ]
    place = row["geometry"].representative_point()
    subtitle = N_("Closed to traffic") if slowed_to is None else N_("Slower than usual")
    return Card(row["reason"], subtitle, "closure", tuple(rows[slowed_to is None :]), place.x, place.y)


_LOADERS: dict[str, Callable[[Context, Actor, int], Card]] = {
    "area": _area_card,
    "cell": _area_card,
    "segment": _segment_card,
    "hazard": _hazard_card,
    "incident": _incident_card,
    "closure": _closure_card,
    "site": _site_card,
    "team": _team_card,
    "station": _feature_card,
    "crossing": _feature_card,
    "access_point": _access_card,
    "post": _post_card,
}
