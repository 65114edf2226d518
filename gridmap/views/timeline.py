"""The days of a plan's teams one below the other, as SVG over hours: ways, work, waiting, breaks, shifts and windows.

Across, everything is in hundredths of the width, so that the picture is as wide as there is room for without a script.
What a spell is shows by its height and its pattern; colour tells the team, as on the map.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from gridmap.errors import N_
from gridmap.i18n import Translate
from gridmap.i18n.formats import format_distance, join_names
from gridmap.views.palette import palette_for
from gridmap.views.plan_day import Spell, SpellKind, list_spells
from gridmap.views.plan_words import Document, describe_task, name_team, write_clock

ROW_PX, AXIS_PX = 26, 20
_HOUR_PX = 52
"""An hour is at least so wide; a day that does not fit is scrolled."""
_NUMBERED_S = 600
"""A spell of work at least so long has room for the number of its stop."""

_HEIGHTS = {
    SpellKind.DRIVE: 5,
    SpellKind.FOOT: 5,
    SpellKind.WAIT: 1,
    SpellKind.WALK: 15,
    SpellKind.INSPECT: 15,
    SpellKind.BREAK: 9,
}
_NAMES = {
    SpellKind.DRIVE: N_("On the way"),
    SpellKind.FOOT: N_("On the way on foot"),
    SpellKind.WALK: N_("On foot beside the line"),
    SpellKind.INSPECT: N_("Inspecting a hazard"),
    SpellKind.WAIT: N_("Waiting"),
    SpellKind.BREAK: N_("Break"),
}


def draw_timeline(
    document: Document, *, translate: Translate, theme: str = "light", shown: int | None = None
) -> dict[str, Any]:
    """The timeline as what `static/timeline/timeline.js` puts on the page.

    Keys: names (HTML of the first column), chart (SVG), legend (HTML), rows and width (least, pixels), label. Rows that
    answer to a click carry the position of their route as `data-route`; with `shown` the others stand back.
    """
    writer = _TimelineWriter(document, translate, theme, shown)
    return {
        "names": writer.draw_names(),
        "chart": writer.draw_chart(),
        "legend": writer.draw_legend(),
        "rows": len(writer.rows),
        "width": round((writer.end_s - writer.start_s) / 3600 * _HOUR_PX),
        "label": translate(N_("Timeline of the teams")),
        "ground": writer.chrome["ground"],
        "ink": writer.chrome["ink"],
        "line": writer.chrome["line"],
    }


@dataclass(frozen=True)
class _Row:
    """A team's line; `route` and its position are None where the team stays at its post."""

    team: Document
    route: Document | None
    position: int | None


