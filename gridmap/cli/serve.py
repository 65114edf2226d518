"""`serve`: the map in a browser."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gridmap import __version__
from gridmap.cli.command import Command, Invocation
from gridmap.services import accounts, status
from gridmap.services.demo import create_demo
from gridmap.settings import Settings

_APP = Path(__file__).parent.parent.parent / "app.py"
_DEMO_SEED = 1


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (default 8501)")
    parser.add_argument("--demo", action="store_true", help="make the demo county first, where the database is empty")


def _run(invocation: Invocation) -> Any:
    given = invocation.arguments
    settings = replace(
        invocation.settings,
        host=given.host or invocation.settings.host,
        port=given.port or invocation.settings.port,
    )
    invocation = replace(invocation, settings=settings)
    context = invocation.context
    if given.demo and status.is_empty(context):
        create_demo(context, invocation.actor, seed=_DEMO_SEED, progress=invocation.progress)
    _announce(settings, accounts.list_demo_accounts(context))
    invocation.close()
    environment = {
        **os.environ,
        "GRIDMAP_DB": settings.database_url,
        "GRIDMAP_HOST": settings.host,
        "GRIDMAP_PORT": str(settings.port),
    }
    # The server takes this process over: signals and the exit code reach it without a go-between.
    os.execve(sys.executable, [sys.executable, str(_APP)], environment)


def _announce(settings: Settings, demo: Sequence[accounts.DemoAccount]) -> None:
    lines = [f"gridmap {__version__} on http://{settings.host}:{settings.port}"]
    if demo:
        lines += ["demo accounts, on this machine only:", *(f"  {a.name} / {a.password}" for a in demo)]
    sys.stderr.write("\n".join(lines) + "\n")
    sys.stderr.flush()


COMMANDS = (Command("serve", "serve the map", _add_arguments, _run, str),)
