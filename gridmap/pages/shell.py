"""What is around every page: who is here, the bar above, the pages, and the boundary that keeps failures calm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from gridmap.errors import N_, GridmapError
from gridmap.i18n import Language, translator
from gridmap.pages import command_map, control_networks, data, grids, hazards, railway, railway_patrol, state
from gridmap.pages.bar import draw_bar
from gridmap.pages.style import draw_style
from gridmap.pages.visit import Visit, calm, open_visit, read_language
from gridmap.services.context import Context


@dataclass(frozen=True)
class PageEntry:
    """One page: its address, its name and what draws it."""

    path: str
    title: str
    draw: Callable[[Visit], None]


PAGES = (
    PageEntry("map", N_("Command map"), command_map.draw),
    PageEntry("railway", N_("Railway"), railway.draw),
    PageEntry("patrol", N_("Railway patrol"), railway_patrol.draw),
    PageEntry("grids", N_("Grids"), grids.draw),
    PageEntry("hazards", N_("Hazards"), hazards.draw),
    PageEntry("networks", N_("Control networks"), control_networks.draw),
    PageEntry("data", N_("Data"), data.draw),
)
"""In the order of the bar; the first is the address without a path."""


def run(context: Context) -> None:
    """One run of the entry script."""
    language = read_language(context.settings.language)
    translate = translator(language)
    st.set_page_config(page_title=translate("Grid and railway map"), layout="wide")
    with calm(translate):
        visit = _enter(context, language)
        pages = [_build_page(entry, visit) for entry in PAGES]
        current = st.navigation(pages, position="hidden")
        draw_style(translate, theme=visit.theme, panel_open=state.PANEL_OPEN.get())
        state.enter_page(current.url_path)
        draw_bar(visit, pages, current)
        current.run()


def _enter(context: Context, language: Language) -> Visit:
    """Who is here; a stranger gets no page but the words of the refusal."""
    try:
        return open_visit(context, language)
    except GridmapError:
        st.navigation([st.Page(_draw_nothing, title=translator(language)("Sign in"), default=True)], position="hidden")
        draw_style(translator(language), theme="light", panel_open=False)
        raise


def _draw_nothing() -> None:
    """The page of somebody who is not signed in."""


def _build_page(entry: PageEntry, visit: Visit) -> StreamlitPage:
    def draw() -> None:
        with calm(visit.translate):
            entry.draw(visit)

    return st.Page(draw, title=visit.translate(entry.title), url_path=entry.path, default=entry is PAGES[0])
