"""`bench-districting`: a graph of areas divided into districts with the fewest cut edges."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from gridmap.cli.command import Command, Invocation, seed
from gridmap.cli.stopping import stop_softly
from gridmap.domain.districting.search import Effort
from gridmap.services.districting_bench import divide_graph


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("graph", type=Path, metavar="GRAPH.json", help="adjacency JSON as NetworkX writes it")
    parser.add_argument("--districts", type=int, required=True, metavar="K", help="how many districts")
    parser.add_argument("--lower", type=float, required=True, metavar="L", help="people of a district at least")
    parser.add_argument("--upper", type=float, required=True, metavar="U", help="people of a district at most")
    parser.add_argument("--population", default="POP10", metavar="NAME", help="attribute of a node (default: POP10)")
    parser.add_argument("--seconds", type=float, default=10.0, metavar="S", help="how long to search (default: 10)")
    parser.add_argument("--iterations", type=int, metavar="N", help="try N changes instead; reproducible by its seed")
    parser.add_argument("--seed", type=seed, default=1, metavar="N", help="start of the random numbers (default: 1)")


def _run(invocation: Invocation) -> Any:
    given = invocation.arguments
    with stop_softly(invocation.progress) as stop:
        return divide_graph(
            invocation.actor,
            file=given.graph,
            population=given.population,
            districts=given.districts,
            lower=given.lower,
            upper=given.upper,
            effort=Effort(seconds=given.seconds, iterations=given.iterations, seed=given.seed),
            progress=stop,
        )


def _describe(row: Any) -> str:
    head = f"{row.cut_edges} cut edges, {row.seconds:.1f} s{'' if row.within else ', NOT WITHIN THE BOUNDS'}"
    lines = [
        f"{len(part):>6} nodes {people:>12} people" for part, people in zip(row.parts, row.populations, strict=True)
    ]
    return "\n".join([head, *lines])


COMMANDS = (
    Command("bench-districting", "divide a graph of areas with the fewest cut edges", _add_arguments, _run, _describe),
)
