"""`weather`: what to look at before a strong wind and before heavy rain, the worst first."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from gridmap.cli.command import Command, Invocation
from gridmap.domain.railways.exposure import PARTS, Wind, read_force
from gridmap.errors import N_, InvalidInput
from gridmap.services import weather

_ROUNDED = {"distance_m": 2, "bearing_deg": 1, "exposure": 2, **dict.fromkeys(PARTS, 3), "lon": 7, "lat": 7}


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("what", choices=("wind", "rain"))
    parser.add_argument("--force", type=int, metavar="N", help="for wind: its force, 0 to 12")
    parser.add_argument("--speed", type=float, metavar="MS", help="for wind: its mean speed, m/s, in place of a force")
    parser.add_argument("--from", dest="from_deg", type=float, metavar="DEG", help="for wind: where it comes from")


def _run(invocation: Invocation) -> list[dict[str, Any]]:
    given, context, actor = invocation.arguments, invocation.context, invocation.actor
    told = [value for value in (given.force, given.speed, given.from_deg) if value is not None]
    if (given.what == "rain" and told) or (given.force is not None and given.speed is not None):
        raise InvalidInput(
            N_("It is not clear what is asked for."),
            hint=N_("Write: weather wind [--force N or --speed MS] [--from DEG], or weather rain."),
        )
    speed = given.speed if given.force is None else read_force(given.force)
    wind = Wind(speed_ms=speed, from_deg=given.from_deg)
    found = weather.list_wind(context, actor, wind=wind) if given.what == "wind" else weather.list_rain(context, actor)
    rows: list[dict[str, Any]] = found.round(_ROUNDED).to_dict("records")
    return rows


def _describe(rows: list[dict[str, Any]]) -> str:
    return "\n".join(f"{number:4}  {_describe_row(row)}" for number, row in enumerate(rows, start=1)) or "nothing"


def _describe_row(row: dict[str, Any]) -> str:
    if "exposure" in row:
        parts = " × ".join(f"{row[part]:.2f}" for part in PARTS)
        where = f"{row['line']} {row['mileage']} {row['side']} {row['distance_m']:.0f} m"
        return f"{row['exposure']:5.1f} = {parts}  {where}  {row['title']}"
    until = f"–{row['until']}" if row["until"] else ""
    seen = "never inspected" if row["days"] != row["days"] else f"{row['days']:.0f} days ago"
    return f"{row['kind']:15} {row['line']} {row['mileage']}{until}  {seen}, {row['hazards']} open hazards near"


COMMANDS = (Command("weather", "what to look at before wind and rain", _add_arguments, _run, _describe),)
