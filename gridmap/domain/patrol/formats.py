"""Plan documents of earlier versions in the present form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FORMAT = "gridmap-plan/2"
_FIRST = "gridmap-plan/1"

BY_HOUR = "by_hour"
"""What `speeds` says of a plan whose ways take the mean time over the hours of its shift, whoever makes them."""

BY_TEAM = "by_team"
"""What `speeds` says of a plan whose ways take the mean time over the hours in which their team can be out."""


def upgrade_document(document: Any) -> Any:
    """A document as it is written today; what is no plan of an earlier version stays as it is.

    The first version knew one window a task, neither balance nor bound: nothing of what it says changes its meaning.
    """
    if not isinstance(document, Mapping) or document.get("format") != _FIRST:
        return document
    upgraded = {**document, "format": FORMAT}
    if isinstance(document.get("tasks"), list):
        upgraded["tasks"] = [_upgrade_task(task) for task in document["tasks"]]
    if isinstance(document.get("rules"), Mapping):
        upgraded["rules"] = {"balance": 0.0, **document["rules"]}
    objective = document.get("summary", {}).get("objective") if isinstance(document.get("summary"), Mapping) else None
    if isinstance(objective, Mapping):
        upgraded["summary"] = {**document["summary"], "objective": {"balance_s": 0.0, **objective}}
        value = objective.get("value", 0)
        # Nothing was proven then.
        upgraded |= {"lower_bound": 0.0, "gap": 1.0 if value else 0.0}
    return upgraded


def _upgrade_task(task: Any) -> Any:
    if not isinstance(task, Mapping) or "window_s" not in task:
        return task
    rest = {name: value for name, value in task.items() if name != "window_s"}
    return {**rest, "windows_s": [task["window_s"]]}
