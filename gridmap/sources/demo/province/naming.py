"""Invented names for many places at once: each differs from its siblings, as names of real places do."""

from __future__ import annotations

import numpy as np

from gridmap.sources.demo.province.relief import IntArray

_FIRST = "柳槐杏桑枣榆松柏石沙清白青黄上下东西南北前后新旧高平长圆安永福丰和文武龙凤金银玉云雁鹿马羊双三"
_VILLAGE = ("河", "沟", "坪", "湾", "岭", "垣", "峪", "坡", "泉", "桥", "渠", "原", "台", "堡", "庄", "洼", "峁", "滩")
_TOWN = ("河", "桥", "泉", "原", "湾", "峪", "垣", "川", "岭", "城", "店", "关")
_COUNTY = ("阳", "陵", "宁", "原", "川", "泽", "丘", "乡", "台", "安", "水", "城")
_CITY = ("州", "阳", "陵", "宁", "泽", "都")
_ENDINGS = {"village": _VILLAGE, "town": _TOWN, "county": _COUNTY, "city": _CITY}
_DOUBLED = {"village": 0.55, "town": 0.5, "county": 0.0, "city": 0.0}
"""Share of names with two characters before the ending, by level."""


def draw_names(rng: np.random.Generator, level: str, parent: IntArray) -> list[str]:
    """A name for each place of a level, without its official ending; no two of a parent share one."""
    names = _draw(rng, level, len(parent))
    while True:
        _, first = np.unique(np.char.add(np.char.add(parent.astype(str), ":"), names), return_index=True)
        again = np.setdiff1d(np.arange(len(names)), first)
        if len(again) == 0:
            return [str(name) for name in names]
        names[again] = _draw(rng, level, len(again))


def _draw(rng: np.random.Generator, level: str, count: int) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    first, ending = np.array(list(_FIRST)), np.array(_ENDINGS[level])
    one = rng.integers(len(first), size=count)
    # Another character than the first, so that nothing is called 柳柳沟.
    other = (one + rng.integers(1, len(first), size=count)) % len(first)
    second = np.where(rng.random(count) < _DOUBLED[level], first[other], "")
    return np.char.add(np.char.add(first[one], second), ending[rng.integers(len(ending), size=count)]).astype("U3")
