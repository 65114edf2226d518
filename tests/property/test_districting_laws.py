"""Laws of territories: what a preview says equals a full recomputation, and no search breaks what must hold."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.domain.districting.adjacency import Adjacency
from gridmap.domain.districting.contiguity import find_new_strays, find_strays, label_parts
from gridmap.domain.districting.measures import compute_fair, find_unit_parents, measure_units
from gridmap.domain.districting.preview import preview_move
from gridmap.domain.districting.proposals import Wishes
from gridmap.domain.districting.rebalance import rebalance
from gridmap.domain.districting.search import Effort
from gridmap.domain.districting.territory import Territory, build_territory
from tests.territories import build_cells, grow_plan

UNITS = 4
Plan = tuple[Territory, npt.NDArray[np.int64]]


def build_world(seed: int, cells: int) -> Plan:
    """A random graph, planar or not, with barriers, joins, locked cells, two parents, and units in many pieces."""
    rng = np.random.default_rng(seed)
    number = np.unique(rng.integers(0, cells * cells, cells * 3))
    pairs = np.column_stack([number // cells, number % cells])
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    parent = rng.integers(0, 2, cells)
    territory = build_territory(
        Adjacency(pairs, rng.random(len(pairs)) * 10),
        load=rng.random(cells),
        households=rng.integers(0, 9, cells),
        locked=rng.random(cells) < 0.1,
        parent=parent,
        barriers=pairs[rng.random(len(pairs)) < 0.2],
        joins=np.array([(0, cells - 1)]),
    )
    return territory, parent * 2 + rng.integers(0, 2, cells)


worlds = st.builds(build_world, st.integers(0, 10_000), st.integers(4, 40))


@settings(max_examples=60, deadline=None)
@given(worlds, st.data())
def test_a_preview_equals_a_full_recomputation(world: Plan, data: st.DataObject) -> None:
    territory, owner = world
    cells = np.array(data.draw(st.lists(st.integers(0, territory.cells - 1), min_size=1, unique=True)))
    to = np.array(data.draw(st.lists(st.integers(0, UNITS - 1), min_size=len(cells), max_size=len(cells))))
    seen = preview_move(territory, owner, cells, to, units=UNITS)
    after = owner.copy()
    parents = find_unit_parents(territory, owner, units=UNITS)
    may = ~territory.locked[cells] & (territory.parent[cells] == parents[to])
    after[cells[may]] = to[may]
    assert seen.owner.tolist() == after.tolist()
    assert (owner[territory.locked] == after[territory.locked]).all()
    assert sorted(seen.moved.tolist()) == np.flatnonzero(after != owner).tolist()
    pairs = territory.list_pairs()
    assert set(seen.new_strays) == set(find_new_strays(pairs, before=owner, after=after))
    touched = set(seen.after.units.tolist())
    now = {stray for stray in find_strays(pairs, after) if stray.unit in touched}
    assert set(seen.new_strays) | set(seen.old_strays) == now
    fair = compute_fair(territory, unit_parent=parents)
    for owners, measures in ((owner, seen.before), (after, seen.after)):
        label = label_parts(pairs, owners)
        for place, unit in enumerate(measures.units.tolist()):
            mine = owners == unit
            assert measures.cells[place] == mine.sum()
            assert measures.households[place] == territory.households[mine].sum()
            assert measures.load[place] == pytest.approx(territory.load[mine].sum())
            assert measures.deviation[place] == pytest.approx(
                territory.load[mine].sum() / fair[unit] - 1 if fair[unit] else 0
            )
            assert measures.parts[place] == len(set(label[mine].tolist()))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 25))
def test_barriers_and_joins_part_and_join_as_union_and_find_says(seed: int, cells: int) -> None:
    rng = np.random.default_rng(seed)

    def draw(count: int) -> set[tuple[int, int]]:
        ends = rng.integers(0, cells, (count, 2))
        return {(min(a, b), max(a, b)) for a, b in ends.tolist() if a != b}

    beside, shut, joined = draw(2 * cells), draw(cells), draw(3)
    borders = np.array(sorted(beside), np.int64).reshape(-1, 2)
    territory = build_territory(
        Adjacency(borders, np.ones(len(borders))),
        load=np.zeros(cells),
        barriers=np.array([pair[::-1] for pair in sorted(shut)], np.int64).reshape(-1, 2),
        joins=np.array(sorted(joined), np.int64).reshape(-1, 2),
    )
    owner = rng.integers(0, 3, cells)
    root = list(range(cells))

    def find(cell: int) -> int:
        while root[cell] != cell:
            cell = root[cell]
        return cell

    for a, b in (beside - shut) | joined:
        if owner[a] == owner[b]:
            root[find(a)] = find(b)
    label = label_parts(territory.list_pairs(), owner)
    for a in range(cells):
        assert [label[a] == label[b] for b in range(cells)] == [find(a) == find(b) for b in range(cells)]


@settings(max_examples=30, deadline=None)
@given(worlds)
def test_no_rebalancing_breaks_what_must_hold(world: Plan) -> None:
    territory, owner = world
    pairs = territory.list_pairs()
    before = measure_units(territory, owner, fair=np.ones(UNITS), units=np.arange(UNITS))
    found = rebalance(territory, owner, units=UNITS, wishes=Wishes(), effort=Effort(iterations=6_000))
    parents = find_unit_parents(territory, owner, units=UNITS)
    for proposal in (found, *found.alternatives):
        after = measure_units(territory, proposal.owner, fair=np.ones(UNITS), units=np.arange(UNITS))
        assert (after.parts <= before.parts).all()
        assert ((after.cells > 0) == (before.cells > 0)).all()
        assert (proposal.owner[territory.locked] == owner[territory.locked]).all()
        cell, was, is_ = proposal.moves.T
        assert (owner[cell] == was).all()
        assert (proposal.owner[cell] == is_).all()
        assert (parents[is_] == territory.parent[cell]).all()
        assert after.polsby_popper.sum() >= 0.95 * before.polsby_popper.sum() - 1e-9
        assert len(label_parts(pairs, proposal.owner)) == territory.cells


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1_000), st.integers(0, 6))
def test_a_budget_is_kept_and_whole_units_stay_whole(seed: int, most: int) -> None:
    territory = build_cells(40, seed=seed)
    owner = grow_plan(territory, UNITS, seed=seed)
    wishes = Wishes(most_moves=most, alternatives=())
    found = rebalance(territory, owner, units=UNITS, wishes=wishes, effort=Effort(iterations=10_000))
    assert len(found.moves) <= most
    assert found.after.parts.max() == 1
    spread = np.abs(found.after.deviation).max(), np.abs(found.before.deviation).max()
    assert found.balanced == (spread[0] <= 0.05 + 1e-9)
