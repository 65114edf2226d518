"""`import`: OpenStreetMap and area files into the database."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from gridmap.cli.command import Command, Invocation
from gridmap.errors import N_, InvalidInput
from gridmap.services.edition_effect import apply_edition
from gridmap.services.editions import build_options, compare_edition
from gridmap.services.imports import import_file

_SHOWN = 10
_LISTS = ("added", "removed", "redrawn", "codes", "names", "households", "splits", "merges")
_TOLD = ("levels", "unchanged", *_LISTS)


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help=".osm.pbf, .osm, .osm.gz, .osm.bz2, .geojson, .gpkg, .shp or a zipped Shapefile",
    )
    parser.add_argument(
        "--replace", action="store_true", help="clear synthetic demo data first; take over areas that are there already"
    )
    parser.add_argument(
        "--bridge-gaps",
        type=float,
        default=0.0,
        metavar="M",
        help="join railway lines across missing pieces of track up to so many metres (default: none; at most 300)",
    )
    parser.add_argument("--preview", action="store_true", help="areas: only say how they differ from those loaded")
    parser.add_argument("--edition", action="store_true", help="areas: apply the difference; places keep their ids")
    parser.add_argument("--reason", default="", metavar="TEXT", help="of an edition; it is kept")
    parser.add_argument("--code-column", metavar="NAME", help="column with the area code")
    parser.add_argument("--name-column", metavar="NAME", help="column with the area name")
    parser.add_argument("--household-column", metavar="NAME", help="column with the number of households")
    parser.add_argument("--crs", metavar="CODE", help="coordinate system, where the file does not say")
    parser.add_argument("--datum", choices=["wgs84", "gcj02"], help="gcj02: the file is shifted, undo it")


def _run(invocation: Invocation) -> Any:
    given = invocation.arguments
    if given.preview or given.edition:
        return _run_edition(invocation)
    reports = [
        import_file(
            invocation.context,
            invocation.actor,
            path=path,
            replace=given.replace,
            code_column=given.code_column,
            name_column=given.name_column,
            crs=given.crs,
            datum=given.datum,
            household_column=given.household_column,
            bridge_gaps_m=given.bridge_gaps,
            progress=invocation.progress,
        ).as_json()
        for path in given.files
    ]
    return reports[0] if len(reports) == 1 else reports


def _run_edition(invocation: Invocation) -> dict[str, Any]:
    given = invocation.arguments
    if len(given.files) != 1 or given.replace:
        raise InvalidInput(
            N_("An edition is one area file, held against what is loaded."),
            hint=N_("Write: import FILE --preview, or import FILE --edition --reason TEXT."),
        )
    names = ("code_column", "name_column", "crs", "datum", "household_column")
    options = build_options(**{name: getattr(given, name) for name in names})
    context, actor, progress = invocation.context, invocation.find_account(), invocation.progress
    seen = compare_edition(context, actor, path=given.files[0], options=options, progress=progress)
    told = {"edition": seen.file, **{name: getattr(seen, name) for name in _TOLD}}
    told |= {"rejected": list(seen.rejected), "warnings": [str(notice) for notice in seen.notices]}
    if given.preview:
        return {**told, "applied": None}
    return {**told, "applied": apply_edition(context, actor, difference=seen, reason=given.reason, progress=progress)}


def _describe_edition(told: dict[str, Any]) -> str:
    lists = ", ".join(f"{len(told[name])} {name}" for name in _LISTS if told[name]) or "nothing differs"
    lines = [f"{told['edition']}: {told['unchanged']} areas as before; {lists}"]
    lines += [f"  {item.old} → {item.new}" for item in told["codes"][:_SHOWN]]
    lines += [f"  {item.code} is split into {', '.join(item.others)}" for item in told["splits"][:_SHOWN]]
    lines += [f"  {item.code} comes of {', '.join(item.others)}" for item in told["merges"][:_SHOWN]]
    lines += [f"  rejected {item['id']}: {item['reason']}" for item in told["rejected"][:_SHOWN]]
    done = told["applied"]
    return "\n".join([*lines, "nothing was written" if done is None else f"applied as change {done.change}"])


def _describe(result: Any) -> str:
    if isinstance(result, dict) and "edition" in result:
        return _describe_edition(result)
    reports = result if isinstance(result, list) else [result]
    return "\n\n".join(_describe_report(report) for report in reports)


def _describe_report(report: dict[str, Any]) -> str:
    rejected, warnings = report["rejected"], report["warnings"]
    lines = [
        f"{report['source']}: {report['areas']} areas, {report['road_edges']} road edges ({report['road_km']:.0f} km), "
        f"{report['railway_km']:.1f} km of track, {report['stations']} stations, "
        f"{report['level_crossings']} level crossings in {report['seconds']:.1f} s",
        f"read {report['read']} = accepted {report['accepted']} + repaired {report['repaired']} "
        f"+ rejected {len(rejected)}",
        *(f"  rejected {item['id']}: {item['reason']}" for item in rejected[:_SHOWN]),
        *_count_rest(rejected),
        *(f"  note: {warning}" for warning in warnings[:_SHOWN]),
        *_count_rest(warnings),
    ]
    return "\n".join(lines)


def _count_rest(items: list[Any]) -> list[str]:
    return [f"  … and {len(items) - _SHOWN} more; --json lists them all"] if len(items) > _SHOWN else []


COMMANDS = (Command("import", "read OpenStreetMap or area files", _add_arguments, _run, _describe),)
