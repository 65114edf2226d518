"""A comparison of editions as a person looks at it: its places, and the ground that changes, without the areas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.domain.access import Actor
from gridmap.domain.crs import FloatArray, Geometries, compute_areas_m2
from gridmap.domain.edition_places import (
    ChangedGround,
    EditionPlace,
    GroundKind,
    PlaceChange,
    PlaceState,
    simplify_ground,
)
from gridmap.domain.editions import Ints, find_moved_ground
from gridmap.domain.progress import Progress, part_of
from gridmap.errors import N_
from gridmap.services.context import open_context
from gridmap.services.editions import EditionDifference, compare_edition, find_other
from gridmap.settings import Settings
from gridmap.sources.files import AreaFileOptions

_COMPARED = 0.8
"""So much of the work is the comparison itself."""


@dataclass(frozen=True)
class SeenEdition:
    """What an edition changes, small enough to be kept with a page.

    Attributes
    ----------
    unchanged, rejected
        Areas that are as before; rows of the file that cannot be taken.
    ground
        Pieces to be drawn, the largest first; `left_out` are too many.
    revision
        Of the areas it was held against.
    """

    unchanged: int
    rejected: int
    places: tuple[EditionPlace, ...]
    ground: tuple[ChangedGround, ...]
    left_out: int
    revision: tuple[int, ...]

    def list_places(self, change: PlaceChange) -> list[int]:
        """Positions of the places that `change` befalls; of other borders the greatest first."""
        found = [number for number, place in enumerate(self.places) if change in place.changes]
        if change is not PlaceChange.REDRAWN:
            return found
        return sorted(found, key=lambda number: -(self.places[number].gained_m2 + self.places[number].lost_m2))


@dataclass(frozen=True)
class _Pairs:
    """Positions of what differs before (`old`) and after (`new`); -1 where there is none."""

    old: Ints
    new: Ints
    changes: list[set[PlaceChange]]


def compare_job(
    progress: Progress, settings: Settings, actor: Actor, path: Path, options: AreaFileOptions
) -> SeenEdition:
    """`compare_edition` for a worker process, and what is to be seen of it; fails as that does."""
    context = open_context(settings)
    try:
        difference = compare_edition(
            context,
            actor,
            path=path,
            options=options,
            progress=part_of(progress, 0, _COMPARED),
        )
        progress(_COMPARED, N_("Drawing the differences"))
        return describe_places(difference)
    finally:
        context.close()


def describe_places(difference: EditionDifference) -> SeenEdition:
    """Every place that an edition changes, by code, and the ground to be drawn."""
    old, new, matching = difference.old, difference.new, difference.matching
    pairs = _list_pairs(difference)
    was, is_now = _take_shapes(old, pairs.old), _take_shapes(new, pairs.new)
    has_old = pairs.old >= 0
    redrawn = np.array([PlaceChange.REDRAWN in changes for changes in pairs.changes], bool)
    moved = find_moved_ground(was[redrawn], is_now[redrawn])
    gained_m2, lost_m2 = (_spread_areas(shapes, redrawn) for shapes in moved)
    before, after = _list_states(old, pairs.old), _list_states(new, pairs.new)
    splits = {item.code: item.others for item in difference.splits}
    merges = {item.code: item.others for item in difference.merges}
    bounds = np.column_stack([np.fmin(*_corners(was, is_now, 0)), np.fmax(*_corners(was, is_now, 2))]).tolist()
    places = tuple(
        EditionPlace(
            before=before[n],
            after=after[n],
            changes=frozenset(pairs.changes[n]),
            iou=float(matching.iou[pairs.old[n]]) if has_old[n] else 0.0,
            gained_m2=float(gained_m2[n]),
            lost_m2=float(lost_m2[n]),
            split_into=_find_others(splits, before[n]),
            merged_from=_find_others(merges, after[n]),
            area_id=int(old["id"].iloc[pairs.old[n]]) if has_old[n] else None,
            bounds_wgs84=(bounds[n][0], bounds[n][1], bounds[n][2], bounds[n][3]),
        )
        for n in range(len(pairs.old))
    )
    ground, left_out = _collect_ground(pairs, was, is_now, np.flatnonzero(redrawn), moved)
    return SeenEdition(difference.unchanged, len(difference.rejected), places, ground, left_out, difference.revision)


def _list_pairs(difference: EditionDifference) -> _Pairs:
    """What differs, in the order of the codes it has now."""
    old, new, matching = difference.old, difference.new, difference.matching
    kept = np.flatnonzero(matching.new_of >= 0)
    ours, theirs = old.iloc[kept].reset_index(drop=True), new.iloc[matching.new_of[kept]].reset_index(drop=True)
    flags = {
        PlaceChange.REDRAWN: matching.redrawn[kept],
        PlaceChange.RECODED: find_other(ours, theirs, "code"),
        PlaceChange.RENAMED: find_other(ours, theirs, "name"),
        PlaceChange.RECOUNTED: find_other(ours, theirs, "households"),
    }
    split = {item.code for item in difference.splits}
    merged = {item.code for item in difference.merges}
    rows: list[tuple[str, int, int, set[PlaceChange]]] = []
    for at in np.flatnonzero(np.logical_or.reduce(list(flags.values()))).tolist():
        i, j = int(kept[at]), int(matching.new_of[kept[at]])
        rows.append((theirs["code"][at], i, j, {change for change, flag in flags.items() if flag[at]}))
    rows += [(old["code"].iloc[i], i, -1, {PlaceChange.REMOVED}) for i in np.flatnonzero(matching.new_of < 0).tolist()]
    come = np.setdiff1d(np.arange(len(new)), matching.new_of).tolist()
    rows += [(new["code"].iloc[j], -1, j, {PlaceChange.ADDED}) for j in come]
    rows.sort(key=lambda row: row[0])
    for _, i, j, changes in rows:
        if i >= 0 and old["code"].iloc[i] in split:
            changes.add(PlaceChange.SPLIT)
        if j >= 0 and new["code"].iloc[j] in merged:
            changes.add(PlaceChange.MERGED)
    olds, news = (np.array([row[side] for row in rows], np.int64) for side in (1, 2))
    return _Pairs(olds, news, [row[3] for row in rows])


def _take_shapes(frame: gpd.GeoDataFrame, positions: Ints) -> Geometries:
    """The shape of each; None where there is none."""
    result = np.full(len(positions), None, object)
    there = positions >= 0
    result[there] = frame.geometry.to_numpy()[positions[there]]
    return result


def _list_states(frame: gpd.GeoDataFrame, positions: Ints) -> list[PlaceState | None]:
    codes, names, households = (list(frame[column]) for column in ("code", "name", "households"))
    return [
        None if i < 0 else PlaceState(codes[i], names[i], None if pd.isna(households[i]) else int(households[i]))
        for i in positions.tolist()
    ]


def _find_others(became: Mapping[str, tuple[str, ...]], state: PlaceState | None) -> tuple[str, ...]:
    return () if state is None else became.get(state.code, ())


def _spread_areas(shapes: Geometries, where: np.ndarray) -> FloatArray:
    """Square metres of `shapes`, which belong to the places of `where`; 0 of the others."""
    result = np.zeros(len(where))
    result[where] = compute_areas_m2(shapes)
    return result


def _corners(was: Geometries, is_now: Geometries, first: int) -> tuple[FloatArray, FloatArray]:
    """Two columns of the bounds of both, NaN where there is none."""
    columns = slice(first, first + 2)
    return shapely.bounds(was)[:, columns], shapely.bounds(is_now)[:, columns]


def _collect_ground(
    pairs: _Pairs, was: Geometries, is_now: Geometries, redrawn: Ints, moved: tuple[Geometries, Geometries]
) -> tuple[tuple[ChangedGround, ...], int]:
    called = {PlaceChange.RECODED, PlaceChange.RENAMED}
    renamed = [n for n, changes in enumerate(pairs.changes) if changes & called]
    added = [n for n, changes in enumerate(pairs.changes) if PlaceChange.ADDED in changes]
    removed = [n for n, changes in enumerate(pairs.changes) if PlaceChange.REMOVED in changes]
    groups: list[tuple[GroundKind, list[int], Geometries]] = [
        (GroundKind.RENAMED, renamed, is_now[renamed]),
        (GroundKind.REMOVED, removed, was[removed]),
        (GroundKind.ADDED, added, is_now[added]),
        (GroundKind.GAINED, redrawn.tolist(), moved[0]),
        (GroundKind.LOST, redrawn.tolist(), moved[1]),
    ]
    kinds = [kind for kind, places, _ in groups for _ in places]
    places = [place for _, places, _ in groups for place in places]
    shapes = np.concatenate([np.asarray(shapes, object) for _, _, shapes in groups])
    there = ~shapely.is_empty(shapes)
    chosen = np.flatnonzero(there).tolist()
    return simplify_ground([kinds[n] for n in chosen], [places[n] for n in chosen], shapes[there])
