"""`bake`: the map's tiles drawn ahead."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from gridmap.cli.command import Command, Invocation
from gridmap.services.tiles import bake_tiles


def _run(invocation: Invocation) -> Any:
    return asdict(bake_tiles(invocation.context, progress=invocation.progress))


def _describe(result: Any) -> str:
    return f"{result['tiles']:,} tiles drawn, {result['bytes']:,} bytes"


COMMANDS = (Command("bake", "draw the map tiles that are missing", lambda _: None, _run, _describe),)
