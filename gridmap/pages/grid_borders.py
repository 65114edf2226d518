"""Borders of cells: overlaps and gaps with a repair that is seen before it is made, and rules about neighbours."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from gridmap.domain.access import Permission
from gridmap.domain.topology import SLIVER_M, Fault
from gridmap.i18n.formats import format_number, join_names
from gridmap.i18n.labels import label
from gridmap.pages import readings, state
from gridmap.pages.area_tree import draw_tree
from gridmap.pages.grid_orders import find_section
from gridmap.pages.grid_rules import draw_proposals, draw_rules, list_rule_marks
from gridmap.pages.panel import FEW, Row, act, draw_rows, heading
from gridmap.pages.state import Place
from gridmap.pages.visit import Visit
from gridmap.services import journal, topology
from gridmap.services.topology import MAX_TOLERANCE_M, MOST_CELLS, CellChange, RepairReport, TopologyReport
from gridmap.views.borders import draw_fault
from gridmap.views.cards import Column, draw_empty, draw_note, draw_table
from gridmap.views.map import BorderMark

_REPAIRS_SHOWN = 3
_CELLS_SHOWN = 20
_CODES_SHOWN = 3
_TOLD_M2 = 0.5
"""Less is not seen in areas of whole square metres."""


def draw_borders(visit: Visit) -> None:
    """Findings in the area chosen, their repair, and the rules."""
    _ = visit.translate
    area = state.AREA.get()
    with st.expander(_("Another area")):
        draw_tree(visit)
    report = _check(visit)
    if report is None:
        text = _("More than {limit} cells lie here: choose a smaller area.").format(limit=format_number(MOST_CELLS))
        st.html(draw_note(text, tone="warn"))
    else:
        _draw_findings(visit, report)
        if visit.may(Permission.IMPORT_DATA):
            _draw_repair(visit, report, area)
    draw_rules(visit)
    if visit.may(Permission.REASSIGN_CELLS):
        draw_proposals(visit, area)


def draw_new_findings(visit: Visit) -> None:
    """One line where borders are at fault, after an import or an edit of shapes, say."""
    if find_section() == "borders":
        return  # they are listed there
    _ = visit.translate
    report = _check(visit)
    if report is not None and report.faults:
        text = _("Findings at the borders of cells: {number}. See Borders.").format(number=len(report.faults))
        st.html(draw_note(text, tone="warn"))


def list_marks(visit: Visit, *, with_faults: bool) -> tuple[BorderMark, ...]:
    """What the map shows of borders: the rules, and the findings of the area chosen."""
    report = _check(visit) if with_faults else None
    faults = () if report is None else report.faults
    area, chosen = state.AREA.get(), state.FAULT.get()
    marks = [draw_fault(fault, chosen=(area, number) == chosen) for number, fault in enumerate(faults)]
    return (*marks, *list_rule_marks(visit, with_proposals=with_faults))


def _check(visit: Visit) -> TopologyReport | None:
    """The findings, None where there are more cells than are checked while somebody waits."""
    area = state.AREA.get()
    if int(readings.load_cells(visit)["code"].str.startswith(area).sum()) > MOST_CELLS:
        return None
    return readings.check_borders(visit, area_code=area)


def _draw_findings(visit: Visit, report: TopologyReport) -> None:
    _ = visit.translate
    heading(_("Findings ({number})").format(number=len(report.faults)))
    rows = [Row(str(n), _name(visit, fault), _codes(visit, report, fault)) for n, fault in enumerate(report.faults)]
    empty = _("The {number} cells here neither overlap nor leave gaps.").format(number=format_number(len(report.codes)))
    key = draw_rows(visit, "faults", rows, empty=empty, step=FEW)
    if key is not None:
        state.FAULT.set((state.AREA.get(), int(key)))
        state.fly(_place(report.faults[int(key)]))
        st.rerun()


def _name(visit: Visit, fault: Fault) -> str:
    text = visit.translate("{kind}: {area} m², {width} m wide")
    kind = label("border_fault", fault.kind.value, visit.translate)
    return text.format(kind=kind, area=_format(fault.area_m2), width=_format(fault.width_m))


def _format(value: float) -> str:
    return f"{value:,.1f}" if value < 100 else format_number(round(value))


def _codes(visit: Visit, report: TopologyReport, fault: Fault) -> str:
    return join_names(report.codes_of(fault), visit.translate, most=_CODES_SHOWN)


def _place(fault: Fault) -> Place:
    west, south, east, north = fault.shape_wgs84.bounds
    return Place((west + east) / 2, (south + north) / 2, (west, south, east, north))


# --- repair -------------------------------------------------------------------------------------------------------


def _draw_repair(visit: Visit, report: TopologyReport, area: str) -> None:
    _ = visit.translate
    if report.faults:
        heading(_("Repair"))
        tolerance = st.number_input(
            _("Widest fault that is mended, m"), 0.5, MAX_TOLERANCE_M, SLIVER_M, 0.5, key="repair_tolerance"
        )
        asked = (area, float(tolerance))
        st.button(_("Show what would change"), key="repair_show", on_click=state.REPAIR_SEEN.set, args=(asked,))
        if state.REPAIR_SEEN.get() == asked:
            _draw_repair_preview(visit, area, float(tolerance))
    _draw_done_repairs(visit)


def _draw_repair_preview(visit: Visit, area: str, tolerance_m: float) -> None:
    _ = visit.translate
    seen = readings.preview_repair(visit, area_code=area, tolerance_m=tolerance_m)
    if not seen.changes:
        st.html(draw_empty(_("Nothing here is as narrow as that.")))
        return
    _draw_changes(visit, seen)
    reason = st.text_input(_("Reason"), key="repair_reason", placeholder=_("It is kept in the journal"), live=True)
    repair = partial(_repair, area=area, tolerance_m=tolerance_m, reason=reason.strip())
    st.button(
        _("Mend the borders"),
        key="repair",
        type="primary",
        disabled=not reason.strip(),
        on_click=partial(act, visit, repair, done=_("Mended. It can be undone below.")),
    )


def _draw_changes(visit: Visit, seen: RepairReport) -> None:
    _ = visit.translate
    text = _("Findings mended: {mended}; left for a person to decide: {left}.")
    st.html(draw_note(text.format(mended=len(seen.mended), left=len(seen.left))))
    moved = sorted(seen.changes, key=_measure_change, reverse=True)
    moved = [change for change in moved if _measure_change(change) >= _TOLD_M2]
    rows = [
        (change.name or change.code, f"{_format(change.before_m2)} → {_format(change.after_m2)}")
        for change in moved[:_CELLS_SHOWN]
    ]
    st.html(draw_table([Column(_("Cell")), Column(_("Area, m²"), numeric=True)], rows))
    if len(moved) > _CELLS_SHOWN:
        st.html(draw_note(_("and {number} more").format(number=len(moved) - _CELLS_SHOWN)))
    if len(moved) < len(seen.changes):
        text = _("Cells that keep their area and only get the corners of their neighbours: {number}.")
        st.html(draw_note(text.format(number=len(seen.changes) - len(moved))))


def _measure_change(change: CellChange) -> float:
    return abs(change.after_m2 - change.before_m2)


def _repair(visit: Visit, *, area: str, tolerance_m: float, reason: str) -> None:
    topology.repair_topology(visit.context, visit.actor, area_code=area, tolerance_m=tolerance_m, reason=reason)
    state.REPAIR_SEEN.clear()
    state.FAULT.clear()


def _draw_done_repairs(visit: Visit) -> None:
    """The last repairs, to be taken back."""
    _ = visit.translate
    changes = journal.list_changes(visit.context, visit.actor, table_name="area")
    mine = changes[(changes["kind"] == topology.REPAIR) & changes["undone_by"].map(pd.isna).astype(bool)]
    for row in mine.head(_REPAIRS_SHOWN).itertuples():
        facts = {"number": row.txn_id, "who": row.actor, "reason": row.reason}
        st.html(draw_note(_("Repair {number} by {who}: {reason}").format(**facts)))
        undo = partial(_undo, txn_id=int(row.txn_id))
        st.button(
            _("Undo repair {number}").format(number=row.txn_id),
            key=f"undo_repair_{row.txn_id}",
            on_click=partial(act, visit, undo, done=_("Taken back: the borders are as before.")),
        )


def _undo(visit: Visit, *, txn_id: int) -> None:
    journal.undo_change(visit.context, visit.actor, txn_id=txn_id, reason=visit.translate("Undone on the page"))
