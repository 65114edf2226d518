"""`check-distance`: which rules of distance concern a place, a shape, or a whole layer."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

import shapely

from gridmap.cli.command import Command, Invocation, lonlat
from gridmap.domain.statutes.findings import Finding
from gridmap.errors import N_, InvalidInput
from gridmap.i18n.labels import LABELS
from gridmap.services import statutes

_COLUMNS = (
    "rule",
    "article",
    "jurisdiction",
    "origin",
    "distance_m",
    "uncertainty_m",
    "limit_m",
    "effect",
    "applies",
    "approximate",
    "certainty",
    "note",
    "official",
    "notice",
    "overruled",
)
_SHOWN = 40


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--kind", default="", help="what is done or stands there, for example building or mining")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--lonlat", type=lonlat, metavar="LON,LAT", help="a place, degrees, WGS-84")
    where.add_argument("--geojson", type=Path, metavar="FILE", help="one line or polygon (or several pieces of it)")
    where.add_argument("--layer", type=Path, metavar="FILE", help="many objects; column kind, unless --kind is given")
    parser.add_argument("--jurisdiction", metavar="CODE", help="whose rules, CN-14 (default: the database's)")
    parser.add_argument("--at", type=date.fromisoformat, metavar="DATE", help="the law of that day (default: today)")
    parser.epilog = (
        "Screening: distances are measured from origins that are assumed beside the mapped tracks, and approximate by "
        "their uncertainty."
    )


def _run(invocation: Invocation) -> Any:
    given, context, actor = invocation.arguments, invocation.context, invocation.actor
    law = {"jurisdiction": given.jurisdiction, "at": given.at}
    if given.layer is None and not given.kind:
        raise InvalidInput(
            N_("The kind is missing."),
            hint=N_("The kinds are {kinds}."),
            kinds=", ".join(statutes.load_statutes(context).kinds),
        )
    if given.layer is not None:
        table = statutes.check_file(context, actor, path=given.layer, kind=given.kind, **law)
        rows = table.assign(approximate=True).round({"distance_m": 2, "uncertainty_m": 1}).to_dict("records")
        found = [{"object": int(row["object"]), **_describe_row(row)} for row in rows]
    elif given.geojson is not None:
        pieces = statutes.check_drawing(context, actor, path=given.geojson, kind=given.kind, **law)
        found = [_describe_row(_columns_of(finding)) for finding in pieces]
    else:
        point = shapely.Point(*given.lonlat)
        single = statutes.check_distance(context, actor, kind=given.kind, geometry=point, **law)
        found = [_describe_row(_columns_of(finding)) for finding in single]
    if not found and not statutes.has_rules(context, **law):
        where = given.jurisdiction or statutes.load_jurisdiction(context)
        invocation.progress(1.0, f"No rules are known for {where}; add a file of them to gridmap/statutes.")
    return found


def _columns_of(finding: Finding) -> dict[str, Any]:
    return {name: getattr(finding, name) for name in _COLUMNS}


def _describe_row(row: dict[str, Any]) -> dict[str, Any]:
    """The columns of a finding as the document has them, the note in words."""
    note = LABELS["statute_note"][row["note"]] if row["note"] else ""
    return {name: row[name] for name in _COLUMNS} | {"note": note}


def _describe(result: Any) -> str:
    if not result:
        return "No rule of distance concerns it."
    near = sum(row["applies"] for row in result)
    lines = [f"{near} of {len(result)} findings apply; screening from assumed origins, approximate by ±."]
    for row in sorted(result, key=lambda row: not row["applies"])[:_SHOWN]:
        where = f"row {row['object']:<6}" if "object" in row else ""
        far = row["distance_m"]
        reach = "  not measured" if far is None or far != far else f"{far:10,.1f} m ± {row['uncertainty_m']:.1f}"
        mark = row["effect"] if row["applies"] else "-"
        words = [row["note"], _describe_zone(row)]
        lines.append(
            f"{where}{row['rule']:26}{reach:22} limit {row['limit_m']:,.0f} m  {mark:11} "
            f"{' '.join(word for word in words if word)}".rstrip()
        )
    if len(result) > _SHOWN:
        lines.append(f"… and {len(result) - _SHOWN} more; --json lists them all")
    return "\n".join(lines)


def _describe_zone(row: dict[str, Any]) -> str:
    if not row["official"]:
        return ""
    wider = f", wider than {', '.join(row['overruled'])}" if row["overruled"] else ""
    return f"(announced zone{f' of {name}' if (name := row['notice']) else ''}{wider})"


COMMANDS = (Command("check-distance", "check distances the law sets around railways", _add_arguments, _run, _describe),)
