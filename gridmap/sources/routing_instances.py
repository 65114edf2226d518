"""Benchmark files of arc and general routing: CARP (gdb, val, egl) and MCGRP (mggdb, BHW, CBMix, DI-NEARP)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from gridmap.domain.patrol.mcgrp.instance import LARGEST_COST, Instance, Link, Task, TaskKind
from gridmap.errors import N_, CannotPlan, InvalidInput, UnreadableFile

_LARGEST_BYTES = 20_000_000
_MOST_NODES = 100_000

_HEADER = re.compile(r"^\s*([#A-Za-z][^:]*?)\s*:\s*(.*?)\s*$")
_CARP_EDGE = re.compile(
    r"^\(\s*(-?\d+)\s*,\s*(-?\d+)\s*\)\s*coste?\s+(-?\d+)(?:\s+demanda?\s+(-?\d+))?\s*$", re.IGNORECASE
)


def read_routing_instance(path: Path) -> Instance:
    """Read one file in either format; the instance is called by the file's stem.

    Raises
    ------
    UnreadableFile
        The file is missing, empty, too large, no text or of neither format.
    InvalidInput
        A line of it is wrong; the message names the line and says why.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            N_("The file {name} cannot be read."), hint=N_("Check the name and the folder."), name=path.name
        ) from error
    if not data.strip():
        raise UnreadableFile(N_("The file {name} is empty."), hint=N_("Choose the file again."), name=path.name)
    if len(data) > _LARGEST_BYTES:
        raise _unreadable(path.name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Comments in old files carry accents; every byte is a letter in this encoding, and figures are the same.
        text = data.decode("latin-1")
    return parse_routing_instance(text, name=path.stem)


def parse_routing_instance(text: str, *, name: str) -> Instance:
    """As `read_routing_instance`, for the text of a file whose stem is `name`."""
    draft = _Draft(name)
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    first = _HEADER.match(lines[0][1]) if lines else None
    known = "" if first is None else first[1].casefold()
    if known == "nombre":
        _read_carp(draft, lines)
    elif known == "name":
        _read_mcgrp(draft, lines)
    else:
        raise _unreadable(name)
    return draft.finish()


def _unreadable(name: str) -> UnreadableFile:
    return UnreadableFile(
        N_("{name} is no benchmark file of arc or general routing."),
        hint=N_("It begins with “NOMBRE :” (CARP) or “Name:” (MCGRP)."),
        name=name,
    )


@dataclass
class _Draft:
    """What was read so far, each thing with its line."""

    name: str
    headers: dict[str, tuple[int, str]] = field(default_factory=dict)
    tasks: list[tuple[int, Task]] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    last_line: int = 1

    def refuse(self, line: int, reason: str, **values: object) -> NoReturn:
        """`reason` is a catalogue message of its own, filled in here."""
        raise InvalidInput(
            N_("{name}, line {line}: {reason}."),
            hint=N_("Mend the line, or take the file from its source again."),
            name=self.name,
            line=line,
            reason=reason.format(**values),
        )

    def whole(self, line: int, text: str, *, least: int = 0, most: int = LARGEST_COST) -> int:
        """The whole number in `text`."""
        if not re.fullmatch(r"-?\d+", text):
            self.refuse(line, N_("“{text}” is no whole number"), text=text)
        value = int(text)
        if value < least:
            self.refuse(line, N_("{value} is less than {least}"), value=value, least=least)
        if value > most:
            self.refuse(line, N_("{value} is more than {most}"), value=value, most=most)
        return value

    def header(self, key: str, *, least: int = 0, most: int = LARGEST_COST) -> int:
        """The whole number of a header, refused on the last line where the header is missing."""
        if key not in self.headers:
            self.refuse(self.last_line, N_("the file ends without “{key}”"), key=key)
        line, text = self.headers[key]
        return self.whole(line, text, least=least, most=most)

    def node(self, line: int, text: str) -> int:
        """The position of the node that the file counts from 1."""
        number = self.whole(line, text, least=-LARGEST_COST)
        count = self.header(self.node_key, least=1, most=_MOST_NODES)
        if not 1 <= number <= count:
            self.refuse(line, N_("there is no node {number}, nodes go from 1 to {count}"), number=number, count=count)
        return number - 1

    @property
    def node_key(self) -> str:
        return "VERTICES" if "VERTICES" in self.headers else "#Nodes"

    def require(self, line: int, task: Task) -> None:
        self.tasks.append((line, task))

    def expect(self, key: str, found: int) -> None:
        """Refuse a count of the header that the file does not keep."""
        stated = self.header(key)
        if stated != found:
            reason = N_("“{key}” is {stated}, and the file holds {found}")
            self.refuse(self.last_line, reason, key=key, stated=stated, found=found)

    capacity_key: str = "CAPACIDAD"
    depot_key: str = "DEPOSITO"
    vehicles_key: str = "VEHICULOS"

    def finish(self) -> Instance:
        """The instance, refused by the line of the first task that no route can serve."""
        capacity = self.header(self.capacity_key, least=1)
        if not self.tasks:
            self.refuse(self.last_line, N_("nothing is required"))
        for line, task in self.tasks:
            if task.demand > capacity:
                reason = N_("demand {demand} is more than the capacity {capacity}")
                self.refuse(line, reason, demand=task.demand, capacity=capacity)
        vehicles = self.header(self.vehicles_key, least=-1) if self.vehicles_key in self.headers else -1
        if self.depot_key not in self.headers:
            self.header(self.depot_key)
        instance = Instance(
            name=self.name,
            node_count=self.header(self.node_key, least=1, most=_MOST_NODES),
            depot=self.node(*self.headers[self.depot_key]),
            capacity=capacity,
            tasks=tuple(task for _, task in self.tasks),
            links=tuple(self.links),
            vehicles=vehicles if vehicles > 0 else None,
        )
        try:
            _ = instance.costs
        except CannotPlan as error:
            line = next(line for line, task in self.tasks if task.name == error.values["name"])
            self.refuse(line, N_("{task} cannot be reached from the depot, or there is no way back"), **_task(error))
        return instance


def _task(error: CannotPlan) -> dict[str, object]:
    return {"task": error.values["name"]}


# --- CARP -------------------------------------------------------------------------------------------------------


def _read_carp(draft: _Draft, lines: list[tuple[int, str]]) -> None:
    """Headers in Spanish, then `( 1, 2) coste 13 demanda 1` for each required edge, without demand for the others."""
    section = ""
    unrequired = 0
    for line, text in lines:
        draft.last_line = line
        header = _HEADER.match(text)
        if header is not None:
            key = header[1].upper()
            section = key if key.startswith("LISTA_ARISTAS") else section
            draft.headers[key] = (line, header[2])
            continue
        edge = _CARP_EDGE.match(text)
        if edge is None or not section:
            draft.refuse(line, N_("“{text}” is neither a header nor an edge"), text=text[:40])
        tail, head = draft.node(line, edge[1]), draft.node(line, edge[2])
        cost = draft.whole(line, edge[3])
        draft.links.append(Link(tail, head, cost, two_way=True))
        if section == "LISTA_ARISTAS_NOREQ":
            unrequired += 1
            continue
        if edge[4] is None:
            draft.refuse(line, N_("the demand is missing"))
        demand = draft.whole(line, edge[4])
        name = f"E{len(draft.tasks) + 1}"
        draft.require(line, Task(name, TaskKind.EDGE, tail, head, cost, demand))
    draft.expect("ARISTAS_REQ", len(draft.tasks))
    if "ARISTAS_NOREQ" in draft.headers:
        draft.expect("ARISTAS_NOREQ", unrequired)


# --- MCGRP ------------------------------------------------------------------------------------------------------

_SECTIONS = {"ReN.": 3, "ReE.": 6, "EDGE": 4, "ReA.": 6, "ARC": 4}
"""Sections of a file → the columns of their rows, the name first."""

_KINDS = {"ReN.": TaskKind.NODE, "ReE.": TaskKind.EDGE, "ReA.": TaskKind.ARC}


def _read_mcgrp(draft: _Draft, lines: list[tuple[int, str]]) -> None:
    """Headers in English, then five sections: required nodes, edges, other edges, required arcs, other arcs."""
    draft.capacity_key, draft.depot_key, draft.vehicles_key = "Capacity", "Depot Node", "#Vehicles"
    counts = dict.fromkeys(_SECTIONS, 0)
    section = ""
    for line, text in lines:
        header = _HEADER.match(text)
        if header is not None and not section:
            draft.headers[header[1]] = (line, header[2])
            draft.last_line = line
            continue
        cells = text.split()
        if cells[0] in _SECTIONS:
            section = cells[0]
        elif section and re.fullmatch(r"[A-Za-z]+\d+", cells[0]) and len(cells) == _SECTIONS[section]:
            counts[section] += 1
            _read_row(draft, line, section, cells)
        elif section != "ARC" or any(map(_is_figure, cells[1:3])):
            # Words below the last section are a note; anywhere else a line must be of its section.
            draft.refuse(line, N_("“{text}” is no row of its section"), text=text[:40])
        else:
            break
        draft.last_line = line
    for key, sections in _COUNTED.items():
        draft.expect(key, sum(counts[name] for name in sections))


_COUNTED = {
    "#Required N": ("ReN.",),
    "#Required E": ("ReE.",),
    "#Required A": ("ReA.",),
    "#Edges": ("ReE.", "EDGE"),
    "#Arcs": ("ReA.", "ARC"),
}


def _is_figure(text: str) -> bool:
    return re.fullmatch(r"-?\d+", text) is not None


def _read_row(draft: _Draft, line: int, section: str, cells: list[str]) -> None:
    name, rest = cells[0], cells[1:]
    kind = _KINDS.get(section)
    if kind is TaskKind.NODE:
        node = draft.node(line, re.sub(r"^[A-Za-z]+", "", name))
        draft.require(line, Task(name, kind, node, node, 0, draft.whole(line, rest[0])))
        draft.whole(line, rest[1])
        return
    tail, head = draft.node(line, rest[0]), draft.node(line, rest[1])
    cost = draft.whole(line, rest[2])
    draft.links.append(Link(tail, head, cost, two_way=section in {"ReE.", "EDGE"}))
    if kind is not None:
        draft.require(line, Task(name, kind, tail, head, cost, draft.whole(line, rest[3])))
        draft.whole(line, rest[4])
