"""Which area a place lies in, for everything that carries a place and no area code of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.domain.access import Actor
from gridmap.domain.areas import find_narrowest
from gridmap.services.context import Context
from gridmap.store import areas


@dataclass(frozen=True)
class AreaIndex:
    """Every area and a spatial index over them."""

    tree: shapely.STRtree
    codes: npt.NDArray[np.object_]

    def find_codes(self, lon: Sequence[float], lat: Sequence[float]) -> list[str]:
        """Code of the narrowest area at each place, degrees; "" outside all of them."""
        points = np.asarray(shapely.points(np.asarray(lon, float), np.asarray(lat, float)), object).reshape(-1)
        place, area = self.tree.query(points, predicate="intersects")
        holding: list[list[str]] = [[] for _ in points]
        for i, code in zip(place.tolist(), self.codes[area], strict=True):
            holding[i].append(code)
        return [find_narrowest(codes) for codes in holding]


def load_area_index(context: Context) -> AreaIndex:
    """The index, built once per revision of the areas."""

    def build() -> AreaIndex:
        with context.database.read() as connection:
            shapes = areas.load_area_shapes(connection)
        return AreaIndex(shapely.STRtree(shapes.geometry.to_numpy()), shapes["code"].to_numpy(object))

    return context.cache.get("area_index", context.revisions("areas"), build)


def find_in_scope(context: Context, actor: Actor, lon: Sequence[float], lat: Sequence[float]) -> npt.NDArray[np.bool_]:
    """Which of the places, degrees, lie in the actor's scope; all of them for one who is responsible everywhere."""
    if not actor.scope_code:
        return np.ones(len(lon), bool)
    codes = load_area_index(context).find_codes(lon, lat)
    return np.array([actor.covers(code) for code in codes], bool)
