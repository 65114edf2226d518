"""Tables of the printed order as HTML."""

from __future__ import annotations

from html import escape


def draw_numbers(*texts: str) -> str:
    """Cells of figures, at the right."""
    return "".join(f'<td class="n">{escape(text)}</td>' for text in texts)


def draw_table(heads: list[tuple[str, str]], rows: list[str]) -> str:
    """A table whose heads, (text, class), stand on every page it runs over."""
    head = "".join(f'<th class="{kind}">{escape(text)}</th>' for text, kind in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
