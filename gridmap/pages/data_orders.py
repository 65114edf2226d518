"""What is asked of change orders of cells here."""

from __future__ import annotations

from functools import partial

import streamlit as st

from gridmap.pages.panel import attempt
from gridmap.pages.visit import Visit
from gridmap.services.change_order_rules import OrderSettings, load_settings, save_settings
from gridmap.views.cards import draw_note


def draw_order_settings(visit: Visit) -> None:
    """Two switches, kept together."""
    _ = visit.translate
    kept = load_settings(visit.context, visit.actor)
    st.html(draw_note(_("What is set here holds for every order that is placed from now on.")))
    approval = st.toggle(
        _("A second person must approve each change order"), value=kept.need_approval, key="orders_need_approval"
    )
    within = st.toggle(
        _("Cells go only to units of their own area"), value=kept.within_parent, key="orders_within_parent"
    )
    settings = OrderSettings(need_approval=approval, within_parent=within)
    if st.button(_("Save"), type="primary", key="save_order_settings", disabled=settings == kept):
        save = partial(save_settings, visit.context, visit.actor, settings=settings)
        attempt(visit, save, done=_("Kept."))
