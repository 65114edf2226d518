"""`bench-routing`: benchmark files of arc and general routing, solved by the core of the patrol planner."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from gridmap.cli.command import Command, Invocation, seed
from gridmap.domain.patrol.mcgrp.search import Effort
from gridmap.services.routing_bench import solve_routing_files


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="CARP or MCGRP files (.dat)")
    parser.add_argument("--seconds", type=float, default=10.0, metavar="S", help="for each file (default: 10)")
    parser.add_argument("--iterations", type=int, metavar="N", help="search N steps instead; reproducible by its seed")
    parser.add_argument("--seed", type=seed, default=1, metavar="N", help="start of the random numbers (default: 1)")
    parser.add_argument("--workers", type=int, default=1, metavar="W", help="searches side by side (default: 1)")
    parser.add_argument("--fleet", type=int, metavar="N", help="at most N routes (default: as many as are best)")
    parser.add_argument("--solution", type=Path, metavar="DIR", help="write the routes of each file to DIR/STEM.json")


def _run(invocation: Invocation) -> Any:
    given = invocation.arguments
    effort = Effort(
        seconds=given.seconds,
        iterations=given.iterations,
        seed=given.seed,
        fleet=given.fleet,
        workers=given.workers,
    )
    return solve_routing_files(
        invocation.actor,
        files=given.files,
        effort=effort,
        solutions=given.solution,
        progress=invocation.progress,
    )


def _describe(rows: Any) -> str:
    head = f"{'instance':<24} {'cost':>9} {'bound':>9} {'gap':>7} {'routes':>6} {'seconds':>8}"
    lines = [
        f"{row.instance:<24} {row.cost:>9} {row.lower_bound:>9} {row.cost / max(row.lower_bound, 1) - 1:>7.2%} "
        f"{row.routes:>6} {row.seconds:>8.2f}{'' if row.valid else '  NOT VALID'}"
        for row in rows
    ]
    return "\n".join([head, *lines])


COMMANDS = (Command("bench-routing", "solve benchmark files of routing", _add_arguments, _run, _describe),)
