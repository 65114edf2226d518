"""Trees of fastest ways, grown and mended row by row in compiled code; see `matrices` for what they are for.

A tree is known by the seconds to each state and the arc it is come to by. The trees of a matrix are kept in two tables
that never change; what closures did to them is a `Patch` of the states that are come to otherwise. So a closure writes
what changed and no more, and the matrix before it stays as it was.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gridmap.domain.crs import FloatArray
from gridmap.domain.roads.chains import BoolArray, IntArray, ModeGraph, list_tails
from gridmap.domain.roads.compiled import compiled, lean, woven

SmallArray = npt.NDArray[np.int32]

_WIDTH_OF_MEAN = 0.5
"""Width of a bucket as a share of the mean arc: fewer buckets to look into, or fewer states looked at twice."""

_MOST_BUCKETS = 1 << 14


class Ways(NamedTuple):
    """The arcs of a graph, closely packed: by tail, and by head the positions of the same.

    A search sorts states into buckets of `width_s` seconds; `buckets` of them, a power of two, reach further than any
    arc.
    """

    first: IntArray
    head: SmallArray
    tail: SmallArray
    seconds: FloatArray
    metres: FloatArray
    back_first: IntArray
    back_arc: SmallArray
    back_tail: SmallArray
    back_s: FloatArray
    shut_ahead: IntArray
    shut_back: IntArray
    width_s: float
    buckets: int


class Doors(NamedTuple):
    """How places meet the graph: the states set out to and come from, in compressed rows, and where on their chains.

    The states set out to are by their seconds, the nearest first.
    Places with the same chain are `by_chain[chain_first[group]:chain_first[group + 1]]`; the group of a place that is
    off the network is -1.
    """

    start_first: IntArray
    start: IntArray
    start_s: FloatArray
    start_m: FloatArray
    goal_first: IntArray
    goal: IntArray
    goal_s: FloatArray
    goal_m: FloatArray
    group: IntArray
    chain_first: IntArray
    by_chain: IntArray
    item: IntArray
    along_s: FloatArray
    against_s: FloatArray
    along_m: FloatArray


class Trees(NamedTuple):
    """Seconds to each state (columns) from each place (rows), and the arc it is come to by, -1 where by none."""

    cost: FloatArray
    by: SmallArray


class Scratch(NamedTuple):
    """What one thread works with: a tree, the queue of its search, lengths of its ways, and what is being mended."""

    cost: FloatArray
    by: SmallArray
    top: SmallArray
    following: SmallArray
    before: SmallArray
    bucket: SmallArray
    length_m: FloatArray
    measured: IntArray
    lost: BoolArray
    is_cut: BoolArray
    lost_in: IntArray
    pile: SmallArray
    offer: FloatArray
    offer_by: SmallArray
    keys: FloatArray
    items: IntArray


def pack_ways(graph: ModeGraph) -> Ways:
    """The arcs of a mode's graph as the searches read them."""
    arcs = graph.arcs
    return time_ways(
        Ways(
            arcs.first,
            arcs.head.astype(np.int32),
            list_tails(arcs).astype(np.int32),
            arcs.seconds,
            arcs.metres,
            graph.reverse.first,
            graph.reverse_arc.astype(np.int32),
            graph.reverse.head.astype(np.int32),
            graph.reverse.seconds,
            graph.chains.shut_ahead,
            graph.chains.shut_back,
            1.0,
            1,
        ),
        graph,
    )


def time_ways(ways: Ways, graph: ModeGraph) -> Ways:
    """The same arcs with the times that the graph has now."""
    seconds = graph.arcs.seconds
    open_s = seconds[np.isfinite(seconds)]
    longest_s = float(open_s.max(initial=0.0))
    width_s = max(_WIDTH_OF_MEAN * float(open_s.mean()) if len(open_s) else 1.0, longest_s / (_MOST_BUCKETS - 3), 1e-6)
    buckets = 1 << (int(longest_s / width_s) + 3).bit_length()
    return ways._replace(
        seconds=seconds,
        back_s=graph.reverse.seconds,
        shut_ahead=graph.chains.shut_ahead,
        shut_back=graph.chains.shut_back,
        width_s=width_s,
        buckets=buckets,
    )


@compiled
def grow_rows(
    ways: Ways, doors: Doors, low: int, high: int, trees: Trees, out_s: FloatArray, out_m: FloatArray
) -> None:
    """Grow the trees of places `low` to `high`, not counted, and write their rows of the matrix."""
    own = make_scratch(ways)
    for row in range(low, high):
        grow_tree(ways, doors, row, own)
        trees.cost[row] = own.cost
        trees.by[row] = own.by
        for target in range(len(doors.group)):
            read_way(ways, doors, row, target, own, out_s, out_m)
        shorten_on_chain(ways, doors, row, out_s, out_m)


@compiled
def make_scratch(ways: Ways) -> Scratch:
    states, arcs = len(ways.first) - 1, len(ways.head)
    room = arcs + states + 8
    return Scratch(
        np.empty(states),
        np.empty(states, np.int32),
        np.full(ways.buckets, -1, np.int32),
        np.empty(states, np.int32),
        np.empty(states, np.int32),
        np.full(states, -1, np.int32),
        np.empty(states),
        np.full(states, -1, np.int64),
        np.zeros(states, np.bool_),
        np.zeros(states, np.bool_),
        np.full(states, -1, np.int64),
        np.empty(states, np.int32),
        np.empty(states),
        np.empty(states, np.int32),
        np.empty(room),
        np.empty(room, np.int64),
    )


