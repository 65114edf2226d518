"""A binary heap in two arrays, smallest key first; entries are not moved when they improve, but pushed again."""

from __future__ import annotations

from gridmap.domain.crs import FloatArray
from gridmap.domain.roads.chains import IntArray
from gridmap.domain.roads.compiled import compiled


@compiled
def push(keys: FloatArray, items: IntArray, size: int, key: float, item: int) -> int:
    """Add an entry; returns how many there are now."""
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if keys[parent] <= key:
            break
        keys[i] = keys[parent]
        items[i] = items[parent]
        i = parent
    keys[i] = key
    items[i] = item
    return size + 1


@compiled
def pop(keys: FloatArray, items: IntArray, size: int) -> int:
    """Take away the entry with the smallest key, which stands first and is read before; returns how many are left."""
    size -= 1
    key = keys[size]
    item = items[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= key:
            break
        keys[i] = keys[child]
        items[i] = items[child]
        i = child
    keys[i] = key
    items[i] = item
    return size
