"""The card of a thing on the map, read and drawn in one place for every page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import streamlit as st

from gridmap.domain.hazard_kinds import HazardKind
from gridmap.i18n.formats import format_date, format_datetime, format_number
from gridmap.i18n.kinds import name_kind
from gridmap.pages import state
from gridmap.pages.state import Thing
from gridmap.pages.visit import Visit
from gridmap.services import areas
from gridmap.views.cards import draw_facts, draw_title
from gridmap.views.findings import draw_findings


def draw_card(visit: Visit, thing: Thing, *, beside: Callable[[], None] = lambda: None) -> None:
    """Facts of `thing`; `beside` draws what stands next to the button that closes them."""
    _ = visit.translate
    card = areas.load_card(visit.context, visit.actor, kind=thing.kind, id=thing.id)
    with st.container(border=True, key="gm_card"):
        st.html(draw_title(_(card.title), _(card.subtitle)))
        st.html(draw_facts((_(name), _describe(value, visit)) for name, value in card.rows))
        if card.findings:
            st.html(draw_findings(card.findings, translate=_, language=visit.language))
        with st.container(horizontal=True):
            beside()
            st.button(_("Close"), key="card_close", on_click=state.look_away)


def _describe(value: object, visit: Visit) -> str:
    match value:
        case datetime():
            return format_datetime(value)
        case date():
            return format_date(value)
        case bool():
            return visit.translate("Yes") if value else visit.translate("No")
        case int():
            return format_number(value)
        case float():
            return format_number(value, digits=1)
        case tuple():
            return " · ".join(_describe(one, visit) for one in value) or "—"
        case HazardKind():
            return name_kind(value, visit.language)
        case None:
            return "—"
        case _:
            return visit.translate(str(value)) if value else "—"
