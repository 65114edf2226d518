"""Entry of `python -m gridmap`: finds the command, runs it, and turns every outcome into one document or one line."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NoReturn, TextIO

from gridmap import __version__
from gridmap.cli.command import Command, Invocation
from gridmap.cli.output import ProgressLine, build_json, describe_error
from gridmap.domain.access import TERMINAL
from gridmap.errors import N_, Cancelled, GridmapError, InvalidInput
from gridmap.settings import read_settings

logger = logging.getLogger(__name__)

MODULES = {
    "import": "gridmap.cli.importing",
    "demo": "gridmap.cli.demo",
    "bake": "gridmap.cli.baking",
    "plan": "gridmap.cli.planning",
    "check-plan": "gridmap.cli.planning",
    "replan": "gridmap.cli.replanning",
    "plan-compare": "gridmap.cli.comparing",
    "strategy": "gridmap.cli.strategy",
    "roster": "gridmap.cli.roster",
    "bench-routing": "gridmap.cli.bench_routing",
    "bench-districting": "gridmap.cli.bench_districting",
    "teams": "gridmap.cli.teams",
    "route": "gridmap.cli.routing",
    "matrix": "gridmap.cli.routing",
    "isochrone": "gridmap.cli.routing",
    "nearest-teams": "gridmap.cli.routing",
    "roads": "gridmap.cli.roads",
    "mileage": "gridmap.cli.mileage",
    "check-distance": "gridmap.cli.distances",
    "coverage": "gridmap.cli.coverage",
    "zones": "gridmap.cli.zones",
    "segments": "gridmap.cli.segments",
    "chiefs": "gridmap.cli.chiefs",
    "hazards": "gridmap.cli.hazards",
    "weather": "gridmap.cli.weather",
    "reassign": "gridmap.cli.change_orders",
    "orders": "gridmap.cli.change_orders",
    "workload": "gridmap.cli.rebalancing",
    "rebalance": "gridmap.cli.rebalancing",
    "cells": "gridmap.cli.cells",
    "areas": "gridmap.cli.areas",
    "borders": "gridmap.cli.borders",
    "check-topology": "gridmap.cli.topology",
    "repair-topology": "gridmap.cli.topology",
    "serve": "gridmap.cli.serve",
    "device": "gridmap.cli.devices",
    "simulate": "gridmap.cli.simulating",
    "user": "gridmap.cli.accounts",
    "backup": "gridmap.cli.backup",
    "restore": "gridmap.cli.backup",
    "export": "gridmap.cli.exports",
}
"""Which module holds which command; only the one that is asked for is imported, because some are heavy."""


class _Parser(argparse.ArgumentParser):
    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **options})
        # argparse takes “-71.1,42.3” for an option; its own test accepts single numbers only (until Python 3.14).
        self._negative_number_matcher = re.compile(r"-\.?\d")

    def error(self, message: str) -> NoReturn:
        raise InvalidInput(
            N_("The command line is not understood: {detail}."),
            hint=N_("Read “{program} --help”."),
            detail=message.rstrip("."),
            program=self.prog,
        )


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code: 0 on success only."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in arguments
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    stdout = sys.stdout
    try:
        text = _run(arguments)
        stdout.write(f"{text}\n" if text else "")
        stdout.flush()
    except GridmapError as error:
        return _fail(error, as_json, stdout)
    except KeyboardInterrupt:
        return _fail(Cancelled(N_("Stopped; nothing was changed.")), as_json, stdout)
    except BrokenPipeError:
        # The reader went away; what is left to flush at exit must not raise a second time.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception:  # the one logging boundary of the terminal
        logger.exception("the command failed")
        unexpected = GridmapError(N_("Something unexpected happened."), hint=N_("The log above has the details."))
        return _fail(unexpected, as_json, stdout)
    return 0


def _run(arguments: list[str]) -> str:
    options, command = _parse(arguments)
    settings = read_settings()
    if options.db:
        settings = replace(settings, database_url=_database_url(options.db))
    progress = ProgressLine()
    invocation = Invocation(settings, replace(TERMINAL, name=options.as_user), options, progress)
    try:
        result = command.run(invocation)
    finally:
        progress.end()
        invocation.close()
    return build_json(result) if options.json else command.describe(result)


def _database_url(text: str) -> str:
    """`text` as a database URL; a bare path to a file means SQLite."""
    return text if "://" in text else f"sqlite:///{text}"


def _parse(arguments: list[str]) -> tuple[argparse.Namespace, Command]:
    asked = _find_command(arguments)
    if asked and asked not in MODULES:
        raise InvalidInput(
            N_("There is no command “{name}”."),
            hint=N_("The commands are {names}."),
            name=asked,
            names=", ".join(MODULES),
        )
    parser = _Parser(prog="python -m gridmap", description="Grid management and railway protection on one map.")
    parser.add_argument("--version", action="version", version=f"gridmap {__version__}")
    _add_common(parser, db="", as_user=TERMINAL.name, json=False)
    # Only the command that is named, or all for the list in --help: what the others import takes seconds.
    names = [asked] if asked else list(MODULES) if {"-h", "--help"}.intersection(arguments) else []
    commands = {command.name: command for command in load_commands(names)}
    choices = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in commands.values():
        sub = choices.add_parser(command.name, help=command.help, description=command.help)
        command.add_arguments(sub)
        _add_common(sub, db=argparse.SUPPRESS, as_user=argparse.SUPPRESS, json=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    return options, commands[options.command]


def _find_command(arguments: list[str]) -> str:
    """The first word that is neither an option nor the value of a common one, "" where there is none."""
    words = iter(arguments)
    for word in words:
        if word in {"--db", "--as"}:
            next(words, None)
        elif not word.startswith("-"):
            return word
    return ""


def load_commands(names: Sequence[str]) -> list[Command]:
    """The commands called `names`, their modules imported."""
    found = []
    for name in names:
        module = importlib.import_module(MODULES[name])
        found += [command for command in module.COMMANDS if command.name == name]
    return found


def _add_common(parser: argparse.ArgumentParser, *, db: str, as_user: str, json: bool | str) -> None:
    group = parser.add_argument_group("on every command")
    group.add_argument(
        "--db", metavar="URL", default=db, help="database to use (default: GRIDMAP_DB, else a local file)"
    )
    group.add_argument("--as", dest="as_user", metavar="USER", default=as_user, help="who acts, for the journal")
    group.add_argument("--json", action="store_true", default=json, help="print one JSON document on stdout")


def _fail(error: GridmapError, as_json: bool, stdout: TextIO) -> int:
    if as_json:
        stdout.write(build_json({"error": str(error), "hint": error.hint_text}) + "\n")
        stdout.flush()
    else:
        sys.stderr.write(describe_error(error) + "\n")
    return 1
