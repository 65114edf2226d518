"""Minutes by road from the stations of units to cells: a search for each station, when it is first asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gridmap.domain.roads.routes import Place
from gridmap.domain.roads.targets import Targets, measure_times, pack_targets
from gridmap.errors import NoData
from gridmap.services.context import Context
from gridmap.services.road_network import get_network
from gridmap.services.territory import HeldTerritory, load_ground

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
RowArray = npt.NDArray[np.float32]

_KEPT_BYTES = 128_000_000


class StationTimes:
    """Minutes from stations to every cell of the database, over open roads by car; safe to share between threads.

    The rows asked for last are kept: at most 128 MB of them.
    """

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._rows: OrderedDict[Place, RowArray] = OrderedDict()
        self._most = max(_KEPT_BYTES // (4 * max(len(targets.spots), 1)), 16)
        self._lock = threading.Lock()
        self._own_unit = np.full(len(targets.spots), -1, np.int64)
        self._own = np.full(len(targets.spots), np.nan)

    def measure(self, station: Place) -> RowArray:
        """Minutes to each cell, infinite where no road leads."""
        with self._lock:
            row = self._rows.get(station)
            if row is not None:
                self._rows.move_to_end(station)
                return row
        row = (measure_times(self._targets, station) / 60).astype(np.float32)
        with self._lock:
            self._rows[station] = row
            while len(self._rows) > self._most:
                self._rows.popitem(last=False)
        return row

    def measure_farthest(self, stations: Sequence[Place], cells: IntArray, owner: IntArray) -> list[float | None]:
        """Minutes from each station to the farthest of its cells that a road leads to; None where there is none.

        `owner` is the position of each cell's station, below 0 where it has none.
        """
        order = np.argsort(owner, kind="stable")
        bounds = np.searchsorted(owner[order], np.arange(len(stations) + 1))
        farthest: list[float | None] = []
        for station, begin, end in zip(stations, bounds[:-1], bounds[1:], strict=True):
            minutes = self.measure(station)[cells[order[begin:end]]]
            reached = minutes[np.isfinite(minutes)]
            farthest.append(float(reached.max()) if len(reached) else None)
        return farthest

    def measure_own(self, held: HeldTerritory, cells: IntArray) -> FloatArray:
        """Minutes to each of `cells` from the station of its unit; not a number where no road leads, or without a unit.

        What was measured before is kept: after an order only the cells it moved are measured again.
        """
        unit = np.append(held.unit_ids, -1)[held.owner[cells]]
        stale = np.flatnonzero((self._own_unit[cells] != unit) & (unit >= 0))
        for place in np.unique(held.owner[cells[stale]]).tolist():
            mine = cells[stale[held.owner[cells[stale]] == place]]
            row = self.measure(held.stations[place])[mine].astype(np.float64)
            with self._lock:
                self._own[mine] = np.where(np.isfinite(row), row, np.nan)
                self._own_unit[mine] = held.unit_ids[place]
        return np.where(unit >= 0, self._own[cells], np.nan)


def get_station_times(context: Context) -> StationTimes | None:
    """The times over the roads that are loaded, closures left out; None without roads: a bee line is no minutes."""

    def build() -> StationTimes | None:
        try:
            network = get_network(context)
        except NoData:
            return None
        points = load_ground(context).points
        return StationTimes(pack_targets(network, [(float(lon), float(lat)) for lon, lat in points]))

    return context.cache.get("station_times", context.revisions("roads", "areas"), build)
