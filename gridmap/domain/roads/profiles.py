"""Speeds by the hour: which share of the usual speed is driven on each class of road at each time of day.

A share holds in the middle of its hour and between two middles changes evenly, round midnight as well. A journey is
measured with the speeds of the moment it begins. Who leaves later is then never there sooner, as long as the journey
takes no longer than `FIFO_S`: it would take a share that within an hour falls or rises by more than itself, and such
are refused. Nobody is faster than usual, so that what landmarks say of the usual network stays true.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gridmap.domain.crs import FloatArray
from gridmap.domain.roads.speeds import Mode
from gridmap.errors import N_, InvalidInput

HOURS = 24
_HOUR_S = 3600.0
_DAY_S = HOURS * _HOUR_S

FIFO_S = _HOUR_S
"""Journeys up to so long keep their order; see the module."""


@dataclass(frozen=True)
class SpeedProfile:
    """Shares of the usual speed, one for each hour of the day, by mode and road class (OSM highway value).

    A class that is not named is driven as usual, and its links are as the class itself.
    """

    shares: Mapping[tuple[Mode, str], tuple[float, ...]]

    def __post_init__(self) -> None:
        for (mode, road_class), shares in self.shares.items():
            _check(f"{mode.value}, {road_class}", np.array(shares, np.float64))

    def compute_shares(self, road_classes: Sequence[str], *, mode: Mode, at_s: float) -> FloatArray:
        """The share of the usual speed on each class, `at_s` seconds after local midnight."""
        middle = (np.arange(-1, HOURS + 1) + 0.5) * _HOUR_S
        found = np.ones(len(road_classes))
        for i, road_class in enumerate(road_classes):
            shares = self.shares.get((mode, road_class.removesuffix("_link")))
            if shares is not None:
                found[i] = np.interp(at_s % _DAY_S, middle, [shares[-1], *shares, shares[0]])
        return found

    def choose_hours(self, mode: Mode, shift_s: tuple[int, int]) -> tuple[int, ...]:
        """Hours of the day that a shift touches, none where the mode is as fast as usual in all of them.

        The shift is in seconds after local midnight and may end on the next day.
        """
        hours = list_hours(shift_s)
        counts = any(shares[hour] != 1 for (own, _), shares in self.shares.items() if own is mode for hour in hours)
        return tuple(hours) if counts else ()

    def compute_mean_shares(self, road_classes: Sequence[str], *, mode: Mode, hours: Sequence[int]) -> FloatArray:
        """The share on each class with which a way takes as long as on the mean of hours of the day, one at least."""
        found = np.ones(len(road_classes))
        for i, road_class in enumerate(road_classes):
            shares = self.shares.get((mode, road_class.removesuffix("_link")))
            if shares is not None:
                found[i] = len(hours) / sum(1.0 / shares[hour] for hour in hours)
        return found


def list_hours(shift_s: tuple[int, int]) -> list[int]:
    """Hours of the day that a shift touches, each as often as it does; at least the one in which it begins."""
    first, last = int(shift_s[0] // _HOUR_S), int(-(-shift_s[1] // _HOUR_S))
    return [hour % HOURS for hour in range(first, max(last, first + 1))]


def _check(name: str, shares: FloatArray) -> None:
    if len(shares) != HOURS or not ((shares > 0) & (shares <= 1)).all():
        raise InvalidInput(
            N_("The speeds of {name} are not 24 shares above 0 and up to 1."),
            hint=N_("Write 1 where the usual speed is driven."),
            name=name,
        )
    following = np.roll(shares, -1)
    if (np.abs(following - shares) > np.minimum(shares, following)).any():
        raise InvalidInput(
            N_("The speeds of {name} change so fast that who leaves later would be there sooner."),
            hint=N_("Let the share no more than double, or halve, from one hour to the next."),
            name=name,
        )
