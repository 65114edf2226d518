"""`segments`: the stretches that patrols are due on, and what is set of them by hand."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

import geopandas as gpd

from gridmap.cli.command import Command, Invocation
from gridmap.domain.railways.segment_edits import SETTABLE, WALKED_SIDES, SegmentEdit
from gridmap.errors import N_, InvalidInput
from gridmap.services import chiefs, railways, segments

_ACTIONS = ("list", "set")


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=_ACTIONS)
    parser.add_argument("--line", metavar="NAME", help="name or number of a line, or #ID")
    parser.add_argument("--from", dest="start", metavar="MILEAGE", help="for example K12+000")
    parser.add_argument("--to", dest="end", metavar="MILEAGE", help="segments count that lie between by more than half")
    parser.add_argument("--setting", metavar="NAME", help="for set: urban, suburban, village or open (Article 27)")
    parser.add_argument("--risk", type=int, metavar="1-4", help="for set: 1 low to 4 very high")
    parser.add_argument(
        "--every", type=int, metavar="DAYS", dest="interval_days", help="for set: length of an interval"
    )
    parser.add_argument("--visits", type=int, metavar="N", help="for set: visits wanted in each interval")
    parser.add_argument(
        "--spacing", type=int, metavar="MIN", dest="spacing_min", help="for set: minutes between visits"
    )
    parser.add_argument("--night", choices=("yes", "no"), help="for set: whether visits by night are wanted")
    parser.add_argument(
        "--side", choices=WALKED_SIDES, help="for set: the side that is walked, facing increasing mileage"
    )


def _run(invocation: Invocation) -> Any:
    given, context, actor = invocation.arguments, invocation.context, invocation.actor
    values = {name: getattr(given, name) for name in SETTABLE}
    is_set = given.action == "set"
    where = [given.line is not None, given.start is not None, given.end is not None]
    # Everywhere, a whole line, or a stretch of one; only a stretch can be set.
    is_stretch = all(where)
    is_clear = is_stretch or not (is_set or any(where[1:]))
    if not is_clear or is_set != any(value is not None for value in values.values()):
        raise InvalidInput(
            N_("It is not clear what is asked for."),
            hint=N_(
                "Write: segments list --line NAME, or segments set --line NAME --from K1+000 --to K2+000 --risk 3."
            ),
        )
    line_id = None if given.line is None else railways.find_line(context, actor, name=given.line)
    if line_id is not None and is_stretch:
        found = segments.find_segments(context, actor, line_id=line_id, start=given.start, end=given.end)
    else:
        found = railways.list_segments(context, actor, line_ids=None if line_id is None else (line_id,))
    if not is_set:
        return _list(invocation, found)
    edit = SegmentEdit(**{**values, "night": None if given.night is None else given.night == "yes"})
    versions = {int(row.id): int(row.version) for row in found.itertuples()}
    change = segments.edit_segments(context, actor, segment_ids=list(versions), edit=edit, versions=versions)
    changed = railways.list_segments(context, actor, ids=list(versions))
    return {"change": change, "segments": _list(invocation, changed)}


def _list(invocation: Invocation, found: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    lines = railways.load_lines(invocation.context)
    posts = chiefs.list_offices(invocation.context, invocation.actor, segments=found)
    rows = []
    for row, offices in zip(found.itertuples(), posts, strict=True):
        line = lines[int(row.line_id)]
        start, end = railways.write_stretch(line, row.from_m, row.to_m)
        told: dict[str, Any] = {"id": row.id, "code": row.code, "line": line[0], "from": start, "to": end}
        told |= {
            "length_m": round(row.length_m, 1),
            "area": row.area_code,
            "area_name": row.area_name,
            "chiefs": offices,
        }
        told |= {name: getattr(row, name) for name in SETTABLE}
        told |= {"by_hand": row.by_hand.split(), "freshness": row.freshness, "last_patrol_at": row.last_patrol_at}
        rows.append({**told, "due_at": row.due_at})
    return rows


def _describe(result: Any) -> str:
    if isinstance(result, dict):
        return f"set as change {result['change']}\n{_describe(result['segments'])}"
    return "\n".join(map(_describe_segment, result)) or "there is no segment"


def _describe_segment(row: dict[str, Any]) -> str:
    hand = f"  by hand: {', '.join(row['by_hand'])}" if row["by_hand"] else ""
    visits = f"{row['visits']} in {row['interval_days']} d"
    where = f"{row['line']} {row['from']}–{row['to']}  {row['area'] or '-':15}"
    return f"{where} {row['setting']:8} risk {row['risk']}  {visits:10} {row['freshness']}{hand}"


COMMANDS = (
    Command("segments", "list segments of lines, and set values of them by hand", _add_arguments, _run, _describe),
)
