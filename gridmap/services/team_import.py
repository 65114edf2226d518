"""Teams of a table kept for good: new ones, and what known ones do from now on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.patrol.crews import CrewRow
from gridmap.domain.patrol.hours import DAY_S, write_breaks
from gridmap.errors import N_, InvalidInput
from gridmap.services.context import Context
from gridmap.store import areas, teams
from gridmap.store.unit_of_work import UnitOfWork

_MINUTE_S = 60


@dataclass(frozen=True)
class ImportedTeams:
    """What came of a table: how many teams are new, how many were known, and the number of the change."""

    added: int
    changed: int
    change: int


def import_teams(context: Context, actor: Actor, *, crew: Sequence[CrewRow]) -> ImportedTeams:
    """Keep the teams that `patrol_crews.read_crew` read; a known name is changed, and all of them are on duty.

    A place that was given for a post becomes a post of that name.

    Raises
    ------
    InvalidInput
        A post is not known, or it or a team lies outside the actor's area.
    """
    check_allowed(actor, Permission.IMPORT_DATA)
    names = ", ".join(row.name for row in crew)
    with context.database.write(actor, kind="import_teams", reason=names) as work:
        keeper = Keeper(work, actor)
        for row in crew:
            keeper.keep(row)
        work.touch("teams")
    assert work.txn_id is not None
    return ImportedTeams(keeper.added, keeper.changed, work.txn_id)


class Keeper:
    """The posts and teams there are, while rows are added to them."""

    def __init__(self, work: UnitOfWork, actor: Actor) -> None:
        self.added = self.changed = 0
        self._work, self._actor = work, actor
        posts = teams.load_posts(work.connection, scope=actor.scope_code)
        self._posts = {row.name: (int(row.id), str(row.area_code)) for row in posts.itertuples()}
        known = teams.load_teams(work.connection, scope="", with_retired=True)
        self._known = {row.name: (int(row.id), str(row.area_code)) for row in known.itertuples()}

    def keep(self, row: CrewRow, *, team_id: int | None = None) -> int:
        """Insert or change one team, the one called `team_id` or else the one of its name, and return its id.

        A team that is named by its id stays on or off duty as it is.
        """
        place = row.place
        post_id, area_code = self._find_post(row, row.post) if place is None else self._add_post(row, place)
        values: dict[str, Any] = {
            "kind": row.kind.value,
            "post_id": post_id,
            "members": row.members,
            "shift_start_min": row.start_s // _MINUTE_S,
            "shift_end_min": row.end_s % DAY_S // _MINUTE_S,
        }
        if team_id is not None:
            teams.change_team(self._work, team_id, {"name": row.name, **values})
            teams.save_duty(self._work, team_id, self._build_duty(row))
            return team_id
        values |= {"on_duty": True, "retired_at": None}
        known_id, own_code = self._known.get(row.name, (None, area_code))
        if not self._actor.covers(own_code):
            raise _at_row(row, N_("Row {row}: a team called “{name}” is on duty in another area."), name=row.name)
        if known_id is None:
            self.added += 1
            known_id = teams.add_team(self._work, {"name": row.name, "area_code": area_code, **values})
        else:
            self.changed += 1
            teams.change_team(self._work, known_id, values)
        teams.save_duty(self._work, known_id, self._build_duty(row))
        return known_id

    def _build_duty(self, row: CrewRow) -> dict[str, Any]:
        latest_s = row.latest_return_s
        return {
            "end_post_id": self._find_post(row, row.end_post)[0] if row.end_post else None,
            "breaks": write_breaks([(item.earliest_s, item.latest_s, item.seconds) for item in row.breaks]),
            "latest_return_min": None if latest_s is None else latest_s % DAY_S // _MINUTE_S,
            "skills": ";".join(sorted(row.skills)),
            "max_walk_m": row.max_walk_m,
        }

    def _find_post(self, row: CrewRow, name: str) -> tuple[int, str]:
        found = self._posts.get(name)
        if found is None:
            raise _at_row(row, N_("Row {row}: there is no post called “{name}”."), name=name)
        return found

    def _add_post(self, row: CrewRow, place: tuple[float, float]) -> tuple[int, str]:
        """A post at a place; where one of that name is known, it stays where it is."""
        name = row.post or row.name
        if name not in self._posts:
            lon, lat = place
            code = areas.find_area_code(self._work.connection, lon=lon, lat=lat)
            if not code or not self._actor.covers(code):
                raise _at_row(row, N_("Row {row}: the post “{name}” lies outside your area."), name=name)
            post = {"name": name, "kind": "police_post", "lon": lon, "lat": lat, "area_code": code}
            self._posts[name] = (teams.add_post(self._work, post), code)
        return self._posts[name]


def _at_row(row: CrewRow, message: str, **values: Any) -> InvalidInput:
    return InvalidInput(message, hint=N_("Mend the row; nothing was kept."), row=row.row, **values)