@lean
def grow_tree(ways: Ways, doors: Doors, row: int, own: Scratch) -> None:
    """Search the whole graph from a place, states sorted into buckets by their seconds (Dial's search).

    Within a bucket the order is any: a state that turns out to be come to sooner is looked at again.
    """
    first, head, seconds = ways.first, ways.head, ways.seconds
    cost, by, top, following, before, bucket = own.cost, own.by, own.top, own.following, own.before, own.bucket
    cost.fill(np.inf)
    by.fill(-1)
    per_s, mask = 1.0 / ways.width_s, ways.buckets - 1
    due, last = doors.start_first[row], doors.start_first[row + 1]
    waiting = 0
    at = 0
    while waiting > 0 or due < last:
        if waiting == 0:
            at = int(doors.start_s[due] * per_s)
        # A place may lie far from the nearest junction: what sets out later waits until it is due.
        while due < last and int(doors.start_s[due] * per_s) <= at:
            node, reach = doors.start[due], doors.start_s[due]
            due += 1
            if reach < cost[node]:
                if bucket[node] >= 0:
                    _unlink(node, top, following, before, bucket)
                    waiting -= 1
                cost[node], by[node] = reach, -1
                _link(node, int(reach * per_s) & mask, top, following, before, bucket)
                waiting += 1
        node = top[at & mask]
        if node < 0:
            at += 1
            continue
        _unlink(node, top, following, before, bucket)
        waiting -= 1
        own_s = cost[node]
        for arc in range(first[node], first[node + 1]):
            target = head[arc]
            reach = own_s + seconds[arc]
            if reach < cost[target]:
                cost[target], by[target] = reach, arc
                slot = int(reach * per_s) & mask
                if bucket[target] < 0:
                    waiting += 1
                elif bucket[target] == slot:
                    continue
                else:
                    _unlink(target, top, following, before, bucket)
                _link(target, slot, top, following, before, bucket)


@woven
def _link(node: int, slot: int, top: SmallArray, following: SmallArray, before: SmallArray, bucket: SmallArray) -> None:
    """Put a state into a bucket."""
    other = top[slot]
    following[node], before[node] = other, -1
    if other >= 0:
        before[other] = node
    top[slot] = node
    bucket[node] = slot


@woven
def _unlink(node: int, top: SmallArray, following: SmallArray, before: SmallArray, bucket: SmallArray) -> None:
    """Take a state out of its bucket."""
    ahead, behind = following[node], before[node]
    if behind >= 0:
        following[behind] = ahead
    else:
        top[bucket[node]] = ahead
    if ahead >= 0:
        before[ahead] = behind
    bucket[node] = -1


@lean
def read_way(
    ways: Ways, doors: Doors, row: int, target: int, own: Scratch, out_s: FloatArray, out_m: FloatArray
) -> None:
    """Write what the way to a target takes by the tree."""
    best_s, best = np.inf, -1
    for way in range(doors.goal_first[target], doors.goal_first[target + 1]):
        reach = own.cost[doors.goal[way]] + doors.goal_s[way]
        if reach < best_s:
            best_s, best = reach, way
    out_s[row, target] = best_s
    out_m[row, target] = (
        np.inf if best < 0 else _measure_way(ways, doors, row, doors.goal[best], own) + doors.goal_m[best]
    )


@lean
def _measure_way(ways: Ways, doors: Doors, row: int, goal: int, own: Scratch) -> float:
    """Metres from a place to a state along its tree; those to the states between are kept for the next one asked."""
    by, measured, pile = own.by, own.measured, own.before
    node = goal
    count = 0
    while measured[node] != row and by[node] >= 0:
        pile[count] = node
        count += 1
        node = ways.tail[by[node]]
    if measured[node] != row:
        for i in range(doors.start_first[row], doors.start_first[row + 1]):
            if doors.start[i] == node and doors.start_s[i] == own.cost[node]:
                own.length_m[node] = doors.start_m[i]
                break
        measured[node] = row
    length_m = float(own.length_m[node])
    for i in range(count - 1, -1, -1):
        node = pile[i]
        length_m += ways.metres[by[node]]
        own.length_m[node] = length_m
        measured[node] = row
    return length_m


@lean
def shorten_on_chain(ways: Ways, doors: Doors, row: int, out_s: FloatArray, out_m: FloatArray) -> None:
    """Two places on one chain may reach each other without passing a junction."""
    group = doors.group[row]
    if group < 0:
        return
    for at in range(doors.chain_first[group], doors.chain_first[group + 1]):
        target = doors.by_chain[at]
        metres = doors.along_m[target] - doors.along_m[row]
        low, high = min(doors.item[row], doors.item[target]), max(doors.item[row], doors.item[target])
        if metres == 0.0:
            seconds = 0.0
        elif metres > 0.0:
            is_shut = ways.shut_ahead[high + 1] != ways.shut_ahead[low]
            seconds = np.inf if is_shut else doors.along_s[target] - doors.along_s[row]
        else:
            is_shut = ways.shut_back[high + 1] != ways.shut_back[low]
            seconds = np.inf if is_shut else doors.against_s[target] - doors.against_s[row]
        if seconds < out_s[row, target]:
            out_s[row, target], out_m[row, target] = seconds, abs(metres)
