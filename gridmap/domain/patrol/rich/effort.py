"""How long a patrol plan is searched for."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from gridmap.domain.patrol.efforts import check_effort
from gridmap.errors import N_, InvalidInput

_MOST_WORKERS = 2


def count_workers() -> int:
    """One for each core, two at most."""
    return min(os.cpu_count() or 1, _MOST_WORKERS)


@dataclass(frozen=True)
class Effort:
    """How long to search: `iterations` where given, which makes a run reproducible by its seed, else `seconds`.

    Attributes
    ----------
    iterations
        Steps of each worker.
    workers
        Searches side by side, on a core each.
    stall
        End after this many steps of a worker without a better plan.
    """

    seconds: float = 10.0
    iterations: int | None = None
    seed: int = 1
    workers: int = field(default_factory=count_workers)
    stall: int | None = None

    def __post_init__(self) -> None:
        check_effort(seconds=self.seconds, iterations=self.iterations)
        if self.workers < 1 or (self.stall is not None and self.stall < 1):
            raise InvalidInput(
                N_("Routes, workers and iterations without a gain are counted from 1."), hint=N_("Give at least 1.")
            )