class _TimelineWriter:
    """Draws one plan in one language and theme."""

    def __init__(self, document: Document, translate: Translate, theme: str, shown: int | None) -> None:
        self._document = document
        self._ = translate
        self._shown = shown
        palette = palette_for(theme)
        self.chrome: Mapping[str, str] = palette.chrome
        self._colours = palette.routes
        self._tasks = {task["key"]: task for task in document["tasks"]}
        self.rows = _list_rows(document)
        times = [row.team[name] for row in self.rows for name in ("shift_start_s", "shift_end_s")]
        times += [route[name] for route in document["routes"] for name in ("start_s", "end_s")]
        self.start_s = 3600 * math.floor(min(times, default=8 * 3600) / 3600)
        self.end_s = max(3600 * math.ceil(max(times, default=17 * 3600) / 3600), self.start_s + 3600)

    def draw_names(self) -> str:
        """The teams' names, each a button where it has a route."""
        parts = []
        for row in self.rows:
            name = escape(name_team(row.team, self._))
            if row.position is None:
                parts.append(f'<span class="idle">{name}</span>')
                continue
            pressed = "true" if self._shown == row.position else "false"
            colour = self._colours[row.position % len(self._colours)]
            parts.append(
                f'<button type="button" data-route="{row.position}" aria-pressed="{pressed}" '
                f'aria-label="{escape(self._describe_row(row))}" style="border-left-color:{colour}">{name}</button>'
            )
        return "".join(parts)

    def draw_chart(self) -> str:
        """The days themselves."""
        height = AXIS_PX + ROW_PX * len(self.rows)
        label = escape(self._(N_("Timeline of the teams")))
        parts = [
            f'<svg class="chart" xmlns="http://www.w3.org/2000/svg" width="100%" height="{height}" role="img" '
            f'aria-label="{label}">{self._draw_patterns()}',
            *self._draw_hours(height),
        ]
        for number, row in enumerate(self.rows):
            top = AXIS_PX + ROW_PX * number
            faded = self._shown is not None and row.position != self._shown
            handle = "" if row.position is None else f' data-route="{row.position}"'
            parts.append(f'<g{handle} opacity="{0.35 if faded else 1:g}">{"".join(self._draw_row(row, top))}</g>')
        return "".join(parts) + "</svg>"

    def draw_legend(self) -> str:
        """What each kind of spell looks like, as far as it occurs."""
        kinds = {spell.kind for row in self.rows if row.route for spell in list_spells(row.route)}
        colour = self.chrome["quiet"]
        items = [
            f'<span><svg width="22" height="16" aria-hidden="true">{self._draw_patterns()}'
            f"{self._draw_bar(kind, '0', '100%', 0, colour, height=16)}</svg>{escape(self._(name))}</span>"
            for kind, name in _NAMES.items()
            if kind in kinds
        ]
        border = f'<line x1="11" x2="11" y1="1" y2="15" stroke="{self.chrome["ink"]}" stroke-width="1.5"/>'
        items.append(f'<span><svg width="22" height="16" aria-hidden="true">{border}</svg>{self._(N_("Shift"))}</span>')
        if any(self._list_windows(row.route) for row in self.rows if row.route):
            line = f'<line x1="1" x2="21" y1="8" y2="8" stroke="{self.chrome["warn"]}" stroke-width="2"/>'
            words = escape(self._(N_("Has to begin within")))
            items.append(f'<span><svg width="22" height="16" aria-hidden="true">{line}</svg>{words}</span>')
        return "".join(items)

    # --- one team ------------------------------------------------------------------------------------------------

    def _draw_row(self, row: _Row, top: int) -> Iterator[str]:
        lane, middle = self._x(row.team["shift_start_s"]), top + ROW_PX / 2
        width = self._width(row.team["shift_start_s"], row.team["shift_end_s"])
        ink = self.chrome["ink"]
        yield (
            f'<rect x="0" y="{top}" width="100%" height="{ROW_PX}" fill="transparent"/>'
            f'<rect x="{lane}" y="{top + 2}" width="{width}" height="{ROW_PX - 4}" fill="{self.chrome["line"]}" '
            f'fill-opacity="0.35"/>'
        )
        for name, title in (("shift_start_s", N_("Shift begins {at}")), ("shift_end_s", N_("Shift ends {at}"))):
            yield self._draw_mark(row.team[name], top, title, dash="")
        if row.team.get("latest_return_s") is not None:
            yield self._draw_mark(row.team["latest_return_s"], top, N_("Back by {at}"), dash="2 2")
        if row.route is None or row.position is None:
            words = escape(self._(N_("Stays at its post")))
            yield f'<text x="{lane}" dx="8" y="{middle + 4:g}" fill="{self.chrome["quiet"]}">{words}</text>'
            return
        colour = self._colours[row.position % len(self._colours)]
        for first_s, last_s in self._list_windows(row.route):
            title = self._(N_("Has to begin within")) + f" {write_clock(first_s)}–{write_clock(last_s)}"
            yield (
                f'<rect x="{self._x(first_s)}" y="{top + ROW_PX - 4}" width="{self._width(first_s, last_s)}" '
                f'height="2" fill="{self.chrome["warn"]}"><title>{escape(title)}</title></rect>'
            )
        for spell in list_spells(row.route):
            yield self._draw_spell(spell, top, colour)
        yield (
            f'<text x="{self._x(row.route["end_s"])}" dx="4" y="{middle + 4:g}" fill="{ink}" class="end">'
            f"{write_clock(row.route['end_s'])}</text>"
        )

    def _draw_mark(self, at_s: int, top: int, title: str, *, dash: str) -> str:
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        words = escape(self._(title).format(at=write_clock(at_s)))
        return (
            f'<line x1="{self._x(at_s)}" x2="{self._x(at_s)}" y1="{top + 2}" y2="{top + ROW_PX - 2}" '
            f'stroke="{self.chrome["ink"]}" stroke-width="1.5"{dashes}><title>{words}</title></line>'
        )

    def _draw_spell(self, spell: Spell, top: int, colour: str) -> str:
        bar = self._draw_bar(
            spell.kind, self._x(spell.start_s), self._width(spell.start_s, spell.end_s), top, colour, height=ROW_PX
        )
        number = ""
        at_work = spell.kind in {SpellKind.WALK, SpellKind.INSPECT}
        if at_work and spell.stop is not None and spell.end_s - spell.start_s >= _NUMBERED_S:
            middle = self._x((spell.start_s + spell.end_s) / 2)
            number = f'<text class="no" x="{middle}" y="{top + ROW_PX / 2 + 4:g}">{spell.stop["number"]}</text>'
        return f"<g><title>{escape(self._describe_spell(spell))}</title>{bar}{number}</g>"

    def _draw_bar(self, kind: SpellKind, x: str, width: str, top: int, colour: str, *, height: int) -> str:
        tall = _HEIGHTS[kind]
        at = f'x="{x}" y="{top + (height - tall) / 2:g}" width="{width}" height="{tall}"'
        match kind:
            case SpellKind.DRIVE:
                return f'<rect {at} fill="{colour}" fill-opacity="0.55"/>'
            case SpellKind.FOOT:
                return f'<rect {at} fill="{colour}" fill-opacity="0.55"/><rect {at} fill="url(#gm-dots)"/>'
            case SpellKind.WALK:
                return f'<rect {at} fill="{colour}"/><rect {at} fill="url(#gm-stripes)"/>'
            case SpellKind.BREAK:
                quiet = self.chrome["quiet"]
                return f'<rect {at} fill="{self.chrome["ground"]}" stroke="{quiet}"/><rect {at} fill="url(#gm-rest)"/>'
            case SpellKind.WAIT:
                return f'<rect {at} fill="{self.chrome["quiet"]}"/>'
        return f'<rect {at} fill="{colour}"/>'

    def _draw_patterns(self) -> str:
        ground, quiet = self.chrome["ground"], self.chrome["quiet"]
        return (
            '<defs><pattern id="gm-stripes" width="7" height="7" patternUnits="userSpaceOnUse">'
            f'<path d="M-1 8L8 -1" stroke="{ground}" stroke-width="1.2" stroke-opacity="0.75"/></pattern>'
            '<pattern id="gm-dots" width="5" height="5" patternUnits="userSpaceOnUse">'
            f'<rect width="2" height="5" fill="{ground}"/></pattern>'
            '<pattern id="gm-rest" width="4" height="4" patternUnits="userSpaceOnUse">'
            f'<circle cx="2" cy="2" r="0.8" fill="{quiet}"/></pattern></defs>'
        )

    def _draw_hours(self, height: int) -> Iterator[str]:
        line, quiet = self.chrome["line"], self.chrome["quiet"]
        for at_s in range(self.start_s, self.end_s + 1, 3600):
            x = self._x(at_s)
            anchor = "start" if at_s == self.start_s else "end" if at_s == self.end_s else "middle"
            yield (
                f'<line x1="{x}" x2="{x}" y1="{AXIS_PX - 4}" y2="{height}" stroke="{line}"/>'
                f'<text x="{x}" y="{AXIS_PX - 7}" text-anchor="{anchor}" fill="{quiet}">{write_clock(at_s)}</text>'
            )

    # --- words ---------------------------------------------------------------------------------------------------

    def _describe_row(self, row: _Row) -> str:
        assert row.route is not None
        words = [
            name_team(row.team, self._),
            f"{write_clock(row.route['start_s'])}–{write_clock(row.route['end_s'])}",
            self._("{number} stops").format(number=len(row.route["stops"])),
            f"{self._('driven')} {format_distance(row.route['driven_m'], self._)}",
            f"{self._('walked')} {format_distance(row.route['walked_m'], self._)}",
        ]
        return join_names(words, self._)

    def _describe_spell(self, spell: Spell) -> str:
        words = [f"{write_clock(spell.start_s)}–{write_clock(spell.end_s)}", self._(_NAMES[spell.kind])]
        if spell.stop is not None and spell.kind is not SpellKind.BREAK:
            places = (describe_task(self._tasks[key], self._document, self._) for key in spell.stop["tasks"])
            words.append(f"{spell.stop['number']}: {self._('; ').join(places)}")
        return " · ".join(words)

    def _list_windows(self, route: Document) -> list[tuple[int, int]]:
        """The hours within which work of a route has to begin, each once."""
        found = {
            (int(first), int(last))
            for stop in route["stops"]
            for key in stop["tasks"]
            for first, last in self._tasks[key].get("windows_s", ())
        }
        return sorted(found)

    # --- places --------------------------------------------------------------------------------------------------

    def _x(self, at_s: float) -> str:
        return f"{self._share(at_s):.3f}%"

    def _width(self, from_s: float, to_s: float) -> str:
        return f"{max(0.0, self._share(to_s) - self._share(from_s)):.3f}%"

    def _share(self, at_s: float) -> float:
        return 100 * min(1.0, max(0.0, (at_s - self.start_s) / (self.end_s - self.start_s)))


def _list_rows(document: Document) -> list[_Row]:
    """Teams with a route in the order of the routes, then those that stay."""
    teams = {team["key"]: team for team in document["teams"]}
    rows = [_Row(teams[route["team"]], route, position) for position, route in enumerate(document["routes"])]
    away = {route["team"] for route in document["routes"]}
    return rows + [_Row(team, None, None) for team in document["teams"] if team["key"] not in away]
