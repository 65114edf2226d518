"""Find every text marked for translation, so that a missing translation is a failed test and not an English word.

Babel's extractor does not look into f-strings before Python 3.12; the syntax tree does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

MARKS = frozenset({"N_", "_", "translate"})


def find_messages(folder: Path) -> dict[str, list[str]]:
    """Msgid → places (`path:line`, relative to `folder`) over every Python file below `folder`.

    Raises
    ------
    ValueError
        `N_` marks something that is not a literal, so it can never be in a catalogue.
    """
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*.py")):
        for msgid, line in _find_in(path):
            found.setdefault(msgid, []).append(f"{path.relative_to(folder).as_posix()}:{line}")
    return found


def _find_in(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and len(node.args) == 1 and _name(node.func) in MARKS):
            continue
        argument = node.args[0]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            if argument.value:
                yield argument.value, node.lineno
        elif _name(node.func) == "N_" and path.name != "errors.py":
            raise ValueError(f"{path.name}:{node.lineno}: N_ needs a literal")


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
