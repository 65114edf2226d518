"""A plan as a workbook: an overview, a sheet for each team, and what is not served."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from gridmap.domain.patrol.balance import measure_balance
from gridmap.errors import N_
from gridmap.i18n import Translate
from gridmap.i18n.labels import label
from gridmap.views.plan_day import SpellKind, list_spells
from gridmap.views.plan_done import is_done, is_under_way
from gridmap.views.plan_words import (
    Document,
    describe_task,
    explain_unserved,
    find_home,
    find_line,
    find_post,
    find_team,
    name_team,
    write_mileage,
)
from gridmap.views.sheets import Sheet, Value, draw_book

_CLOCK, _SPAN, _KM, _METRES = "hh:mm", "[h]:mm", "0.0", "0"


def draw_plan_book(document: Document, *, translate: Translate = str) -> bytes:
    """An .xlsx; times are Beijing's, of the kind a spreadsheet can reckon with, mileages as on the posts."""
    writer = _BookWriter(document, translate)
    teams = [writer.draw_team(route) for route in document["routes"]]
    return draw_book([writer.draw_overview(), *teams, writer.draw_unserved()])


class _BookWriter:
    """Writes the sheets of one plan in one language."""

    def __init__(self, document: Document, translate: Translate) -> None:
        self._document = document
        self._ = translate
        self._tasks = {task["key"]: task for task in document["tasks"]}
        self._midnight = datetime.fromisoformat(document["service_date"])

    def draw_overview(self) -> Sheet:
        _, document = self._, self._document
        summary = document["summary"]
        facts: list[tuple[str, Value]] = [
            (_(N_("Area")), document.get("area_name") or _(N_("All of my area"))),
            (_(N_("Day")), f"{document['service_date']} ({_(N_('Beijing time'))})"),
            (_(N_("Tasks")), f"{summary['served']} / {summary['tasks']}"),
            (_(N_("Working time")), f"{summary['duration_s'] / 3600:.1f} h"),
            *((_(N_("Note")), _(note["text"]).format(**note["values"])) for note in document["notes"]),
        ]
        columns = [
            _(N_("Team")),
            _(N_("Kind of team")),
            _(N_("Crew")),
            _(N_("Post")),
            _(N_("Sets out")),
            _(N_("Comes back")),
            _(N_("Duration")),
            _(N_("Stops")),
            _(N_("Tasks")),
            _(N_("Driven, km")),
            _(N_("Walked, km")),
        ]
        formats = {4: _CLOCK, 5: _CLOCK, 6: _SPAN, 9: _KM, 10: _KM}
        return Sheet(_(N_("Overview")), columns, list(self._list_loads()), lead=facts, formats=formats)

    def _list_loads(self) -> Iterator[list[Value]]:
        teams = {team["key"]: team for team in self._document["teams"]}
        routes = {route["team"]: route for route in self._document["routes"]}
        for load in measure_balance(self._document).loads:
            team, route = teams[load.team], routes.get(load.team)
            times: list[Value] = [None, None]
            if route is not None:
                times = [self._at(route["start_s"]), self._at(route["end_s"])]
            yield [
                name_team(team, self._),
                label("team_kind", team["kind"], self._),
                team["members"],
                find_post(self._document, team)["name"],
                *times,
                timedelta(seconds=load.duration_s),
                load.stops,
                load.tasks,
                load.driven_m / 1000,
                load.walked_m / 1000,
            ]

    def draw_team(self, route: Document) -> Sheet:
        _ = self._
        team = find_team(self._document, route)
        columns = [
            _(N_("No.")),
            _(N_("Work")),
            _(N_("Place")),
            _(N_("From")),
            _(N_("To")),
            _(N_("Code")),
            _(N_("Arrive")),
            _(N_("Work begins")),
            _(N_("Leave")),
            _(N_("Way there, km")),
            _(N_("Walk, m")),
            _(N_("Longitude")),
            _(N_("Latitude")),
        ]
        if is_under_way(route):
            columns.append(_(N_("State")))
        formats = {6: _CLOCK, 7: _CLOCK, 8: _CLOCK, 9: _KM, 10: _METRES, 11: "0.00000", 12: "0.00000"}
        return Sheet(name_team(team, _), columns, list(self._list_day(route, team)), formats=formats)

    def _list_day(self, route: Document, team: Document) -> Iterator[list[Value]]:
        """Setting out, every task of every stop, every break, and the return, in order of time."""
        post = find_post(self._document, team)
        ends = (route.get("resumed") or {}).get("ends", False)
        last = [
            self._(N_("The day ends here")) if ends else self._(N_("Back at the post")),
            None if ends else find_home(self._document, team)["name"],
            None,
            None,
            None,
            self._at(route["end_s"]),
        ]
        yield [None, self._(N_("Set out from the post")), post["name"], *[None] * 5, self._at(route["start_s"])]
        rows: list[tuple[int, list[Value]]] = []
        for stop in route["stops"]:
            state = [self._word_state(is_done(route, stop))] if is_under_way(route) else []
            rows += [(stop["start_s"], [*row, *state]) for row in self._list_stop(stop)]
        if is_under_way(route):
            resumed = route["resumed"]
            there = sum(leg["metres"] for leg in resumed["behind"]) / 1000
            goes_on: list[Value] = [None, self._(N_("Goes on from where it is")), *[None] * 6]
            rows.append((resumed["at_s"], [*goes_on, self._at(resumed["at_s"]), there or None]))
        for spell in list_spells(route):
            if spell.kind is SpellKind.BREAK:
                times = [self._at(spell.start_s), None, self._at(spell.end_s)]
                rows.append((spell.start_s, [None, self._(N_("Break")), *[None] * 4, *times]))
        yield from (row for _, row in sorted(rows, key=lambda item: item[0]))
        yield [None, *last, None, None, route["return"]["metres"] / 1000]

    def _list_stop(self, stop: Document) -> Iterator[list[Value]]:
        times = [self._at(stop[name]) for name in ("arrive_s", "start_s", "leave_s")]
        for number, key in enumerate(stop["tasks"]):
            task = self._tasks[key]
            line = find_line(self._document, task.get("line_id"))
            ends = [write_mileage(line, task[name]) if line and name in task else None for name in ("from_m", "to_m")]
            # What is done together is on the way once.
            ways: list[Value] = [None, None] if number else [stop["leg"]["metres"] / 1000, stop["work"]["walk_m"]]
            yield [
                stop["number"],
                self._describe_work(task),
                describe_task(task, self._document, self._),
                *ends,
                task["code"],
                *times,
                *ways,
                task["lon"],
                task["lat"],
            ]

    def _word_state(self, done: bool) -> str:
        return self._(N_("Done already")) if done else self._(N_("To do"))

    def _describe_work(self, task: Document) -> str:
        if task["kind"] == "segment":
            return self._(N_("Walk the segment"))
        return f"{self._(N_('Inspect the hazard'))} · {label('severity', task['severity'], self._)}"

    def draw_unserved(self) -> Sheet:
        _ = self._
        columns = [_(N_("Code")), _(N_("Task")), _(N_("Priority")), _(N_("Reason")), _(N_("What keeps it out"))]
        rows: list[list[Value]] = []
        for item in self._document["unserved"]:
            task = self._tasks[item["task"]]
            reason = _(item["text"]).format(**item["values"])
            binding = explain_unserved(item, self._document, _)
            place = describe_task(task, self._document, _)
            rows.append([task["code"], place, task["priority"], reason, binding if binding != reason else None])
        return Sheet(_(N_("Tasks not served")), columns, rows)

    def _at(self, seconds: int) -> datetime:
        """Beijing's time, without a zone: spreadsheets know none."""
        return self._midnight + timedelta(seconds=seconds)
