"""`hazards`: the list of kinds that hazards are kept with."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from gridmap.cli.command import Command, Invocation
from gridmap.i18n.kinds import name_kind
from gridmap.services import hazard_kinds


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=("kinds",))
    parser.epilog = "The list is kept on the Data page, section Hazard kinds."


def _run(invocation: Invocation) -> list[dict[str, Any]]:
    kinds = hazard_kinds.list_kinds(invocation.context, invocation.actor)
    return [
        {
            "code": kind.code,
            "zh": name_kind(kind, "zh-CN"),
            "en": name_kind(kind, "en"),
            "line_side": kind.is_line_side,
            "light_material": kind.is_light,
            "statutes": list(hazard_kinds.list_statutes_of(invocation.context, kind)),
            "active": kind.is_active,
            "built_in": kind.is_built_in,
        }
        for kind in kinds
    ]


def _describe(kinds: list[dict[str, Any]]) -> str:
    return "\n".join(
        f"{kind['code']:24} {kind['zh']}  {kind['en']}{'' if kind['active'] else '  (hidden)'}" for kind in kinds
    )


COMMANDS = (Command("hazards", "the list of hazard kinds", _add_arguments, _run, _describe),)
