"""Codes for areas that have none: by nesting, under the reserved prefix, numbered west to east and north to south."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.domain.codes import DIGITS, RESERVED_PREFIX, Level
from gridmap.domain.crs import Geometries

_BAND_DEG = 0.02
"""Areas whose middles lie within this band of latitude are numbered as one row, west to east."""

MAX_RANKS = len(Level) - 1
"""Ranks of areas a numbering can hold; the province level is the reserved prefix itself."""


@dataclass(frozen=True)
class Coding:
    """Code and level of each area, in the order given; "" is an area for which its parent has no number left."""

    codes: list[str]
    levels: list[int]


@dataclass
class _Numbering:
    """Codes given out so far."""

    known: Mapping[str, str]
    codes: list[str]
    taken: set[str] = field(default_factory=set)


def number_areas(
    geometries_wgs84: Geometries,
    *,
    ranks: npt.NDArray[np.int64],
    ids: Sequence[str],
    known: Mapping[str, str] | None = None,
) -> Coding:
    """Give each area a code that says where it is nested.

    Parameters
    ----------
    geometries_wgs84
        Polygons.
    ranks
        The source's own level numbers (OSM `admin_level`); smaller is wider. At most `MAX_RANKS` different ones: the
        narrowest becomes villages, the next wider towns, and so on upwards, so that real cells fit below and a parent
        has room for 999 children; a fifth rank pushes the narrowest down to cells.
    ids
        The source's ids, which break ties, so that a second import numbers alike.
    known
        Codes of an earlier numbering by id; an area keeps its code as long as it is nested in the same place, so that
        one area more or less does not renumber its neighbours.

    Notes
    -----
    An area's parent is the smallest area of the nearest wider rank that covers its representative point. A level
    without an area on the way up has only zeros in its place.
    """
    present = sorted({int(rank) for rank in ranks})
    if len(present) > MAX_RANKS:
        raise ValueError(f"{len(present)} ranks of areas; at most {MAX_RANKS} can be held")
    top = max(Level.CITY, Level.CELL - len(present))
    level_of = {rank: Level(top + position) for position, rank in enumerate(present)}
    levels = [level_of[int(rank)] for rank in ranks]
    points = shapely.point_on_surface(geometries_wgs84)
    numbering = _Numbering(known or {}, [""] * len(levels))
    for level in sorted(set(levels)):
        members = [i for i, own in enumerate(levels) if own is level]
        parents = _find_parents(members, levels, geometries_wgs84, points=points, ids=ids)
        families: dict[str, list[int]] = defaultdict(list)
        for i in members:
            parent = numbering.codes[parents[i]] if i in parents else ""
            families[(parent or RESERVED_PREFIX).ljust(DIGITS[Level(level - 1)], "0")].append(i)
        for prefix, siblings in families.items():
            _number_siblings(prefix, _sort_by_place(siblings, points, ids), ids, numbering)
    return Coding(numbering.codes, [int(level) for level in levels])


def _number_siblings(prefix: str, siblings: list[int], ids: Sequence[str], numbering: _Numbering) -> None:
    """Give `siblings` the numbers they had, then the free ones in order."""
    level = Level(next(level for level, digits in DIGITS.items() if digits == len(prefix)) + 1)
    width = DIGITS[level] - len(prefix)
    for i in siblings:
        code = numbering.known.get(ids[i], "")
        if len(code) == DIGITS[level] and code.startswith(prefix) and code not in numbering.taken:
            numbering.codes[i] = code
            numbering.taken.add(code)
    free = (code for number in range(1, 10**width) if (code := f"{prefix}{number:0{width}d}") not in numbering.taken)
    for i in siblings:
        if not numbering.codes[i]:
            numbering.codes[i] = next(free, "")
            numbering.taken.add(numbering.codes[i])


def _find_parents(
    members: list[int], levels: list[Level], geometries: Geometries, *, points: Geometries, ids: Sequence[str]
) -> dict[int, int]:
    """The nearest wider area, one level up or more, that covers each member's point; the smallest where several do."""
    wider = [i for i, level in enumerate(levels) if level < levels[members[0]]]
    if not wider:
        return {}
    size = shapely.area(geometries)
    covering: dict[int, list[int]] = defaultdict(list)
    pairs = shapely.STRtree(geometries[wider]).query(points[members], predicate="intersects")
    for member, candidate in pairs.T.tolist():
        covering[members[member]].append(wider[candidate])
    return {child: min(around, key=lambda i: (-levels[i], size[i], ids[i])) for child, around in covering.items()}


def _sort_by_place(areas: list[int], points: Geometries, ids: Sequence[str]) -> list[int]:
    def key(i: int) -> tuple[int, float, str]:
        return (-round(float(shapely.get_y(points[i])) / _BAND_DEG), float(shapely.get_x(points[i])), ids[i])

    return sorted(areas, key=key)
