"""Small charts as inline SVG, drawn without a script: before/after bars of a balance, shares, histograms."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

_BAR_WIDTH = 320
_ROW_HEIGHT = 40
_BEFORE = "#b9b4aa"
_AFTER = "#1f5673"
_LIMIT = "#b3261e"


@dataclass(frozen=True)
class BalanceBar:
    """One unit before and after a change, in the same measure; `text` says both in words."""

    name: str
    before: float
    after: float
    text: str


def draw_balance_bars(
    bars: Sequence[BalanceBar], *, before_label: str, after_label: str, mean: float | None = None
) -> str:
    """Two bars per unit on one scale, the upper before, the lower after; a dashed line marks the mean of all units.

    The words stand beside the bars, so nothing is told by colour alone.
    """
    if not bars:
        return ""
    top = max([max(bar.before, bar.after) for bar in bars] + [mean or 0.0, 1e-9])
    scale = _BAR_WIDTH / (top * 1.02)
    height = len(bars) * _ROW_HEIGHT
    parts = [_draw_pair(bar, y=index * _ROW_HEIGHT, scale=scale) for index, bar in enumerate(bars)]
    if mean is not None:
        x = mean * scale
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{height}" stroke="{_LIMIT}" stroke-dasharray="3 3"/>')
    before, after = html.escape(before_label), html.escape(after_label)
    legend = f'<p class="gm-sub">{_key(_BEFORE)} {before} &nbsp; {_key(_AFTER)} {after}</p>'
    return legend + _svg("".join(parts), height=height)


def draw_share(share: float, *, text: str) -> str:
    """A share 0 to 1 as one bar with its words above."""
    width = max(0.0, min(1.0, share)) * _BAR_WIDTH
    ground = f'<rect width="{_BAR_WIDTH}" height="10" fill="{_BEFORE}" opacity="0.5"/>'
    bar = f'<rect width="{width:.1f}" height="10" fill="{_AFTER}"/>'
    return f'<p class="gm-sub">{html.escape(text)}</p>{_svg(ground + bar, height=10)}'


def _draw_pair(bar: BalanceBar, *, y: float, scale: float) -> str:
    name, text = html.escape(bar.name), html.escape(bar.text)
    return (
        f'<text x="0" y="{y + 13}" font-size="12" fill="currentColor">{name}</text>'
        f'<text x="{_BAR_WIDTH}" y="{y + 13}" font-size="12" text-anchor="end" fill="currentColor">{text}</text>'
        f'<rect x="0" y="{y + 18}" width="{bar.before * scale:.1f}" height="6" fill="{_BEFORE}"/>'
        f'<rect x="0" y="{y + 25}" width="{bar.after * scale:.1f}" height="8" fill="{_AFTER}"/>'
    )


def _key(colour: str) -> str:
    return f'<svg width="10" height="10"><rect width="10" height="10" fill="{colour}"/></svg>'


def _svg(inner: str, *, height: float) -> str:
    size = f'viewBox="0 0 {_BAR_WIDTH} {height}" width="100%" style="max-width:{_BAR_WIDTH}px"'
    return f'<svg role="img" {size}>{inner}</svg>'
