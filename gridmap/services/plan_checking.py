"""Whether a document is a plan, and one that holds: the schema first, then the independent checker."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from jsonschema_rs import Draft202012Validator

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.patrol import checker
from gridmap.domain.patrol.checker import CheckResult
from gridmap.domain.patrol.document_parts import Document
from gridmap.domain.patrol.evidence import Truth
from gridmap.domain.patrol.formats import upgrade_document
from gridmap.domain.patrol.violations import Violation
from gridmap.errors import N_, CannotPlan, InvalidInput
from gridmap.services.context import Context
from gridmap.services.plan_truth import load_truth
from gridmap.services.road_network import find_shift_changes, get_network, get_speed_profile
from gridmap.services.schema_check import find_misfit
from gridmap.settings import PROJECT_ROOT

SCHEMA_PATH = PROJECT_ROOT / "docs" / "plan.schema.json"


def check_plan(context: Context, actor: Actor, *, document: Mapping[str, Any]) -> CheckResult:
    """The independent verdict on a plan document, whatever it holds, against the database as it is now."""
    check_allowed(actor, Permission.VIEW)
    network = get_network(context)
    with context.database.read() as connection:
        truth = load_truth(connection, network)
    return _check(context, document, truth)


def _check(context: Context, document: Any, truth: Truth) -> CheckResult:
    document = upgrade_document(document)
    fault = find_fault(document)
    if fault is not None:
        return CheckResult((fault,))
    shift, day = document["shift"], date.fromisoformat(document["service_date"])
    start_s, repair = shift["start_s"], document.get("repair")
    if repair is not None:
        # What was opened before a plan was mended closes nothing that is still to come; the moment is cut to seconds.
        start_s = repair["at_s"] + 1
    standing = find_shift_changes(context, day=day, shift_s=(start_s, max(start_s, shift["end_s"])))
    truth = replace(
        truth,
        closed=frozenset(standing.closed),
        slowed=dict(standing.slowed),
        speeds=get_speed_profile(context),
    )
    return checker.check_plan(document, truth)


def read_document(given: Any) -> Document:
    """A plan document in its present form, out of what a file holds.

    Raises
    ------
    InvalidInput
        It is no plan.
    """
    document: Document = upgrade_document(given)
    fault = find_fault(document)
    if fault is not None:
        raise InvalidInput(
            N_("The file is no plan: {detail}."),
            hint=N_("Give a file written by “plan --out”."),
            detail=fault.values["detail"],
        )
    return document


def find_fault(document: Any) -> Violation | None:
    """The first thing that keeps a document from being a plan."""
    misfit = find_misfit(_schema(), document)
    if misfit is not None:
        return _refuse(*misfit)
    try:
        date.fromisoformat(document["service_date"])
    except ValueError as error:
        return _refuse("$.service_date", str(error))
    return None


def _refuse(where: str, message: str) -> Violation:
    return Violation("format", where, {"detail": f"{where}: {message}"[:300]})


@lru_cache(maxsize=1)
def _schema() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA_PATH.read_text(encoding="utf-8")))


def require_valid(context: Context, document: Document, truth: Truth) -> None:
    """Refuse a plan that its checker refuses.

    Raises
    ------
    CannotPlan
        It is not valid; the first finding is told.
    """
    result = _check(context, document, truth)
    if not result.valid:
        first = result.violations[0]
        raise CannotPlan(
            N_("The plan did not pass its check and was thrown away ({where}: {what})"),
            hint=N_("Compute it again; if that does not help, the roads may have to be imported afresh."),
            where=first.where,
            what=first.text,
        )
