"""To which section chiefs a hazard went, and whether each took note of it."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from gridmap.domain.access import Permission
from gridmap.i18n import Translate
from gridmap.i18n.formats import format_day_time
from gridmap.i18n.labels import label
from gridmap.pages.panel import attempt, heading
from gridmap.pages.visit import Visit
from gridmap.services import referrals
from gridmap.services.chiefs import VACANT
from gridmap.views.cards import draw_item


def draw_referrals(visit: Visit, hazard_id: int) -> None:
    """Both sides of a hazard beside a line; nothing for any other."""
    _ = visit.translate
    found = referrals.list_referrals(visit.context, visit.actor, hazard_id=hazard_id)
    if found.empty:
        return
    heading(_("Section chiefs"))
    for row in found.itertuples():
        _draw_side(visit, row)


def describe_side(party: str, posts: str, *, translate: Translate) -> str:
    """A side and the posts it has, or the word that it has none."""
    return translate("{side}: {posts}").format(side=label("party", party, translate), posts=posts)


def _draw_side(visit: Visit, row: Any) -> None:
    _ = visit.translate
    title = describe_side(row.party, row.office or _(VACANT), translate=_)
    if not row.office:
        st.html(draw_item(title, _describe_vacancy(visit, row.party), tone="alert"))
        return
    if not pd.isna(row.acknowledged_at):
        told = [_("acknowledged {time}").format(time=format_day_time(row.acknowledged_at)), row.acknowledged_note]
        st.html(draw_item(title, " · ".join(filter(None, told)), tone="good"))
        return
    st.html(draw_item(title, _("not acknowledged yet"), tone="warn"))
    if visit.may(Permission.EDIT_HAZARDS):
        _draw_acknowledging(visit, row)


def _draw_acknowledging(visit: Visit, row: Any) -> None:
    _ = visit.translate
    with st.container(horizontal=True, vertical_alignment="bottom"):
        note = st.text_input(
            _("Note"), key=f"referral_note_{row.id}", placeholder=_("What was agreed"), label_visibility="collapsed"
        )
        if st.button(_("Acknowledge"), key=f"referral_done_{row.id}"):
            acknowledge = partial(
                referrals.acknowledge_referral, referral_id=int(row.id), note=note, version=int(row.version)
            )
            attempt(visit, partial(acknowledge, visit.context, visit.actor), done=_("Noted for this side."))


def _describe_vacancy(visit: Visit, party: str) -> str:
    _ = visit.translate
    if party == "local":
        return _("Nobody on the county side was told. Inform the town, and have its post named under Data.")
    return _("Nobody of the railway was told. Inform the railway unit, and have its post named under Data.")
