"""`user`: accounts from the terminal."""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from gridmap.cli.command import Command, Invocation
from gridmap.domain.access import Role
from gridmap.errors import N_, InvalidInput
from gridmap.services import accounts
from gridmap.services.teams import find_team

_ACTIONS = ("add", "list", "password", "disable", "enable", "bind")


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=_ACTIONS)
    parser.add_argument("name", nargs="?", default="", help="name of the account; not for list")
    parser.add_argument("--role", choices=[role.value for role in Role], help="for add")
    parser.add_argument("--scope", default="", metavar="CODE", help="area the account is confined to (default: none)")
    parser.add_argument("--team", default="", metavar="NAME", help="team of an account of the role team; add and bind")
    parser.epilog = "A password is asked for, or read as one line from standard input."


def _run(invocation: Invocation) -> Any:
    given, context, actor = invocation.arguments, invocation.context, invocation.actor
    if given.action == "list":
        frame = accounts.list_accounts(context, actor)
        return frame.to_dict("records")
    if not given.name or (given.action == "add" and given.role is None):
        raise InvalidInput(
            N_("The name of the account or its role is missing."), hint=N_("Write: user add NAME --role ROLE.")
        )
    if given.action == "add":
        accounts.add_account(
            context,
            actor,
            name=given.name,
            password=_read_password(),
            role=Role(given.role),
            scope_code=given.scope,
            team_id=find_team(context, actor, name=given.team) if given.team else None,
        )
    elif given.action == "bind":
        accounts.bind_account(context, actor, name=given.name, team_id=find_team(context, actor, name=given.team))
    elif given.action == "password":
        accounts.set_password(context, actor, name=given.name, password=_read_password())
    else:
        accounts.disable_account(context, actor, name=given.name, disabled=given.action == "disable")
    return {"account": given.name, "done": given.action}


def _read_password() -> str:
    """Never an argument: those are seen by everybody on the machine and stay in the shell's history."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != first:
        raise InvalidInput(N_("The two passwords differ."), hint=N_("Try again."))
    return first


def _describe(result: Any) -> str:
    if isinstance(result, dict):
        return f"{result['account']}: {result['done']}"
    lines = [f"{'name':20} {'role':14} {'scope':15} {'team':15} state"]
    for row in result:
        state = "disabled" if row["disabled"] else "locked" if row["locked_until"] else "active"
        scope, team = row["scope_code"] or "everywhere", row["team_name"] or "-"
        lines.append(f"{row['name']:20} {row['role']:14} {scope:15} {team:15} {state}")
    return "\n".join(lines)


COMMANDS = (Command("user", "add, list, change and disable accounts", _add_arguments, _run, _describe),)
