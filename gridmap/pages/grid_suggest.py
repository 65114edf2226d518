"""Better territories: what is asked, the search, alternatives side by side, and the order that takes one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from gridmap.domain.days import local_day
from gridmap.domain.districting.proposals import AIM_WORDS, Proposal, Wishes
from gridmap.domain.districting.search import Effort
from gridmap.i18n import Translate
from gridmap.i18n.formats import format_number
from gridmap.i18n.labels import label
from gridmap.pages import readings, state
from gridmap.pages.grid_legend import explain_gains
from gridmap.pages.grid_orders import SECTION
from gridmap.pages.grid_workload import format_deviation, is_too_wide, name_area
from gridmap.pages.job_panel import draw_job
from gridmap.pages.map_area import place_of
from gridmap.pages.panel import act, heading
from gridmap.pages.unit_choice import choose_unit
from gridmap.pages.visit import Visit, calm
from gridmap.services import suggestions
from gridmap.services.change_order_rules import load_settings
from gridmap.services.grids import UnitFigures
from gridmap.services.suggestion_posing import Goal, SuggestionRequest, pose_suggestion
from gridmap.services.suggestions import Alternative, PlanFigures, Suggestion
from gridmap.views.cards import Cell, Column, draw_empty, draw_note, draw_table
from gridmap.views.map import CellFill

_ASKED = (
    "suggest_goal",
    "suggest_tolerance",
    "suggest_most",
    "suggest_kept",
    "suggest_weight",
    "suggest_heal",
    "suggest_seconds",
    "suggest_unit",
    "suggest_unit_text",
    "suggest_name",
    "suggest_count",
    "suggest_begin",
)
_HUES = 6


def draw_suggestions(visit: Visit) -> None:
    """The form, the work, or what was found."""
    _ = visit.translate
    heading(_("Better territories for {area}").format(area=name_area(visit)))
    if state.SUGGEST_JOB.get():
        state.hold(*_ASKED)
        st.html(draw_note(_("Stopping shows the best that was found by then.")))
        draw_job(visit, state.SUGGEST_JOB, finish=partial(_finish, visit))
        return
    found = state.SUGGESTION.get()
    if found is not None:
        state.hold(*_ASKED)
        st.button(_("Ask for something else"), key="suggest_again", on_click=state.SUGGESTION.clear)
        _draw_found(visit, found)
        return
    if is_too_wide(visit):
        st.html(draw_note(_("Choose a smaller area in the section Units: this one has too many units to compare.")))
        return
    _draw_form(visit)


# --- what is asked ------------------------------------------------------------------------------------------------


def _draw_form(visit: Visit) -> None:
    _ = visit.translate
    goal = st.selectbox(
        _("What is to be done"),
        list(Goal),
        format_func=lambda goal: label("suggestion_goal", goal.value, _),
        filter_mode=None,
        key="suggest_goal",
    )
    extra = _draw_goal(visit, Goal(goal or Goal.REBALANCE))
    tolerance = st.slider(_("A unit may differ from its fair share by, %"), 1, 30, 5, key="suggest_tolerance")
    most = st.number_input(_("Cells that move at most (0: as many as it takes)"), 0, value=0, key="suggest_most")
    with st.expander(_("More wishes")):
        kept = st.slider(_("Compactness that is kept at least, %"), 50, 100, 95, step=5, key="suggest_kept")
        weight = st.slider(_("How much compactness counts"), 0.0, 5.0, 0.0, step=0.5, key="suggest_weight")
        heal = st.toggle(_("Give parts that lie apart to a neighbour"), key="suggest_heal")
        seconds = st.slider(_("Seconds to search"), 2, 60, 5, key="suggest_seconds")
    wishes = Wishes(
        tolerance=tolerance / 100,
        most_moves=most or None,
        compactness_weight=weight,
        compactness_kept=kept / 100,
        heal=heal,
    )
    request = SuggestionRequest(
        goal=Goal(goal or Goal.REBALANCE),
        area_code=state.AREA.get(),
        wishes=wishes,
        effort=Effort(seconds=float(seconds)),
        **extra,
    )
    st.html(draw_note(_("Locked cells stay, no cell leaves its area, and no unit is torn apart.")))
    ready = request.goal is not Goal.ABSORB or request.unit_id is not None
    if st.button(_("Suggest"), type="primary", key="suggest_start", disabled=not ready):
        with calm(_):
            _start(visit, request)


def _draw_goal(visit: Visit, goal: Goal) -> dict[str, Any]:
    """What only this goal asks for."""
    _ = visit.translate
    units = readings.list_units(visit)
    units = units[units["area_code"].str.startswith(state.AREA.get()) & (units["cells"] > 0)]
    if goal is Goal.ABSORB:
        chosen = choose_unit(
            visit, _("Unit that closes"), key="suggest_unit", placeholder=_("Choose a unit"), among=units
        )
        return {"unit_id": chosen}
    if goal is Goal.STAFF:
        return {"name": _draw_name(visit), "begin_cell_id": _draw_begin(visit)}
    if goal is Goal.AFRESH:
        count = st.number_input(_("Number of units"), 1, value=max(len(units), 1), key="suggest_count")
        return {"count": int(count), "name": _draw_name(visit) if count > len(units) else ""}
    return {}


def _draw_name(visit: Visit) -> str:
    _ = visit.translate
    return st.text_input(_("Name of the new unit"), key="suggest_name", live=True).strip()


def _draw_begin(visit: Visit) -> int | None:
    """The cell whose code is given, a number that no cell has for a code that is none's."""
    _ = visit.translate
    code = st.text_input(
        _("Code of the cell it begins at"), key="suggest_begin", placeholder=_("Empty: where most is to do"), live=True
    ).strip()
    cells = readings.load_cells(visit)
    return next(iter(cells.loc[cells["code"] == code, "id"].astype(int)), 0) if code else None


