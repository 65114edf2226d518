"""Invented place names that sound right for a loess valley; none is taken from a real county."""

from __future__ import annotations

import numpy as np

_FIRST = "柳槐杏桑枣榆松柏石沙清白青黄上下东西南北前后新旧高平长圆安永福丰和文武龙凤金银玉云雁鹿马羊双三"
_LAND = ("河", "沟", "坪", "湾", "岭", "垣", "峪", "坡", "泉", "桥", "渠", "原", "台", "堡", "庄", "洼", "峁", "滩")
_TOWN_LAND = ("河", "桥", "泉", "原", "湾", "峪", "垣", "川", "岭", "城")

COUNTY = "汾柳县"
"""Fictional: no county of this name exists."""

ORDINARY_LINE = "柳原线"
FAST_LINE = "原陵高速线"
RIVER = "柳水"


class Names:
    """Hands out names, each once."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._used: set[str] = set()

    def town(self, kind: str) -> str:
        """A town's name ending in `kind` (镇, 乡, 街道)."""
        return self._make(_TOWN_LAND) + kind

    def village(self) -> str:
        """A village's name without its ending."""
        return self._make(_LAND)

    def _make(self, endings: tuple[str, ...]) -> str:
        while True:
            first = _FIRST[int(self._rng.integers(len(_FIRST)))]
            if self._rng.random() < 0.25:
                first += _FIRST[int(self._rng.integers(len(_FIRST)))]
            name = first + endings[int(self._rng.integers(len(endings)))]
            if name not in self._used and len(set(name)) == len(name):
                self._used.add(name)
                return name
