"""The bar above every page: where to go, what is shown and how old it is, who is here."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from gridmap.i18n import LANGUAGES
from gridmap.i18n.formats import BEIJING, age_s, format_age
from gridmap.i18n.labels import label
from gridmap.pages import readings, state
from gridmap.pages.visit import Visit, calm

CLOCK_S = 20


def draw_bar(visit: Visit, pages: Sequence[StreamlitPage], current: StreamlitPage) -> None:
    """One slim line; on a phone two."""
    _ = visit.translate
    with st.container(key="gm_bar", horizontal=True, vertical_alignment="center"):
        st.html(f'<span class="gm-brand">{_("Grid and railway map")}</span>', width="content")
        with st.container(key="gm_nav", horizontal=True, vertical_alignment="center", width="content"):
            for page in pages:
                with st.container(key="gm_here" if page is current else f"gm_page_{page.url_path}", width="content"):
                    st.page_link(page, label=page.title, width="content")
        with st.container(key="gm_status"):
            _draw_status(visit)
        with st.popover(visit.actor.name, width="content"):
            _draw_account(visit, pages)


@st.fragment(run_every=CLOCK_S)
def _draw_status(visit: Visit) -> None:
    """The status line moves on its own, so that its clock never draws the page again."""
    with calm(visit.translate):
        st.html(_describe_status(visit))


def _describe_status(visit: Visit) -> str:
    _ = visit.translate
    banner = readings.load_banner(visit)
    now = visit.now
    parts = [f'<b class="gm-wide">{html.escape(readings.load_scope_name(visit))}</b>']
    if banner.newest is not None:
        age = format_age(age_s(banner.newest, now), _)
        parts.append(f'<span class="gm-wide">{_("Data from {age}").format(age=age)}</span>')
    if banner.synthetic:
        parts.append(f'<span class="gm-badge">{_("Synthetic demo data")}</span>')
    parts.append(f"<b>{now.astimezone(BEIJING):%H:%M}</b>")
    return f'<div class="gm-status">{"".join(parts)}</div>'


def _draw_account(visit: Visit, pages: Sequence[StreamlitPage]) -> None:
    _ = visit.translate
    st.html(f'<p class="gm-sub">{label("role", visit.actor.role.value, _)}</p>')
    here = next((f"/{page.url_path}" for page in pages if page.url_path == state.PAGE_SHOWN.get()), "/")
    with st.container(horizontal=True):
        for tag, name in LANGUAGES.items():
            mark = ' aria-current="true"' if tag == visit.language else ""
            fields = _hidden("language", tag) + _hidden("next", here)
            st.html(_form("/session/language", fields, f"<button{mark}>{name}</button>"), width="content")
    dark = visit.theme == "dark"
    if st.button(_("Light, for the desk") if dark else _("Dark, for the wall"), key="theme_switch"):
        _switch_theme(pages, "Light" if dark else "Dark")
    st.html(_form("/session/logout", "", f"<button>{_('Sign out')}</button>"))


def _switch_theme(pages: Sequence[StreamlitPage], name: str) -> None:
    """Streamlit keeps the theme in the browser, one entry per address, and offers no call to set it."""
    keys = [f"stActiveTheme-/{page.url_path}-v2" for page in pages]
    value = json.dumps(json.dumps(name))
    script = f"for (const key of {json.dumps(keys)}) localStorage.setItem(key, {value}); location.reload();"
    st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)


def _form(action: str, fields: str, button: str) -> str:
    return f'<form class="gm-form" method="post" action="{action}" target="_self">{fields}{button}</form>'


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{html.escape(value, quote=True)}">'
