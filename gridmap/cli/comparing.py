"""`plan-compare`: what changes between two plan files."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from gridmap.cli.command import Command, Invocation
from gridmap.cli.plan_files import read_plan_file
from gridmap.services.plan_comparing import compare_documents

_SHOWN = 20
_WORDS = {
    "moved": "goes to another team",
    "dropped": "is no longer served",
    "added": "is served now",
    "gone": "is no longer asked for",
    "new": "is new",
    "retimed": "is served at another time",
}


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("before", type=Path, metavar="A.json", help="a plan written by “plan --out”")
    parser.add_argument("after", type=Path, metavar="B.json", help="the plan that would take its place")


def _run(invocation: Invocation) -> Any:
    before, after = (read_plan_file(getattr(invocation.arguments, name)) for name in ("before", "after"))
    difference = compare_documents(invocation.context, invocation.actor, before=before, after=after)
    return difference.as_json()


def describe_difference(result: Any) -> str:
    """A difference as `PlanDifference.as_json` has it, in lines for a person."""
    before, after = result["before"], result["after"]
    lines = [
        f"served {before['served']} of {before['tasks']} → {after['served']} of {after['tasks']}, "
        f"{before['duration_s'] / 3600:.1f} h → {after['duration_s'] / 3600:.1f} h, "
        f"{(before['driven_m'] + before['walked_m']) / 1000:.1f} km → "
        f"{(after['driven_m'] + after['walked_m']) / 1000:.1f} km, "
        f"{result['gained_s'] / 60:+.0f} min gained"
    ]
    for change, words in _WORDS.items():
        for item in result[change][:_SHOWN]:
            teams = " → ".join(", ".join(item[name]) or "nobody" for name in ("before", "after"))
            lines.append(f"  {item['task']} {words} ({teams}){_explain(item['unserved'])}")
        if len(result[change]) > _SHOWN:
            lines.append(f"  … and {len(result[change]) - _SHOWN} more; --json lists them all")
    return "\n".join(lines)


def _explain(unserved: Any) -> str:
    if unserved is None:
        return ""
    told = unserved.get("binding") or unserved
    return f": {told['text'].format(**told['values'])}"


COMMANDS = (Command("plan-compare", "what changes between two plan files", _add_arguments, _run, describe_difference),)
