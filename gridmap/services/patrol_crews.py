"""Who goes on patrol: the stored teams on duty, or those of a table, each with the post it sets out from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.patrol.crews import CrewRow, read_crew_row, read_skills
from gridmap.domain.patrol.ground import snap_post
from gridmap.domain.patrol.hours import DAY_S, parse_breaks
from gridmap.domain.patrol.problem import Break, Post, Team, TeamKind
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.errors import N_, InvalidInput
from gridmap.services.context import Context
from gridmap.services.patrol_request import PatrolRequest, note
from gridmap.sources.line_table import read_line_table
from gridmap.sources.team_table import TEAMS
from gridmap.store import teams

_SHOWN = 10
_MINUTE_S = 60

Notes = list[dict[str, Any]]


@dataclass(frozen=True)
class _Shift:
    """The part of a team's own shift that is asked for; `day_s` leads from a time of day to the day of the plan."""

    start_s: int
    end_s: int
    begin_s: int
    day_s: int

    def place(self, at_s: int) -> int:
        """A time of day as of this shift."""
        return (at_s if at_s > self.begin_s else at_s + DAY_S) + self.day_s


def load_crew(
    connection: sa.Connection,
    actor: Actor,
    *,
    scope: str,
    request: PatrolRequest,
    network: RoadNetwork,
    notes: Notes,
) -> tuple[list[Post], list[Team]]:
    """Posts and teams, with a note on each that has to be left out.

    Raises
    ------
    InvalidInput
        A team of the table has a post that does not exist, or that no road leads to.
    """
    frame = teams.load_posts(connection, scope=actor.scope_code)
    posts = [Post(int(r.id), r.name, r.kind, float(r.lon), float(r.lat)) for r in frame.itertuples()]
    if request.crew is not None:
        return _place_crew(request.crew, posts, network)
    found = _choose_stored(teams.load_teams(connection, scope=actor.scope_code), scope, request)
    position = {post.id: i for i, post in enumerate(posts)}
    rows = [row for row in found.itertuples() if int(row.post_id) in position]
    crew = [team for row in rows if (team := _read_stored(row, position, request, notes)) is not None]
    return posts, [team for team in crew if _has_roads(team, posts, network, notes)]


# --- stored teams -----------------------------------------------------------------------------------------------


def _choose_stored(found: pd.DataFrame, scope: str, request: PatrolRequest) -> pd.DataFrame:
    """The teams that were asked for, else those on duty in the area."""
    if request.team_ids is not None:
        return found[found["id"].isin(request.team_ids)]
    found = found[found["on_duty"].astype(bool)]
    inside = found[found["area_code"].str.startswith(scope)] if scope else found
    # An area without teams of its own is patrolled by those around it.
    return inside if len(inside) else found


def _read_stored(row: Any, position: Mapping[int | None, int], request: PatrolRequest, notes: Notes) -> Team | None:
    """A team as stored, None (and a note) where its shift has no time in common with the one asked for."""
    shift = _common_shift(int(row.shift_start_min) * 60, int(row.shift_end_min) * 60, request.shift_s)
    latest_s = None
    if shift is not None and pd.notna(row.latest_return_min):
        latest_s = shift.place(int(row.latest_return_min) * _MINUTE_S)
    if shift is None or (latest_s is not None and latest_s <= shift.start_s):
        notes.append(note(N_("{team} has no time in common with this shift and was left out."), team=row.name))
        return None
    back_by_s = shift.end_s if latest_s is None else min(latest_s, shift.end_s)
    return Team(
        int(row.id),
        row.name,
        TeamKind(row.kind),
        int(row.members),
        position[int(row.post_id)],
        shift.start_s,
        shift.end_s,
        end_post=None if pd.isna(row.end_post_id) else position.get(int(row.end_post_id)),
        breaks=_place_breaks(row, shift, back_by_s, notes),
        latest_return_s=latest_s,
        skills=read_skills(row.skills),
        max_walk_m=None if pd.isna(row.max_walk_m) else float(row.max_walk_m),
    )


def _common_shift(start_s: int, end_s: int, asked: tuple[int, int]) -> _Shift | None:
    """The part of a team's own shift that lies in the one asked for; it may have begun the day before."""
    end_s = end_s if end_s > start_s else end_s + DAY_S
    for day_s in (0, -DAY_S, DAY_S):
        low, high = max(start_s + day_s, asked[0]), min(end_s + day_s, asked[1])
        if low < high:
            return _Shift(low, high, start_s, day_s)
    return None


def _place_breaks(row: Any, shift: _Shift, back_by_s: int, notes: Notes) -> tuple[Break, ...]:
    """A team's breaks as far as they lie within the time it is out."""
    kept = []
    for earliest_s, latest_s, seconds in parse_breaks(row.breaks):
        first = (earliest_s if earliest_s >= shift.begin_s else earliest_s + DAY_S) + shift.day_s
        last = first + latest_s - earliest_s
        if shift.start_s <= first and last + seconds <= back_by_s:
            kept.append(Break(first, last, seconds))
        else:
            notes.append(note(N_("A break of {team} does not lie within this shift and was left out."), team=row.name))
    return tuple(kept)


