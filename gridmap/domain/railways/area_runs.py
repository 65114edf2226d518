"""In whose area a line runs: its stretches between administrative borders, without slivers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gridmap.domain.codes import RESERVED_PREFIX, Level
from gridmap.domain.crs import FloatArray, Geometries
from gridmap.domain.railways.mileage import MeasuredLine

MIN_RUN_M = 100.0
"""A shorter stretch counts to the longer one beside it: a line that weaves along a border is not cut to pieces."""

_SAME_M = 0.001
"""Places on a line nearer than this are one: borders of neighbours are drawn twice, and rounded twice."""

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class AreaRun:
    """A stretch of a line, chainages in metres, and the code of the area that answers for it, "" where none does."""

    from_m: float
    to_m: float
    area_code: str

    @property
    def length_m(self) -> float:
        return self.to_m - self.from_m


@dataclass(frozen=True)
class _Steps:
    """Straight steps between the vertices of all lines; `from_m` and `to_m` are chainages on their own line."""

    line: IntArray
    start: FloatArray
    end: FloatArray
    from_m: FloatArray
    to_m: FloatArray
    shape: Geometries


@dataclass(frozen=True)
class _Spans:
    """Stretches of lines inside areas, an entry each; the area of the lowest `rank` answers, `area` is a position."""

    line: IntArray
    from_m: FloatArray
    to_m: FloatArray
    rank: IntArray
    area: IntArray


def find_area_runs(
    lines: Sequence[MeasuredLine], areas: gpd.GeoDataFrame, *, cut_level: Level = Level.VILLAGE
) -> list[list[AreaRun]]:
    """The areas that each line runs through, in order and without gaps from its beginning to its end.

    At every place the deepest area down to `cut_level` answers; a finer one, a cell, only where none of these lies. An
    area with an official code comes before any under the reserved prefix. Of several of one level, as along a border or
    where they overlap, the one stays that the line is in, then comes the one that it leaves last.

    Stretches shorter than `MIN_RUN_M` are given to the longer neighbour, one outside every area being the shortest; the
    other borders are where the line crosses them, to the millimetre of the geometry.

    Parameters
    ----------
    areas
        WGS-84 polygons with `code` and `level`.
    """
    codes = areas["code"].to_numpy(object)
    spans = _find_spans(_collect_steps(lines), areas, cut_level)
    bounds = np.searchsorted(spans.line, np.arange(len(lines) + 1))
    found = []
    for line, (first, last) in zip(lines, pairwise(bounds.tolist()), strict=True):
        own = slice(first, last)
        runs = _choose(line, spans.from_m[own], spans.to_m[own], spans.rank[own], codes[spans.area[own]])
        found.append(_absorb_slivers(runs))
    return found


def _collect_steps(lines: Sequence[MeasuredLine]) -> _Steps:
    vertices = [line.vertices for line in lines]
    line = np.repeat(np.arange(len(lines)), [len(at) - 1 for _, at in vertices])
    start, end = (
        np.concatenate([np.zeros((0, 2)), *(xy[cut] for xy, _ in vertices)]) for cut in (_BUT_LAST, _BUT_FIRST)
    )
    from_m, to_m = (np.concatenate([np.zeros(0), *(at[cut] for _, at in vertices)]) for cut in (_BUT_LAST, _BUT_FIRST))
    shape: Geometries = np.asarray(shapely.linestrings(np.stack([start, end], axis=1)), object)
    return _Steps(line, start, end, from_m, to_m, shape)


_BUT_LAST, _BUT_FIRST = slice(None, -1), slice(1, None)


def _find_spans(steps: _Steps, areas: gpd.GeoDataFrame, cut_level: Level) -> _Spans:
    """Where lines run inside areas; of a wider area only what no deeper one holds whole steps of. By line and place."""
    parts = [_Spans(*(np.zeros(0, kind) for kind in (np.int64, float, float, np.int64, np.int64)))]
    left = np.arange(len(steps.line))
    for rank, group in enumerate(_rank(areas, cut_level)):
        found, held = _measure(steps, left, areas.geometry.to_numpy(), group, rank)
        parts.append(_join(found))
        left = left[~np.isin(left, held)]
    names = ("line", "from_m", "to_m", "rank", "area")
    spans = _Spans(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
    return _take(spans, np.lexsort((spans.from_m, spans.line)))


def _rank(areas: gpd.GeoDataFrame, cut_level: Level) -> Iterator[IntArray]:
    """Positions of areas, in groups of which an earlier one goes before a later one."""
    level = areas["level"].to_numpy(int)
    reserved = np.array([code.startswith(RESERVED_PREFIX) for code in areas["code"]], bool)
    finer = level > cut_level
    order = np.where(finer, level, -level)
    groups = sorted(set(zip(reserved.tolist(), finer.tolist(), order.tolist(), strict=True)))
    for is_reserved, is_finer, number in groups:
        yield np.flatnonzero((reserved == is_reserved) & (finer == is_finer) & (order == number))


def _measure(steps: _Steps, left: IntArray, shapes: Geometries, group: IntArray, rank: int) -> tuple[_Spans, IntArray]:
    """The parts of the steps `left` that lie in areas of `group`, and which of them lie whole in one."""
    near, position = shapely.STRtree(shapes[group]).query(steps.shape[left])
    step, area = left[near], group[position]
    shapely.prepare(shapes[np.unique(area)])
    whole: BoolArray = shapely.covers(shapes[area], steps.shape[step])
    cut = np.flatnonzero(~whole)
    cut = cut[shapely.intersects(shapes[area[cut]], steps.shape[step[cut]])]
    inside, owner = shapely.get_parts(
        shapely.intersection(steps.shape[step[cut]], shapes[area[cut]]), return_index=True
    )
    along = shapely.get_type_id(inside) == shapely.GeometryType.LINESTRING
    inside, crossed = inside[along], cut[owner[along]]
    ends = [_find_chainages(steps, step[crossed], inside, end) for end in (0, -1)]
    all_steps, all_areas = np.concatenate([step[whole], step[crossed]]), np.concatenate([area[whole], area[crossed]])
    spans = _Spans(
        line=steps.line[all_steps],
        from_m=np.concatenate([steps.from_m[step[whole]], np.minimum(*ends)]),
        to_m=np.concatenate([steps.to_m[step[whole]], np.maximum(*ends)]),
        rank=np.full(len(all_steps), rank),
        area=all_areas,
    )
    return spans, step[whole]


def _find_chainages(steps: _Steps, step: IntArray, inside: Geometries, end: int) -> FloatArray:
    """Where on their step the first or last points of pieces of it lie."""
    along = steps.end[step] - steps.start[step]
    out = shapely.get_coordinates(shapely.get_point(inside, end)) - steps.start[step]
    share = np.clip((out * along).sum(axis=1) / np.maximum((along**2).sum(axis=1), 1e-30), 0.0, 1.0)
    return np.asarray(steps.from_m[step] + share * (steps.to_m[step] - steps.from_m[step]), np.float64)


def _take(spans: _Spans, rows: IntArray) -> _Spans:
    return _Spans(spans.line[rows], spans.from_m[rows], spans.to_m[rows], spans.rank[rows], spans.area[rows])


def _join(spans: _Spans) -> _Spans:
    """Stretches in one area that follow each other, as one."""
    spans = _take(spans, np.lexsort((spans.from_m, spans.area, spans.line)))
    if len(spans.line) == 0:
        return spans
    begins = np.concatenate([[True], spans.from_m[1:] > spans.to_m[:-1] + _SAME_M])
    begins[1:] |= (spans.line[1:] != spans.line[:-1]) | (spans.area[1:] != spans.area[:-1])
    first = np.flatnonzero(begins)
    return replace(_take(spans, first), to_m=np.maximum.reduceat(spans.to_m, first))


def _choose(
    line: MeasuredLine, from_m: FloatArray, to_m: FloatArray, rank: IntArray, codes: Geometries
) -> list[AreaRun]:
    """One area, or none, for every place between the ends of a line; neighbours differ."""
    marks = np.unique(np.concatenate([[line.start_m, line.end_m], from_m, to_m]))
    marks = marks[np.concatenate([[True], np.diff(marks) > _SAME_M])]
    marks[-1] = line.end_m
    runs: list[AreaRun] = []
    for low, high in pairwise(marks.tolist()):
        middle = (low + high) / 2
        over = np.flatnonzero((from_m <= middle) & (to_m >= middle))
        best = over[rank[over] == rank[over].min(initial=np.iinfo(np.int64).max)]
        here = runs[-1].area_code if runs else None
        if here is not None and here in codes[best]:
            code = here
        else:
            code = max(((to_m[i], str(codes[i])) for i in best), default=(0.0, ""))[1]
        runs.append(AreaRun(low, high, code))
    return _join_alike(runs)


def _join_alike(runs: Sequence[AreaRun]) -> list[AreaRun]:
    joined: list[AreaRun] = []
    for run in runs:
        if joined and joined[-1].area_code == run.area_code:
            joined[-1] = replace(joined[-1], to_m=run.to_m)
        else:
            joined.append(run)
    return joined


def _absorb_slivers(runs: list[AreaRun]) -> list[AreaRun]:
    """The shortest first, until none is shorter than `MIN_RUN_M` or one is left."""
    while len(runs) > 1:
        short = min(range(len(runs)), key=lambda i: runs[i].length_m)
        if runs[short].length_m >= MIN_RUN_M:
            break
        beside = [i for i in (short - 1, short + 1) if 0 <= i < len(runs)]
        taker = max(beside, key=lambda i: (runs[i].area_code != "", runs[i].length_m))
        runs[short] = replace(runs[short], area_code=runs[taker].area_code)
        runs = _join_alike(runs)
    return runs
