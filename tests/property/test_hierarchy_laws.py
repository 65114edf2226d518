"""Laws of areas over time: cut ground is the whole ground, totals are kept, a code has at most one place on any day."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from shutil import copyfile

import numpy as np
import pandas as pd
import pytest
import shapely
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from gridmap.domain.districting.adjacency import build_adjacency
from gridmap.domain.districting.tenure import is_unbroken
from gridmap.domain.ground_parts import cut_by_line, fit_parts, join_parts
from gridmap.domain.hierarchy import Succession, SuccessionKind, apportion, translate
from gridmap.domain.outlines import add_vertices, find_new_vertices
from gridmap.errors import Conflict, InvalidInput, NotFound
from gridmap.jobs import JobRunner
from gridmap.services import area_history, hierarchy
from gridmap.services.context import Context
from gridmap.services.hierarchy_undo import undo_area_change
from gridmap.settings import Settings
from gridmap.store import areas, tables
from gridmap.store.database import open_database
from gridmap.store.tenures import load_tenures
from tests.conftest import StoppedClock
from tests.counties import ADMIN, COUNTY, fill_county
from tests.territories import draw_cells

START = datetime(2026, 3, 4, 1, 0, tzinfo=UTC)
DAY = date(2026, 3, 4)
PARTS = st.tuples(st.integers(0, 5), st.integers(0, 9), st.floats(0, 1))
SHARES = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=6).filter(lambda shares: sum(shares) > 1e-6)


@settings(deadline=None, max_examples=80)
@given(total=st.integers(-(10**15), 10**15), shares=SHARES)
def test_whole_numbers_are_shared_out_to_the_unit(total: int, shares: list[float]) -> None:
    parts = apportion(total, shares)
    assert sum(parts) == total
    exact = [total * share / sum(shares) for share in shares]
    assert all(abs(part - value) <= 1 + 1e-9 * abs(value) for part, value in zip(parts, exact, strict=True))


@settings(deadline=None, max_examples=60)
@given(
    changes=st.lists(st.lists(PARTS, max_size=6), max_size=6),
    values=st.dictionaries(st.integers(0, 9), st.integers(0, 10**6), max_size=8),
)
def test_totals_are_kept_whatever_happened(
    changes: list[list[tuple[int, int, float]]], values: dict[int, float]
) -> None:
    rows: list[Succession] = []
    for txn, change in enumerate(changes):
        weights: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for predecessor, successor, weight in change:
            weights[predecessor].append((successor, weight + 0.01))
        for predecessor, to in weights.items():
            whole = sum(weight for _, weight in to)
            rows += [
                Succession(predecessor, successor, SuccessionKind.MOVE, weight / whole, weight / whole, DAY, txn)
                for successor, weight in to
            ]
    assert sum(translate(values, rows, whole=True).values()) == sum(values.values())
    measured = translate({key: value + 0.5 for key, value in values.items()}, rows, whole=False, by_area=True)
    assert sum(measured.values()) == pytest.approx(sum(values.values()) + 0.5 * len(values))


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 40), cell=st.integers(0, 11), turn=st.floats(0, np.pi), shift=st.floats(-0.4, 0.4))
def test_a_split_and_a_merge_leave_the_ground_as_it_was(seed: int, cell: int, turn: float, shift: float) -> None:
    ground = shapely.MultiPolygon([draw_cells(12, seed=seed)[cell]])
    line = draw_line(ground, turn, shift)
    if not line.crosses(ground):
        with pytest.raises(InvalidInput):
            cut_by_line(ground, line)
        return
    west, east = cut_by_line(ground, line)
    assert west.area + east.area == pytest.approx(ground.area, rel=1e-9)
    assert west.intersection(east).area < 1e-9 * ground.area
    assert west.centroid.x <= east.centroid.x
    whole = join_parts([west, east])
    assert whole.area == pytest.approx(ground.area, rel=1e-9)
    assert whole.symmetric_difference(ground).area < 1e-6 * ground.area
    loose = fit_parts(ground, [west.buffer(1e-4), east])
    assert sum(part.area for part in loose) == pytest.approx(ground.area, rel=1e-9)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 40), cell=st.integers(0, 11), turn=st.floats(0, np.pi), shift=st.floats(-0.4, 0.4))
def test_neighbours_of_what_is_split_share_its_vertices(seed: int, cell: int, turn: float, shift: float) -> None:
    ground = shapely.transform(
        shapely.set_precision(draw_cells(12, seed=seed), 0.01), lambda xy: [112.0, 37.0] + xy * 1e-4
    )
    before = build_adjacency(ground)
    line = draw_line(ground[cell], turn, shift)
    assume(line.crosses(ground[cell]))
    parts = cut_by_line(ground[cell], line)
    others = [*np.delete(ground, cell), shapely.coverage_union_all(ground)]
    vertices = find_new_vertices(ground[[cell]], np.array(parts, object))
    longer = add_vertices([*parts, *others], vertices)
    *cells, whole = [longer.get(at, shape) for at, shape in enumerate([*parts, *others])]
    after = np.array(cells, object)
    assert shapely.coverage_is_valid(after)
    assert outline(shapely.coverage_union_all(after)) == outline(whole)
    # The parts together border on each neighbour as the whole did, and all is found vertex by vertex.
    names = np.array([cell, cell, *np.delete(np.arange(12), cell)])
    found = build_adjacency(after)
    lengths: dict[frozenset[int], float] = defaultdict(float)
    for pair, length in zip(names[found.pairs].tolist(), found.length_m, strict=True):
        lengths[frozenset(pair)] += length
    expected = {frozenset(p): n for p, n in zip(before.pairs.tolist(), before.length_m, strict=True)}
    assert {pair: n for pair, n in lengths.items() if len(pair) == 2} == pytest.approx(expected, rel=1e-6)


def outline(shape: shapely.Geometry) -> set[tuple[float, float]]:
    """Vertices to the last bit."""
    return set(map(tuple, shapely.get_coordinates(shape).tolist()))


def draw_line(ground: shapely.Geometry, turn: float, shift: float) -> shapely.LineString:
    """A long line through the ground, or beside it."""
    middle, reach = np.array(ground.centroid.coords[0]), 4 * ground.length
    along = np.array([np.cos(turn), np.sin(turn)])
    at = middle + shift * ground.area**0.5 * np.array([-along[1], along[0]])
    return shapely.LineString([at - reach * along, at + reach * along])


# --- any sequence -------------------------------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["rename", "renumber", "move", "split", "merge", "undo", "wait"]),
        st.integers(0, 10**6),
        st.integers(0, 10**6),
    ),
    min_size=3,
    max_size=7,
)


@pytest.fixture(scope="module")
def county_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hierarchy") / "county.db"
    context = open_county(path, StoppedClock(START))
    fill_county(context)
    context.close()
    return path


def open_county(path: Path, clock: StoppedClock) -> Context:
    url = f"sqlite:///{path}"
    return Context(Settings(database_url=url), open_database(url, clock=clock), JobRunner())


class Town:
    """The small county, and somebody who changes its hierarchy at random."""

    def __init__(self, context: Context, clock: StoppedClock) -> None:
        self.context, self.clock = context, clock
        self.made: list[int] = []

    def codes(self) -> list[str]:
        """Codes below the county."""
        with self.context.database.read() as connection:
            c = tables.area.c
            return list(connection.scalars(sa.select(c.code).where(c.level > 3).order_by(c.code)))

    def act(self, kind: str, first: int, second: int) -> None:
        """One change, which may be refused."""
        codes = self.codes()
        code, other = codes[first % len(codes)], codes[second % len(codes)]
        common = {"reason": "why"}
        if kind == "wait":
            self.clock.advance(days=1)
            return
        if kind == "undo":
            if self.made:
                undo_area_change(self.context, ADMIN, txn=self.made[first % len(self.made)], reason="why")
            return
        if kind == "rename":
            done = hierarchy.rename_area(self.context, ADMIN, code=code, name=f"n{second}", **common)
        elif kind == "renumber":
            new = code[:-3] + f"{second % 20 + 1:03d}"
            done = hierarchy.renumber_area(self.context, ADMIN, code=code, new_code=new, **common)
        elif kind == "move":
            done = hierarchy.move_area(self.context, ADMIN, code=code, parent=other, **common)
        elif kind == "split":
            done = hierarchy.split_area(self.context, ADMIN, code=code, line_wgs84=self.find_line(code), **common)
        else:
            beside = code[:-3] + f"{int(code[-3:]) + 1:03d}"
            done = hierarchy.merge_areas(self.context, ADMIN, codes=[code, beside], **common)
        self.made.append(done.txn or 0)

    def find_line(self, code: str) -> shapely.LineString:
        """From south to north through the middle, a little aslant: where it crosses a border has to be rounded."""
        with self.context.database.read() as connection:
            c = tables.area.c
            box = connection.execute(sa.select(c.x_min, c.y_min, c.x_max, c.y_max).where(c.code == code)).one()
        x = (box[0] + box[2]) / 2
        return shapely.LineString([(x, box[1] - 1e-3), (x + 7e-4, box[3] + 1e-3)])

    def check(self) -> None:
        """What holds after every step."""
        with self.context.database.read() as connection:
            p, a = tables.area_past.c, tables.area.c
            past = connection.execute(sa.select(p.code, p.valid_from, p.valid_to, p.area_id)).all()
            now = connection.execute(sa.select(a.code, a.valid_from, a.id)).all()
            cells = connection.scalars(sa.select(a.id).where(a.level == 6)).all()
            days = load_tenures(connection, cells)
            owned = set(connection.scalars(sa.select(tables.assignment.c.cell_id)))
            open_ = connection.scalars(sa.select(tables.tenure.c.cell_id).where(tables.tenure.c.valid_to.is_(None)))
            assert sorted(open_) == sorted(owned) == sorted(cells)
            shapes = areas.load_area_shapes(connection)
        for _, level in shapes.groupby("level"):
            assert shapely.coverage_is_valid(level.geometry.to_numpy())
        spans = [*past, *((code, begins, date.max, i) for code, begins, i in now)]
        by_code: dict[str, list[tuple[date, date]]] = defaultdict(list)
        for code, begins, ends, _ in spans:
            if begins < ends:
                by_code[code].append((begins, ends))
        for held in by_code.values():
            held.sort()
            assert all(earlier[1] <= later[0] for earlier, later in pairwise(held))
        assert all(is_unbroken(days[cell]) for cell in cells)


@settings(
    deadline=None,
    max_examples=8,
    phases=[Phase.explicit, Phase.generate],  # an example takes a third of a second: to make one smaller, minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_whatever_is_changed_codes_tenures_and_totals_hold(
    steps: list[tuple[str, int, int]], county_file: Path, tmp_path: Path
) -> None:
    path = tmp_path / "county.db"
    copyfile(county_file, path)
    clock = StoppedClock(START)
    context = open_county(path, clock)
    try:
        town = Town(context, clock)
        frame = pd.DataFrame({"code": town.codes(), "n": range(7, 7 + len(town.codes()))})
        clock.advance(days=1)
        for step in steps:
            with suppress(InvalidInput, Conflict, NotFound):  # what cannot be is refused, and leaves all as it was
                town.act(*step)
            town.check()
        today = DAY + (clock.now - START)
        told = area_history.translate_totals(context, ADMIN, frame=frame, from_date=DAY, to_date=today)
        assert told["n"].sum() == frame["n"].sum()
        assert set(told["code"]) <= set(town.codes())
        assert all(code.startswith(COUNTY) for code in told["code"])
    finally:
        context.close()
