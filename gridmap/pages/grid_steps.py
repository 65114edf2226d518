"""Ctrl+Z and Ctrl+Shift+Z: the person's last change order is taken back, and done again.

The map hears the keys and names the order they mean, which the page told it with the last overlay. A component of
Streamlit repeats its last value, at worst in a new session: an order that is named is not taken back twice.
"""

from __future__ import annotations

from gridmap.domain.access import Permission
from gridmap.domain.change_orders import OrderState
from gridmap.i18n import Notice
from gridmap.pages import state
from gridmap.pages.map_panel import MapEvent
from gridmap.pages.visit import Visit, calm
from gridmap.services import change_order_decisions as decisions
from gridmap.services import change_order_history as history
from gridmap.services.change_order_history import Step


def find_keys(visit: Visit) -> tuple[int | None, int | None]:
    """Orders that the keys mean: the one to take back, the one to do again."""
    undo, redo = _find_own(visit)
    return undo.id if undo else None, redo.id if redo else None


def take_step(visit: Visit, event: MapEvent) -> None:
    """Do what a key asked for, with the rights and checks of the button, and say so on the next run."""
    _ = visit.translate

    def tell(notice: Notice) -> None:
        state.SAID.set(state.Said(notice.message, notice.hint, passing=True))

    undo, redo = _find_own(visit)
    step = undo if event.kind == "undo" else redo
    if step is None or event.ids != (step.id,):
        state.SAID.set(state.Said(_("The orders have changed since. Look at the list."), passing=True))
        return
    with calm(_, tell=tell):
        if event.kind == "undo":
            reason, work, done = _("Undo {number}"), decisions.undo_order, _("Order {number} is taken back.")
        else:
            reason, work, done = _("Redo {number}"), decisions.redo_order, _("Order {number} is done again.")
        placed = work(visit.context, visit.actor, order_id=step.id, reason=reason.format(number=step.number))
        if placed.state == OrderState.PENDING:
            done = _("What was asked of order {number} waits for approval.")
        state.SAID.set(state.Said(done.format(number=step.number), passing=True))


def _find_own(visit: Visit) -> tuple[Step | None, Step | None]:
    if not visit.may(Permission.REASSIGN_CELLS):
        return None, None
    return history.find_steps(history.list_orders(visit.context, visit.actor), account=visit.actor.name)