def _start(visit: Visit, request: SuggestionRequest) -> None:
    """Whatever stands against the request is said at once; the search itself is for a worker."""
    posed = pose_suggestion(visit.context, visit.actor, request=request)
    state.SUGGEST_POSED.set(posed)
    jobs = visit.context.jobs
    state.SUGGEST_JOB.set(jobs.submit_for(visit.actor.name, "suggestion", suggestions.suggestion_job, posed))
    st.rerun()


def _finish(visit: Visit, proposals: Sequence[Proposal]) -> None:
    posed = state.SUGGEST_POSED.get()
    if posed is None:
        return
    found = suggestions.judge_proposals(visit.context, visit.actor, posed=posed, proposals=proposals)
    state.SUGGEST_POSED.clear()
    state.SUGGESTION.set(found)
    _fly_to(visit, found.alternatives[0])


def _fly_to(visit: Visit, chosen: Alternative) -> None:
    cells = readings.load_cells(visit)
    if len(moved := cells[cells["id"].isin(list(chosen.owners))]):
        state.fly(place_of(moved))


# --- what was found -----------------------------------------------------------------------------------------------


def find_alternative() -> Alternative | None:
    """The alternative that is looked at."""
    found = state.SUGGESTION.get()
    return None if found is None else found.alternatives[_number(found)]


def _number(found: Suggestion) -> int:
    return min(int(st.session_state.get("suggest_alternative") or 0), len(found.alternatives) - 1)


def _draw_found(visit: Visit, found: Suggestion) -> None:
    _ = visit.translate
    names = [_(AIM_WORDS[one.aim]) for one in found.alternatives]
    st.segmented_control(
        _("Alternative"),
        range(len(names)),
        default=0,
        required=True,
        format_func=names.__getitem__,
        key="suggest_alternative",
        label_visibility="collapsed",
    )
    chosen = found.alternatives[_number(found)]
    st.html(draw_table(*_compare(found, names, _)))
    if not chosen.owners:
        st.html(draw_empty(_("No move makes this better: every unit is as near to its fair share as it can be.")))
        return
    if chosen.balanced:
        st.html(
            draw_note(_("Every unit is within {share} % of its fair share.").format(share=_share(found)), tone="good")
        )
    else:
        text = _("Not every unit comes within {share} %: this is the nearest that was found.")
        st.html(draw_note(text.format(share=_share(found)), tone="warn"))
    st.html(draw_note(_("On the map cells have the colour of their new unit; those that would move are outlined.")))
    _draw_order(visit, found, chosen)
    heading(_("Units"))
    st.html(draw_table(*_list_units(chosen, _)))


def _share(found: Suggestion) -> str:
    return f"{100 * found.request.wishes.tolerance:g}"


def _compare(found: Suggestion, names: Sequence[str], _: Translate) -> tuple[list[Column], list[list[str | Cell]]]:
    """A column for each alternative, and one for today."""
    plans = [found.alternatives[0].before, *(one.after for one in found.alternatives)]
    moved = [
        [_("Cells moved"), "–", *(format_number(len(one.owners)) for one in found.alternatives)],
        [_("Households moved"), "–", *(format_number(one.households) for one in found.alternatives)],
    ]
    rows: list[list[str | Cell]] = [[*row] for row in moved]
    rows += [[name, *values] for name, values in _write_plans(plans, _)]
    columns = [Column(""), Column(_("Today"), numeric=True), *(Column(name, numeric=True) for name in names)]
    return columns, rows


