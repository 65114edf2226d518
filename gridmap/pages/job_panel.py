"""Long work as a person sees it: how far it is, in words, and a way to stop it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from gridmap.domain.progress import write_step
from gridmap.errors import Cancelled, NotFound
from gridmap.i18n import describe_error
from gridmap.jobs import JobId
from gridmap.pages import state
from gridmap.pages.state import Key, Said
from gridmap.pages.visit import Visit, calm


def draw_job(visit: Visit, key: Key[str], *, finish: Callable[[Any], None]) -> None:
    """Follow the job named in `key`; `finish` receives its result once, and the page is drawn anew when it is over."""
    if key.get():
        _watch(visit, key, finish)


@st.fragment(run_every="1s")
def _watch(visit: Visit, key: Key[str], finish: Callable[[Any], None]) -> None:
    _ = visit.translate
    with calm(_):
        job_id = JobId(key.get())
        if not job_id:
            return
        try:
            status = visit.context.jobs.status(job_id)
        except NotFound:
            key.clear()
            raise
        if not status.is_over:
            words = write_step(status.message, _) if status.message else _("Waiting for a free worker")
            if status.is_stopping:
                words = _("Being stopped…")
            st.progress(min(1.0, max(0.0, status.fraction)), text=words)
            # By a callback, so that it is said at once: a job that waits for a worker hears of it later.
            stop = partial(visit.context.jobs.cancel, job_id)
            st.button(_("Stop"), key=f"stop_{key.name}", disabled=status.is_stopping, on_click=stop)
            return
        key.clear()
        if status.state == "done":
            finish(status.result)
        elif status.error is None or isinstance(status.error, Cancelled):
            state.SAID.set(Said(_("Stopped. Nothing was changed.")))
        else:
            notice = describe_error(status.error, _)
            state.SAID.set(Said(notice.message, notice.hint, done=False))
        st.rerun()
