"""How long a search may be asked to go on."""

from __future__ import annotations

from gridmap.errors import N_, InvalidInput

LONGEST_S = 24 * 3600


def check_effort(*, seconds: float, iterations: int | None) -> None:
    """Raise InvalidInput where neither the iterations, nor without them the seconds, are something to compute in."""
    if iterations is None and not 0 < seconds <= LONGEST_S:
        raise InvalidInput(
            N_("{seconds} seconds is no time to compute in."),
            hint=N_("Give a positive number of seconds."),
            seconds=seconds,
        )
    if iterations is not None and iterations < 1:
        raise InvalidInput(
            N_("{iterations} iterations compute nothing."),
            hint=N_("Give a positive number of iterations."),
            iterations=iterations,
        )
