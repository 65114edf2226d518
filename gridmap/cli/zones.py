"""`zones`: protection zones in force, in which a place lies, and the import of a notice's table."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from gridmap.cli.command import Command, Invocation, lonlat
from gridmap.cli.line_tables import (
    add_table_arguments,
    build_place,
    describe_outcome,
    may_save,
    parse_day,
    read_content,
)
from gridmap.domain.railways.zones import Gap, Narrow, Overlap, Zone
from gridmap.errors import N_, InvalidInput
from gridmap.services import railways, zone_import, zones
from gridmap.services.zone_plans import ZoneOptions, ZonePlan, ZoneStretch
from gridmap.services.zones import ZoneAnswer

_ACTIONS = ("import", "list", "find")


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=_ACTIONS)
    add_table_arguments(parser)
    parser.add_argument("--lonlat", type=lonlat, metavar="LON,LAT", help="for find: the place")
    parser.add_argument("--replace", action="store_true", help="for import: take out what was announced on its lines")
    parser.add_argument("--notice", default="", metavar="TEXT", help="title, number and date of the notice")
    parser.add_argument("--valid-to", type=parse_day, metavar="YYYY-MM-DD", help="in force until that day, it included")
    parser.add_argument(
        "--origin-offset",
        type=float,
        metavar="M",
        help="assumed from the outer track to where the notice measures from (default: to the toe of the embankment)",
    )
    parser.epilog = (
        "Columns are place, from, to, side, metres, category, or 地点, 起点里程, 终点里程, 侧别, 距离, 类别; both ends "
        "may stand in one column, and the metres in one for each side. The line is --line, a column, or in the title."
    )


def _run(invocation: Invocation) -> Any:
    given, context, actor = invocation.arguments, invocation.context, invocation.actor
    needed = {"import": (True, False), "find": (False, True), "list": (False, False)}[given.action]
    if (given.table is not None, given.lonlat is not None) != needed:
        raise InvalidInput(
            N_("It is not clear what is asked for."),
            hint=N_("Write: zones import TABLE, zones list --line NAME, or zones find --lonlat LON,LAT."),
        )
    if given.action == "import":
        return _import(invocation)
    if given.action == "find":
        lon, lat = given.lonlat
        return [_build_answer(answer) for answer in zones.find_zone(context, actor, lon=lon, lat=lat)]
    only = (railways.find_line(context, actor, name=given.line),) if given.line else None
    found = zones.list_zones(context, actor, line_ids=only).drop(columns=["geometry"])
    return found.rename(columns={"start": "from", "end": "to"}).to_dict("records")


def _import(invocation: Invocation) -> dict[str, Any]:
    given, context, actor = invocation.arguments, invocation.context, invocation.actor
    options = ZoneOptions(
        line=given.line,
        replace=given.replace,
        origin_offset_m=given.origin_offset,
        notice=given.notice,
        valid_from=given.valid_from,
        valid_to=given.valid_to,
    )
    plan = zone_import.read_notice(context, actor, content=read_content(given), options=options)
    change = None
    if may_save(given, found=plan.zones, rejected=plan.rejected):
        change = zone_import.import_zones(context, actor, plan=plan, options=options)
    return {**build_report(plan), "saved": change is not None, "change": change}


def build_report(plan: ZonePlan) -> dict[str, Any]:
    """A plan as JSON knows it: zones, gaps, overlaps, below_statute, rejected, and how many zones would go."""
    return {
        "title": plan.title,
        "zones": [_build_stretch(stretch) for stretch in plan.zones],
        "gaps": [_build_stretch(stretch) for stretch in plan.gaps],
        "overlaps": [_build_stretch(stretch) for stretch in plan.overlaps],
        "below_statute": [_build_stretch(stretch) for stretch in plan.below_statute],
        "rejected": [{"row": row.row, "reason": str(row)} for row in plan.rejected],
        "replaced": len(plan.replaced),
    }


def _build_stretch(stretch: ZoneStretch) -> dict[str, Any]:
    what = stretch.what
    more: dict[str, Any]
    where = {**build_place(stretch), "side": what.side}
    match what:
        case Zone():
            more = {"row": what.row, "metres": what.width_m, "category": what.category, "place": what.place}
        case Gap():
            more = {"tunnel_m": round(what.tunnel_m, 3)}
        case Overlap():
            more = {"metres": list(what.widths_m), "rows": list(what.rows)}
        case Narrow():
            more = {"row": what.row, "metres": what.width_m, "limit_m": what.limit_m, "setting": what.setting}
    return {**where, **more}


def _build_answer(answer: ZoneAnswer) -> dict[str, Any]:
    return {
        "line": answer.line,
        "mileage": answer.mileage,
        "side": answer.side,
        "distance_m": round(answer.distance_m, 3),
        "inside": answer.inside,
        "official": answer.official,
        "label": answer.label,
        "width_m": answer.width_m,
        "origin_offset_m": answer.origin_offset_m,
        "notice": answer.notice,
        "reason": str(answer),
    }


def _describe(result: Any) -> str:
    if isinstance(result, list):
        return "\n".join(map(_describe_zone, result)) or "there is no zone"
    lines = describe_outcome(result, number=len(result["zones"]), what="zones")
    for name, words in (
        ("gaps", "no zone for {length_m:.0f} m, of these {tunnel_m:.0f} m in tunnels"),
        ("overlaps", "widths {metres} over one another, rows {rows}"),
        ("below_statute", "{metres} m, below {limit_m} m of Article 27 ({setting})"),
    ):
        lines += [f"  {_describe_where(item)}: {words.format(**item)}" for item in result[name]]
    return "\n".join(lines)


def _describe_zone(zone: dict[str, Any]) -> str:
    if "reason" in zone:
        inside = "inside" if zone["inside"] else "outside"
        return f"{zone['line']} {zone['mileage']} {zone['side']}  {inside}: {zone['reason']}"
    return f"{_describe_where(zone)}  {zone['width_m']:5.1f} m  {zone['label']}"


def _describe_where(item: dict[str, Any]) -> str:
    return f"{item['line']} {item['from']}–{item['to']} {item['side']}"


COMMANDS = (Command("zones", "protection zones: import a notice, list, find", _add_arguments, _run, _describe),)