def _has_roads(team: Team, posts: Sequence[Post], network: RoadNetwork, notes: Notes) -> bool:
    """Whether roads lead to where the team sets out and ends; a note where not."""
    ends = [posts[at] for at in (team.post, team.home)]
    lost = [post.name for post in ends if snap_post(network, post, mode=team.kind.mode) is None]
    if lost:
        text = N_("No road that {team} can use comes near {post}; the team was left out.")
        notes.append(note(text, team=team.name, post=lost[0]))
    return not lost


# --- teams of a table -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WrongRow:
    """A row of a table that is no team: its number as a person counts, and what is wrong."""

    row: int
    error: InvalidInput


@dataclass(frozen=True)
class CrewTable:
    """Teams out of a table, the rows that are none, and headings that were not read: they say something of persons."""

    crew: tuple[CrewRow, ...]
    wrong: tuple[WrongRow, ...]
    left_out: tuple[str, ...]


def read_crew(context: Context, actor: Actor, *, content: Path | bytes | str, name: str = "") -> tuple[CrewRow, ...]:
    """Teams out of a table (.xlsx or CSV) for one plan; nothing is kept.

    Raises
    ------
    InvalidInput
        It cannot be read or has no header or no rows, or rows are wrong: each is named with what to do.
    """
    table = read_crew_table(context, actor, content=content, name=name)
    _refuse(table.wrong)
    return table.crew


def read_crew_table(context: Context, actor: Actor, *, content: Path | bytes | str, name: str = "") -> CrewTable:
    """Teams out of a table (.xlsx or CSV), with every row that is none; nothing is kept.

    Raises
    ------
    InvalidInput
        It cannot be read, has no header or no rows.
    """
    check_allowed(actor, Permission.PLAN_PATROLS)
    table = read_line_table(content, form=TEAMS, name=name)
    crew: list[CrewRow] = []
    wrong: list[WrongRow] = []
    for row in table.rows:
        try:
            read = read_crew_row(row.cells, row=row.number)
            _require_new(read, crew)
        except InvalidInput as error:
            wrong.append(WrongRow(row.number, error))
            continue
        crew.append(read)
    if not crew and not wrong:
        raise InvalidInput(N_("The table names no team."), hint=N_("Write one team a row below the header."))
    return CrewTable(tuple(crew), tuple(wrong), table.left_out)


def _require_new(row: CrewRow, crew: Sequence[CrewRow]) -> None:
    if any(other.name == row.name for other in crew):
        raise InvalidInput(
            N_("There are two teams called “{name}”."), hint=N_("Give each team a name of its own."), name=row.name
        )


def _refuse(wrong: Sequence[WrongRow]) -> None:
    if wrong:
        told = [f"row {one.row}: {one.error} {one.error.hint_text}" for one in wrong[:_SHOWN]]
        told += ["…"] if len(wrong) > _SHOWN else []
        raise InvalidInput(
            N_("{count} rows of the table of teams are wrong. {rows}"),
            hint=N_("Mend these rows; nothing was planned."),
            count=len(wrong),
            rows=" ".join(told),
        )


def _place_crew(rows: Sequence[CrewRow], stored: Sequence[Post], network: RoadNetwork) -> tuple[list[Post], list[Team]]:
    """Teams of a table at stored posts, or at posts of their own where a place is given; shifts hold as written."""
    posts = list(stored)
    crew: list[Team] = []
    wrong: list[WrongRow] = []
    for row in rows:
        try:
            team = _place_team(row, posts)
            _require_roads(team, posts, network)
        except InvalidInput as error:
            wrong.append(WrongRow(row.row, error))
            continue
        crew.append(team)
    _refuse(wrong)
    return posts, crew


def _place_team(row: CrewRow, posts: list[Post]) -> Team:
    if row.place is not None:
        lon, lat = row.place
        posts.append(Post(None, row.post or row.name, "given", lon, lat))
        at = len(posts) - 1
    else:
        at = _find_post(row.post, posts)
    return Team(
        None,
        row.name,
        row.kind,
        row.members,
        at,
        row.start_s,
        row.end_s,
        end_post=_find_post(row.end_post, posts) if row.end_post else None,
        breaks=row.breaks,
        latest_return_s=row.latest_return_s,
        skills=row.skills,
        max_walk_m=row.max_walk_m,
    )


def _find_post(name: str, posts: Sequence[Post]) -> int:
    found = next((at for at, post in enumerate(posts) if post.name == name), None)
    if found is None:
        known = ", ".join(post.name for post in posts[:_SHOWN]) or "–"
        raise InvalidInput(
            N_("There is no post called “{post}”."),
            hint=N_("Name one of these, or give lon and lat: {known}."),
            post=name,
            known=known,
        )
    return found


def _require_roads(team: Team, posts: Sequence[Post], network: RoadNetwork) -> None:
    for at in (team.post, team.home):
        if snap_post(network, posts[at], mode=team.kind.mode) is None:
            raise InvalidInput(
                N_("No road that the team can use comes near the post “{post}”."),
                hint=N_("Check lon and lat, or choose another post or kind of team."),
                post=posts[at].name,
            )
