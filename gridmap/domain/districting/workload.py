"""What a cell weighs: its households and whatever else makes work there, as a supervisor values them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from gridmap.domain.districting.adjacency import FloatArray
from gridmap.errors import N_, InvalidInput


@dataclass(frozen=True)
class Weights:
    """How much each measure of a cell counts; only their proportions matter.

    Attributes
    ----------
    households, area_km2, hazards, sites, rail_km
        Households, ground, open hazards, places to check, kilometres of railway.
    minutes
        Minutes by road from the station of the cell's unit.
    """

    households: float = 1.0
    area_km2: float = 0.0
    hazards: float = 0.0
    sites: float = 0.0
    rail_km: float = 0.0
    minutes: float = 0.0

    def __post_init__(self) -> None:
        values = [getattr(self, field.name) for field in fields(self)]
        if not all(math.isfinite(value) and value >= 0 for value in values) or sum(values) <= 0:
            raise InvalidInput(
                N_("The weights are not negative, and one of them is more than 0."),
                hint=N_("Give 0 to what makes no work, and more to what makes much."),
            )

    def list_counting(self) -> dict[str, float]:
        """Weights of the measures that count, by name."""
        named = {field.name: float(getattr(self, field.name)) for field in fields(self)}
        return {name: weight for name, weight in named.items() if weight > 0}


MEASURES = tuple(field.name for field in fields(Weights))
"""Names of the measures of a cell."""


def weigh_cells(measures: Mapping[str, FloatArray], weights: Weights, *, cells: int) -> FloatArray:
    """Load of each cell, 1 in the mean: each measure over its own mean, by weight.

    A measure that is known nowhere, or 0 everywhere, is left out; a cell of which it is not known (not a number) counts
    as the mean one. Where nothing is left every cell weighs the same.
    """
    total, shares = np.zeros(cells), 0.0
    for name, weight in weights.list_counting().items():
        values = measures[name]
        known = np.isfinite(values)
        mean = float(values[known].mean()) if known.any() else 0.0
        if mean > 0:
            total += weight * np.where(known, values / mean, 1.0)
            shares += weight
    return total / shares if shares else np.ones(cells)
