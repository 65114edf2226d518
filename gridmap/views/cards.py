"""Pieces of a panel as HTML: facts, tables, figures, empty states. Every text from outside is escaped here."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """One cell of a table; `tone` is "", "alert", "warn", "good" or "quiet"; a `share` is a bar below, full at 1."""

    text: str
    tone: str = ""
    share: float | None = None


@dataclass(frozen=True)
class Column:
    """A table's column; figures stand at the right, and what is `whole`, a day say, in one line."""

    title: str
    numeric: bool = False
    whole: bool = False


def draw_title(title: str, subtitle: str = "") -> str:
    """Heading of a card."""
    below = f'<p class="gm-sub">{html.escape(subtitle)}</p>' if subtitle else ""
    return f'<h2 class="gm-title">{html.escape(title)}</h2>{below}'


def draw_heading(text: str) -> str:
    """Heading of a part of the panel."""
    return f'<h3 class="gm-head">{html.escape(text)}</h3>'


def draw_empty(text: str) -> str:
    """What stands where there is nothing to show."""
    return f'<p class="gm-empty">{html.escape(text)}</p>'


def draw_note(text: str, *, tone: str = "quiet") -> str:
    """One quiet or coloured line."""
    return f'<p class="gm-sub gm-{tone}">{html.escape(text)}</p>'


def draw_link(text: str, address: str) -> str:
    """A link to another page, by its address."""
    return f'<p class="gm-sub"><a href="{html.escape(address)}" target="_self">{html.escape(text)}</a></p>'


def draw_facts(rows: Iterable[tuple[str, str]]) -> str:
    """Label and value, one a line."""
    items = "".join(f"<dt>{html.escape(label)}</dt><dd>{html.escape(value)}</dd>" for label, value in rows)
    return f'<dl class="gm-facts">{items}</dl>'


def draw_item(title: str, note: str, *, colour: str = "", tone: str = "quiet") -> str:
    """One thing of a list beside its buttons; `colour` (#rrggbb) is what it has on the map."""
    edge = f' style="border-left-color:{html.escape(colour)}"' if colour else ""
    return f'<p class="gm-item"{edge}><b>{html.escape(title)}</b><span class="gm-{tone}">{html.escape(note)}</span></p>'


def draw_figures(figures: Iterable[tuple[str, str]]) -> str:
    """A few key figures side by side: (figure, what it counts)."""
    items = "".join(
        f"<div><b>{html.escape(value)}</b><span>{html.escape(label)}</span></div>" for value, label in figures
    )
    return f'<div class="gm-figures">{items}</div>'


def draw_table(columns: Sequence[Column], rows: Iterable[Sequence[str | Cell]]) -> str:
    """A table with right-aligned figures."""
    head = "".join(f"<th{_class(column, '')}>{html.escape(column.title)}</th>" for column in columns)
    body = "".join(
        "<tr>" + "".join(_draw_cell(column, cell) for column, cell in zip(columns, row, strict=True)) + "</tr>"
        for row in rows
    )
    table = f'<table class="gm-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="gm-scroll">{table}</div>'


def _draw_cell(column: Column, cell: str | Cell) -> str:
    held = cell if isinstance(cell, Cell) else Cell(cell)
    bar = "" if held.share is None else f'<i class="gm-share" style="width:{min(held.share, 1.0):.0%}"></i>'
    return f"<td{_class(column, held.tone)}>{html.escape(held.text)}{bar}</td>"


def _class(column: Column, tone: str) -> str:
    names = (["n"] if column.numeric else []) + (["w"] if column.whole else []) + ([f"gm-{tone}"] if tone else [])
    return f' class="{" ".join(names)}"' if names else ""
