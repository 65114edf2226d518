"""Figures beside their limits, and beside a peer's in the same run."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """A measured value, what it may be at most, and the values of peers by name; all in `unit`."""

    name: str
    limit: float
    value: float
    unit: str
    peers: dict[str, float] = field(default_factory=dict)

    @property
    def is_met(self) -> bool:
        return self.value <= self.limit

    def __str__(self) -> str:
        peers = "; ".join(f"{name} {peer:,.4g} (x {peer / self.value:,.1f})" for name, peer in self.peers.items())
        mark = " " if self.is_met else "!"
        return f"{mark} {self.name:<46} {self.limit:>8,.4g} {self.value:>9,.3g} {self.unit:<3} {peers}"


@dataclass
class Board:
    """All figures of a run."""

    figures: list[Figure] = field(default_factory=list)

    def check(self, *figures: Figure) -> None:
        """Note figures, and fail where one of them misses its limit."""
        self.figures += figures
        assert [str(figure) for figure in figures if not figure.is_met] == []

    def __str__(self) -> str:
        head = f"  {'figure':<46} {'limit':>8} {'measured':>9}     peer (its multiple of ours)"
        return "\n".join([head, *map(str, self.figures)])
