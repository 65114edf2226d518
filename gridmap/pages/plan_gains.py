"""What one more team, or half an hour more, would serve: asked for on the plan, computed by a worker."""

from __future__ import annotations

from typing import Any

import streamlit as st

from gridmap.i18n.labels import label
from gridmap.pages import state
from gridmap.pages.job_panel import draw_job
from gridmap.pages.panel import heading
from gridmap.pages.visit import Visit
from gridmap.services import plan_whatif
from gridmap.services.plan_whatif import Gain, Gains
from gridmap.views.cards import draw_empty, draw_item, draw_note


def draw_gains(visit: Visit, document: dict[str, Any]) -> None:
    """The button, the progress or the answer; nothing where nothing is left out."""
    _ = visit.translate
    if not document["unserved"] or not document["teams"]:
        return
    heading(_("What would serve more"))
    if state.GAINS_JOB.get():
        draw_job(visit, state.GAINS_JOB, finish=state.GAINS.set)
        return
    gains: Gains | None = state.GAINS.get()
    if gains is None:
        words = _("Tries one more team at every post, and shifts that are {minutes} minutes longer.")
        st.html(draw_note(words.format(minutes=plan_whatif.LONGER_MIN)))
        if st.button(_("Try it"), key="plan_gains"):
            jobs, settings = visit.context.jobs, visit.context.settings
            state.GAINS_JOB.set(
                jobs.submit_for(visit.actor.name, "gains", plan_whatif.gains_job, settings, visit.actor, document)
            )
            st.rerun()
        return
    if gains.stopped_early:
        st.html(draw_note(_("The search was stopped early; this is what was found by then."), tone="warn"))
    if not gains.gains:
        st.html(draw_empty(_("Neither a team more nor longer shifts serve more tasks.")))
    for gain in gains.gains:
        st.html(draw_item(_name(visit, gain), _tell(visit, gain, gains.left)))


def _name(visit: Visit, gain: Gain) -> str:
    _ = visit.translate
    if gain.minutes:
        return _("Every shift {minutes} minutes longer").format(minutes=gain.minutes)
    return _("One more team ({kind}) at {post}").format(kind=label("team_kind", gain.team_kind, _), post=gain.post)


def _tell(visit: Visit, gain: Gain, left: int) -> str:
    words = visit.translate("{tasks} of {left} tasks more, priority {priority} more in all")
    return words.format(tasks=gain.tasks, left=left, priority=gain.priority)
