"""Trees of fastest ways mended after roads were closed or slowed: only what hung on these is searched anew."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gridmap.domain.crs import FloatArray
from gridmap.domain.roads.chains import BoolArray, IntArray
from gridmap.domain.roads.compiled import compiled, lean
from gridmap.domain.roads.heap import pop, push
from gridmap.domain.roads.trees import (
    Doors,
    Scratch,
    SmallArray,
    Trees,
    Ways,
    grow_tree,
    make_scratch,
    read_way,
    shorten_on_chain,
)

_ROUNDING_S = 1e-6
"""Sums of the same seconds in another order differ by less."""

_ROOM = 1 << 16
"""Patches begin with room for so many states."""


class Patch(NamedTuple):
    """States of some rows' trees that are come to otherwise than the `Trees` say, in compressed rows."""

    first: IntArray
    state: SmallArray
    cost: FloatArray
    by: SmallArray


class Change(NamedTuple):
    """What a closure does: arcs that became slower, rows whose place is left otherwise, targets come into otherwise."""

    slower: SmallArray
    is_slower: BoolArray
    is_new_row: BoolArray
    is_new_target: BoolArray
    any_new_target: bool


def begin_patch(rows: int) -> Patch:
    """A patch that changes nothing."""
    nothing = np.zeros(0, np.int32)
    return Patch(np.zeros(rows + 1, np.int64), nothing, np.zeros(0), nothing)


@compiled
def mend_rows(
    ways: Ways,
    doors: Doors,
    low: int,
    high: int,
    trees: Trees,
    before: Patch,
    change: Change,
    out_s: FloatArray,
    out_m: FloatArray,
) -> Patch:
    """Mend the trees of places `low` to `high`, not counted, and their rows of the matrix, in place.

    `before` is the patch of these rows, and so is what is returned.
    """
    own = make_scratch(ways)
    first = np.zeros(high - low + 1, np.int64)
    state, cost, by = np.empty(0, np.int32), np.empty(0), np.empty(0, np.int32)
    size = 0
    for row in range(low, high):
        old = slice(before.first[row - low], before.first[row - low + 1])
        was = before.state[old], before.cost[old], before.by[old]
        count = _mend_row(ways, doors, row, trees, was, change, own, out_s, out_m)
        most = size + len(was[0]) + count
        if most > len(state):
            more = max(_ROOM, 2 * most) - size
            state = np.concatenate((state[:size], np.empty(more, np.int32)))
            cost = np.concatenate((cost[:size], np.empty(more)))
            by = np.concatenate((by[:size], np.empty(more, np.int32)))
        for at in range(len(was[0])):
            if own.lost_in[was[0][at]] != row:
                state[size], cost[size], by[size] = was[0][at], was[1][at], was[2][at]
                size += 1
        for i in range(count):
            node = own.pile[i]
            state[size], cost[size], by[size] = node, own.cost[node], own.by[node]
            size += 1
        first[row - low + 1] = size
    return Patch(first, state[:size], cost[:size], by[:size])


@compiled
def _mend_row(
    ways: Ways,
    doors: Doors,
    row: int,
    trees: Trees,
    was: tuple[SmallArray, FloatArray, SmallArray],
    change: Change,
    own: Scratch,
    out_s: FloatArray,
    out_m: FloatArray,
) -> int:
    """Mend one tree; returns how many states are come to otherwise, and `pile` of the scratch holds them.

    `was` are states, seconds and arcs that the tree was patched with.
    """
    is_hit = _is_hit(ways, row, trees, was[2], change)
    if not (is_hit or change.any_new_target or change.is_new_row[row]):
        return 0
    own.cost[:] = trees.cost[row]
    own.by[:] = trees.by[row]
    for at in range(len(was[0])):
        own.cost[was[0][at]] = was[1][at]
        own.by[was[0][at]] = was[2][at]
    count = 0
    if change.is_new_row[row]:
        grow_tree(ways, doors, row, own)
        count = len(own.cost)
        for node in range(count):
            own.pile[node] = node
        own.lost_in[:] = row
    elif is_hit:
        count = _mend(ways, doors, row, change.slower, own)
    for target in range(len(doors.group)):
        is_stale = change.is_new_target[target]
        for way in range(doors.goal_first[target], doors.goal_first[target + 1]):
            is_stale |= own.lost_in[doors.goal[way]] == row
        if is_stale:
            read_way(ways, doors, row, target, own, out_s, out_m)
    shorten_on_chain(ways, doors, row, out_s, out_m)
    return count


