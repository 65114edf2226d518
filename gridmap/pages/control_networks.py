"""Control networks: the five layers, their sites, and who is within reach of them by road."""

from __future__ import annotations

from math import isfinite

import pandas as pd
import streamlit as st

from gridmap.i18n.formats import format_duration, format_number, format_share
from gridmap.i18n.labels import LABELS, label
from gridmap.pages import readings, state
from gridmap.pages.cards import draw_card
from gridmap.pages.map_area import draw_map_area, follow, place_of
from gridmap.pages.panel import FEW, Row, draw_rows, heading, panel
from gridmap.pages.state import Place, Thing
from gridmap.pages.visit import Visit
from gridmap.views.cards import draw_figures
from gridmap.views.map import CellFill, MapOverlay

NETWORKS = tuple(str(name) for name in LABELS["network"])


def draw(visit: Visit) -> None:
    """Choose a network and minutes; the map shows what is covered and where the gaps are."""
    _ = visit.translate
    follow("networks")
    network = st.session_state.get("network") or NETWORKS[0]
    minutes = st.session_state.get("network_minutes", 10)
    coverage = readings.compute_coverage(visit, network=network, minutes=minutes)
    gaps = frozenset(coverage.gaps)
    fill = CellFill(
        classes={int(cell): int(cell in gaps) for cell in coverage.cells["cell_id"]},
        scale="coverage",
        title=_("Within {minutes} minutes by road").format(minutes=minutes),
        labels=(_("Covered"), _("Gap")),
        counts=(coverage.covered_cells, coverage.total_cells - coverage.covered_cells),
    )
    draw_map_area(visit, "networks", layers=("units", "sites"), overlay=MapOverlay(cell_fill=fill))
    with panel(visit, _("Control networks")):
        st.pills(
            _("Network"),
            NETWORKS,
            default=NETWORKS[0],
            required=True,
            key="network",
            format_func=lambda name: label("network", name, _),
        )
        st.slider(_("Minutes by road"), 3, 30, 10, key="network_minutes")
        if (thing := state.THING.get()) is not None:
            draw_card(visit, thing)
        st.html(
            draw_figures(
                [
                    (format_share(coverage.covered_households_share), _("households covered")),
                    (
                        f"{format_number(coverage.covered_cells)} / {format_number(coverage.total_cells)}",
                        _("cells covered"),
                    ),
                ]
            )
        )
        _draw_gaps(visit, coverage.cells[coverage.cells["cell_id"].isin(gaps)])
        _draw_sites(visit, network)


def _draw_gaps(visit: Visit, gaps: pd.DataFrame) -> None:
    _ = visit.translate
    heading(_("Gaps ({number})").format(number=len(gaps)))
    rows = [
        Row(
            str(row.cell_id),
            row.name,
            format_duration(row.minutes * 60, _) if isfinite(row.minutes) else _("No road leads there"),
        )
        for row in gaps.sort_values("minutes", ascending=False).itertuples()
    ]
    key = draw_rows(visit, "gaps", rows, empty=_("Every cell is within reach."), step=FEW)
    if key is not None:
        cells = readings.load_cells(visit)
        state.look_at(Thing("cell", int(key)), place_of(cells[cells["id"] == int(key)]))
        st.rerun()


def _draw_sites(visit: Visit, network: str) -> None:
    _ = visit.translate
    sites = readings.list_sites(visit)
    sites = sites[sites["network"] == network]
    heading(_("Sites ({number})").format(number=len(sites)))
    rows = [Row(str(row.id), row.name, label("site_kind", row.kind, _)) for row in sites.itertuples()]
    key = draw_rows(visit, "sites", rows, empty=_("No site of this network is recorded."))
    if key is not None:
        site = sites[sites["id"] == int(key)].iloc[0]
        state.look_at(Thing("site", int(key)), Place(float(site["lon"]), float(site["lat"])))
        st.rerun()
