"""`simulate`: many devices reporting to a server, over real HTTP."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from gridmap.cli.command import Command, Invocation, lonlat, seed
from gridmap.errors import N_, InvalidInput
from gridmap.services.traffic import Traffic, Unit, prepare_units, send_traffic


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--to", required=True, metavar="URL", help="the server, for example http://127.0.0.1:8501")
    parser.add_argument("--units", type=int, default=100, help="how many devices report (default 100)")
    parser.add_argument("--hz", type=float, default=1.0, help="reports of each a second (default 1)")
    parser.add_argument("--seconds", type=float, default=10.0, help="for how long (default 10)")
    parser.add_argument("--batch", type=int, default=1, help="fixes in one request, up to 100 (default 1)")
    parser.add_argument("--connections", type=int, default=32, help="connections kept open (default 32)")
    parser.add_argument("--token", default="", help="a gateway's token; the devices are then sim-1, sim-2 …")
    parser.add_argument(
        "--around", type=lonlat, default=(112.55, 37.87), metavar="LON,LAT", help="where they start, with --token"
    )
    parser.add_argument("--seed", type=seed, default=1, help="another seed, other tracks")
    parser.epilog = (
        "With --db, the teams on duty of that database, the server's own, get a simulated device each; their positions "
        "are marked as simulated. Start the server with GRIDMAP_SIMULATE=0, or a demo's own simulator moves the same "
        "teams."
    )


def _run(invocation: Invocation) -> Any:
    given = invocation.arguments
    if given.units < 1:
        raise InvalidInput(N_("At least one unit must report."), hint=N_("Give --units a number above 0."))
    gateway_token = given.token
    if given.token:
        units = [Unit(f"sim-{n}", "", *given.around) for n in range(1, given.units + 1)]
    elif given.db:
        units, gateway_token = prepare_units(invocation.context, invocation.actor, count=given.units)
    else:
        raise InvalidInput(
            N_("Nothing says in whose name the units report."),
            hint=N_("Give the server's database with --db, or a gateway's token with --token."),
        )
    traffic = Traffic(
        url=given.to,
        units=units,
        gateway_token=gateway_token,
        hz=given.hz,
        seconds=given.seconds,
        batch=given.batch,
        connections=given.connections,
        seed=given.seed,
    )
    return asdict(send_traffic(traffic, progress=invocation.progress))


def _describe(result: Any) -> str:
    lines = [
        f"{result['sent']:,} positions in {result['requests']:,} requests and {result['seconds']:.1f} s",
        f"accepted {result['accepted']:,} ({result['fixes_per_s']:,.0f}/s), refused {result['refused']:,}, "
        f"failed {result['failed']:,}",
        f"{result['requests_per_s']:,.0f} requests/s, answered in {result['p50_ms']:.1f} ms (median), "
        f"{result['p95_ms']:.1f} ms (95 %)",
    ]
    lines += [f"  {reason}: {count:,}" for reason, count in sorted(result["reasons"].items())]
    lines += [f"  HTTP {status}: {count:,}" for status, count in sorted(result["statuses"].items()) if status != "200"]
    return "\n".join(lines)


COMMANDS = (Command("simulate", "send a server the positions of many devices", _add_arguments, _run, _describe),)
