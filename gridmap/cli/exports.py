"""`export`: layers for other programs."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from gridmap.cli.command import Command, Invocation
from gridmap.services import exports

_FORMAT_BY_ENDING = {".graphml": "graphml", ".geojson": "geojson", ".json": "geojson", ".zip": "geojson"}


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("target", type=Path, metavar="FILE", help="file to write; it must not exist")
    parser.add_argument("--format", choices=exports.FORMATS, help="default: by the ending of FILE, else gpkg")
    parser.add_argument(
        "--layer", action="append", metavar="NAME", help=f"may be repeated (default: all): {', '.join(exports.LAYERS)}"
    )


def _run(invocation: Invocation) -> Any:
    given = invocation.arguments
    return exports.export_dataset(
        invocation.context,
        invocation.actor,
        target=given.target,
        format=given.format or _FORMAT_BY_ENDING.get(given.target.suffix.lower(), "gpkg"),
        layers=given.layer,
    )


def _describe(report: exports.ExportReport) -> str:
    lines = [f"{rows:9d}  {name}" for name, rows in report.layers.items()]
    return "\n".join([*lines, f"written to {report.target}", f"to be named with it: {report.attribution}"])


COMMANDS = (
    Command(
        "export", "write layers as GeoPackage or GeoJSON, or the roads as GraphML", _add_arguments, _run, _describe
    ),
)
