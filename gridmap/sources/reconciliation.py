"""The account of an import: everything read is accepted, repaired or rejected with its id and a reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Notice:
    """Something a person should know about what was taken: a catalogue message and the values of its fields."""

    message: str
    values: dict[str, Any]

    def __str__(self) -> str:
        return self.message.format(**self.values)


@dataclass
class Tally:
    """Counts objects of interest while a source is read; `accepted` and `repaired` exclude one another."""

    accepted: int = 0
    repaired: int = 0
    rejected: list[dict[str, str]] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def accept(self, *, repaired: bool = False) -> None:
        """Count an object that was taken, as it is or after a repair."""
        if repaired:
            self.repaired += 1
        else:
            self.accepted += 1

    def reject(self, object_id: str, reason: str) -> None:
        """Count an object that could not be taken; `reason` is a catalogue message without fields."""
        self.rejected.append({"id": object_id, "reason": reason})

    def warn(self, message: str, **values: Any) -> None:
        """Note something about what was taken."""
        self.notices.append(Notice(message, values))

    @property
    def read(self) -> int:
        """Objects of interest met so far."""
        return self.accepted + self.repaired + len(self.rejected)
