"""Results of the routing protocol, kept between runs, and the table that is drawn from them."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path

OURS = "gridmap"


@dataclass(frozen=True)
class Run:
    """One solver on one file; `reference` is the best known cost, `cost` None where nothing was found."""

    family: str
    instance: str
    solver: str
    seconds: float
    seed: int
    reference: int
    cost: int | None
    lower_bound: int | None = None

    @property
    def gap(self) -> float | None:
        """Percent above the best known cost."""
        return None if self.cost is None else 100 * (self.cost / self.reference - 1)

    @property
    def key(self) -> tuple[str, str, float, int]:
        return (self.instance, self.solver, self.seconds, self.seed)


class Results:
    """Runs in a file; each is written at once, so that a protocol of hours may be run in pieces."""

    def __init__(self, path: Path) -> None:
        self._path = path
        rows = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
        self._runs = {run.key: run for run in (Run(**row) for row in rows)}

    def __contains__(self, key: tuple[str, str, float, int]) -> bool:
        return key in self._runs

    def add(self, run: Run) -> None:
        self._runs[run.key] = run
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps([asdict(kept) for kept in self._runs.values()], indent=0), encoding="utf-8")
        fresh.replace(self._path)

    def gaps(self, family: str, solver: str, seconds: float) -> list[float]:
        """Of every run that found something."""
        return [
            run.gap
            for run in self._runs.values()
            if (run.family, run.solver, run.seconds) == (family, solver, seconds) and run.gap is not None
        ]

    def pairs(self, solver: str) -> list[tuple[Run, Run]]:
        """Our run and a peer's of the same file, seconds and seed, where both found something."""
        return [
            (self._runs[ours], run)
            for run in self._runs.values()
            if run.solver == solver
            and run.cost is not None
            and (ours := (run.instance, OURS, run.seconds, run.seed)) in self._runs
        ]

    def draw_table(self) -> str:
        """Markdown: mean gap and files within it, by family and seconds, a column for each solver."""
        solvers = sorted({run.solver for run in self._runs.values()}, key=lambda name: (name != OURS, name))
        grouped: dict[tuple[str, float], list[Run]] = defaultdict(list)
        for run in self._runs.values():
            grouped[run.family, run.seconds].append(run)
        heads = " | ".join(f"{name}, mean gap % (seeds)" for name in solvers)
        lines = [
            f"| family | seconds | files | {heads} | bound below, mean % |",
            "|---|---|---|" + "---|" * (len(solvers) + 1),
        ]
        for (family, seconds), runs in sorted(grouped.items()):
            cells = [_describe([run for run in runs if run.solver == name]) for name in solvers]
            bounds = [100 * (1 - run.lower_bound / run.reference) for run in runs if run.lower_bound is not None]
            below = f"{sum(bounds) / len(bounds):.2f}" if bounds else ""
            files = len({run.instance for run in runs})
            lines.append(f"| {family} | {seconds:g} | {files} | {' | '.join(cells)} | {below} |")
        cores = os.cpu_count()
        return "\n".join(lines) + f"\n\n{cores} cores, load average {os.getloadavg()[2]:.1f} at the end.\n"


def _describe(runs: list[Run]) -> str:
    gaps = [run.gap for run in runs if run.gap is not None]
    if not gaps:
        return ""
    seeds = ", ".join(map(str, sorted({run.seed for run in runs})))
    missing = len(runs) - len(gaps)
    return f"{sum(gaps) / len(gaps):.3f} ({seeds})" + (f", {missing} without a plan" if missing else "")
