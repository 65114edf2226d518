"""`chiefs`: who answers for each kilometre of a line, and the import of a table of section chiefs."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from gridmap.cli.command import Command, Invocation
from gridmap.cli.line_tables import add_table_arguments, build_place, describe_outcome, may_save, read_content
from gridmap.domain.railways.chiefs import PARTIES, Kilometre
from gridmap.errors import N_, InvalidInput
from gridmap.services import chief_import, chiefs, railways
from gridmap.services.chief_import import ChiefOptions, ChiefPlan
from gridmap.services.line_tables import Stretch


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=("import", "list"))
    add_table_arguments(parser)
    parser.add_argument(
        "--replace", action="store_true", help="for import: take out what the same side has on its lines"
    )
    parser.epilog = (
        "Columns are from, to, local, railway, period, or 起点里程, 终点里程, 地方段长, 铁路段长, 周期; or one post "
        "a row with its side: party, post, or 段长类别, 岗位. The line is --line, a column, or in the title. Columns "
        "of names and telephone numbers are not read."
    )


def _run(invocation: Invocation) -> Any:
    given = invocation.arguments
    if (given.table is not None) != (given.action == "import") or (given.action == "list" and not given.line):
        raise InvalidInput(
            N_("It is not clear what is asked for."), hint=N_("Write: chiefs import TABLE, or chiefs list --line NAME.")
        )
    if given.action == "import":
        return _import(invocation)
    context, actor = invocation.context, invocation.actor
    line_id = railways.find_line(context, actor, name=given.line)
    return [_build_kilometre(one) for one in chiefs.list_kilometres(context, actor, line_id=line_id)]


def _import(invocation: Invocation) -> dict[str, Any]:
    given, context, actor = invocation.arguments, invocation.context, invocation.actor
    options = ChiefOptions(line=given.line, replace=given.replace, valid_from=given.valid_from)
    plan = chief_import.read_chiefs(context, actor, content=read_content(given), options=options)
    change = None
    if may_save(given, found=plan.chiefs, rejected=plan.rejected):
        change = chief_import.import_chiefs(context, actor, plan=plan)
    return {**build_report(plan), "saved": change is not None, "change": change}


def build_report(plan: ChiefPlan) -> dict[str, Any]:
    """A plan as JSON knows it: chiefs, vacancies, overlaps, rejected, columns left out, how many posts would go."""
    return {
        "chiefs": [
            {
                **build_place(one),
                "row": one.what.row,
                "party": one.what.party,
                "office": one.what.office,
                "area_code": one.what.area_code,
                "interval_days": one.what.interval_days,
            }
            for one in plan.chiefs
        ],
        "vacancies": [{**build_place(one), "party": one.what.party} for one in plan.vacancies],
        "overlaps": [
            {
                **build_place(one),
                "party": one.what.party,
                "offices": list(one.what.offices),
                "rows": list(one.what.rows),
            }
            for one in plan.clashes
        ],
        "rejected": [{"row": row.row, "reason": str(row)} for row in plan.rejected],
        "left_out": list(plan.left_out),
        "replaced": len(plan.replaced),
    }


def _build_kilometre(stretch: Stretch[Kilometre]) -> dict[str, Any]:
    kilometre = stretch.what
    instants = {"last_at": kilometre.last_at, "due_at": kilometre.due_at}
    return {
        **build_place(stretch),
        **{party: [post.office for post in kilometre.posts[party]] for party in PARTIES},
        "vacant_m": {party: round(kilometre.vacant_m[party], 3) for party in PARTIES},
        "interval_days": kilometre.interval_days,
        **{name: at.isoformat() if at else None for name, at in instants.items()},
        "overdue": kilometre.overdue,
    }


def _describe(result: Any) -> str:
    if isinstance(result, list):
        return "\n".join(map(_describe_kilometre, result))
    lines = describe_outcome(result, number=len(result["chiefs"]), what="posts")
    if result["left_out"]:
        lines.append(f"  not read, because only posts are kept: {', '.join(result['left_out'])}")
    for vacancy in result["vacancies"]:
        lines.append(f"  {_describe_where(vacancy)}: no post of the {vacancy['party']} side")
    for overlap in result["overlaps"]:
        lines.append(f"  {_describe_where(overlap)}: {' and '.join(overlap['offices'])}, rows {overlap['rows']}")
    return "\n".join(lines)


def _describe_kilometre(item: dict[str, Any]) -> str:
    posts = [", ".join(item[party]) + (" (vacant in part)" if item["vacant_m"][party] else "") for party in PARTIES]
    told = [text if item[party] else "vacant" for party, text in zip(PARTIES, posts, strict=True)]
    last = f"last inspected jointly {item['last_at'][:10]}" if item["last_at"] else "never inspected jointly"
    return f"{_describe_where(item)}  {told[0]} | {told[1]}  {last}{', overdue' if item['overdue'] else ''}"


def _describe_where(item: dict[str, Any]) -> str:
    return f"{item['line']} {item['from']}–{item['to']}"


COMMANDS = (Command("chiefs", "section chiefs of lines: import their table, list", _add_arguments, _run, _describe),)
