"""`cells`: those that no order may move."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from gridmap.cli.command import Command, Invocation
from gridmap.errors import N_, InvalidInput
from gridmap.services import cell_lists, cell_locks


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=("lock", "unlock", "locked"))
    parser.add_argument("--cells", type=Path, metavar="FILE", help="CSV with a column “code”")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why; it is kept")


def _run(invocation: Invocation) -> Any:
    given, context, actor = invocation.arguments, invocation.context, invocation.find_account()
    if (given.cells is None) != (given.action == "locked"):
        raise InvalidInput(
            N_("It is not clear which cells are meant."),
            hint=N_("Write: cells lock --cells FILE --reason TEXT, cells unlock …, or cells locked."),
        )
    if given.action == "locked":
        locks = cell_locks.list_locks(context, actor)
        return [
            {"code": row.code, "name": row.name, "reason": row.reason, "locked_by": row.locked_by}
            for row in locks.itertuples()
        ]
    act = cell_locks.lock_cells if given.action == "lock" else cell_locks.unlock_cells
    cells = cell_lists.read_cells(context, actor, path=given.cells)
    return {"changed": act(context, actor, cell_ids=cells, reason=given.reason)}


def _describe(result: Any) -> str:
    if isinstance(result, dict):
        return f"{result['changed']} cells were changed"
    return (
        "\n".join(f"{c['code']} {c['name']}: {c['reason']} ({c['locked_by']})" for c in result) or "no cell is locked"
    )


COMMANDS = (Command("cells", "lock cells against every order, unlock them", _add_arguments, _run, _describe),)
