"""What every page's side panel is made of: the frame, rows to click, cards, notices."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from gridmap.i18n import Notice
from gridmap.pages import state
from gridmap.pages.visit import Visit, calm, open_visit
from gridmap.views.cards import draw_empty, draw_heading, draw_title

Section = TypeVar("Section")

ROWS_PER_STEP = 30
_TOLD_WITHIN_S, _PAINTED_WITHIN_S = 0.1, 0.06
"""How long a page waits for open maps, its own among them, to be told of a change, and then to paint it."""

FEW = 8
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:@^&])")


@contextmanager
def panel(visit: Visit, title: str, subtitle: str = "") -> Iterator[None]:
    """The panel at the side, with its heading and what was said on the run before; folded, it draws nothing."""
    _ = visit.translate
    said = state.SAID.get()
    if said and said.passing:
        state.SAID.clear()
        st.toast("\n\n".join(part for part in (said.message, said.hint) if part))
    if not state.PANEL_OPEN.get():
        with st.container(key="gm_fold"):
            st.button(_("Show panel"), key="panel_show", on_click=state.PANEL_OPEN.set, args=(True,))
        with st.container(key="gm_folded"), calm(visit.translate):
            yield
        return
    with st.container(key="gm_panel"), calm(visit.translate):
        with st.container(key="gm_panel_head", horizontal=True, vertical_alignment="top"):
            st.html(draw_title(title, subtitle))
            st.button(_("Hide"), key="panel_hide", on_click=state.PANEL_OPEN.set, args=(False,), width="content")
        # Its place is there with nothing said as well: what is moved is made anew, and a fold that stands open shuts.
        with st.container(key="gm_said"):
            _draw_said()
        yield


def _draw_said() -> None:
    said = state.SAID.get()
    if said:
        state.SAID.clear()
        (st.success if said.done else st.warning)("\n\n".join(part for part in (said.message, said.hint) if part))


@dataclass(frozen=True)
class Row:
    """A line of a list: what it is, what about it, and the tone of the second part (a Streamlit colour or "")."""

    key: str
    title: str
    note: str = ""
    tone: str = "gray"


def plain(text: str) -> str:
    """`text` as Streamlit's Markdown shows it unchanged."""
    return _MARKDOWN.sub(r"\\\1", text)


def draw_rows(visit: Visit, name: str, rows: Sequence[Row], *, empty: str, step: int = ROWS_PER_STEP) -> str | None:
    """A list to click in; answers the key of the row clicked just now. Long lists grow by `step`."""
    if not rows:
        st.html(draw_empty(empty))
        return None
    chosen = None
    shown = count_shown(name, step)
    with st.container(key=f"gm_rows_{name}"):
        for row in rows[:shown]:
            note = f"  \n:{row.tone}[{plain(row.note)}]" if row.note else ""
            if st.button(f"{plain(row.title)}{note}", key=f"row_{name}_{row.key}", type="tertiary", width="stretch"):
                chosen = row.key
    draw_more(visit, name, shown, of=len(rows))
    return chosen


def count_shown(name: str, step: int) -> int:
    """How many lines of the list `name` are shown; `step` until somebody asks for more."""
    return int(st.session_state.get(f"rows_{name}", step))


def draw_more(visit: Visit, name: str, shown: int, *, of: int) -> None:
    """A button for more lines of the list `name`, where there are more."""
    if of > shown:
        more = visit.translate("Show more ({number} left)").format(number=of - shown)
        st.button(more, key=f"more_{name}", on_click=_show_more, args=(name, shown + ROWS_PER_STEP))


def _show_more(name: str, shown: int) -> None:
    st.session_state[f"rows_{name}"] = shown


def choose_section(visit: Visit, sections: Mapping[str, tuple[str, Section]], *, key: str, first: str = "") -> Section:
    """The section that is chosen by its name, at first the one called `first`, else the first one."""
    chosen = st.segmented_control(
        visit.translate("Section"),
        list(sections),
        default=first or next(iter(sections)),
        required=True,
        format_func=lambda name: sections[name][0],
        key=key,
        label_visibility="collapsed",
    )
    return sections[chosen or next(iter(sections))][1]


def heading(text: str) -> None:
    """Heading of a part of the panel."""
    st.html(draw_heading(text))


def draw_alone(visit: Visit, draw: Callable[[Visit], None]) -> None:
    """Draw a part of the page that a field in it draws anew alone; what is done in it draws the whole page anew."""
    _draw_alone(visit, draw, state.SAID.get())


@st.fragment
def _draw_alone(visit: Visit, draw: Callable[[Visit], None], said: state.Said | None) -> None:
    if state.SAID.get() is not said:
        st.rerun()
    with calm(visit.translate):
        draw(open_visit(visit.context, visit.language))


def attempt(visit: Visit, act: Callable[[], object], *, done: str) -> None:
    """Do what a person asked for and draw the page anew saying `done`; a failure is told in place, nothing is lost."""
    with calm(visit.translate):
        act()
        state.SAID.set(state.Said(done))
        st.rerun()


def act(visit: Visit, work: Callable[[Visit], object], *, done: str) -> None:
    """For a button's callback: do what a person asked for before the page is drawn, so that open maps are told at once.

    Who is there is looked up anew: the page may have stood open for longer than the session.
    """

    def tell(notice: Notice) -> None:
        state.SAID.set(state.Said(notice.message, notice.hint, done=False))

    told = visit.context.told
    before = told.number
    with calm(visit.translate, tell=tell):
        work(open_visit(visit.context, visit.language))
        state.SAID.set(state.Said(done))
        # Drawing this page takes the processors of the server and of the browser: what was asked for is seen first.
        told.wait_beyond(before, _TOLD_WITHIN_S)
        time.sleep(_PAINTED_WITHIN_S)
