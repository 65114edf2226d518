"""The table of a printed order: every stop of one team with its times, ways and what is to be done there."""

from __future__ import annotations

from html import escape

from gridmap.errors import N_
from gridmap.i18n import Translate
from gridmap.i18n.formats import format_distance, format_duration, join_names
from gridmap.i18n.labels import label
from gridmap.views.order_tables import draw_numbers, draw_table
from gridmap.views.plan_done import cut_done, is_done, is_under_way
from gridmap.views.plan_words import (
    Document,
    describe_stretch,
    find_home,
    find_line,
    find_post,
    write_clock,
    write_mileage,
)


class StopsWriter:
    """Writes the stops of one plan in one language."""

    def __init__(self, document: Document, translate: Translate) -> None:
        self._document = document
        self._ = translate
        self._tasks = {task["key"]: task for task in document["tasks"]}

    def draw(self, route: Document, team: Document) -> str:
        """The table of one route, from setting out to coming back, breaks included.

        Where a plan was mended while the team was out it begins there, with a line of what is done.
        """
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
        home = escape(find_home(self._document, team)["name"])
        left = cut_done(route)
        if is_under_way(route):
            rows = [*self._done_rows(route), *self._break_rows(left, route["resumed"]["after"])]
        else:
            rows = [self._end_row(post, "", write_clock(route["start_s"])), *self._break_rows(route, 0)]
        for stop in left["stops"]:
            rows += [self._stop_row(stop, on_foot=on_foot), *self._break_rows(left, stop["number"])]
        if (route.get("resumed") or {}).get("ends", False):
            return draw_table(heads, [*rows, self._point_row(_(N_("The day ends here")), at=route["end_s"])])
        lengths = self._lengths(route["return"]["metres"], 0.0, on_foot=on_foot)
        rows += [self._end_row(home, write_clock(route["end_s"]), "", *lengths), *self._break_rows(left, None)]
        return draw_table(heads, [*rows, self._sum_row(left)])

    def _sum_row(self, route: Document) -> str:
        _ = self._
        total = [format_distance(route[name], _) if route[name] else "—" for name in ("driven_m", "walked_m")]
        return (
            f'<tr class="sum"><td></td><td>{escape(_(N_("In all, the vehicle going round included")))}</td>'
            f'<td class="n" colspan="3">{escape(format_duration(route["duration_s"], _))}</td>'
            f"{draw_numbers(*total)}<td></td></tr>"
        )

    def _done_rows(self, route: Document) -> list[str]:
        """What is behind a team, in one line, and when and where it goes on."""
        _, resumed = self._, route["resumed"]
        rows = []
        if done := [str(stop["number"]) for stop in route["stops"] if is_done(route, stop)]:
            words = _(N_("Done already: stops {numbers}")).format(numbers=join_names(done, _))
            rows.append(f'<tr class="rest"><td class="no">✓</td><td colspan="7">{escape(words)}</td></tr>')
        if not resumed.get("ends", False):
            way = next((stop["leg"] for stop in route["stops"] if not is_done(route, stop)), route["return"])
            lon, lat = way["coordinates"][0]
            where = f"{lat:.5f}, {lon:.5f}"
            rows.append(self._point_row(_(N_("Goes on from where it is")), below=where, leave=resumed["at_s"]))
        return rows

    def _point_row(self, words: str, *, below: str = "", at: int | None = None, leave: int | None = None) -> str:
        times = ["" if seconds is None else write_clock(seconds) for seconds in (at, leave)]
        return (
            f'<tr><td class="no"></td><td>{escape(words)}{f"<p>{escape(below)}</p>" if below else ""}</td>'
            f'{draw_numbers(times[0], "", times[1], "", "")}<td class="blank"></td></tr>'
        )

    def _stop_row(self, stop: Document, *, on_foot: bool) -> str:
        lengths = self._lengths(stop["leg"]["metres"], stop["work"]["walk_m"], on_foot=on_foot)
        times = [write_clock(stop[name]) for name in ("arrive_s", "start_s", "leave_s")]
        return (
            f'<tr><td class="no">{stop["number"]}</td><td>{self._describe_stop(stop)}</td>'
            f'{draw_numbers(*times, *lengths)}<td class="blank"></td></tr>'
        )

    def _break_rows(self, route: Document, after: int | None) -> list[str]:
        """Rests after a stop, 0: before setting out, None: after the return."""
        return [
            f'<tr class="rest"><td class="no"></td><td>{escape(self._(N_("Break")))}</td>'
            + draw_numbers(write_clock(rest["start_s"]), "", write_clock(rest["end_s"]), "", "")
            + '<td class="blank"></td></tr>'
            for rest in route.get("breaks", ())
            if rest["after"] == after
        ]

    def _lengths(self, road_m: float, beside_m: float, *, on_foot: bool) -> list[str]:
        """What is driven and what is walked, in words."""
        lengths = (0.0, road_m + beside_m) if on_foot else (road_m, beside_m)
        return [format_distance(metres, self._) if metres >= 0.5 else "—" for metres in lengths]

    def _end_row(self, post: str, arrive: str, leave: str, drive: str = "", walk: str = "") -> str:
        words = self._(N_("Set out from the post")) if leave else self._(N_("Back at the post"))
        return (
            f'<tr class="{"" if leave else "end"}"><td class="no"></td><td>{escape(words)}<p>{post}</p></td>'
            + draw_numbers(arrive, "", leave, drive, walk)
            + '<td class="blank"></td></tr>'
        )

    def _describe_stop(self, stop: Document) -> str:
        _, work = self._, stop["work"]
        visit = stop.get("visit")
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
        if visit is not None:
            lines.insert(0, _(N_("Visit {number} of {count}")).format(number=visit["number"], count=visit["of"]))
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
        return self._(N_("On foot from {entry} by {marks} to {exit}.")).format(marks=join_names(marks, self._), **ends)

    def _describe_access(self, access: Document, line: Document) -> str:
        kind = label("access_kind", access["kind"], self._)
        return f"{access['name'] or kind} {write_mileage(line, access['mileage_m'])}"
