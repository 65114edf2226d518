"""Within which area units share out the cells: the parent of each unit, and of each cell."""

from __future__ import annotations

from collections.abc import Sequence

from gridmap.domain.codes import DIGITS

_LENGTHS = sorted(DIGITS.values(), reverse=True)


def find_parents(unit_areas: Sequence[str], *, strict: bool) -> list[str]:
    """The area within which each unit shares cells with others, "" for everything.

    It is the unit's own area where another unit has that area, or one inside it, as well; else, unless `strict`, the
    narrowest area above that another unit lies in, since a unit that is alone in its village has nobody there to share
    with.
    """
    known = set(unit_areas)
    found = {area: area if strict else _lift(area, unit_areas) for area in known}
    return [found[area] for area in unit_areas]


def _lift(area: str, unit_areas: Sequence[str]) -> str:
    above = [area, *(area[:digits] for digits in _LENGTHS if digits < len(area))]
    return next((code for code in above if sum(other.startswith(code) for other in unit_areas) > 1), area)


def find_cell_parents(codes: Sequence[str], unit_areas: Sequence[str], parents: Sequence[str]) -> list[str]:
    """The parent of each cell: that of the units of the narrowest unit's area that holds it, "" where none does."""
    parent_of = dict(zip(unit_areas, parents, strict=True))
    lengths = sorted({len(area) for area in parent_of}, reverse=True)
    # No digit beyond the longest of the units' areas counts, and a village has many cells.
    heads = [code[: lengths[0]] if lengths else "" for code in codes]
    found = {
        head: next((parent_of[head[:n]] for n in lengths if head[:n] in parent_of), "") for head in dict.fromkeys(heads)
    }
    return [found[head] for head in heads]
