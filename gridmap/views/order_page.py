"""The patrol order on paper: one self-contained HTML file, an overview and a sheet for each team."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from html import escape
from types import MappingProxyType

import segno

from gridmap.domain.patrol.backdrop import Backdrop
from gridmap.errors import N_
from gridmap.i18n.formats import format_datetime, format_distance, format_duration
from gridmap.i18n.labels import label
from gridmap.views.order_map import HEIGHT_MM, draw_map
from gridmap.views.order_paging import ORDER_PAGING
from gridmap.views.order_stops import StopsWriter
from gridmap.views.order_style import ORDER_CSS
from gridmap.views.order_tables import draw_numbers, draw_table
from gridmap.views.palette import LIGHT
from gridmap.views.plan_done import cut_done
from gridmap.views.plan_words import (
    Document,
    describe_stretch,
    explain_unserved,
    find_post,
    find_team,
    name_team,
    write_clock,
)

Translate = Callable[[str], str]

_NO_BACKDROP = Backdrop()
_NO_LINKS: Mapping[str, str] = MappingProxyType({})
_INK = "#23282d"
_FEW, _MANY = 2, 9
"""Between so many stops an order is set closer and its map is lower, so that it stays on one page."""
_STOP_MM = 9.0
"""What the map gives up for each of them."""


def draw_order_page(
    document: Document,
    *,
    translate: Translate,
    backdrop: Backdrop = _NO_BACKDROP,
    title: str = "",
    links: Mapping[str, str] = _NO_LINKS,
    only: str = "",
) -> str:
    """The order as HTML that prints on A4 and asks nobody for anything.

    Parameters
    ----------
    translate
        From an English msgid to the reader's language.
    backdrop
        Roads, railways and water around the routes; without it the map shows the routes alone.
    title
        Name of the plan; the area's where there is none.
    links
        By the key of a team, the address of its own order: printed as a QR code for a telephone.
    only
        Key of the one team whose sheet is drawn; "" draws the overview and those of all with something left to do.
    """
    writer = _OrderWriter(document, translate, backdrop, title, links)
    wanted = [route for route in document["routes"] if only == route["team"] or (not only and cut_done(route)["stops"])]
    sheets = [writer.draw_sheet(route) for route in wanted]
    if not only:
        sheets.insert(0, writer.draw_overview())
    heading = f"{writer.title or translate(N_('Patrol plan'))} {document['service_date']}"
    language = "zh-CN" if any("\u4e00" <= sign <= "\u9fff" for sign in translate(N_("Patrol order"))) else "en"
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(heading)}</title>'
        f"<style>{ORDER_CSS}</style></head><body>{''.join(sheets)}<script>{ORDER_PAGING}</script></body></html>"
    )


class _OrderWriter:
    """Writes the sheets of one plan in one language."""

    def __init__(
        self, document: Document, translate: Translate, backdrop: Backdrop, title: str, links: Mapping[str, str]
    ) -> None:
        self._document = document
        self._ = translate
        self._backdrop = backdrop
        self._tasks = {task["key"]: task for task in document["tasks"]}
        # Paper is for what is still to be done.
        self._left = {**document, "routes": [cut_done(route) for route in document["routes"]]}
        self._links = links
        self._stops = StopsWriter(document, translate)
        self._colours = {
            route["team"]: LIGHT.routes[number % len(LIGHT.routes)] for number, route in enumerate(document["routes"])
        }
        self.title = title or document.get("area_name") or ""

    # --- overview ------------------------------------------------------------------------------------------------

    def draw_overview(self) -> str:
        _, document = self._, self._document
        summary = document["summary"]
        facts = [
            (_(N_("Tasks")), f"{summary['served']} / {summary['tasks']}"),
            (_(N_("Routes")), str(len(document["routes"]))),
            (_(N_("Working time")), format_duration(summary["duration_s"], _)),
            (_(N_("Driven")), format_distance(summary["driven_m"], _)),
            (_(N_("Walked")), format_distance(summary["walked_m"], _)),
        ]
        notes = [_(item["text"]).format(**item["values"]) for item in document["notes"]]
        parts = [
            self._header(_(N_("Patrol plan")), self.title),
            self._facts(facts),
            self._map(self._left) if document["routes"] else "",
            self._teams_table() if document["routes"] else "",
            self._unserved_table(),
            f'<ul class="notes">{"".join(f"<li>{escape(text)}</li>" for text in notes)}</ul>' if notes else "",
            self._footer(signatures=False),
        ]
        return f'<section class="sheet">{"".join(parts)}</section>'

    def _teams_table(self) -> str:
        _ = self._
        heads = [
            ("", ""),
            (_(N_("Team")), ""),
            (_(N_("Post")), ""),
            (_(N_("Sets out")), "n"),
            (_(N_("Comes back")), "n"),
            (_(N_("Stops")), "n"),
            (_(N_("Driven")), "n"),
            (_(N_("Walked")), "n"),
        ]
        rows = []
        for route in self._document["routes"]:
            team = find_team(self._document, route)
            kind = label("team_kind", team["kind"], _)
            swatch = f'<i class="swatch" style="background:{self._colours[team["key"]]}"></i>'
            name = f'<a href="#{escape(team["key"])}"><b>{escape(name_team(team, _))}</b></a>'
            rows.append(
                f'<tr><td class="no">{swatch}</td><td>{name} {escape(kind)}</td>'
                f"<td>{escape(find_post(self._document, team)['name'])}</td>"
                + draw_numbers(
                    write_clock(route["start_s"]),
                    write_clock(route["end_s"]),
                    self._count_stops(route),
                    format_distance(route["driven_m"], _),
                    format_distance(route["walked_m"], _),
                )
                + "</tr>"
            )
        return f"<h2>{escape(_(N_('Routes')))}</h2>{draw_table(heads, rows)}"

    def _count_stops(self, route: Document) -> str:
        left = len(cut_done(route)["stops"])
        done = len(route["stops"]) - left
        return self._(N_("{number} and {done} done")).format(number=left, done=done) if done else str(left)

    def _unserved_table(self) -> str:
        _ = self._
        if not self._document["unserved"]:
            return ""
        rows = []
        for item in self._document["unserved"]:
            task = self._tasks[item["task"]]
            reason = explain_unserved(item, self._document, _)
            place = self._describe_task(task)
            rows.append(f"<tr><td>{escape(place)}<p>{escape(task['code'])}</p></td><td>{escape(reason)}</td></tr>")
        heads = [(_(N_("Not served")), ""), (_(N_("Reason")), "")]
        return f"<h2>{escape(_(N_('Tasks not served')))}</h2>{draw_table(heads, rows)}"

    def _describe_task(self, task: Document) -> str:
        if task["kind"] == "segment":
            stretch = describe_stretch(self._document, {"tasks": [task["key"]]}, self._tasks)
            return f"{stretch} {task['name']}"
        return str(task["name"])

    # --- one team ------------------------------------------------------------------------------------------------

    def draw_sheet(self, route: Document) -> str:
        _, document = self._, self._document
        team = find_team(document, route)
        shift = f"{write_clock(team['shift_start_s'])}–{write_clock(team['shift_end_s'])}"
        crew = _(N_("{number} people")).format(number=team["members"])
        left = cut_done(route)
        facts = [
            (_(N_("Team")), f"{name_team(team, _)} · {label('team_kind', team['kind'], _)}"),
            (_(N_("Crew")), crew),
            (_(N_("Post")), find_post(document, team)["name"]),
            (_(N_("Shift")), shift),
            (_(N_("Out and back")), f"{write_clock(left['start_s'])}–{write_clock(route['end_s'])}"),
        ]
        alone = {**document, "routes": [left]}
        # On every page of a long order, which may come apart.
        below = " · ".join(part for part in (name_team(team, _), self.title) if part)
        parts = [
            self._header(_(N_("Patrol order")), below, link=self._links.get(team["key"], "")),
            self._facts(facts),
            self._map(alone),
            f"<h2>{escape(_(N_('Stops')))}</h2>{self._stops.draw(route, team)}",
            self._footer(signatures=True),
        ]
        stops = len(left["stops"])
        dense = ""
        if _FEW < stops <= _MANY:
            dense = f' dense" style="--map:{HEIGHT_MM - _STOP_MM * (stops - _FEW):g}mm'
        return f'<section class="sheet{dense}" id="{escape(team["key"])}">{"".join(parts)}</section>'

    # --- parts of every sheet ------------------------------------------------------------------------------------

    def _header(self, title: str, below: str, *, link: str = "") -> str:
        day = escape(self._document["service_date"])
        zone = escape(self._(N_("Beijing time")))
        return (
            f"<header><h1>{escape(title)}<small>{escape(below)}</small></h1>"
            f'<div class="when"><b>{day}</b><span>{zone}<span class="page"></span></span></div>'
            f"{self._code(link) if link else ''}</header>"
        )

    def _code(self, link: str) -> str:
        """The address as a QR code, and below it what it is for."""
        label = escape(self._(N_("This order on the telephone")))
        drawn = segno.make(link, error="m", micro=False).svg_inline(omitsize=True, border=2, dark=_INK)
        return f'<a class="code" href="{escape(link)}" aria-label="{label}">{drawn}<span>{label}</span></a>'

    def _facts(self, facts: list[tuple[str, str]]) -> str:
        items = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in facts)
        return f'<dl class="facts">{items}</dl>'

    def _map(self, document: Document) -> str:
        picture = draw_map(document, backdrop=self._backdrop, colours=self._colours, translate=self._)
        return f'<div class="keep">{picture}{self._legend()}</div>'

    def _legend(self) -> str:
        _ = self._
        samples = [
            (_(N_("Way on the road")), _stroke(1.1)),
            (_(N_("On foot beside the line")), _stroke(1.5, dash="2.2 1.1")),
            (_(N_("Vehicle going round")), _stroke(0.8, dash=".3 1.2", cap="round")),
            (_(N_("Railway")), _stroke(0.9) + _stroke(0.5, dash="1.6 1.6", ink="#fff")),
            (_(N_("Patrol stop")), f'<circle cx="4" cy="1.3" r="1" fill="#fff" stroke="{_INK}" stroke-width=".5"/>'),
            (_(N_("Post")), f'<path d="M2.6,2.6V1L4,0L5.4,1V2.6Z" fill="{_INK}"/>'),
        ]
        items = "".join(
            f'<span><svg viewBox="0 0 8 2.6" aria-hidden="true">{sample}</svg>{escape(text)}</span>'
            for text, sample in samples
        )
        credit = escape("; ".join(self._backdrop.credits))
        return f'<div class="legend">{items}<span class="credit">{credit}</span></div>'

    def _footer(self, *, signatures: bool) -> str:
        _ = self._
        names = [N_("Ordered by"), N_("Team leader"), N_("Returned, time")] if signatures else []
        boxes = "".join(f"<div>{escape(_(name))}</div>" for name in names)
        made = _(N_("Computed {at} by {name}; checked edge by edge")).format(
            at=format_datetime(datetime.fromisoformat(self._document["created_at"])), name=self._document["created_by"]
        )
        return (
            f'<footer>{f"""<div class="signatures">{boxes}</div>""" if boxes else ""}'
            f'<p class="made"><span>{escape(made)}</span><span>gridmap</span></p></footer>'
        )


def _stroke(width: float, *, dash: str = "", ink: str = _INK, cap: str = "butt") -> str:
    """A sample of a line for the legend."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="M.4,1.3H8" stroke="{ink}" stroke-width="{width:g}" stroke-linecap="{cap}"{dashes}/>'
