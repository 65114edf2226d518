"""The order of one team for the office: to read, with how far it is."""

from __future__ import annotations

import html
from datetime import datetime
from typing import Any

import pandas as pd

from gridmap.i18n import Language, translator
from gridmap.i18n.formats import format_datetime
from gridmap.i18n.labels import label
from gridmap.views.team_order import draw_stops, draw_totals
from gridmap.web.plain_page import draw_plain_page

_STYLE = """<style>main{width:min(760px,100%)}h2{margin:0 0 4px;font-size:17px}
table{width:100%;border-collapse:collapse;font-size:14px}td,th{padding:8px 6px;border-top:1px solid var(--line);
text-align:left;vertical-align:top}th{font-weight:600;color:var(--quiet);font-size:12px;border-top:0}
td small{display:block;color:var(--quiet)}.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.cannot{color:var(--alert)}@media(max-width:560px){body{padding:10px}main{padding:18px 14px}}</style>"""


def draw_team_order_page(
    document: dict[str, Any], *, stops: pd.DataFrame, name: str, confirmed_at: datetime | None, language: Language
) -> str:
    """The stops with their planned times, states and reasons.

    `document` is a plan document as the team may know it, `stops` the rows of `store.orders.load_stops`.
    """
    _ = translator(language)
    team = document["teams"][0]["name"] if document["teams"] else ""
    totals = draw_totals(document, translate=_)
    confirmed = _("Confirmed {at}").format(at=format_datetime(confirmed_at)) if confirmed_at else _("Not confirmed yet")
    facts = [name, document["service_date"], f"{totals.get('start', '')}–{totals.get('end', '')}", confirmed]
    rows = "".join(_draw_row(stop, language) for stop in draw_stops(document, stops, translate=_))
    body = f"""<h2>{html.escape(team)}</h2>
<p>{html.escape(" · ".join(facts))}</p>
<table><thead><tr><th></th><th>{_("Task")}</th><th class="n">{_("Arrival")}</th><th>{_("State")}</th></tr></thead>
<tbody>{rows}</tbody></table>"""
    return draw_plain_page(body, language=language, title=team, head=_STYLE)


def _draw_row(stop: dict[str, Any], language: Language) -> str:
    _ = translator(language)
    more = "".join(f"<small>{html.escape(text)}</small>" for text in stop["lines"])
    told = [label("stop_state", stop["state"], _), stop["ended"] or stop["arrived"]]
    why = [label("cannot_reason", stop["reason"], _)] if stop["reason"] else []
    note = "".join(f"<small>{html.escape(text)}</small>" for text in [*why, stop["note"]] if text)
    return (
        f'<tr><td class="n">{stop["number"]}</td><td>{html.escape(stop["title"])}{more}</td>'
        f'<td class="n">{stop["arrive"]}–{stop["leave"]}</td>'
        f'<td class="{stop["state"]}">{html.escape(" ".join(part for part in told if part))}{note}</td></tr>'
    )
