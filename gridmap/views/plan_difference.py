"""Two plans beside each other: where their routes part on the map, and what becomes of each task in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from gridmap.domain.patrol.comparison import Change, PlanDifference, TaskChange, Totals
from gridmap.errors import N_
from gridmap.i18n import Translate
from gridmap.i18n.formats import format_distance, format_duration, format_number, join_names
from gridmap.views.map import RouteLine, RoutePart, RouteStop
from gridmap.views.plan_words import describe_task, explain_unserved
from gridmap.views.plans import list_parts

Document = Mapping[str, Any]

BEFORE, AFTER, SHARED = 1, 0, 7
"""Positions in the palette's route colours."""

_TEXTS = {
    Change.DROPPED: N_("Dropped, was with {before}."),
    Change.ADDED: N_("Won, now with {after}."),
    Change.MOVED: N_("From {before} to {after}."),
    Change.GONE: N_("No longer asked for, was with {before}."),
    Change.NEW: N_("New, with {after}."),
}
"""The changes that are listed, in this order; those in time alone are too many to read."""

Steps = frozenset[frozenset[tuple[float, float]]]


def draw_difference(
    before: Document, after: Document, difference: PlanDifference, *, translate: Translate
) -> tuple[RouteLine, ...]:
    """Ways of both plans faded, those of one only in that one's colour, with the changed tasks numbered as listed."""
    parts = {"before": _list_all(before), "after": _list_all(after)}
    steps = {name: _break_up(lines) for name, lines in parts.items()}
    shared = tuple(_keep(parts["after"], steps["before"], inside=True))
    numbered = list(enumerate(list_changes(difference), start=1))
    old = [(n, change) for n, change in numbered if change.change in {Change.DROPPED, Change.GONE}]
    new = [(n, change) for n, change in numbered if change.change not in {Change.DROPPED, Change.GONE}]
    return (
        RouteLine(name=translate(N_("Same in both")), parts=shared, colour=SHARED, faded=True),
        RouteLine(
            name=translate(N_("Only before")),
            parts=tuple(_keep(parts["before"], steps["after"], inside=False)),
            stops=tuple(_mark(before, old, translate)),
            colour=BEFORE,
        ),
        RouteLine(
            name=translate(N_("Only after")),
            parts=tuple(_keep(parts["after"], steps["before"], inside=False)),
            stops=tuple(_mark(after, new, translate)),
            colour=AFTER,
        ),
    )


def list_changes(difference: PlanDifference) -> list[TaskChange]:
    """The changes of tasks that are told, what is dropped first."""
    return [change for kind in _TEXTS for change in difference.of(kind)]


def describe_change(change: TaskChange, before: Document, after: Document, translate: Translate) -> str:
    """What becomes of a task, and why where a plan leaves it out."""
    words = [
        translate(_TEXTS[change.change]).format(
            before=join_names(dict.fromkeys(change.before), translate),
            after=join_names(dict.fromkeys(change.after), translate),
        )
    ]
    if change.unserved is not None:
        told = after if change.change is Change.DROPPED else before
        words.append(explain_unserved(change.unserved, told, translate))
    return " ".join(words)


def list_totals(difference: PlanDifference, translate: Translate) -> list[tuple[str, str, str, str]]:
    """(measure, before, after, difference) of both plans as a whole."""

    def count(value: float) -> str:
        return format_number(value)

    def length(value: float) -> str:
        return format_distance(value, translate)

    def span(value: float) -> str:
        return format_duration(value, translate)

    rows = [
        (N_("Tasks served"), "served", count),
        (N_("Priority served"), "priority", count),
        (N_("Routes"), "teams", count),
        (N_("Working time"), "duration_s", span),
        (N_("Driven"), "driven_m", length),
        (N_("Walked"), "walked_m", length),
    ]
    return [
        (translate(title), write(old), write(new), _sign(new - old, write))
        for title, name, write in rows
        for old, new in [_read(difference.before, difference.after, name)]
    ]


def _read(before: Totals, after: Totals, name: str) -> tuple[float, float]:
    return float(getattr(before, name)), float(getattr(after, name))


def _sign(difference: float, write: Callable[[float], str]) -> str:
    """A difference with its sign; what is written as nothing is nothing."""
    text = write(abs(difference))
    return "0" if text == write(0) else f"{'+' if difference > 0 else '−'}{text}"


# --- on the map -------------------------------------------------------------------------------------------------


def _list_all(document: Document) -> list[RoutePart]:
    return [part for route in document["routes"] for part in list_parts(route)]


def _break_up(parts: Sequence[RoutePart]) -> Steps:
    """Every straight piece of the ways, whichever way it is gone."""
    return frozenset(frozenset(step) for part in parts for step in pairwise(part.line))


def _keep(parts: Sequence[RoutePart], others: Steps, *, inside: bool) -> Iterator[RoutePart]:
    """Runs of pieces that are among `others`, or that are not."""
    for part in parts:
        run: list[tuple[float, float]] = []
        for here, there in pairwise(part.line):
            if (frozenset((here, there)) in others) == inside:
                run = run or [here]
                run.append(there)
            elif run:
                yield RoutePart(line=tuple(run), kind=part.kind)
                run = []
        if run:
            yield RoutePart(line=tuple(run), kind=part.kind)


def _mark(document: Document, changes: Sequence[tuple[int, TaskChange]], translate: Translate) -> Iterator[RouteStop]:
    tasks = {task["key"]: task for task in document["tasks"]}
    for number, change in changes:
        task = tasks[change.task]
        yield RouteStop(number=number, lon=task["lon"], lat=task["lat"], label=describe_task(task, document, translate))
