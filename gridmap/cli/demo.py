"""`demo`: the synthetic county or province."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from gridmap.cli.command import Command, Invocation, seed
from gridmap.services.demo import COUNTY_SCALE, PROVINCE_SCALE, create_demo

_SCALES = {scale.name: scale for scale in (COUNTY_SCALE, PROVINCE_SCALE)}


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--scale", choices=_SCALES, default=COUNTY_SCALE.name, help="how much (default a county)")
    parser.add_argument("--seed", type=seed, default=1, help="which county or province (default 1)")
    parser.add_argument("--as-of", type=date.fromisoformat, metavar="DATE", help="the day it stands at (default today)")
    parser.add_argument("--replace", action="store_true", help="clear what the database holds first")


def _run(invocation: Invocation) -> Any:
    given = invocation.arguments
    return create_demo(
        invocation.context,
        invocation.actor,
        seed=given.seed,
        scale=_SCALES[given.scale],
        as_of=given.as_of,
        replace=given.replace,
        progress=invocation.progress,
    ).as_json()


def _describe(result: Any) -> str:
    counts = ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in result.items() if isinstance(value, int))
    return f"Synthetic demo {result['scale']} as of {result['as_of']}: {counts}\nfingerprint {result['fingerprint']}"


COMMANDS = (Command("demo", "make the synthetic demo county or province", _add_arguments, _run, _describe),)
