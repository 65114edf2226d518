"""Teams kept one by one: added, changed, not used any more; what a row of their table may say holds here as well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.patrol.crews import read_crew_row
from gridmap.errors import N_, Conflict, InvalidInput, NotFound
from gridmap.i18n.formats import format_clock
from gridmap.services.context import Context
from gridmap.services.team_import import Keeper
from gridmap.store import incidents, positions, teams
from gridmap.store.undo import CHANGED_MEANWHILE, RELOAD
from gridmap.store.unit_of_work import UnitOfWork


def write_cells(row: Any) -> dict[str, Any]:
    """A team, a row of `list_teams` as a named tuple, under the headings of its table; None or "" where it has none."""
    latest = row.latest_return_min
    return {
        "name": row.name,
        "kind": row.kind,
        "members": int(row.members),
        "post": row.post_name,
        "start": format_clock(int(row.shift_start_min)),
        "end": format_clock(int(row.shift_end_min)),
        "end_post": row.end_post_name or None,
        "breaks": row.breaks,
        "latest_return": None if pd.isna(latest) else format_clock(int(latest)),
        "skills": row.skills,
        "max_walk_m": None if pd.isna(row.max_walk_m) else float(row.max_walk_m),
    }


def save_team(
    context: Context, actor: Actor, *, cells: Mapping[str, str], team_id: int | None = None, version: int | None = None
) -> int:
    """Add a team, or change the one called `team_id`, and return its id; a new one is on duty.

    Parameters
    ----------
    cells
        Texts by column as `domain.patrol.crews.read_crew_row` reads them.

    Raises
    ------
    InvalidInput
        What is written is no team, its post is not known, or another team has its name.
    Conflict
        Somebody else changed it since `version`.
    NotFound
        There is no such team in scope.
    """
    check_allowed(actor, Permission.IMPORT_DATA)
    row = read_crew_row(cells, row=0)
    with context.database.write(actor, kind="save_team", reason=row.name) as work:
        if team_id is not None:
            known = _require(work, actor, team_id)
            if version is not None and int(known["version"]) != version:
                raise Conflict(CHANGED_MEANWHILE, hint=RELOAD)
        others = teams.load_teams(work.connection, scope="", with_retired=True)
        if ((others["name"] == row.name) & (others["id"] != team_id)).any():
            raise InvalidInput(
                N_("There is a team called “{name}” already."),
                hint=N_("Give each team a name of its own; one that is not used any more comes back by its table."),
                name=row.name,
            )
        kept = Keeper(work, actor).keep(row, team_id=team_id)
        work.touch("teams")
    return kept


def retire_team(context: Context, actor: Actor, *, team_id: int, version: int | None = None) -> None:
    """Use a team no more: it goes off duty and out of every list, and what it did stays; its table brings it back.

    Raises
    ------
    Conflict
        It is bound by a task, or somebody else changed it since `version`.
    NotFound
        There is no such team in scope.
    """
    check_allowed(actor, Permission.IMPORT_DATA)
    with context.database.write(actor, kind="retire_team") as work:
        known = _require(work, actor, team_id)
        if version is not None and int(known["version"]) != version:
            raise Conflict(CHANGED_MEANWHILE, hint=RELOAD)
        if team_id in incidents.load_busy_teams(work.connection):
            raise Conflict(N_("The team still has a task."), hint=N_("Recall it, or wait until it has finished."))
        teams.change_team(work, team_id, {"on_duty": False, "retired_at": work.at})
        positions.delete_latest(work.connection, team_id)
        work.touch("teams")


def _require(work: UnitOfWork, actor: Actor, team_id: int) -> pd.Series:
    """A team in scope that is in use, or NotFound."""
    found = teams.load_teams(work.connection, scope=actor.scope_code)
    found = found[found["id"] == team_id]
    if found.empty:
        raise NotFound(N_("There is no such team in your area."), hint=N_("Reload the list."))
    return found.iloc[0]
