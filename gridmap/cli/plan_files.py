"""Plan files of the terminal, and what it tells of a plan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gridmap.errors import N_, UnreadableFile


def read_plan_file(path: Path) -> Any:
    """The JSON in a plan file.

    Raises
    ------
    UnreadableFile
        It cannot be read, or holds no JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnreadableFile(
            N_("{path} cannot be read: {reason}."),
            hint=N_("Check the name and the rights of the file."),
            path=str(path),
            reason=error.strerror or str(error),
        ) from error
    except ValueError as error:
        raise UnreadableFile(
            N_("{path} is not a plan: it holds no JSON."),
            hint=N_("Choose a file written by “plan --out”."),
            path=str(path),
        ) from error


def tell_unserved(document: dict[str, Any]) -> list[dict[str, Any]]:
    """What a plan leaves out, with the sentences filled in."""
    return [
        {
            "id": item["task"],
            "reason": item["text"].format(**item["values"]),
            "code": item["reason"],
            "hint": item["hint"],
            "visits": item.get("visits"),
            "binding": _tell_binding(item["binding"]),
        }
        for item in document["unserved"]
    ]


def _tell_binding(binding: dict[str, Any]) -> dict[str, Any]:
    """The binding with its sentence filled in."""
    told = {name: binding[name] for name in ("constraint", "team", "missing", "unit")}
    return {**told, "text": binding["text"].format(**binding["values"]), "further": binding["further"]}
