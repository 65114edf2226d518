"""Barriers between neighbours, cells joined by hand: set for two cells, proposed along railways or water, lifted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import geopandas as gpd
import streamlit as st

from gridmap.domain.access import Permission
from gridmap.i18n.formats import format_number
from gridmap.i18n.labels import label
from gridmap.pages import readings, state
from gridmap.pages.map_area import place_of
from gridmap.pages.panel import FEW, Row, act, draw_rows, heading
from gridmap.pages.visit import Visit
from gridmap.services import adjacency_rules
from gridmap.services.adjacency_rules import Obstacle
from gridmap.views.borders import draw_rule
from gridmap.views.cards import Column, draw_empty, draw_note, draw_table
from gridmap.views.map import BorderMark

_PAIRS_SHOWN = 50


def list_rule_marks(visit: Visit, *, with_proposals: bool) -> list[BorderMark]:
    """Rules for the map, and what was proposed last."""
    rules, chosen = readings.list_rules(visit), state.RULE.get()
    marks = [draw_rule(row.kind, row.geometry, chosen=row.id == chosen) for row in rules.itertuples()]
    asked = state.PROPOSED.get()
    if with_proposals and asked is not None and visit.may(Permission.REASSIGN_CELLS):
        marks += [draw_rule("proposal", shape) for shape in _propose(visit, *asked).geometry]
    return marks


def draw_rules(visit: Visit) -> None:
    """The rules in scope; the one clicked can be lifted."""
    _ = visit.translate
    rules = readings.list_rules(visit)
    heading(_("Barriers and joins ({number})").format(number=len(rules)))
    rows = [
        Row(str(row.id), _name_pair(row), " · ".join((label("adjacency_rule", row.kind, _), row.reason, row.set_by)))
        for row in rules.itertuples()
    ]
    empty = _("None yet. Choose two cells on the map to set one.")
    key = draw_rows(visit, "rules", rows, empty=empty, step=FEW)
    if key is not None:
        state.RULE.set(int(key))
        state.fly(place_of(rules[rules["id"] == int(key)]))
        st.rerun()
    chosen = rules[rules["id"] == state.RULE.get()]
    if len(chosen) and visit.may(Permission.REASSIGN_CELLS):
        _draw_lifting(visit, chosen)


def _draw_lifting(visit: Visit, chosen: gpd.GeoDataFrame) -> None:
    _ = visit.translate
    rule = next(chosen.itertuples())
    reason = st.text_input(
        _("Why is {pair} lifted").format(pair=_name_pair(rule)), key=f"lift_reason_{rule.id}", live=True
    ).strip()
    lift = partial(_lift, rule_id=int(rule.id), reason=reason)
    done = partial(act, visit, lift, done=_("Lifted: the border is as it was drawn."))
    st.button(_("Lift"), key="lift_rule", disabled=not reason, on_click=done)


def _lift(visit: Visit, *, rule_id: int, reason: str) -> None:
    adjacency_rules.lift_rules(visit.context, visit.actor, rule_ids=[rule_id], reason=reason)
    state.RULE.clear()


def _name_pair(row: Any) -> str:
    return f"{row.first_name or row.first_code} – {row.second_name or row.second_code}"


# --- for two cells ------------------------------------------------------------------------------------------------


def draw_pairing(visit: Visit, cells: tuple[int, ...]) -> None:
    """Set a barrier between the two cells chosen, or join them."""
    _ = visit.translate
    with st.expander(_("Barrier or join")):
        rules = readings.list_rules(visit)
        held = rules[rules["first_id"].isin(cells) & rules["second_id"].isin(cells)]
        for row in held.itertuples():
            facts = {"rule": label("adjacency_rule", row.kind, _), "who": row.set_by, "reason": row.reason}
            st.html(draw_note(_("{rule}, set by {who}: {reason}").format(**facts), tone="warn"))
        if len(held):
            _draw_lifting(visit, held)
            return
        reason = st.text_input(_("Why"), key="rule_reason", placeholder=_("River, railway, bridge …"), live=True)
        acts = {
            "barrier": (_("Set a barrier"), adjacency_rules.set_barriers, _("Set. The two no longer hold together.")),
            "join": (_("Join by hand"), adjacency_rules.set_joins, _("Joined. The two hold together.")),
        }
        with st.container(horizontal=True):
            for key, (name, work, done) in acts.items():
                call = partial(_set, work=work, pairs=[(min(cells), max(cells))], reason=reason.strip())
                then = partial(act, visit, call, done=done)
                st.button(name, key=f"set_{key}", disabled=not reason.strip(), on_click=then)


def _set(visit: Visit, *, work: Callable[..., object], pairs: list[tuple[int, int]], reason: str) -> None:
    work(visit.context, visit.actor, pairs=pairs, reason=reason)


# --- along a railway or water -------------------------------------------------------------------------------------


def draw_proposals(visit: Visit, area: str) -> None:
    """Borders along a railway or water that nothing crosses, to be confirmed as one change."""
    _ = visit.translate
    heading(_("Along a railway or water"))
    st.html(draw_note(_("Borders that follow it for most of their length, and that no road or path crosses.")))
    with st.container(horizontal=True):
        for obstacle in Obstacle:
            name = label("obstacle", obstacle.value, _)
            asked = (area, obstacle)
            st.button(name, key=f"propose_{obstacle}", on_click=state.PROPOSED.set, args=(asked,))
    if (proposed := state.PROPOSED.get()) is not None and proposed[0] == area:
        _draw_proposed(visit, _propose(visit, *proposed))


def _propose(visit: Visit, area: str, obstacle: Obstacle) -> gpd.GeoDataFrame:
    return readings.propose_barriers(visit, area_code=area, obstacle=obstacle)


def _draw_proposed(visit: Visit, found: gpd.GeoDataFrame) -> None:
    _ = visit.translate
    if found.empty:
        st.html(draw_empty(_("No border here follows it without a crossing.")))
        return
    rows = [
        (_name_pair(row), format_number(round(row.border_m)), format_number(round(row.along_m)))
        for row in found.head(_PAIRS_SHOWN).itertuples()
    ]
    columns = [Column(_("Neighbours")), Column(_("Border, m"), numeric=True), Column(_("along it, m"), numeric=True)]
    st.html(draw_table(columns, rows))
    if len(found) > _PAIRS_SHOWN:
        st.html(draw_note(_("and {number} more").format(number=len(found) - _PAIRS_SHOWN)))
    st.button(_("Show on the map"), key="propose_fly", on_click=state.fly, args=(place_of(found),))
    reason = st.text_input(_("Reason"), key="propose_reason", placeholder=_("It is kept in the journal"), live=True)
    pairs = [(int(row.first_id), int(row.second_id)) for row in found.itertuples()]
    confirm = partial(_confirm, pairs=pairs, reason=reason.strip())
    st.button(
        _("Set the barriers ({number})").format(number=len(found)),
        key="propose_confirm",
        type="primary",
        disabled=not reason.strip(),
        on_click=partial(act, visit, confirm, done=_("Set. They are in the list of barriers.")),
    )


def _confirm(visit: Visit, *, pairs: list[tuple[int, int]], reason: str) -> None:
    adjacency_rules.set_barriers(visit.context, visit.actor, pairs=pairs, reason=reason)
    state.PROPOSED.clear()
