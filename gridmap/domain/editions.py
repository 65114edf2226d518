"""Two editions of the same areas: which place is which, by code and by ground, and what became of the others.

Ground is compared in degrees, shares and overlaps are ratios, so that the projection does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.domain.crs import FloatArray, Geometries

SAME_PLACE_IOU = 0.9
"""With so much ground in common (intersection over union), two are the same place whatever their codes."""

_SAME_CODE_IOU = 0.1
"""With less, a code was given to another place."""

_CRUMB = 0.01
"""A share of an area below this is drawing, not succession."""

_SAME_DEG = 1e-6
"""About 10 cm: vertices this close are one."""

_THIN_DEG = 5e-6
"""About 50 cm: strips narrower than twice this are drawing, not a change of the border."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Matching:
    """Positions of areas before and after.

    Attributes
    ----------
    new_of
        Of each area before the one after that is the same place; -1 where it ended.
    iou
        Of each area before the intersection over union with that one; 0 where it ended.
    redrawn
        Whether the border of an area before is other than that of its match.
    parts, heirs, shares
        Of areas before that ended or were redrawn: which, what it went over to, and the share of its ground, in order;
        shares of one sum to 1.
    """

    new_of: Ints
    iou: FloatArray
    redrawn: npt.NDArray[np.bool_]
    parts: Ints
    heirs: Ints
    shares: FloatArray

    def list_splits(self) -> list[tuple[int, list[int]]]:
        """Areas of whose ground new ones have a share, with all that have one; its own match among them."""
        new = ~np.isin(self.heirs, self.new_of)
        ended = self.new_of[self.parts] < 0
        found = _group(self.parts, self.heirs, keep=ended | new | (self.new_of[self.parts] == self.heirs))
        fresh = set(self.heirs[new].tolist())
        return [(old, heirs) for old, heirs in found if len(heirs) > 1 and not fresh.isdisjoint(heirs)]

    def list_merges(self) -> list[tuple[int, list[int]]]:
        """Areas after that have ground of one which ended and of another: a second, or what they were themselves."""
        ended = self.new_of[self.parts] < 0
        found = _group(self.heirs, self.parts, keep=ended | (self.new_of[self.parts] == self.heirs))
        gone = set(self.parts[ended].tolist())
        return [(new, parts) for new, parts in found if len(parts) > 1 and not gone.isdisjoint(parts)]


def _group(key: Ints, value: Ints, *, keep: npt.NDArray[np.bool_]) -> list[tuple[int, list[int]]]:
    found: dict[int, list[int]] = {}
    for one, other in zip(key[keep].tolist(), value[keep].tolist(), strict=True):
        found.setdefault(one, []).append(other)
    return sorted(found.items())


def match_editions(
    old_wgs84: Geometries, new_wgs84: Geometries, *, old_keys: list[str], new_keys: list[str]
) -> Matching:
    """Which place is which, of areas of one level. Keys are codes, unlike each other within an edition.

    Ground says it where it is nearly the same; of what is left the code.
    """
    new_of = np.full(len(old_wgs84), -1, np.int64)
    iou = np.zeros(len(old_wgs84))
    redrawn = np.zeros(len(old_wgs84), bool)
    position = {key: i for i, key in enumerate(new_keys)}
    pairs = np.array([(i, position[key]) for i, key in enumerate(old_keys) if key in position], np.int64).reshape(-1, 2)
    _keep(pairs, old_wgs84, new_wgs84, new_of, iou, at_least=SAME_PLACE_IOU)
    left_old, left_new = np.flatnonzero(new_of < 0), np.setdiff1d(np.arange(len(new_wgs84)), new_of)
    a, b = shapely.STRtree(new_wgs84[left_new]).query(old_wgs84[left_old], predicate="intersects")
    _keep(np.column_stack([left_old[a], left_new[b]]), old_wgs84, new_wgs84, new_of, iou, at_least=SAME_PLACE_IOU)
    pairs = pairs[(new_of[pairs[:, 0]] < 0) & ~np.isin(pairs[:, 1], new_of)]
    _keep(pairs, old_wgs84, new_wgs84, new_of, iou, at_least=_SAME_CODE_IOU)
    matched = np.flatnonzero(new_of >= 0)
    redrawn[matched] = find_redrawn(old_wgs84[matched], new_wgs84[new_of[matched]])
    parts, heirs, shares = _share_ground(np.flatnonzero(redrawn | (new_of < 0)), old_wgs84, new_wgs84)
    return Matching(new_of, iou, redrawn, parts, heirs, shares)


def _keep(pairs: Ints, old: Geometries, new: Geometries, new_of: Ints, iou: FloatArray, *, at_least: float) -> None:
    """Write down the pairs that have enough ground in common."""
    measured = _compute_iou(old[pairs[:, 0]], new[pairs[:, 1]])
    for (i, j), value in zip(pairs.tolist(), measured.tolist(), strict=True):
        if value >= at_least and value > iou[i]:
            new_of[i], iou[i] = j, value


def _compute_iou(a: Geometries, b: Geometries) -> FloatArray:
    result = np.ones(len(a))
    other = np.flatnonzero(~shapely.equals_exact(a, b, _SAME_DEG))
    shared = shapely.area(shapely.intersection(a[other], b[other]))
    whole = shapely.area(a[other]) + shapely.area(b[other]) - shared
    result[other] = shared / whole
    return result


def find_redrawn(a: Geometries, b: Geometries) -> npt.NDArray[np.bool_]:
    """Whether borders differ by more than the pen: somewhere by a metre."""
    result = np.zeros(len(a), bool)
    other = np.flatnonzero(~shapely.equals_exact(a, b, _SAME_DEG))
    strips = shapely.buffer(shapely.symmetric_difference(a[other], b[other]), -_THIN_DEG)
    result[other] = ~shapely.is_empty(strips)
    return result


def find_moved_ground(old: Geometries, new: Geometries) -> tuple[Geometries, Geometries]:
    """What each area gains and what it loses, without strips that are drawing; empty where there is none."""
    return _drop_strips(shapely.difference(new, old)), _drop_strips(shapely.difference(old, new))


def _drop_strips(shapes: Geometries) -> Geometries:
    parts, owners = shapely.get_parts(shapes, return_index=True)
    wide = ~shapely.is_empty(shapely.buffer(parts, -_THIN_DEG))
    result = np.full(len(shapes), shapely.MultiPolygon(), object)
    shapely.multipolygons(parts[wide], indices=owners[wide], out=result)
    return result


def _share_ground(changed: Ints, old: Geometries, new: Geometries) -> tuple[Ints, Ints, FloatArray]:
    a, b = shapely.STRtree(new).query(old[changed], predicate="intersects")
    parts, heirs = changed[a], np.asarray(b, np.int64)
    shares = shapely.area(shapely.intersection(old[parts], new[heirs])) / shapely.area(old[parts])
    keep = shares > _CRUMB
    order = np.lexsort((heirs[keep], parts[keep]))
    parts, heirs, shares = parts[keep][order], heirs[keep][order], shares[keep][order]
    whole = np.bincount(parts, weights=shares, minlength=len(old))
    return parts, heirs, shares / whole[parts]
