"""Teams as a table names them: one row a team, its post by name or by place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gridmap.domain.patrol.hours import DAY_S, parse_breaks, parse_clock
from gridmap.domain.patrol.problem import Break, TeamKind
from gridmap.errors import N_, InvalidInput

MOST_MEMBERS = 50
MOST_WALK_M = 30_000.0
_KINDS: Mapping[str, TeamKind] = {
    **dict.fromkeys(("car", "汽车", "轿车", "警车", "巡逻车", "车巡", "车"), TeamKind.CAR),
    **dict.fromkeys(("motorcycle", "motorbike", "摩托车", "摩托", "摩巡"), TeamKind.MOTORCYCLE),
    **dict.fromkeys(("foot", "walk", "步行", "徒步", "步巡"), TeamKind.FOOT),
}
_SEPARATORS = re.compile(r"[;；、,，]+")


@dataclass(frozen=True)
class CrewRow:
    """A team out of a table; times in seconds after midnight, an end before the start is on the next day.

    The post is a name, or a place (WGS-84) where `place` is set; `end_post` is a name, "" where the team comes back to
    where it set out.
    """

    row: int
    name: str
    kind: TeamKind
    members: int
    post: str
    place: tuple[float, float] | None
    start_s: int
    end_s: int
    end_post: str = ""
    breaks: tuple[Break, ...] = ()
    latest_return_s: int | None = None
    skills: frozenset[str] = frozenset()
    max_walk_m: float | None = None


def read_crew_row(cells: Mapping[str, str], *, row: int) -> CrewRow:
    """A team out of the cells of a row, by column: see `sources.team_table`.

    Raises
    ------
    InvalidInput
        What is written is no team, or one that could never work: no time, a break outside its shift.
    """
    name = _require(cells, "name", N_("The team has no name."), N_("Give each team a name of its own."))
    start_s = parse_clock(_require(cells, "start", N_("The shift has no start."), N_("Write it like 08:00.")))
    end_s = parse_clock(_require(cells, "end", N_("The shift has no end."), N_("Write it like 17:00.")))
    if start_s == end_s:
        raise InvalidInput(N_("The shift begins and ends at the same time."), hint=N_("Write when it ends."))
    end_s = end_s if end_s > start_s else end_s + DAY_S
    latest = cells.get("latest_return", "")
    latest_return_s = _after(start_s, parse_clock(latest)) if latest else None
    if latest_return_s is not None and latest_return_s > end_s:
        raise InvalidInput(
            N_("The latest return {latest} lies outside the shift."),
            hint=N_("Write a time within the shift, or leave it out."),
            latest=latest,
        )
    walk = cells.get("max_walk", "")
    return CrewRow(
        row=row,
        name=name,
        kind=read_kind(_require(cells, "kind", N_("The team has no kind."), _KIND_HINT)),
        members=round(_read_number(cells.get("members", "") or "2", least=1, most=MOST_MEMBERS)),
        post=cells.get("post", ""),
        place=_read_place(cells),
        start_s=start_s,
        end_s=end_s,
        end_post=cells.get("end_post", ""),
        breaks=place_breaks(cells.get("breaks", ""), start_s=start_s, end_s=latest_return_s or end_s),
        latest_return_s=latest_return_s,
        skills=read_skills(cells.get("skills", "")),
        max_walk_m=_read_number(walk, least=0, most=MOST_WALK_M) if walk else None,
    )


_KIND_HINT = N_("It is car, motorcycle or foot.")


def read_kind(text: str) -> TeamKind:
    """The kind of a team in English or Chinese.

    Raises
    ------
    InvalidInput
        It is none.
    """
    kind = _KINDS.get(text.strip().casefold())
    if kind is None:
        raise InvalidInput(N_("“{text}” is no kind of team."), hint=_KIND_HINT, text=text)
    return kind


def read_skills(text: str) -> frozenset[str]:
    """Skills parted by semicolons."""
    return frozenset(part.strip() for part in _SEPARATORS.split(text) if part.strip())


def place_breaks(text: str, *, start_s: int, end_s: int) -> tuple[Break, ...]:
    """Breaks of a team that is out from `start_s` to `end_s`, those after midnight on the next day.

    Raises
    ------
    InvalidInput
        One cannot be begun and ended within the shift, or two cannot both be taken.
    """
    breaks = []
    for earliest_s, latest_s, seconds in parse_breaks(text):
        first = earliest_s if earliest_s >= start_s else earliest_s + DAY_S
        last = first + latest_s - earliest_s
        if first + seconds > end_s:
            raise InvalidInput(
                N_("The break “{text}” does not fit into the shift."),
                hint=N_("Let it begin earlier, or lengthen the shift."),
                text=text,
            )
        breaks.append(Break(first, min(last, end_s - seconds), seconds))
    breaks.sort(key=lambda item: (item.earliest_s, item.latest_s))
    free_s = start_s
    for item in breaks:
        free_s = max(free_s, item.earliest_s)
        if free_s > item.latest_s:
            raise InvalidInput(
                N_("The breaks “{text}” cannot all be taken."),
                hint=N_("Let them begin at different times."),
                text=text,
            )
        free_s += item.seconds
    return tuple(breaks)


def _after(start_s: int, at_s: int) -> int:
    return at_s if at_s > start_s else at_s + DAY_S


def _require(cells: Mapping[str, str], name: str, message: str, hint: str) -> str:
    text = cells.get(name, "").strip()
    if not text:
        raise InvalidInput(message, hint=hint)
    return text


def _read_place(cells: Mapping[str, str]) -> tuple[float, float] | None:
    lon, lat = cells.get("lon", ""), cells.get("lat", "")
    if not lon and not lat:
        if not cells.get("post", ""):
            raise InvalidInput(N_("The team has no post."), hint=N_("Name one, or give lon and lat."))
        return None
    place = _read_number(lon, least=-180, most=180), _read_number(lat, least=-180, most=180)
    if abs(place[1]) > 90:
        raise InvalidInput(
            N_("{lat} is no latitude."), hint=N_("Longitude and latitude may be exchanged."), lat=place[1]
        )
    return place


def _read_number(text: str, *, least: float, most: float) -> float:
    try:
        number = float(text)
    except ValueError as error:
        raise InvalidInput(N_("“{text}” is no number."), hint=N_("Write digits only."), text=text) from error
    if not least <= number <= most:
        raise InvalidInput(
            N_("{number} lies outside {least} to {most}."),
            hint=N_("Check the column."),
            number=text,
            least=f"{least:g}",
            most=f"{most:g}",
        )
    return number
