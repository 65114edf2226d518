"""The railway page's tracks: what a patrol's file covers, why the rest does not count, and keeping it."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from gridmap.i18n.formats import format_date, format_day_time, format_distance, format_number
from gridmap.i18n.labels import label
from gridmap.pages import state
from gridmap.pages.job_panel import draw_job
from gridmap.pages.panel import attempt, heading
from gridmap.pages.uploads import drop_upload, keep_upload
from gridmap.pages.visit import Visit
from gridmap.services import coverage, planning, railways, teams
from gridmap.services.coverage import CoverageReport
from gridmap.services.strips import LineStrip
from gridmap.views.cards import Cell, Column, draw_empty, draw_figures, draw_note, draw_table

_MOST_ROWS = 200
_SURE = 0.8
"""Below it a stretch is told as uncertain."""


def draw_tracks(visit: Visit, lines: pd.DataFrame, strip: LineStrip | None) -> None:
    """The form, with the work under it while it runs, or the result."""
    _ = visit.translate
    report = state.TRACK_REPORT.get()
    if report is not None:
        _draw_report(visit, report)
        return
    # What was filled in stays there: a track that is refused is mostly asked for again with another choice.
    _draw_form(visit, busy=bool(state.TRACK_JOB.get()))
    if state.TRACK_JOB.get():
        heading(_("Matching the track"))
        draw_job(visit, state.TRACK_JOB, finish=state.TRACK_REPORT.set)


def _draw_form(visit: Visit, *, busy: bool) -> None:
    _ = visit.translate
    number = state.TRACK_NUMBER.get()
    st.html(draw_note(_("A patrol's track as GPX, or CSV with longitude, latitude and time.")))
    upload = st.file_uploader(_("File"), key=f"track_file_{number}", label_visibility="collapsed", disabled=busy)
    if upload is None:
        drop_upload(state.TRACK_UPLOAD)
        return
    path = keep_upload(visit, state.TRACK_UPLOAD, upload)
    datums = {"wgs84": _("WGS-84 or CGCS2000"), "gcj02": _("GCJ-02, as public Chinese maps are")}
    datum = st.selectbox(
        _("Coordinates"),
        list(datums),
        format_func=datums.__getitem__,
        filter_mode=None,
        key=f"track_datum_{number}",
        disabled=busy,
    )
    saved = planning.list_plans(visit.context, visit.actor)
    plans = {int(row.id): f"{row.name} · {format_date(row.service_date)}" for row in saved.itertuples()}
    plan_id = st.selectbox(
        _("Held against the plan"),
        list(plans),
        index=None,
        format_func=plans.__getitem__,
        placeholder=_("none"),
        key=f"track_plan_{number}",
        disabled=busy,
    )
    rest = st.toggle(_("Leave out points that cannot be used"), key=f"track_rest_{number}", disabled=busy)
    if st.button(_("Match"), type="primary", key="track_start", disabled=busy):
        options = {"gcj02": datum == "gcj02", "plan_id": plan_id, "accept_rest": rest}
        jobs, settings = visit.context.jobs, visit.context.settings
        job = jobs.submit_for(visit.actor.name, "coverage", coverage.coverage_job, settings, visit.actor, path, options)
        state.TRACK_JOB.set(job)
        st.rerun()


def _draw_report(visit: Visit, report: CoverageReport) -> None:
    """What counts, what does not, what was planned; and whether it is to be kept."""
    _ = visit.translate
    match = report.match
    heading(_("What the track covers"))
    figures = [(match.matched_m, _("counts")), (match.rejected_m, _("does not count"))]
    st.html(draw_figures((format_distance(metres, _), words) for metres, words in figures))
    if not match.is_timed:
        st.html(draw_note(_("The track has no times: how fast it was is unknown, and it cannot be kept."), tone="warn"))
    _draw_covers(visit, report)
    if match.reasons:
        heading(_("Why the rest does not count"))
        reasons = sorted(match.reasons.items(), key=lambda item: -item[1])
        rows = [(label("track_reason", reason.value, _), format_distance(metres, _)) for reason, metres in reasons]
        st.html(draw_table([Column(_("Reason")), Column(_("Track"), numeric=True)], rows))
    if report.planned is not None:
        _draw_planned(visit, report)
    if report.faults:
        heading(_("Points left out ({number})").format(number=format_number(len(report.faults))))
        faults = [(str(fault.row), _(fault.reason)) for fault in report.faults[:_MOST_ROWS]]
        st.html(draw_table([Column(_("Point"), numeric=True), Column(_("Why it was rejected"))], faults))
    _draw_keeping(visit, report)


def _draw_covers(visit: Visit, report: CoverageReport) -> None:
    _ = visit.translate
    if not report.lines:
        st.html(draw_empty(_("Nothing of a line is covered.")))
        return
    columns = [Column(_("Where")), Column(_("Side")), Column(_("Sure"), numeric=True)]
    for name in dict.fromkeys(cover.line for cover in report.lines):
        own = [cover for cover in report.lines if cover.line == name]
        metres = sum(abs(cover.to_m - cover.from_m) for cover in own)
        heading(f"{name} · {format_distance(metres, _)}")
        rows = []
        for cover in own[:_MOST_ROWS]:
            begin, end = _write(visit, cover.line_id, cover.from_m, cover.to_m)
            how = [f"{begin}–{end}", label("visit_kind", cover.kind, _)]
            if cover.at is not None:
                how.append(format_day_time(cover.at))
            if cover.bridged:
                how.append(_("without signal"))
            sure = Cell(f"{format_number(100 * cover.confidence)} %", "" if cover.confidence >= _SURE else "warn")
            rows.append((" · ".join(how), label("side", cover.side, _), sure))
        st.html(draw_table(columns, rows))


def _draw_planned(visit: Visit, report: CoverageReport) -> None:
    """Stretches of the plan, and what of each was missed."""
    _ = visit.translate
    planned = report.planned or ()
    metres = sum(one.target.to_m - one.target.from_m for one in planned)
    missed_m = sum(one.missed_m for one in planned)
    heading(_("Held against the plan"))
    figures = [(metres, _("planned")), (metres - missed_m, _("done")), (missed_m, _("missed"))]
    st.html(draw_figures((format_distance(found, _), words) for found, words in figures))
    rows = []
    for one in planned:
        name, _prefix, _measured = railways.load_line(visit.context, one.target.line_id)
        for low, high in one.missed:
            begin, end = _write(visit, one.target.line_id, low, high)
            rows.append((f"{name} {begin}–{end}", label("side", one.target.side, _), format_distance(high - low, _)))
    if rows:
        columns = [Column(_("Missed")), Column(_("Side")), Column(_("Length"), numeric=True)]
        st.html(draw_table(columns, rows[:_MOST_ROWS]))


def _draw_keeping(visit: Visit, report: CoverageReport) -> None:
    _ = visit.translate
    crews = teams.list_teams(visit.context, visit.actor)
    names = {int(row.id): row.name for row in crews.itertuples()}
    team_id = st.selectbox(
        _("Team on patrol"),
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=_("Choose the team"),
        key=f"track_team_{state.TRACK_NUMBER.get()}",
    )
    with st.container(horizontal=True):
        may_keep = bool(report.lines) and report.match.is_timed and team_id is not None
        if st.button(_("Record as patrolled"), type="primary", disabled=not may_keep, key="track_keep"):
            attempt(visit, partial(_keep, visit, report, team_id), done=_("The patrol is recorded."))
        st.button(_("Leave it"), key="track_leave", on_click=_leave)


def _keep(visit: Visit, report: CoverageReport, team_id: int | None) -> None:
    coverage.save_coverage(visit.context, visit.actor, report=report, team_id=team_id)
    _leave()


def _leave() -> None:
    drop_upload(state.TRACK_UPLOAD)
    state.TRACK_REPORT.clear()
    state.TRACK_NUMBER.set(state.TRACK_NUMBER.get() + 1)


def _write(visit: Visit, line_id: int, from_m: float, to_m: float) -> tuple[str, str]:
    return railways.write_stretch(railways.load_line(visit.context, line_id), from_m, to_m)
