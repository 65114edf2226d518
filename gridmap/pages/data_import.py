"""Import: choose a file, see what is in it, read it in with progress, and account for every object."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from gridmap.i18n.formats import format_duration, format_number
from gridmap.i18n.labels import label
from gridmap.pages import readings, state
from gridmap.pages.data_edition import COMPARING, draw_applied, draw_edition, follow_import, name_upload
from gridmap.pages.job_panel import draw_job
from gridmap.pages.panel import heading
from gridmap.pages.uploads import drop_upload, keep_upload
from gridmap.pages.visit import Visit
from gridmap.services import imports
from gridmap.services.imports import ImportPreview
from gridmap.views.cards import Column, draw_empty, draw_facts, draw_figures, draw_note, draw_table

REJECTED_SHOWN = 200


def draw_import(visit: Visit) -> None:
    """One file from choosing to its report."""
    _ = visit.translate
    if state.IMPORT_JOB.get():
        heading(_("Importing"))
        draw_job(visit, state.IMPORT_JOB, finish=state.IMPORT_REPORT.set)
        return
    if state.EDITION_JOB.get():
        heading(_("Applying the edition"))
        draw_job(visit, state.EDITION_JOB, finish=_finish_edition)
        return
    upload = st.file_uploader(_("File"), key=name_upload(), label_visibility="collapsed")
    st.html(
        draw_note(_("OpenStreetMap extract (.osm.pbf, .osm), or areas as GeoJSON, GeoPackage or zipped Shapefile."))
    )
    if upload is not None:
        _draw_preview(visit, keep_upload(visit, state.UPLOAD, upload))
        return
    drop_upload(state.UPLOAD)
    applied = state.EDITION_REPORT.get()
    if applied is not None:
        draw_applied(visit, applied)
    report = state.IMPORT_REPORT.get()
    if report is not None:
        draw_report(visit, report)


def _draw_preview(visit: Visit, path: Path) -> None:
    _ = visit.translate
    preview = readings.preview_file(visit, path=path)
    heading(_("What is in the file"))
    st.html(
        draw_facts(
            [
                (_("Kind"), label("source_kind", preview.kind, _)),
                (_("Objects"), format_number(preview.rows)),
                (_("Coordinates"), preview.crs or _("unknown")),
            ]
        )
    )
    options = _draw_options(visit, preview)
    if preview.columns and not (options["code_column"] and options["name_column"]):
        st.html(draw_note(_("Say which columns hold the code and the name of each area."), tone="warn"))
        return
    if preview.columns and st.toggle(_("Compare with what is loaded, as a new edition"), key=COMPARING):
        draw_edition(visit, path=path, options=options)
        return
    if st.button(_("Import"), type="primary", key="import_start"):
        job = visit.context.jobs.submit_for(
            visit.actor.name, "import", imports.import_job, visit.context.settings, visit.actor, path, options
        )
        state.IMPORT_REPORT.clear()
        follow_import(state.IMPORT_JOB, job)


def _finish_edition(report: dict[str, Any]) -> None:
    state.EDITION_REPORT.set(report)
    state.IMPORT_REPORT.clear()


def _draw_options(visit: Visit, preview: ImportPreview) -> dict[str, Any]:
    """What the file does not say itself: keyword arguments of the import."""
    _ = visit.translate
    options: dict[str, Any] = {}
    if preview.columns:
        columns = list(preview.columns)
        fields = (
            ("code", _("Column of the code"), preview.code_column),
            ("name", _("Column of the name"), preview.name_column),
            ("household", _("Column of the households, if there is one"), preview.household_column),
        )
        for field, title, guess in fields:
            options[f"{field}_column"] = _choose_column(visit, title, columns, guess=guess, key=f"import_{field}")
    if preview.suspected_gcj02:
        st.html(draw_note(_("The coordinates look shifted as Chinese public maps are (GCJ-02)."), tone="warn"))
        shifted = st.toggle(_("Convert from GCJ-02 to WGS-84"), value=True, key="import_gcj02")
        options["datum"] = "gcj02" if shifted else "wgs84"
    options["replace"] = st.toggle(_("Replace the data loaded before"), key="import_replace")
    return options


def _choose_column(visit: Visit, title: str, columns: list[str], *, guess: str, key: str) -> str:
    index = columns.index(guess) if guess in columns else None
    placeholder = visit.translate("Choose a column")
    return st.selectbox(title, columns, index=index, placeholder=placeholder, filter_mode=None, key=key) or ""


def draw_report(visit: Visit, report: dict[str, Any]) -> None:
    """What became of every object: read = accepted + repaired + rejected."""
    _ = visit.translate
    rejected = report["rejected"]
    heading(_("Imported in {time}").format(time=format_duration(report["seconds"], _)))
    st.html(
        draw_figures(
            [
                (format_number(report["read"]), _("read")),
                (format_number(report["accepted"]), _("accepted")),
                (format_number(report["repaired"]), _("repaired")),
                (format_number(len(rejected)), _("rejected")),
            ]
        )
    )
    for notice in report["notices"]:
        st.html(draw_note(_(notice["message"]).format(**notice["values"]), tone="warn"))
    if not rejected:
        st.html(draw_empty(_("Nothing was rejected.")))
        return
    rows = [(str(item["id"]), _(item["reason"])) for item in rejected[:REJECTED_SHOWN]]
    st.html(draw_table([Column(_("Object")), Column(_("Why it was rejected"))], rows))
