"""Small charts in plain HTML, drawn without a script: Streamlit strips inline SVG from what it shows."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class BalanceBar:
    """One unit before and after a change, in the same measure; `text` says both in words."""

    name: str
    before: float
    after: float
    text: str


def draw_balance_bars(bars: Sequence[BalanceBar], *, before_label: str, after_label: str) -> str:
    """Two bars per unit on one scale, the upper before, the lower after.

    The words stand beside the bars, so nothing is told by colour alone.
    """
    if not bars:
        return ""
    top = max(max(bar.before, bar.after) for bar in bars) or 1.0
    before, after = html.escape(before_label), html.escape(after_label)
    legend = f'<p class="gm-sub gm-keys"><i class="gm-before"></i>{before}<i class="gm-after"></i>{after}</p>'
    return legend + "".join(_draw_pair(bar, top) for bar in bars)


def _draw_pair(bar: BalanceBar, top: float) -> str:
    name, text = html.escape(bar.name), html.escape(bar.text)
    return (
        f'<div class="gm-bars"><span>{name}</span><b>{text}</b>'
        f'<i class="gm-before" style="width:{bar.before / top:.1%}"></i>'
        f'<i class="gm-after" style="width:{bar.after / top:.1%}"></i></div>'
    )
