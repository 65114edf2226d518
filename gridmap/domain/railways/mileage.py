"""Mileage (里程): how a place on a line is written, `K123+456`, and where it lies."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.domain.crs import GEOD, compute_step_lengths_m
from gridmap.errors import N_, InvalidInput

_MILEAGE = re.compile(r"(?P<prefix>[A-Z]{0,3})\s*(?P<km>\d{1,5})\s*\+\s*(?P<m>\d{1,3}(?:\.\d+)?)\s*m?", re.IGNORECASE)


@dataclass(frozen=True)
class Mileage:
    """A mileage as written: `prefix` K or DK (design mileage), `metres` from the line's zero."""

    prefix: str
    metres: float


def parse_mileage(text: str) -> Mileage:
    """Read `K1577+655`, `DK127+474`, `K745+288.743m`; full-width characters and spaces are allowed.

    Raises
    ------
    InvalidInput
        Not a mileage.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    match = _MILEAGE.fullmatch(plain)
    if match is None:
        raise InvalidInput(N_("“{text}” is not a mileage."), hint=N_("Write it like K12+300."), text=text)
    return Mileage((match["prefix"] or "K").upper(), int(match["km"]) * 1000 + float(match["m"]))


def is_mileage(text: str) -> bool:
    """Whether `text` reads as a mileage."""
    return _MILEAGE.fullmatch(unicodedata.normalize("NFKC", text).strip()) is not None


def format_mileage(metres: float, *, prefix: str = "K", decimals: int = 0) -> str:
    """Write metres from the line's zero as `K123+456`, with a fraction of a metre where `decimals` asks for one."""
    rounded = round(metres, decimals)
    km = int(rounded // 1000)
    width = 3 if decimals == 0 else 4 + decimals
    return f"{prefix}{km}+{rounded - km * 1000:0{width}.{decimals}f}"


@dataclass(frozen=True)
class LinePosition:
    """A point seen from a line: `mileage_m` along it, `side` facing increasing mileage, `offset_m` away from it."""

    mileage_m: float
    side: str
    offset_m: float


class MeasuredLine:
    """A line with its mileage: WGS-84 vertices, geodesic metres from `start_m` at the first of them."""

    def __init__(self, line_wgs84: shapely.LineString, *, start_m: float = 0.0) -> None:
        self.geometry = line_wgs84
        self._xy: npt.NDArray[np.float64] = shapely.get_coordinates(line_wgs84)
        steps = compute_step_lengths_m(self._xy[:, 0], self._xy[:, 1])
        self._at: npt.NDArray[np.float64] = start_m + np.concatenate([[0.0], np.cumsum(steps)])

    @property
    def start_m(self) -> float:
        return float(self._at[0])

    @property
    def end_m(self) -> float:
        return float(self._at[-1])

    def point_at(self, mileage_m: float) -> tuple[float, float]:
        """(lon, lat) at a mileage.

        Raises
        ------
        InvalidInput
            The mileage lies beyond the line.
        """
        if not self.start_m - 0.5 <= mileage_m <= self.end_m + 0.5:
            raise InvalidInput(
                N_("{mileage} lies outside this line, which runs from {start} to {end}."),
                hint=N_("Check the line and the mileage."),
                mileage=format_mileage(mileage_m),
                start=format_mileage(self.start_m),
                end=format_mileage(self.end_m),
            )
        return (
            float(np.interp(mileage_m, self._at, self._xy[:, 0])),
            float(np.interp(mileage_m, self._at, self._xy[:, 1])),
        )

    def beside(self, mileage_m: float, *, side: str, offset_m: float) -> tuple[float, float]:
        """(lon, lat) `offset_m` to the left or right of a mileage, facing increasing mileage; "" side = on the line."""
        lon, lat = self.point_at(mileage_m)
        if not side or offset_m == 0:
            return lon, lat
        behind = self.point_at(max(self.start_m, mileage_m - 1.0))
        ahead = self.point_at(min(self.end_m, mileage_m + 1.0))
        azimuth, _, _ = GEOD.inv(*behind, *ahead)
        turned = azimuth - 90.0 if side == "left" else azimuth + 90.0
        x, y, _ = GEOD.fwd(lon, lat, turned, offset_m)
        return float(x), float(y)

    def stretch(self, from_m: float, to_m: float) -> shapely.LineString:
        """The part of the line between two mileages, in the order given."""
        low, high = sorted((max(from_m, self.start_m), min(to_m, self.end_m)))
        inside = (self._at > low) & (self._at < high)
        xy = np.vstack([self.point_at(low), self._xy[inside], self.point_at(high)])
        return shapely.LineString(xy if from_m <= to_m else xy[::-1])

    def locate(self, lon: float, lat: float) -> LinePosition:
        """Where a point lies seen from the line; distances in a local plane, good to a few kilometres."""
        scale = np.array([np.cos(np.radians(lat)), 1.0]) * 111_320.0
        xy = (self._xy - (lon, lat)) * scale
        start, step = xy[:-1], np.diff(xy, axis=0)
        squared = np.maximum((step**2).sum(axis=1), 1e-12)
        share = np.clip(-(start * step).sum(axis=1) / squared, 0.0, 1.0)
        nearest = start + share[:, None] * step
        distance = np.hypot(nearest[:, 0], nearest[:, 1])
        best = int(np.argmin(distance))
        mileage = self._at[best] + share[best] * (self._at[best + 1] - self._at[best])
        # The cross product of the line's direction and the way to the point (at the origin) is positive on the left.
        cross = step[best, 0] * -nearest[best, 1] - step[best, 1] * -nearest[best, 0]
        return LinePosition(float(mileage), "left" if cross > 0 else "right", float(distance[best]))
