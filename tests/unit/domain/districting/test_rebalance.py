"""Units brought into balance, closed, begun and drawn afresh, on cells like real ones."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import numpy as np
import pytest

from gridmap.domain.districting.contiguity import NOBODY, find_strays, label_parts
from gridmap.domain.districting.measures import measure_units
from gridmap.domain.districting.preview import preview_move
from gridmap.domain.districting.proposals import AIM_WORDS, Aim, Wishes
from gridmap.domain.districting.rebalance import rebalance
from gridmap.domain.districting.restaffing import absorb, draw_afresh, share_out_units, staff
from gridmap.domain.districting.search import BORDERS, MOVES, Effort
from gridmap.domain.districting.territory import restrict_territory
from gridmap.domain.progress import Told, write_step
from gridmap.errors import Cancelled, CannotPlan, InvalidInput, NoData, NotFound
from tests.territories import build_cells, disturb

UNITS = 6
EFFORT = Effort(iterations=300_000)
ONE = Wishes(alternatives=())

TERRITORY = build_cells(150, seed=3)
OWNER = disturb(TERRITORY, UNITS, seed=3)


def test_every_unit_comes_within_the_tolerance_by_few_moves() -> None:
    found = rebalance(TERRITORY, OWNER, units=UNITS, wishes=Wishes(), effort=EFFORT)
    assert not np.abs(found.before.deviation).max() <= 0.05
    assert found.balanced
    assert np.abs(found.after.deviation).max() <= 0.05
    assert found.after.parts.max() == 1
    assert found.households == TERRITORY.households[found.moves[:, 0]].sum()
    assert found.after.polsby_popper.mean() >= 0.95 * found.before.polsby_popper.mean()
    assert [other.aim for other in found.alternatives] == [Aim.ROUND, Aim.EVEN]
    rounder, evener = found.alternatives
    assert rounder.after.polsby_popper.mean() >= found.after.polsby_popper.mean()
    assert np.abs(evener.after.deviation).max() <= np.abs(found.after.deviation).max()
    assert set(AIM_WORDS) == set(Aim)


def test_no_alternative_of_a_short_search_has_fewer_moves_than_the_one_called_so() -> None:
    territory = build_cells(400, seed=3)
    owner = disturb(territory, 20, seed=3)
    found = rebalance(territory, owner, units=20, wishes=Wishes(), effort=Effort(iterations=4_000))
    assert found.balanced
    assert found.aim is Aim.FEWEST
    assert len(found.moves) <= min(len(other.moves) for other in found.alternatives)


def test_what_is_balanced_is_left_alone() -> None:
    found = rebalance(TERRITORY, OWNER, units=UNITS, wishes=Wishes(tolerance=1.0, alternatives=()), effort=EFFORT)
    assert len(found.moves) == 0


def test_strays_are_kept_or_healed_as_asked() -> None:
    inner = next(cell for cell in np.flatnonzero(OWNER != 0).tolist() if not touches(cell, 0) and leaves_one_part(cell))
    owner = OWNER.copy()
    owner[inner] = 0
    assert any(stray.cells == (inner,) for stray in find_strays(TERRITORY.list_pairs(), owner))
    healed = rebalance(TERRITORY, owner, units=UNITS, wishes=replace(ONE, heal=True), effort=EFFORT)
    assert healed.owner[inner] != 0
    assert healed.after.parts.max() == 1


def touches(cell: int, unit: int) -> bool:
    return bool((OWNER[TERRITORY.indices[TERRITORY.indptr[cell] : TERRITORY.indptr[cell + 1]]] == unit).any())


def test_a_unit_that_closes_leaves_its_cells_to_neighbours() -> None:
    found = absorb(TERRITORY, OWNER, 2, units=UNITS, wishes=Wishes(tolerance=0.1, alternatives=()), effort=EFFORT)
    assert not (found.owner == 2).any()
    assert found.balanced
    assert found.after.parts[[0, 1, 3, 4, 5]].tolist() == [1] * 5
    assert set(np.flatnonzero(OWNER == 2)) <= set(found.moves[:, 0].tolist())


def test_a_unit_with_a_locked_cell_or_none_beside_it_stays() -> None:
    locked = replace(TERRITORY, locked=np.arange(TERRITORY.cells) == np.flatnonzero(OWNER == 2)[0])
    with pytest.raises(CannotPlan, match="locked"):
        absorb(locked, OWNER, 2, units=UNITS, wishes=ONE, effort=EFFORT)
    with pytest.raises(NotFound):
        absorb(TERRITORY, OWNER, 99, units=UNITS, wishes=ONE, effort=EFFORT)
    with pytest.raises(CannotPlan, match="No other unit"):
        absorb(TERRITORY, np.zeros_like(OWNER), 0, units=1, wishes=ONE, effort=EFFORT)


def test_what_nobody_has_stays_with_nobody() -> None:
    inner = next(cell for cell in np.flatnonzero(OWNER == 2).tolist() if leaves_one_part(cell))
    owner = OWNER.copy()
    owner[inner] = NOBODY
    wishes = Wishes(tolerance=0.1, heal=True, alternatives=())
    for found in (
        absorb(TERRITORY, owner, 2, units=UNITS, wishes=wishes, effort=EFFORT),
        rebalance(TERRITORY, owner, units=UNITS, wishes=wishes, effort=EFFORT),
    ):
        assert np.flatnonzero(found.owner == NOBODY).tolist() == [inner]


def leaves_one_part(cell: int) -> bool:
    owner = OWNER.copy()
    owner[cell] = UNITS
    mine = owner == OWNER[cell]
    return len(np.unique(label_parts(TERRITORY.list_pairs(), owner)[mine])) == 1


def test_a_new_unit_is_given_a_fair_share() -> None:
    seed = next(cell for cell in range(TERRITORY.cells) if leaves_one_part(cell))
    wishes = Wishes(tolerance=0.1, alternatives=())
    for cell in (None, seed):
        found = staff(TERRITORY, OWNER, units=UNITS, wishes=wishes, effort=EFFORT, seed_cell=cell)
        assert found.balanced
        assert found.after.parts.tolist() == [1] * (UNITS + 1)
        assert cell is None or found.owner[cell] == UNITS
    with pytest.raises(InvalidInput):
        staff(TERRITORY, OWNER, units=UNITS, wishes=wishes, effort=EFFORT, seed_cell=9_999)
    locked = replace(TERRITORY, locked=np.ones(TERRITORY.cells, bool))
    with pytest.raises(CannotPlan):
        staff(locked, OWNER, units=UNITS, wishes=wishes, effort=EFFORT)


def test_units_drawn_afresh_are_even_whole_and_named_by_what_they_keep() -> None:
    locked = replace(TERRITORY, locked=np.arange(TERRITORY.cells) == 17)
    whole = np.zeros(UNITS, np.int64)
    found = draw_afresh(locked, OWNER, unit_parent=whole, wishes=Wishes(alternatives=(Aim.ROUND,)), effort=EFFORT)
    for plan in (found, *found.alternatives):
        assert plan.balanced
        assert plan.after.parts.tolist() == [1] * UNITS
        assert plan.owner[17] == OWNER[17]
    assert found.after.polsby_popper.mean() > found.before.polsby_popper.mean()
    fewer = draw_afresh(TERRITORY, OWNER, unit_parent=whole[:4], wishes=Wishes(alternatives=()), effort=EFFORT)
    assert sorted(set(fewer.owner.tolist())) == [0, 1, 2, 3]
    assert fewer.balanced
    with pytest.raises(CannotPlan, match="locked"):
        draw_afresh(locked, np.full_like(OWNER, 5), unit_parent=whole[:4], wishes=Wishes(), effort=EFFORT)


def test_units_are_shared_out_over_parents_by_load() -> None:
    half = replace(TERRITORY, parent=(OWNER < 2).astype(np.int64))
    load = np.bincount(half.parent, weights=half.load)
    count = share_out_units(half, 12)
    assert count.sum() == 12
    assert count / 12 == pytest.approx(load / load.sum(), abs=0.06)
    assert share_out_units(half, 2).tolist() == [1, 1]
    for wrong in (1, TERRITORY.cells + 1):
        with pytest.raises(CannotPlan):
            share_out_units(half, wrong)


def test_who_waits_is_told_the_best_so_far_and_gets_it_when_they_cancel() -> None:
    told: list[Told] = []

    def stop(_: float, message: str) -> None:
        if isinstance(message, Told) and message in {MOVES.best, BORDERS.best}:
            told.append(message)
            raise Cancelled("Enough.")

    # A clock that leaps on lets every report be told anew.
    asked = {"wishes": Wishes(), "effort": Effort(iterations=10**9), "progress": stop, "clock": count().__next__}
    moved = rebalance(TERRITORY, OWNER, units=UNITS, **asked)
    drawn = draw_afresh(TERRITORY, OWNER, unit_parent=np.zeros(UNITS, np.int64), **asked)
    first, second = (message.facts for message in told)
    assert first["moved"] == len(moved.moves)
    ends = drawn.owner[TERRITORY.list_pairs()]
    assert second["cut"] == (ends[:, 0] != ends[:, 1]).sum()
    for facts, found in ((first, moved), (second, drawn)):
        assert facts["aim"] == AIM_WORDS[Aim.FEWEST]
        assert facts["deviation"] == pytest.approx(np.abs(found.after.deviation).max())
        assert facts["compactness"] == pytest.approx(found.after.polsby_popper.mean())
        assert (found.balanced, found.alternatives) == (True, ())
    assert write_step(told[0]).startswith(
        f"Fewest moves, best so far: {len(moved.moves)} cells move, largest deviation "
    )


def test_wishes_that_make_no_sense_are_refused() -> None:
    for name, wrong in (
        ("tolerance", 0.0),
        ("tolerance", 2.0),
        ("most_moves", -1),
        ("compactness_weight", -1.0),
        ("compactness_weight", float("nan")),
        ("compactness_kept", 1.1),
        ("compactness_kept", float("nan")),
    ):
        with pytest.raises(InvalidInput):
            Wishes(**{name: wrong})
    with pytest.raises(InvalidInput):
        rebalance(TERRITORY, OWNER, units=2, wishes=ONE, effort=EFFORT)


def test_a_selection_that_cannot_be_moved_is_refused() -> None:
    with pytest.raises(NoData):
        preview_move(TERRITORY, OWNER, np.zeros(0, np.int64), np.zeros(0, np.int64), units=UNITS)
    with pytest.raises(InvalidInput):
        preview_move(TERRITORY, OWNER, np.array([150]), np.array([1]), units=UNITS)
    with pytest.raises(InvalidInput):
        preview_move(TERRITORY, OWNER, np.array([3, 3]), np.array([1, 2]), units=UNITS)
    with pytest.raises(NotFound):
        preview_move(TERRITORY, OWNER, np.array([1]), np.array([UNITS]), units=UNITS)


def test_a_cell_of_another_parent_moves_only_where_it_may_cross() -> None:
    parent = (OWNER == 0).astype(np.int64)
    apart = replace(TERRITORY, parent=parent)
    cell = np.flatnonzero(OWNER == 0)[:1]
    to = np.ones(1, np.int64)
    kept, crossed = (preview_move(apart, OWNER, cell, to, units=UNITS, crossing=crossing) for crossing in (False, True))
    assert (kept.moved.tolist(), crossed.moved.tolist()) == ([], cell.tolist())
    assert kept.foreign.tolist() == crossed.foreign.tolist() == cell.tolist()


def test_a_part_of_a_territory_measures_its_units_as_the_whole_does() -> None:
    cells = np.flatnonzero(OWNER < 2)
    part = restrict_territory(TERRITORY, cells)
    fair, units = np.ones(UNITS), np.arange(2)
    whole = measure_units(TERRITORY, OWNER, fair=fair, units=units)
    alone = measure_units(part, OWNER[cells], fair=fair, units=units)
    assert alone.polsby_popper == pytest.approx(whole.polsby_popper)
    assert (alone.parts.tolist(), alone.load.tolist()) == (whole.parts.tolist(), whole.load.tolist())
