"""`strategy`: a mixed patrol strategy for an area, kept for `plan --randomise` to draw from."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from gridmap.cli.command import Command, Invocation, seed
from gridmap.cli.patrol_arguments import add_team_arguments, read_team_arguments
from gridmap.cli.stopping import stop_softly
from gridmap.services.patrol_request import PatrolRequest
from gridmap.services.strategies import compute_strategy, save_strategy

_SHOWN = 10


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--area", default="", metavar="CODE", help="only segments of this area")
    add_team_arguments(parser)
    parser.add_argument("--seconds", type=float, default=60.0, metavar="S", help="how long to search (default: 60)")
    parser.add_argument("--rounds", type=int, metavar="N", help="search N rounds instead; reproducible by its seed")
    parser.add_argument("--seed", type=seed, default=1, metavar="K", help="start of the random numbers (default: 1)")
    parser.add_argument("--no-intervals", action="store_true", help="do not ask that intervals are kept on average")


def _run(invocation: Invocation) -> Any:
    given = invocation.arguments
    request = PatrolRequest(
        area_code=given.area,
        **read_team_arguments(invocation),
        seconds=given.seconds,
        iterations=given.rounds,
        seed=given.seed,
    )
    context, actor = invocation.context, invocation.actor
    with stop_softly(invocation.progress) as stop:
        document = compute_strategy(
            context, actor, request=request, keep_intervals=not given.no_intervals, progress=stop
        )
    strategy_id = save_strategy(context, actor, document=document)
    named = ("value", "bound", "gap", "rounds", "stopped_early", "missed", "hours")
    return {
        "strategy": strategy_id,
        **{name: document[name] for name in named},
        "plans": len(document["plans"]),
        "targets": [
            {name: target[name] for name in ("tasks", "loss", "least", "coverage", "same_hour")}
            for target in document["targets"]
        ],
        "unreachable": [
            {"id": item["task"], "reason": item["text"].format(**item["values"]), "code": item["reason"]}
            for item in document["unreachable"]
        ],
    }


def _describe(result: Any) -> str:
    lines = [
        f"Strategy {result['strategy']}: {result['plans']} plans to draw from; at the worst place "
        f"{result['value']:.3f} is lost on average, no strategy comes below {result['bound']:.3f}",
        f"  a place that is seen is seen in its likeliest hour on {result['hours']['foreseeable']:.0%} of those days, "
        f"without other orders and times on {result['hours']['foreseeable_before']:.0%}",
        *(
            f"  seen too rarely {item['code']}: {item['reached']:.0%} of days instead of {item['least']:.0%}"
            for item in result["missed"][:_SHOWN]
        ),
        *(f"  out of reach {item['id']}: {item['reason']}" for item in result["unreachable"][:_SHOWN]),
    ]
    return "\n".join(lines)


COMMANDS = (Command("strategy", "compute patrols that cannot be foretold", _add_arguments, _run, _describe),)
