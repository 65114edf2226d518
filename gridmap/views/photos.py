"""Pictures with their captions as HTML."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Picture:
    """Where a picture is fetched from, and what it shows in a few words."""

    address: str
    caption: str


def draw_pictures(pictures: Iterable[Picture]) -> str:
    """Small pictures side by side, numbered; each opens whole in a page of its own."""
    items = "".join(
        f'<figure><a href="{html.escape(one.address)}" target="_blank"><img src="{html.escape(one.address)}"'
        f' alt="{html.escape(one.caption)}" loading="lazy"></a>'
        f"<figcaption>{number}. {html.escape(one.caption)}</figcaption></figure>"
        for number, one in enumerate(pictures, start=1)
    )
    return f'<div class="gm-pictures">{items}</div>'
