"""`teams`: what teams there are and what they may be asked to do, and the import of their table."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from gridmap.cli.command import Command, Invocation
from gridmap.cli.line_tables import read_table
from gridmap.errors import N_, InvalidInput
from gridmap.services import team_import, teams
from gridmap.services.patrol_crews import read_crew
from gridmap.services.team_keeping import write_cells

COLUMNS_HELP = (
    "Columns of the table are name, kind, members, post (or lon, lat), start, end, end_post, breaks "
    "(12:00-13:00/30), latest_return, skills (a;b), max_walk_m; or 队伍, 类型, 人数, 驻地 (或 经度, 纬度), "
    "上岗时间, 下岗时间, 收队地点, 休息时间, 最晚返回, 技能, 步行上限. Columns about persons are not read."
)


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=("import", "list"))
    parser.add_argument("table", nargs="?", metavar="TABLE", help="for import: .xlsx or CSV, or - for standard input")
    parser.epilog = COLUMNS_HELP


def _run(invocation: Invocation) -> Any:
    given, context, actor = invocation.arguments, invocation.context, invocation.actor
    if (given.table is not None) != (given.action == "import"):
        raise InvalidInput(
            N_("It is not clear what is asked for."), hint=N_("Write: teams import TABLE, or teams list.")
        )
    if given.action == "import":
        crew = read_crew(context, actor, content=read_table(given.table))
        kept = team_import.import_teams(context, actor, crew=crew)
        return {"added": kept.added, "changed": kept.changed, "change": kept.change}
    return [_build_team(row) for row in teams.list_teams(context, actor).itertuples()]


def _build_team(row: Any) -> dict[str, Any]:
    """A team under the headings that `teams import` reads."""
    return {**write_cells(row), "on_duty": bool(row.on_duty)}


def _describe(result: Any) -> str:
    if isinstance(result, dict):
        return f"{result['added']} teams are new, {result['changed']} were changed; saved as change {result['change']}"
    return "\n".join(_describe_team(team) for team in result)


def _describe_team(team: dict[str, Any]) -> str:
    more = {"breaks": team["breaks"], "back by": team["latest_return"], "skills": team["skills"]}
    told = "".join(f", {name} {value}" for name, value in more.items() if value)
    return f"{team['name']}: {team['kind']}, {team['members']} at {team['post']}, {team['start']}-{team['end']}{told}"


COMMANDS = (Command("teams", "teams and their duties: import their table, list", _add_arguments, _run, _describe),)
