"""A change of the hierarchy is taken back on its day, as if it had not been, where nothing builds on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.codes import is_within
from gridmap.domain.days import local_day
from gridmap.domain.hierarchy import AreaOrderState
from gridmap.domain.journal import Event
from gridmap.errors import N_, Conflict, InvalidInput, NotFound
from gridmap.services.context import Context
from gridmap.services.due import put_due_in_effect
from gridmap.services.hierarchy_effect import check_no_scope, check_no_waiting, find_heir
from gridmap.services.journal import TOPICS_OF, UNDO
from gridmap.store import area_orders, hierarchy, tables
from gridmap.store.hierarchy import Reference
from gridmap.store.tenures import follow_assignments, reopen_tenures
from gridmap.store.undo import CHANGED_MEANWHILE, load_events
from gridmap.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class _Traces:
    """What a change left: codes it gave (with those before, "" for areas it made), and the areas it ended."""

    given: dict[str, str]
    made: tuple[int, ...]
    ended: tuple[tuple[str, shapely.Geometry], ...]
    touched: tuple[int, ...]


def undo_area_change(context: Context, actor: Actor, *, txn: int, reason: str) -> int:
    """Take a change of the hierarchy back; what names the areas follows. Returns the number of the undo.

    Raises
    ------
    NotFound
        There is no such change in scope.
    InvalidInput
        No reason is given.
    Conflict
        It is not of today, a later change or an order builds on it, an account was confined to what it made, or one of
        its areas was changed since.
    """
    check_allowed(actor, Permission.REASSIGN_CELLS)
    if not reason.strip():
        raise InvalidInput(N_("A change needs a reason."), hint=N_("Write in a few words why the area changes."))
    put_due_in_effect(context)
    with context.database.write(actor, kind=UNDO, reason=reason.strip()) as work:
        events = load_events(work.connection, txn)
        traces = _read_traces(events)
        _check_undoable(work, actor, txn, traces)
        _check_no_edition(events, txn)
        order = area_orders.find_of_txn(work.connection, txn)
        _take_back(work, txn)
        if order is not None:  # else it would wait again, and be carried out again
            area_orders.save_state(work, order, AreaOrderState.UNDONE)
        _settle(work, traces)
        reopen_tenures(work, day=local_day(work.at))
        follow_assignments(work, day=local_day(work.at))
        work.touch("units", *{topic for event in events for topic in TOPICS_OF.get(event.table_name, ())})
    context.sessions.clear()
    assert work.txn_id is not None
    return work.txn_id


def _read_traces(events: Sequence[Event]) -> _Traces:
    rows = [event for event in events if event.table_name == tables.area.name]
    given = {e.after["code"]: e.before["code"] if e.before else "" for e in rows if e.after}
    ended = [(e.before["code"], shapely.from_wkb(e.before["geom"])) for e in rows if e.before and not e.after]
    made = tuple(int(e.row_key) for e in rows if not e.before)
    changed = {new: old for new, old in given.items() if new != old}
    return _Traces(changed, made, tuple(ended), tuple(int(e.row_key) for e in rows))


def _check_undoable(work: UnitOfWork, actor: Actor, txn: int, traces: _Traces) -> None:
    connection = work.connection
    change = hierarchy.load_change(connection, txn)
    codes = [*traces.given, *traces.given.values(), *(code for code, _ in traces.ended)]
    if change.empty or not all(actor.covers(code) for code in codes if code):
        raise NotFound(
            N_("There is no change of areas numbered {txn} in your area."),
            hint=N_("Look it up in the history of the area."),
            txn=txn,
        )
    day = change["effective_on"].iloc[0]
    if day != local_day(work.at):
        raise Conflict(
            N_("Change {txn} has held since {day}; reports were written with its codes."),
            hint=N_("Make the opposite change: it holds from today, and the days between stay as they were."),
            txn=txn,
            day=day.isoformat(),
        )
    later = hierarchy.find_last_change(connection, traces.touched, besides=txn)
    if later is not None:
        raise Conflict(
            N_("Change {later} of {who} (“{reason}”) builds on change {txn}."),
            hint=N_("Take that one back first, in the history of its area, or make the opposite change."),
            later=later.txn,
            who=later.actor,
            reason=later.reason,
            txn=txn,
        )
    check_no_waiting(connection, traces.made)
    for code in (code for code, old in traces.given.items() if not old):
        check_no_scope(connection, [item for item in hierarchy.load_references(connection, code) if item.code == code])


def _check_no_edition(events: Sequence[Event], txn: int) -> None:
    """An edition is loaded in bulk: the journal does not hold what each area was."""
    if any(event.is_bulk for event in events):
        raise Conflict(
            N_("Change {txn} is a new edition of areas, which is not taken back."),
            hint=N_("Apply the edition before it in its turn: Data, Import, “Compare with what is loaded”."),
            txn=txn,
        )


def _take_back(work: UnitOfWork, txn: int) -> None:
    try:
        work.undo(txn)
    except Conflict as error:
        if error.message != CHANGED_MEANWHILE:
            raise
        raise Conflict(
            N_("Since change {txn} something it touched was changed: a border was mended, say, or a hazard worked on."),
            hint=N_(
                "Undo what came after first, or make the opposite change: merge what was split, give the old name."
            ),
            txn=txn,
        ) from error


def _settle(work: UnitOfWork, traces: _Traces) -> None:
    """Let what came to name the areas since, a hazard of an hour ago, name those that are there again."""
    found: dict[Reference, str] = {}
    for top in _find_tops(traces.given):
        for item in hierarchy.load_references(work.connection, top):
            found[item] = _find_code_before(item, traces)
    hierarchy.save_references(work, found)
    work.touch(*{topic for item in found for topic in TOPICS_OF.get(item.table, ())})


def _find_tops(codes: Sequence[str] | dict[str, str]) -> list[str]:
    return [code for code in codes if not any(code != other and is_within(code, other) for other in codes)]


def _find_code_before(item: Reference, traces: _Traces) -> str:
    old = traces.given.get(item.code, "")
    if old:
        return old
    ended = traces.ended
    return find_heir(item, ended) or (ended[0][0] if ended else item.code)
