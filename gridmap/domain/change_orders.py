"""Change orders (网格调整单): what gives cells to another unit, from the request to its day, and back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from gridmap.domain.codes import DIGITS
from gridmap.errors import N_, InvalidInput

MOST_CELLS = 5_000
"""So many cells one person has in view; whoever moves more at once has chosen by mistake."""

_DIGITS = 4


class OrderKind(StrEnum):
    """Why cells move: 划转, 均衡, 撤并, 新设, 撤销."""

    REASSIGN = "reassign"
    REBALANCE = "rebalance"
    ABSORB = "absorb"
    STAFF = "staff"
    UNDO = "undo"


class OrderState(StrEnum):
    """Where an order stands: 待批准, 待生效, 已生效, 未批准, 已撤回, 已撤销, 已失效.

    `OVERTAKEN` is one whose cells were no longer where it had seen them, or were locked, when its turn came.
    """

    PENDING = "pending"
    APPROVED = "approved"
    IN_EFFECT = "in_effect"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    UNDONE = "undone"
    OVERTAKEN = "overtaken"


WAITING: tuple[str, ...] = (OrderState.PENDING.value, OrderState.APPROVED.value)
"""States of orders that changed nothing yet and may."""


@dataclass(frozen=True, kw_only=True)
class NewOrder:
    """What is to be ordered.

    Parameters
    ----------
    owners
        Unit by cell; cells that are the unit's by then already do not count.
    effective_on
        Day in Beijing from which it holds; None: today.
    versions
        State of each cell that has a unit, from the preview the person saw; None: as it stands.
    """

    owners: Mapping[int, int]
    reason: str
    kind: OrderKind = OrderKind.REASSIGN
    effective_on: date | None = None
    versions: Mapping[int, int] | None = field(default=None)

    def check(self, today: date) -> tuple[str, date]:
        """Its reason and day, looked over before anything is read; InvalidInput says what is wrong."""
        check_number(len(self.owners))
        return check_reason(self.reason), check_day(self.effective_on, today)


def check_number(cells: int) -> None:
    """Raise InvalidInput for no cell, and for more than anybody means to move."""
    if not cells:
        raise InvalidInput(N_("No cell is chosen."), hint=N_("Choose at least one cell on the map."))
    if cells > MOST_CELLS:
        raise InvalidInput(
            N_("{number} cells at once are more than an order may move."),
            hint=N_("Move at most {limit} cells with one order."),
            number=cells,
            limit=MOST_CELLS,
        )


def check_reason(text: str) -> str:
    """The reason without blanks around it, or InvalidInput."""
    if not text.strip():
        raise InvalidInput(N_("A change needs a reason."), hint=N_("Write in a few words why the cells move."))
    return text.strip()


def check_day(day: date | None, today: date) -> date:
    """The day an order takes effect, or InvalidInput where that is over."""
    if day is not None and day < today:
        raise InvalidInput(
            N_("{day} is over; an order holds from today or later."),
            hint=N_("Choose today or a later day, and say in the reason since when it is so."),
            day=day.isoformat(),
        )
    return day or today


def number_order(year: int, newest: str | None) -> str:
    """The number after `newest` of the same year, `2026-0013` after `2026-0012`."""
    return f"{year}-{(int(newest.partition('-')[2]) if newest else 0) + 1:0{_DIGITS}d}"


def find_common_area(codes: Collection[str]) -> str:
    """Code of the narrowest area that holds all of `codes`, "" where no area does."""
    low, high = min(codes), max(codes)
    shared = next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
    return low[: max((digits for digits in DIGITS.values() if digits <= shared), default=0)]
