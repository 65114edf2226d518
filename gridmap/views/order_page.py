"""The patrol order on paper: one self-contained HTML file, an overview and a sheet for each team."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from html import escape

from gridmap.domain.patrol.backdrop import Backdrop
from gridmap.errors import N_
from gridmap.i18n.formats import format_datetime, format_distance, format_duration
from gridmap.i18n.labels import label
from gridmap.views.order_map import draw_map
from gridmap.views.order_style import ORDER_CSS
from gridmap.views.palette import LIGHT
from gridmap.views.plan_words import (
    Document,
    describe_stretch,
    find_line,
    find_post,
    find_team,
    write_clock,
    write_mileage,
)

Translate = Callable[[str], str]

_NO_BACKDROP = Backdrop()
_INK = "#23282d"


def draw_order_page(
    document: Document, *, translate: Translate, backdrop: Backdrop = _NO_BACKDROP, title: str = ""
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
    """
    writer = _OrderWriter(document, translate, backdrop, title)
    sheets = [writer.draw_overview(), *(writer.draw_sheet(route) for route in document["routes"])]
    heading = f"{writer.title or translate(N_('Patrol plan'))} {document['service_date']}"
    language = "zh-CN" if any("\u4e00" <= sign <= "\u9fff" for sign in translate(N_("Patrol order"))) else "en"
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{escape(heading)}</title>"
        f"<style>{ORDER_CSS}</style></head><body>{''.join(sheets)}</body></html>"
    )