def _write_plans(plans: Sequence[PlanFigures], _: Translate) -> list[tuple[str, list[str]]]:
    return [
        (_("Largest deviation"), [f"±{plan.deviation:.0%}" for plan in plans]),
        (_("Compactness"), [f"{plan.compactness:.2f}" for plan in plans]),
        (_("Farthest cell, min"), [format_number(plan.minutes) for plan in plans]),
        (_("Parts lying apart"), [format_number(plan.strays) for plan in plans]),
    ]


def _list_units(chosen: Alternative, _: Translate) -> tuple[list[Column], list[list[str | Cell]]]:
    """Units that gain or lose a cell: those that begin first, then the ones furthest from their share."""
    touched = [unit for unit in chosen.units if unit.before != unit.after]
    touched.sort(key=lambda unit: (unit.unit_id not in chosen.begins, -abs(unit.before.deviation)))
    rows: list[list[str | Cell]] = [
        [
            unit.name,
            f"{_write_cells(unit.before)} → {_write_cells(unit.after)}",
            f"{_write_deviation(unit.before)} → {_write_deviation(unit.after)}",
        ]
        for unit in touched
    ]
    return [Column(_("Unit")), Column(_("Cells"), numeric=True), Column(_("Deviation"), numeric=True)], rows


def _write_cells(figures: UnitFigures) -> str:
    return format_number(figures.cells)


def _write_deviation(figures: UnitFigures) -> str:
    return format_deviation(figures.deviation) if figures.cells else "–"


def _draw_order(visit: Visit, found: Suggestion, chosen: Alternative) -> None:
    _ = visit.translate
    today = local_day(visit.now)
    needs_approval = load_settings(visit.context, visit.actor).need_approval
    day = st.date_input(
        _("Takes effect on"), value=today, min_value=today, format="YYYY-MM-DD", key="suggest_day", width="stretch"
    )
    reason = st.text_input(
        _("Reason"), key="suggest_reason", placeholder=_("It is kept in the journal"), live=True
    ).strip()
    done = _("Placed. It waits until somebody else approves it.") if needs_approval else _("Ordered. It can be undone.")
    place = partial(_place, found=found, choice=found.alternatives.index(chosen), reason=reason, day=day)
    st.button(
        _("Send for approval") if needs_approval else _("Order this"),
        type="primary",
        disabled=not reason,
        key="suggest_order",
        on_click=partial(act, visit, place, done=done),
    )


def _place(visit: Visit, *, found: Suggestion, choice: int, reason: str, day: Any) -> None:
    placed = suggestions.order_suggestion(
        visit.context, visit.actor, suggestion=found, choice=choice, reason=reason, effective_on=day
    )
    state.SUGGESTION.clear()
    state.ORDER.set(placed.id)
    st.session_state[SECTION] = "orders"


# --- map ----------------------------------------------------------------------------------------------------------


def list_moving_cells() -> tuple[int, ...]:
    """Cells that would change hands in the alternative that is looked at."""
    chosen = find_alternative()
    return () if chosen is None else tuple(chosen.owners)


def build_suggestion_fill(visit: Visit) -> CellFill | None:
    """Every cell of the units that take part in the hue it would have."""
    chosen = find_alternative()
    if chosen is None:
        return None
    units, cells = readings.list_units(visit), readings.load_cells(visit)
    hue = {int(unit): int(colour) for unit, colour in zip(units["id"], units["color"], strict=True)}
    today = {int(cell): int(unit) for cell, unit in zip(cells["id"], cells["unit_id"].fillna(0), strict=True)}
    hue |= {unit: _choose_hue(chosen, unit, today, hue) for unit in chosen.begins}
    part = {unit.unit_id for unit in chosen.units}
    after = {cell: chosen.owners.get(cell, unit) for cell, unit in today.items()}
    title = visit.translate("Cells by the unit they would go to")
    begins = {unit.unit_id: unit.name for unit in chosen.units if unit.unit_id in chosen.begins}
    legend = explain_gains(visit, title, gained=chosen.owners.values(), hue=hue, begins=begins)
    classes = {cell: hue[unit] for cell, unit in after.items() if unit in part and unit in hue}
    return CellFill(classes=classes, **legend)


def _choose_hue(chosen: Alternative, unit: int, today: dict[int, int], hue: dict[int, int]) -> int:
    """The hue that fewest of those have who give cells to a new unit."""
    givers = Counter(hue.get(today.get(cell, 0), 0) for cell, to in chosen.owners.items() if to == unit)
    return min(range(_HUES), key=lambda tone: (givers[tone], tone))