@lean
def _is_hit(ways: Ways, row: int, trees: Trees, patched_by: SmallArray, change: Change) -> bool:
    """Whether a slower arc is in a row's tree, or was before it was patched."""
    for arc in change.slower:
        if trees.by[row, ways.head[arc]] == arc:
            return True
    is_hit = False
    for arc in patched_by:
        is_hit |= arc >= 0 and change.is_slower[arc]
    return is_hit


@lean
def _mend(ways: Ways, doors: Doors, row: int, slower: SmallArray, own: Scratch) -> int:
    """Search anew for the states behind slower arcs in a tree; returns how many these were, and `pile` holds them.

    Dijkstra's search by how much later than before a state is come to. What hangs on a state that was found is then as
    much later, and hangs on it still: whole branches are moved without the heap (Narváez, Siu and Tzeng, New dynamic
    SPT algorithm based on a ball-and-string model, 2001).
    """
    first, head, seconds = ways.first, ways.head, ways.seconds
    cost, by, lost, is_cut, offer, offer_by = own.cost, own.by, own.lost, own.is_cut, own.offer, own.offer_by
    keys, items = own.keys, own.items
    count = _find_lost(ways, row, slower, own)
    size = 0
    for i in range(doors.start_first[row], doors.start_first[row + 1]):
        node = doors.start[i]
        if lost[node]:
            offer[node] = min(offer[node], doors.start_s[i])
    # What hangs on a cut is at most as much later as the cut, so no way that takes longer is looked at. Cuts are piled
    # first; one that stays without a way for now bounds nothing.
    most_later_s = 0.0
    for i in range(count):
        node = own.pile[i]
        best_s = offer[node]
        for back in range(ways.back_first[node], ways.back_first[node + 1]):
            tail = ways.back_tail[back]
            if not lost[tail] and cost[tail] + ways.back_s[back] < best_s:
                best_s, offer_by[node] = cost[tail] + ways.back_s[back], ways.back_arc[back]
        later_s = best_s - cost[node]
        if is_cut[node]:
            most_later_s = max(most_later_s, later_s + _ROUNDING_S)
        if later_s <= most_later_s and best_s < np.inf:
            offer[node] = best_s
            size = push(keys, items, size, later_s, node)
    # The links of the queue are in use only while a tree grows.
    branch = own.following
    while size > 0:
        node = items[0]
        size = pop(keys, items, size)
        if not lost[node]:
            continue
        lost[node] = False
        cost[node], by[node] = offer[node], offer_by[node]
        branch[0] = node
        length = 1
        done = 0
        while done < length:
            node = branch[done]
            done += 1
            for arc in range(first[node], first[node + 1]):
                target = head[arc]
                if lost[target] and by[target] == arc and not is_cut[target]:
                    reach = cost[node] + seconds[arc]
                    if reach <= offer[target]:
                        lost[target] = False
                        cost[target] = reach
                        branch[length] = target
                        length += 1
        # Only now, so that nothing is offered to what is moved anyway.
        for i in range(length):
            own_s = cost[branch[i]]
            for arc in range(first[branch[i]], first[branch[i] + 1]):
                target = head[arc]
                reach = own_s + seconds[arc]
                if lost[target] and reach < offer[target] and reach - cost[target] <= most_later_s:
                    offer[target], offer_by[target] = reach, arc
                    size = push(keys, items, size, reach - cost[target], target)
    for i in range(count):
        node = own.pile[i]
        is_cut[node] = False
        if lost[node]:
            lost[node] = False
            cost[node], by[node] = np.inf, -1
    return count


@lean
def _find_lost(ways: Ways, row: int, slower: SmallArray, own: Scratch) -> int:
    """Mark the states behind slower arcs in a tree and put them on the pile; returns how many they are."""
    lost, by, pile = own.lost, own.by, own.pile
    count = 0
    for arc in slower:
        node = ways.head[arc]
        if by[node] == arc:
            own.is_cut[node] = True
            if not lost[node]:
                lost[node] = True
                pile[count] = node
                count += 1
    done = 0
    while done < count:
        node = pile[done]
        done += 1
        own.lost_in[node] = row
        own.offer[node], own.offer_by[node] = np.inf, -1
        for arc in range(ways.first[node], ways.first[node + 1]):
            target = ways.head[arc]
            if by[target] == arc and not lost[target]:
                lost[target] = True
                pile[count] = target
                count += 1
    return count