class _OrderWriter:
    """Writes the sheets of one plan in one language."""

    def __init__(self, document: Document, translate: Translate, backdrop: Backdrop, title: str) -> None:
        self._document = document
        self._ = translate
        self._backdrop = backdrop
        self._tasks = {task["key"]: task for task in document["tasks"]}
        self._colours = {
            team["key"]: LIGHT.routes[number % len(LIGHT.routes)] for number, team in enumerate(document["teams"])
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
            self._map(document) if document["routes"] else "",
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
            rows.append(
                f'<tr><td class="no">{swatch}</td><td><b>{escape(self._team_name(team))}</b> {escape(kind)}</td>'
                f"<td>{escape(find_post(self._document, team)['name'])}</td>"
                + _numbers(
                    write_clock(route["start_s"]),
                    write_clock(route["end_s"]),
                    str(len(route["stops"])),
                    format_distance(route["driven_m"], _),
                    format_distance(route["walked_m"], _),
                )
                + "</tr>"
            )
        return f"<h2>{escape(_(N_('Routes')))}</h2>{_table(heads, rows)}"

    def _unserved_table(self) -> str:
        _ = self._
        if not self._document["unserved"]:
            return ""
        rows = []
        for item in self._document["unserved"]:
            task = self._tasks[item["task"]]
            reason = _(item["text"]).format(**item["values"])
            place = self._describe_task(task)
            rows.append(f"<tr><td>{escape(place)}<p>{escape(task['code'])}</p></td><td>{escape(reason)}</td></tr>")
        heads = [(_(N_("Not served")), ""), (_(N_("Reason")), "")]
        return f"<h2>{escape(_(N_('Tasks not served')))}</h2>{_table(heads, rows)}"

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
        facts = [
            (_(N_("Team")), f"{self._team_name(team)} · {label('team_kind', team['kind'], _)}"),
            (_(N_("Crew")), crew),
            (_(N_("Post")), find_post(document, team)["name"]),
            (_(N_("Shift")), shift),
            (_(N_("Out and back")), f"{write_clock(route['start_s'])}–{write_clock(route['end_s'])}"),
        ]
        alone = {**document, "routes": [route]}
        parts = [
            self._header(_(N_("Patrol order")), self.title),
            self._facts(facts),
            self._map(alone),
            f"<h2>{escape(_(N_('Stops')))}</h2>{self._stops_table(route, team)}",
            self._footer(signatures=True),
        ]
        return f'<section class="sheet">{"".join(parts)}</section>'

    def _stops_table(self, route: Document, team: Document) -> str:
        _ = self._
        heads = [
            (_(N_("No.")), ""),
            (_(N_("Place and work")), ""),
            (_(N_("Arrive")), "n"),
            (_(N_("Work begins")), "n"),
            (_(N_("Leave")), "n"),
            (_(N_("Drive")), "n"),
            (_(N_("Walk")), "n"),
            (_(N_("Done, remarks")), ""),
        ]
        on_foot = team["kind"] == "foot"
        post = escape(find_post(self._document, team)["name"])
        rows = [self._end_row(post, "", write_clock(route["start_s"]))]
        rows.extend(self._stop_row(stop, on_foot=on_foot) for stop in route["stops"])
        lengths = self._lengths(route["return"]["metres"], 0.0, on_foot=on_foot)
        rows.append(self._end_row(post, write_clock(route["end_s"]), "", *lengths))
        total = [format_distance(route[name], _) if route[name] else "—" for name in ("driven_m", "walked_m")]
        rows.append(
            f'<tr class="sum"><td></td><td>{escape(_(N_("In all, the vehicle going round included")))}</td>'
            f'<td class="n" colspan="3">{escape(format_duration(route["duration_s"], _))}</td>'
            f"{_numbers(*total)}<td></td></tr>"
        )
        return _table(heads, rows)

    def _stop_row(self, stop: Document, *, on_foot: bool) -> str:
        lengths = self._lengths(stop["leg"]["metres"], stop["work"]["walk_m"], on_foot=on_foot)
        times = [write_clock(stop[name]) for name in ("arrive_s", "start_s", "leave_s")]
        return (
            f'<tr><td class="no">{stop["number"]}</td><td>{self._describe_stop(stop)}</td>'
            f'{_numbers(*times, *lengths)}<td class="blank"></td></tr>'
        )

    def _lengths(self, road_m: float, beside_m: float, *, on_foot: bool) -> list[str]:
        """What is driven and what is walked, in words."""
        lengths = (0.0, road_m + beside_m) if on_foot else (road_m, beside_m)
        return [format_distance(metres, self._) if metres >= 0.5 else "—" for metres in lengths]

    def _end_row(self, post: str, arrive: str, leave: str, drive: str = "", walk: str = "") -> str:
        words = self._(N_("Set out from the post")) if leave else self._(N_("Back at the post"))
        return (
            f'<tr class="{"" if leave else "end"}"><td class="no"></td><td>{escape(words)}<p>{post}</p></td>'
            + _numbers(arrive, "", leave, drive, walk)
            + '<td class="blank"></td></tr>'
        )

    def _describe_stop(self, stop: Document) -> str:
        _, work = self._, stop["work"]
        first = self._tasks[stop["tasks"][0]]
        line = find_line(self._document, first.get("line_id"))
        lines: list[str] = []
        if work["kind"] == "segment":
            assert line is not None
            head = f"{describe_stretch(self._document, stop, self._tasks)} · {line['name']}"
            lines.append(self._describe_walk(work["walk"], line))
            if work["drive"] is not None:
                going = _(N_("Meanwhile the vehicle goes round: {distance}, {time}."))
                lines.append(
                    going.format(
                        distance=format_distance(work["drive"]["metres"], _),
                        time=format_duration(work["drive"]["seconds"], _),
                    )
                )
            elif work["entry"] == work["exit"]:
                lines.append(_(N_("There and back to where you left the road.")))
        else:
            head = first["name"]
            severity = label("severity", first["severity"], _)
            lines.append(f"{severity} · {first['code']} · {first['lat']:.5f}, {first['lon']:.5f}")
            if line is not None and work["walk"] is not None:
                lines.append(self._describe_walk(work["walk"], line))
        return f"<b>{escape(head)}</b>" + "".join(f"<p>{escape(text)}</p>" for text in lines)

    def _describe_walk(self, walk: Document, line: Document) -> str:
        turns = walk["turns_m"]
        ends = {end: self._describe_access(walk[end], line) for end in ("entry", "exit")}
        # A walk that turns round on the way must say where, or somebody stops short.
        marks = [
            write_mileage(line, at)
            for before, at, after in zip(turns, turns[1:], turns[2:], strict=False)
            if (at - before) * (after - at) < 0
        ]
        if not marks:
            return self._(N_("On foot from {entry} to {exit}.")).format(**ends)
        return self._(N_("On foot from {entry} by {marks} to {exit}.")).format(marks=", ".join(marks), **ends)

    def _describe_access(self, access: Document, line: Document) -> str:
        kind = label("access_kind", access["kind"], self._)
        return f"{access['name'] or kind} {write_mileage(line, access['mileage_m'])}"

    def _team_name(self, team: Document) -> str:
        if team["id"] is None:
            return self._(N_("Team {number}")).format(number=team["key"].removeprefix("T"))
        return str(team["name"])

    # --- parts of every sheet ------------------------------------------------------------------------------------

    def _header(self, title: str, below: str) -> str:
        day = escape(self._document["service_date"])
        zone = escape(self._(N_("Beijing time")))
        return (
            f"<header><h1>{escape(title)}<small>{escape(below)}</small></h1>"
            f'<div class="when"><b>{day}</b><span>{zone}</span></div></header>'
        )

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


def _numbers(*texts: str) -> str:
    return "".join(f'<td class="n">{escape(text)}</td>' for text in texts)


def _table(heads: list[tuple[str, str]], rows: list[str]) -> str:
    head = "".join(f'<th class="{kind}">{escape(text)}</th>' for text, kind in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
