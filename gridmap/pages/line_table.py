"""A table about stretches of lines on the Data page: the line it is about, pasted or uploaded, its rejected rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from gridmap.i18n.formats import format_number
from gridmap.pages.state import Key
from gridmap.pages.visit import Visit
from gridmap.services import railways
from gridmap.services.calibration import RejectedRow
from gridmap.views.cards import Column, draw_table

MOST_ROWS = 200


@dataclass(frozen=True)
class GivenTable:
    """A table a person gave the page: its line ("" as it says itself), its content and the name of its file."""

    line: str
    content: bytes | str
    name: str


class TableFields:
    """The fields of one table after the other; `counter` counts those imported, so that the next finds empty fields."""

    def __init__(self, visit: Visit, name: str, counter: Key[int]) -> None:
        self._visit, self._name, self._counter = visit, name, counter

    def key(self, field: str) -> str:
        """Key of a field of the table at hand."""
        return f"{self._name}_{field}_{self._counter.get()}"

    def ask(self) -> GivenTable | None:
        """Draw what a table is given by; None as long as there is none."""
        _ = self._visit.translate
        lines = railways.list_lines(self._visit.context, self._visit.actor)
        names = {f"#{i}": str(name) for i, name in zip(lines["id"], lines["name"], strict=True)}
        line = st.selectbox(
            _("Line"),
            list(names),
            index=None,
            format_func=names.__getitem__,
            placeholder=_("As the table says"),
            key=self.key("line"),
        )
        upload = st.file_uploader(_("File"), key=self.key("upload"), label_visibility="collapsed")
        if upload is not None:
            return GivenTable(line or "", upload.getvalue(), upload.name)
        pasted = st.text_area(_("Or paste the table"), key=self.key("text"))
        return GivenTable(line or "", pasted, "") if pasted.strip() else None

    def confirm(self, words: str, *, found: Sequence[object], rejected: Sequence[RejectedRow]) -> bool:
        """Draw the button of the import, held back until rejected rows are agreed to; whether it was pressed."""
        _ = self._visit.translate
        accepted = not rejected or st.checkbox(_("Import the rest without the rejected rows"), key=self.key("accept"))
        text = words.format(number=format_number(len(found)))
        return st.button(text, type="primary", disabled=not (found and accepted), key=self.key("import"))

    def finish(self) -> None:
        """Make room for the next table."""
        self._counter.set(self._counter.get() + 1)


def draw_rejected(visit: Visit, rejected: Sequence[RejectedRow]) -> None:
    """Each row that cannot be imported, with its reason."""
    _ = visit.translate
    if rejected:
        columns = [Column(_("Row"), numeric=True), Column(_("Why it was rejected"))]
        rows = [(str(row.row), _(row.message).format(**row.values)) for row in rejected[:MOST_ROWS]]
        st.html(draw_table(columns, rows))
