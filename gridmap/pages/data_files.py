"""Files taken away: exports for other programs, and the backup."""

from __future__ import annotations

import tempfile
from pathlib import Path

import streamlit as st

from gridmap.pages.visit import Visit
from gridmap.services import backup, exports
from gridmap.views.cards import draw_note

FORMATS = {"gpkg": "GeoPackage", "geojson": "GeoJSON"}
MIME = {"gpkg": "application/geopackage+sqlite3", "geojson": "application/zip"}


def draw_export(visit: Visit) -> None:
    """Everything in scope as one file."""
    _ = visit.translate
    st.html(draw_note(_("Areas, railways, hazards, sites and teams of your area, WGS-84.")))
    chosen = st.segmented_control(
        _("Format"), list(FORMATS), default="gpkg", required=True, format_func=FORMATS.__getitem__, key="export_format"
    )
    if st.button(_("Prepare the file"), key="export_prepare"):
        with st.spinner(_("Preparing the file")):
            filename, content = exports.export_bytes(visit.context, visit.actor, format=chosen or "gpkg")
        st.download_button(
            _("Download {name}").format(name=filename), content, file_name=filename, mime=MIME[chosen or "gpkg"]
        )


def draw_backup(visit: Visit) -> None:
    """The whole database as one archive."""
    _ = visit.translate
    st.html(draw_note(_("One archive holds everything. Keep it away from this computer.")))
    if st.button(_("Make a backup"), key="backup_make"):
        with st.spinner(_("Making the backup")), tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / f"gridmap-{visit.now:%Y%m%d-%H%M}.zip"
            backup.backup(visit.context, visit.actor, target=target)
            st.download_button(
                _("Download {name}").format(name=target.name), target.read_bytes(), file_name=target.name
            )
