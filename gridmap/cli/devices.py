"""`device`: what may report positions, from the terminal."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from gridmap.cli.command import Command, Invocation
from gridmap.errors import N_, InvalidInput
from gridmap.services import devices
from gridmap.services.teams import find_team

_ACTIONS = ("add", "list", "revoke", "refusals")


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=_ACTIONS)
    parser.add_argument("key", nargs="?", default="", help="what the device calls itself; not for list and refusals")
    parser.add_argument("--team", metavar="NAME", help="for add: the team it belongs to")
    parser.add_argument("--gateway", action="store_true", help="for add: a server that forwards for many devices")
    parser.add_argument("--scope", default="", metavar="CODE", help="area a gateway is confined to (default: none)")
    parser.add_argument("--simulated", action="store_true", help="for add: mark its positions as simulated")
    parser.epilog = "add prints the token, once. A device that is known gets a new one and the old one ends."


def _run(invocation: Invocation) -> Any:
    given, context, actor = invocation.arguments, invocation.context, invocation.actor
    if given.action == "list":
        return devices.list_devices(context, actor).to_dict("records")
    if given.action == "refusals":
        return devices.list_refusals(context, actor).to_dict("records")
    if not given.key or (given.action == "add" and bool(given.team) == given.gateway):
        raise InvalidInput(
            N_("The key of the device is missing, or whose it is."),
            hint=N_("Write: device add KEY --team NAME, or device add KEY --gateway."),
        )
    if given.action == "revoke":
        devices.revoke_device(context, actor, key=given.key)
        return {"device": given.key, "done": "revoke"}
    if given.gateway:
        token = devices.issue_gateway_token(context, actor, key=given.key, scope_code=given.scope)
    else:
        team_id = find_team(context, actor, name=given.team)
        token = devices.issue_device_token(context, actor, key=given.key, team_id=team_id, simulated=given.simulated)
    return {"device": given.key, "done": "add", "token": token}


def _describe(result: Any) -> str:
    if isinstance(result, dict):
        return f"{result['device']}: {result['done']}" + (f"\n{result['token']}" if "token" in result else "")
    if result and "reason" in result[0]:
        return "\n".join(f"{row['count']:10,}  {row['reason']:16} {row['device_key'] or '-'}" for row in result)
    lines = [f"{'key':24} {'kind':8} {'team':24} state"]
    for row in result:
        state = "revoked" if row["revoked_at"] is not None else "active"
        lines.append(f"{row['key']:24} {row['kind']:8} {row['team_name'] or '-':24} {state}")
    return "\n".join(lines)


COMMANDS = (Command("device", "add, list and revoke devices; count refusals", _add_arguments, _run, _describe),)
