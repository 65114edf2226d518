"""What counts as work, and how much: one number for each measure of a cell."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial

import streamlit as st

from gridmap.domain.districting.workload import MEASURES, Weights
from gridmap.i18n.labels import label
from gridmap.pages.panel import attempt
from gridmap.pages.visit import Visit
from gridmap.services.workload import load_weights, save_weights
from gridmap.views.cards import draw_note


def draw_weights(visit: Visit) -> None:
    """The weights, kept together."""
    _ = visit.translate
    kept = load_weights(visit.context, visit.actor)
    st.html(draw_note(_("Each measure counts by its share of all cells; only the proportions of the weights matter.")))
    given = {
        name: st.number_input(
            label("workload_measure", name, _),
            min_value=0.0,
            value=getattr(kept, name),
            step=0.5,
            format="%g",
            key=f"weight_{name}",
        )
        for name in MEASURES
    }
    if not any(given.values()):
        st.html(draw_note(_("At least one weight is more than 0."), tone="warn"))
    idle = not any(given.values()) or given == asdict(kept)
    if st.button(_("Save"), type="primary", key="save_weights", disabled=idle):
        save = partial(save_weights, visit.context, visit.actor, weights=Weights(**given))
        attempt(visit, save, done=_("Kept."))
