"""Data: what is loaded and from where, import with preview, export, devices, backup, the hazard kinds."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from gridmap.domain.access import Permission
from gridmap.i18n.formats import format_datetime, format_number
from gridmap.i18n.labels import label
from gridmap.pages import readings
from gridmap.pages.data_chiefs import draw_chiefs
from gridmap.pages.data_devices import draw_devices
from gridmap.pages.data_edition import draw_edition_map, shows_edition
from gridmap.pages.data_files import draw_backup, draw_export
from gridmap.pages.data_import import draw_import
from gridmap.pages.data_kinds import draw_kinds
from gridmap.pages.data_orders import draw_order_settings
from gridmap.pages.data_roads import SECTION, draw_roads, draw_roads_map
from gridmap.pages.data_teams import draw_teams
from gridmap.pages.data_workload import draw_weights
from gridmap.pages.data_zones import draw_zones
from gridmap.pages.map_area import draw_map_area
from gridmap.pages.panel import choose_section, heading, panel
from gridmap.pages.visit import Visit
from gridmap.views.cards import draw_empty, draw_facts

_SECTION = "data_section"


def draw(visit: Visit) -> None:
    """Map of what is loaded; beside it one section at a time."""
    _ = visit.translate
    chosen = st.session_state.get(_SECTION)
    if chosen == SECTION:
        draw_roads_map(visit)
    elif chosen == "import" and shows_edition():
        draw_edition_map(visit)
    else:
        draw_map_area(visit, "data", layers=("stations",), select="none")
    sections: dict[str, tuple[str, Callable[[Visit], None]]] = {"loaded": (_("Loaded"), _draw_loaded)}
    sections[SECTION] = (_("Roads"), draw_roads)
    if visit.may(Permission.IMPORT_DATA):
        sections["import"] = (_("Import"), draw_import)
        sections["teams"] = (_("Teams"), draw_teams)
        sections["zones"] = (_("Protection zones"), draw_zones)
        sections["chiefs"] = (_("Section chiefs"), draw_chiefs)
    if visit.may(Permission.EXPORT_DATA):
        sections["export"] = (_("Export"), draw_export)
    if visit.may(Permission.MANAGE_ACCOUNTS):
        sections["devices"] = (_("Devices"), draw_devices)
        sections["backup"] = (_("Backup"), draw_backup)
        sections["orders"] = (_("Change orders"), draw_order_settings)
    if visit.may(Permission.REASSIGN_CELLS) and not visit.actor.scope_code:
        sections["workload"] = (_("Workload"), draw_weights)
    if visit.may(Permission.MANAGE_KINDS) and not visit.actor.scope_code:
        sections["kinds"] = (_("Hazard kinds"), draw_kinds)
    with panel(visit, _("Data")):
        choose_section(visit, sections, key=_SECTION)(visit)


def _draw_loaded(visit: Visit) -> None:
    _ = visit.translate
    sources = readings.list_sources(visit)
    if sources.empty:
        st.html(draw_empty(_("Nothing is loaded yet. An administrator can import a file here.")))
        return
    for row in sources.itertuples():
        heading(row.name)
        facts = [
            (_("Kind"), label("source_kind", row.kind, _)),
            (_("Real or simulated"), _("Synthetic demo data") if row.synthetic else _("Real data")),
            (_("State of the data"), format_datetime(row.data_as_of)),
            (_("Imported"), format_datetime(row.imported_at)),
            (_("Rows"), format_number(row.rows)),
            (_("Coordinates"), row.crs),
            (_("Attribution"), row.attribution),
            (_("Licence"), row.licence),
        ]
        st.html(draw_facts((name, value) for name, value in facts if value))
