"""What the table of a notice would bring, and how it is to be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gridmap.domain.railways.zones import Gap, Narrow, Overlap, Zone
from gridmap.errors import N_, InvalidInput
from gridmap.services.calibration import RejectedRow
from gridmap.services.line_tables import Stretch

_MOST_OFFSET_M = 30.0


ZoneStretch = Stretch[Zone | Gap | Overlap | Narrow]
"""A zone, or what is wrong with one, along its line."""


@dataclass(frozen=True)
class ZonePlan:
    """What the table of a notice would bring.

    Attributes
    ----------
    title
        What stands above the table.
    zones
        Of the good rows, one for each side.
    rejected
        The other rows, each with its reason.
    gaps, overlaps, below_statute
        What is wrong with the lines' announced zones, those kept before included unless they are to be replaced.
    replaced
        Ids of the zones that would go.
    known
        Ids of all zones that the lines had when the table was read.
    """

    title: str
    zones: tuple[Stretch[Zone], ...]
    rejected: tuple[RejectedRow, ...]
    gaps: tuple[ZoneStretch, ...]
    overlaps: tuple[ZoneStretch, ...]
    below_statute: tuple[ZoneStretch, ...]
    replaced: tuple[int, ...]
    known: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class ZoneOptions:
    """How a table is to be read.

    Attributes
    ----------
    line
        The line it is about, by name, number or #id; "" where the table says so, in a column or its title.
    replace
        Its zones take the place of all that were announced on its lines.
    origin_offset_m
        Assumed from the outer track to where the notice measures from; 0 where it measures from the track itself, None:
        from the toe of the embankment, as `ZoneRules` assumes it.
    notice
        Title, number and date of the notice; "" for what stands above the table.
    valid_from, valid_to
        The first and the last day on which the zones are in force; None: they are, and stay so.
    """

    line: str = ""
    replace: bool = False
    origin_offset_m: float | None = None
    notice: str = ""
    valid_from: date | None = None
    valid_to: date | None = None

    def __post_init__(self) -> None:
        if self.origin_offset_m is not None and not 0 <= self.origin_offset_m <= _MOST_OFFSET_M:
            raise InvalidInput(
                N_("From the outer track to the origin it is 0 to {limit} m."),
                hint=N_("Give 0 where the notice measures from the track."),
                limit=round(_MOST_OFFSET_M),
            )
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise InvalidInput(
                N_("The last day of the notice lies before its first."),
                hint=N_("Exchange the two days, or correct one."),
            )
