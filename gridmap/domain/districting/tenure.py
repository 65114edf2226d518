"""Which unit answered for a cell on which days: half-open stretches that neither overlap nor leave a gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from gridmap.errors import N_, Conflict


@dataclass(frozen=True, order=True)
class Tenure:
    """The days [valid_from, valid_to) of one unit; `valid_to` None: until another order.

    `row` is the number it is kept under, None of one that begins now.
    """

    valid_from: date
    valid_to: date | None
    unit: int
    row: int | None = None

    def holds_on(self, day: date) -> bool:
        """Whether `day` is one of its days."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


def hand_over(tenures: Sequence[Tenure], *, day: date, unit: int | None) -> tuple[Tenure, ...]:
    """The tenures of one cell, in order of days, after it goes to `unit` on `day` (None: to nobody again).

    What was before `day` stays as it was. A unit that loses the cell on the day it got it never had it, and one that
    gets back on that day what it lost has had it all along, so that an order and its undo leave no trace in the days.
    An order older than the last change begins with that change.

    Raises
    ------
    Conflict
        Somebody answered for the cell on a day before, and nobody would from now on.
    """
    kept = list(tenures)
    last = kept.pop() if kept and kept[-1].valid_to is None else None
    if last is not None and last.valid_from < day:
        kept.append(replace(last, valid_to=day))
    begins = day if last is None else max(day, last.valid_from)
    before = kept[-1] if kept else None
    if unit is None:
        if before is not None:
            raise Conflict(
                N_("A cell of this order had no unit before, and nobody would answer for it."),
                hint=N_("Order its cells to the unit that shall answer for them."),
            )
        return ()
    if before is not None and before.unit == unit and before.valid_to == begins:
        kept[-1] = replace(before, valid_to=None)
    else:
        kept.append(Tenure(begins, None, unit))
    return tuple(kept)


def is_unbroken(tenures: Sequence[Tenure]) -> bool:
    """Whether exactly one unit answers for the cell on each day from the first one on."""
    days = all(item.valid_to is None or item.valid_from < item.valid_to for item in tenures)
    joined = all(earlier.valid_to == later.valid_from for earlier, later in pairwise(tenures))
    return days and joined and (not tenures or tenures[-1].valid_to is None)
