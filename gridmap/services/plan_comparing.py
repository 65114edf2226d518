"""Plans side by side: one at hand with one that was kept, or two from files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema_rs import Draft202012Validator

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.patrol.comparison import PlanDifference, compare_plans
from gridmap.errors import N_, InvalidInput
from gridmap.services.context import Context
from gridmap.services.planning import load_plan
from gridmap.services.schema_check import find_misfit

_NUMBER = {"type": "number"}
_TASKS = {"type": "array", "items": {"type": "string"}, "minItems": 1}


def _rows(**properties: Any) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "object", "required": list(properties), "properties": properties}}


_READ = Draft202012Validator(
    {
        "type": "object",
        "required": ["teams", "tasks", "routes", "unserved", "summary"],
        "properties": {
            "teams": _rows(key={"type": "string"}, id={"type": ["integer", "null"]}, name={"type": "string"}),
            "tasks": _rows(key={"type": "string"}, priority=_NUMBER),
            "routes": _rows(
                team={"type": "string"},
                duration_s=_NUMBER,
                driven_m=_NUMBER,
                walked_m=_NUMBER,
                stops=_rows(tasks=_TASKS, start_s=_NUMBER),
            ),
            "unserved": _rows(task={"type": "string"}, text={"type": "string"}, values={"type": "object"}),
            "summary": {
                "type": "object",
                "required": ["tasks", "served", "duration_s", "driven_m", "walked_m", "objective"],
                "properties": {"objective": {"type": "object", "required": ["value"]}},
            },
        },
    }
)
"""What is read of a plan document to compare it, whichever version of the format it is in."""


def compare_with_saved(
    context: Context, actor: Actor, *, document: Mapping[str, Any], plan_id: int
) -> tuple[Mapping[str, Any], PlanDifference]:
    """The kept plan of that number, and what changes when `document` takes its place.

    Raises
    ------
    NotFound
        There is none of that number in the actor's scope.
    """
    before = load_plan(context, actor, plan_id=plan_id)
    return before, compare_plans(before, document)


def compare_documents(
    context: Context, actor: Actor, *, before: Mapping[str, Any], after: Mapping[str, Any]
) -> PlanDifference:
    """What changes when one plan takes the place of another, as documents from anywhere.

    Raises
    ------
    InvalidInput
        One of them is no plan.
    """
    check_allowed(actor, Permission.VIEW)
    for document in (before, after):
        misfit = find_misfit(_READ, document)
        keys = {team["key"] for team in document["teams"]} if misfit is None else set()
        stray = next((route["team"] for route in document["routes"] if route["team"] not in keys), "") if keys else ""
        if misfit is not None or stray:
            raise InvalidInput(
                N_("This is not a plan that can be compared ({where})."),
                hint=N_("Choose a file written by “plan --out”."),
                where=": ".join(misfit)[:200] if misfit is not None else f"$.routes: {stray}",
            )
    return compare_plans(before, after)
