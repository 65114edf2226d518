"""Changes of areas that wait for their day, with what stands against them; whoever ordered one may withdraw it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from gridmap.domain.access import Permission, Role
from gridmap.i18n import describe_error
from gridmap.i18n.formats import join_names
from gridmap.i18n.labels import label
from gridmap.pages import readings
from gridmap.pages.panel import act
from gridmap.pages.visit import Visit
from gridmap.services.area_orders import PendingChange, withdraw_change
from gridmap.views.cards import draw_item, draw_note


def draw_pending_changes(visit: Visit) -> None:
    """Every change to come in the own area, by its day; nothing where none waits."""
    _ = visit.translate
    pending = readings.list_pending_changes(visit)
    if not pending:
        return
    title = _("Changes of areas to come ({number})").format(number=len(pending))
    doubtful = sum(change.obstacle is not None for change in pending)
    if doubtful:
        title = f"{title} · {_('with an obstacle: {number}').format(number=doubtful)}"
    with st.expander(title, expanded=doubtful > 0, key=f"area_pending_{doubtful}"):
        for change in pending:
            _draw_pending(visit, change)


def _draw_pending(visit: Visit, change: PendingChange) -> None:
    _ = visit.translate
    both = set(change.before) & set(change.after)  # areas above, whose borders alone follow
    before, after = (
        join_names((f"{code} {name}" for code, name in side if (code, name) not in both), _)
        for side in (change.before, change.after)
    )
    title = f"{change.effective_on.isoformat()} · {label('area_change', change.kind, _)}"
    said = _("{who}: {reason}").format(who=change.ordered_by, reason=change.reason)
    st.html(draw_item(title, f"{before} → {after} · {said}"))
    if change.obstacle is not None:
        notice = describe_error(change.obstacle, _)
        first = _("Not carried out.") if change.is_over else _("As things stand it will not be carried out.")
        st.html(draw_note(f"{first} {notice.message} {notice.hint}", tone="warn"))
    may_end = change.ordered_by == visit.actor.name or visit.actor.role is Role.ADMINISTRATOR
    if may_end and visit.may(Permission.REASSIGN_CELLS):
        st.button(
            _("Put away") if change.is_over else _("Withdraw"),
            key=f"area_withdraw_{change.number}",
            on_click=partial(act, visit, partial(_withdraw, number=change.number), done=_("Withdrawn.")),
        )


def _withdraw(visit: Visit, *, number: int) -> None:
    withdraw_change(visit.context, visit.actor, number=number)
