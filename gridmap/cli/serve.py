"""`serve`: the map in a browser."""

from __future__ import annotations

import os
import runpy
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from gridmap.bootstrap import close_services, get_services
from gridmap.cli.command import Command, Invocation

_APP = Path(__file__).parent.parent.parent / "app.py"


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (default 8501)")
    parser.add_argument("--demo", action="store_true", help="make the demo county first, where the database is empty")


def _run(invocation: Invocation) -> Any:
    given, settings = invocation.arguments, invocation.settings
    os.environ["GRIDMAP_DB"] = settings.database_url
    os.environ["GRIDMAP_HOST"] = given.host or settings.host
    os.environ["GRIDMAP_PORT"] = str(given.port or settings.port)
    if given.demo:
        os.environ["GRIDMAP_DEMO"] = "1"
    # A database that cannot be opened is said here, in one line; the demo county begins while the pages are imported.
    get_services()
    sys.argv = [str(_APP)]
    try:
        runpy.run_path(str(_APP), run_name="__main__")
    finally:
        close_services()


def _describe(_: Any) -> str:
    return ""


COMMANDS = (Command("serve", "serve the map", _add_arguments, _run, _describe),)
