"""Results of the rich model's protocol, kept between runs, and the table that is drawn from them."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Duel:
    """Ours against PyVRP's better of two seeds on one instance: the objective without the work of what is served."""

    place: str
    instance: str
    seconds: float
    seed: int
    ours: float
    peers: tuple[float, ...]
    left_out: int
    peers_left_out: tuple[int, ...]
    gap: float

    @property
    def ratio(self) -> float:
        return self.ours / min(self.peers)

    @property
    def key(self) -> tuple[str, str, float, int]:
        return (self.place, self.instance, self.seconds, self.seed)


class Duels:
    """Duels in a file; each is written at once, so that a protocol of hours may be run in pieces."""

    def __init__(self, path: Path) -> None:
        self._path = path
        rows = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
        for row in rows:
            row.update(peers=tuple(row["peers"]), peers_left_out=tuple(row["peers_left_out"]))
        self._duels = {duel.key: duel for duel in (Duel(**row) for row in rows)}

    def __contains__(self, key: tuple[str, str, float, int]) -> bool:
        return key in self._duels

    def add(self, duel: Duel) -> None:
        self._duels[duel.key] = duel
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps([asdict(kept) for kept in self._duels.values()], indent=0), encoding="utf-8")
        fresh.replace(self._path)

    def ratios(self, place: str, seconds: float) -> list[float]:
        return [duel.ratio for duel in self._duels.values() if (duel.place, duel.seconds) == (place, seconds)]

    def draw_table(self) -> str:
        """Markdown, a line for each duel and one for the mean of each place and time."""
        lines = [
            "| place | jobs-load-seed | seconds | seed | ours / PyVRP | left out, ours | PyVRP | gap to the bound % |",
            "|---|---|---|---|---|---|---|---|",
        ]
        for duel in sorted(self._duels.values(), key=lambda duel: duel.key):
            peers = ", ".join(map(str, duel.peers_left_out))
            cells = (*duel.key, f"{duel.ratio:.4f}", duel.left_out, peers, f"{100 * duel.gap:.1f}")
            lines.append("| " + " | ".join(map(str, cells)) + " |")
        for place, seconds in sorted({(duel.place, duel.seconds) for duel in self._duels.values()}):
            found = self.ratios(place, seconds)
            lines.append(f"| {place} | mean of {len(found)} | {seconds} | | {sum(found) / len(found):.4f} | | | |")
        return "\n".join(lines) + f"\n\n{os.cpu_count()} cores, load average {os.getloadavg()[2]:.1f} at the end.\n"
