"""Results of the rich model's protocol, kept between runs, and the table that is drawn from them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple


class Key(NamedTuple):
    """One run: a place, an instance of it, seconds, and the seed."""

    place: str
    instance: str
    seconds: float
    seed: int


@dataclass(frozen=True)
class Outcome:
    """What one run came to.

    Attributes
    ----------
    value
        The objective without the work of what is served, each job's on its cheapest way.
    left_out, priority
        Jobs that are not served, and their priority together.
    gap
        Share of the whole objective above the lower bound; 0 where none is computed.
    """

    value: float
    travel: float
    left_out: int
    priority: int
    gap: float = 0.0


class Kept:
    """Runs of one solver in a file; each is written at once, so that a protocol of hours may be run in pieces."""

    def __init__(self, path: Path) -> None:
        self._path = path
        rows = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
        self.runs = {Key(*key): tuple(Outcome(**outcome) for outcome in outcomes) for key, outcomes in rows}

    def add(self, key: Key, outcomes: Iterable[Outcome]) -> None:
        self.runs[key] = tuple(outcomes)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        rows = [(kept, [asdict(outcome) for outcome in outcomes]) for kept, outcomes in self.runs.items()]
        fresh.write_text(json.dumps(rows, indent=0), encoding="utf-8")
        fresh.replace(self._path)


@dataclass(frozen=True)
class Duel:
    """Ours against the better of the peer's runs."""

    key: Key
    ours: Outcome
    peers: tuple[Outcome, ...]

    @property
    def better(self) -> Outcome:
        return min(self.peers, key=lambda peer: peer.value)

    @property
    def ratio(self) -> float:
        return self.ours.value / self.better.value

    @property
    def travel_ratio(self) -> float | None:
        """Ways and waiting alone, where both leave out as much."""
        return self.ours.travel / self.better.travel if self.ours.priority == self.better.priority else None


def match(ours: Kept, peers: Kept) -> list[Duel]:
    """A duel for every run that both have done."""
    both = sorted(ours.runs.keys() & peers.runs.keys())
    return [Duel(key, ours.runs[key][0], peers.runs[key]) for key in both]


def mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed)


def draw_table(duels: list[Duel]) -> str:
    """Markdown, a line for each duel and one for the mean of each place and time."""
    lines = [
        "| place | jobs-load-seed | seconds | seed | ours / PyVRP | travel alone, where both leave out as much "
        "| left out (priority), ours | PyVRP | gap to the bound % |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for duel in duels:
        travel = "" if duel.travel_ratio is None else f"{duel.travel_ratio:.4f}"
        missing = [f"{outcome.left_out} ({outcome.priority})" for outcome in (duel.ours, duel.better)]
        cells = (*duel.key, f"{duel.ratio:.4f}", travel, *missing, f"{100 * duel.ours.gap:.1f}")
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    for place, seconds in sorted({(duel.key.place, duel.key.seconds) for duel in duels}):
        found = [duel for duel in duels if (duel.key.place, duel.key.seconds) == (place, seconds)]
        alike = [duel.travel_ratio for duel in found if duel.travel_ratio is not None]
        travel = f"{mean(alike):.4f} ({len(alike)})" if alike else ""
        ratio = mean(duel.ratio for duel in found)
        lines.append(f"| {place} | mean of {len(found)} | {seconds} | | {ratio:.4f} | {travel} | | | |")
    return "\n".join(lines) + f"\n\n{os.cpu_count()} cores, load average {os.getloadavg()[2]:.1f} at the end.\n"
