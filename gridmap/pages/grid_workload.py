"""What units carry: the list by deviation from the fair share, one unit with its figures, the map in seven tones."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import streamlit as st

from gridmap.i18n import Translate
from gridmap.i18n.formats import format_area, format_distance, format_duration, format_number
from gridmap.pages import readings, state
from gridmap.pages.map_area import place_of
from gridmap.pages.panel import FEW, Row, draw_rows, heading
from gridmap.pages.state import Place
from gridmap.pages.visit import Visit
from gridmap.services.workload import Workload
from gridmap.views.cards import draw_facts, draw_figures, draw_note
from gridmap.views.map import CellFill

_STEPS = (-0.50, -0.20, -0.05, 0.05, 0.20, 0.50)
"""Deviations at which the map takes the next tone."""

_MOST = 500
"""Units that one list holds; of a whole province there are thousands."""


def draw_workload(visit: Visit) -> None:
    """Units of the area that is open, the one with most work over its fair share first."""
    _ = visit.translate
    heading(_("Work of the units in {area}").format(area=name_area(visit)))
    if is_too_wide(visit):
        st.html(draw_note(_("Choose a smaller area in the section Units: this one has too many units to compare.")))
        return
    found = readings.measure_units(visit, area_code=state.AREA.get())
    units = found.units
    if len(units):
        worst = units.loc[units["deviation"].abs().idxmax()]
        apart = int((units["parts"] > 1).sum())
        figures = [(format_deviation(worst["deviation"]), _("largest deviation")), (str(apart), _("units in parts"))]
        st.html(draw_figures(figures))
    if not found.has_roads:
        st.html(draw_note(_("No roads are loaded, so no travel times are known."), tone="warn"))
    chosen = units[units["id"] == state.UNIT.get()]
    for row in chosen.itertuples():
        _draw_unit(visit, row)
    # Units without a cell carry no share: they come last.
    ordered = units.sort_values("cells", key=lambda cells: cells == 0, kind="stable")
    rows = [Row(str(row.id), row.name, _describe(row, _), _tone(row)) for row in ordered.itertuples()]
    key = draw_rows(visit, "workload", rows, empty=_("No unit here."), step=2 * FEW)
    if key is not None:
        show_unit(visit, int(key))
        st.rerun()
    st.html(draw_note(_("A fair share is the work of all cells of an area, over the units of that area.")))


def name_area(visit: Visit) -> str:
    """Name of the area that is open in the tree, of the whole scope where none is."""
    code, tree = state.AREA.get(), readings.load_tree(visit)
    found = tree.loc[tree["code"] == code, "name"]
    return str(found.iloc[0]) if len(found) else readings.load_scope_name(visit)


def is_too_wide(visit: Visit) -> bool:
    """Whether the area that is open has more units than a person compares."""
    return int(readings.list_units(visit)["area_code"].str.startswith(state.AREA.get()).sum()) > _MOST


def format_deviation(deviation: float) -> str:
    """A deviation from the fair share with its sign, `+12%`; `0%` where it is none to speak of."""
    return "0%" if abs(deviation) < 0.005 else f"{deviation:+.0%}".replace("-", "−")


def show_unit(visit: Visit, unit_id: int) -> None:
    """Choose a unit and move the map to its cells."""
    units, cells = readings.list_units(visit), readings.load_cells(visit)
    unit, mine = units[units["id"] == unit_id].iloc[0], cells[cells["unit_id"] == unit_id]
    state.UNIT.set(unit_id)
    state.fly(place_of(mine) if len(mine) else Place(float(unit["lon"]), float(unit["lat"])))


def _describe(row: Any, _: Translate) -> str:
    if not row.cells:
        return _("no cells")
    parts = [
        format_deviation(row.deviation),
        _("{number} households").format(number=format_number(row.households)),
        _("farthest cell {time}").format(time=format_duration(60 * row.minutes, _)) if row.minutes >= 0 else "",
    ]
    return " · ".join(part for part in parts if part)


def _tone(row: Any) -> str:
    if not row.cells:
        return "gray"
    if abs(row.deviation) <= _STEPS[3]:
        return "green"
    return "gray" if abs(row.deviation) <= _STEPS[4] else "red" if row.deviation > 0 else "blue"


def _draw_unit(visit: Visit, row: Any) -> None:
    _ = visit.translate
    facts = [
        (_("Deviation from the fair share"), format_deviation(row.deviation)),
        (_("Cells"), format_number(row.cells)),
        (_("Households"), format_number(row.households)),
        (_("Ground"), format_area(row.area_km2 * 1e6, _)),
        (_("Open hazards"), format_number(row.hazards)),
        (_("Places to check"), format_number(row.sites)),
        (_("Railway"), format_distance(row.rail_km * 1000, _)),
        (_("Farthest cell by road"), format_duration(60 * row.minutes, _)),
        (_("Cells no road leads to"), format_number(row.unreached) if row.minutes >= 0 else "–"),
        (_("Compactness"), f"{row.compactness:.2f}"),
        (_("Separate parts"), format_number(row.parts)),
    ]
    heading(row.name)
    st.html(draw_facts(facts))


# --- map ----------------------------------------------------------------------------------------------------------


def build_workload_fill(visit: Visit) -> CellFill | None:
    """Cells in the tone of their unit's deviation, with its legend."""
    if is_too_wide(visit):
        return None
    found: Workload = readings.measure_units(visit, area_code=state.AREA.get())
    units = found.units[found.units["cells"] > 0]
    tone = dict(zip(units["id"], np.searchsorted(_STEPS, units["deviation"]).tolist(), strict=True))
    cells = readings.load_cells(visit)
    classes = {int(cell): tone[unit] for cell, unit in zip(cells["id"], cells["unit_id"], strict=True) if unit in tone}
    return CellFill(
        classes=classes,
        scale="sequential",
        title=visit.translate("Units by deviation from the fair share"),
        labels=_write_labels(visit.translate),
        counts=tuple(np.bincount(list(tone.values()), minlength=len(_STEPS) + 1).tolist()),
    )


def _write_labels(_: Translate) -> tuple[str, ...]:
    marks = [format_deviation(step) for step in _STEPS]
    between = [_("{low} to {high}").format(low=low, high=high) for low, high in pairwise(marks)]
    return (_("below {value}").format(value=marks[0]), *between, _("above {value}").format(value=marks[-1]))
