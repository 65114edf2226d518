"""The lie of the land: mountain belts, a chain of basins from north to south-west, and the outline around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import distance_transform_edt, gaussian_filter, map_coordinates

from gridmap.sources.demo.province.size import ProvinceSize

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

STEP_M = 1_000.0
"""Between the points of the raster."""

_WIDTH_TO_HEIGHT = 0.74
_MARGIN = 1.22
"""How much wider and higher the raster is than the province."""

_SURROUNDINGS_M = 16_000.0
"""Land beyond the outline that shapes the outermost cells."""

_FLOOR_M = 420.0
_PEAKS_M = 1_750.0


@dataclass(frozen=True)
class Relief:
    """A raster of `STEP_M` around the province's middle, which is (0, 0); rows count from the south, metres.

    Attributes
    ----------
    height, slope
        Metres above the sea; rise over run.
    comfort
        How readily people settle there, 0 to 1.
    inside, near
        Whether a point is of the province; whether it is not but lies just outside.
    depth_m
        Metres from the outline, 0 outside.
    """

    height: FloatArray
    slope: FloatArray
    comfort: FloatArray
    inside: BoolArray
    near: BoolArray
    depth_m: FloatArray

    def points(self, flat: IntArray) -> FloatArray:
        """Raster points by their flat number, shape (n, 2), metres."""
        rows, columns = self.height.shape
        middle = np.array([(columns - 1) / 2, (rows - 1) / 2])
        points: FloatArray = (np.column_stack([flat % columns, flat // columns]) - middle) * STEP_M
        return points

    def sample(self, field: FloatArray, xy: FloatArray) -> FloatArray:
        """Values of one of the rasters at places (n, 2), linear between its points."""
        rows, columns = field.shape
        at = [xy[:, 1] / STEP_M + (rows - 1) / 2, xy[:, 0] / STEP_M + (columns - 1) / 2]
        sampled: FloatArray = map_coordinates(field, at, order=1, mode="nearest")
        return sampled

    def is_inside(self, xy: FloatArray) -> BoolArray:
        """Whether places (n, 2) lie inside the outline, to the nearest raster point."""
        return self.sample(self.inside.astype(float), xy) >= 0.5


def build_relief(rng: np.random.Generator, size: ProvinceSize) -> Relief:
    """Belts of mountains that run north-east, cut by basins; people settle where it is low and level."""
    half_height = np.sqrt(size.area_km2 / np.pi / _WIDTH_TO_HEIGHT) * 1_000
    half = np.array([half_height * _WIDTH_TO_HEIGHT, half_height])
    columns, rows = (2 * np.ceil(half * _MARGIN / STEP_M).astype(int) + 1).tolist()
    x, y = np.meshgrid((np.arange(columns) - columns // 2) * STEP_M, (np.arange(rows) - rows // 2) * STEP_M)
    height = _build_height(rng, x, y, half)
    gradient = np.gradient(gaussian_filter(height, 1.0), STEP_M)
    slope = np.hypot(gradient[0], gradient[1])
    level = np.exp(-slope / 0.04)
    low = 1 / (1 + np.exp((height - 1_020) / 150))
    chance = np.exp(0.35 * draw_noise(rng, x, y, wavelength_m=9_000, octaves=2))
    comfort = np.clip(gaussian_filter((0.05 + level) * (0.06 + low) * chance, 1.0), 1e-3, None)
    inside = _build_outline(rng, x, y, half, area_m2=size.area_km2 * 1e6)
    away = distance_transform_edt(~inside) * STEP_M
    near = (away > 0) & (away < _SURROUNDINGS_M)
    depth = np.asarray(distance_transform_edt(inside)) * STEP_M
    return Relief(height, slope, comfort / comfort.max(), inside, near, depth)


def _build_height(rng: np.random.Generator, x: FloatArray, y: FloatArray, half: FloatArray) -> FloatArray:
    # Belts are drawn out along a north-east axis, as the folds of the country are.
    along, across = (x * 0.45 + y * 0.89) / 2.6, x * 0.89 - y * 0.45
    folds = draw_noise(rng, along, across, wavelength_m=62_000, octaves=4)
    ridges = 1 - np.abs(draw_noise(rng, along * 1.6, across, wavelength_m=30_000, octaves=5))
    swing = draw_noise(rng, y * 0, y, wavelength_m=130_000, octaves=3)
    axis = 0.22 * half[0] * swing + 0.34 * y - 0.02 * half[0]
    width = 15_000 + 9_000 * np.clip(draw_noise(rng, y * 0 + 5e5, y, wavelength_m=60_000, octaves=2), -1, 1.8)
    trough = np.exp(-((np.abs(x - axis) / width) ** 3.0))
    side = axis + 0.75 * half[0] * np.sign(draw_noise(rng, y * 0 + 9e5, y, wavelength_m=260_000, octaves=1) + 0.2)
    basins = np.exp(-(((x - side) / 15_000) ** 2)) * (draw_noise(rng, x, y, wavelength_m=70_000, octaves=2) > 0.1)
    mountains = np.clip(0.46 + 0.24 * folds + 0.13 * ridges, 0.03, 1.0) ** 1.35
    sunk = mountains * (1 - 0.94 * trough) * (1 - 0.8 * gaussian_filter(basins, 4))
    fine = draw_noise(rng, x, y, wavelength_m=7_000, octaves=3)
    fall = 0.0009 * (y + half[1])
    return np.asarray(_FLOOR_M + fall + _PEAKS_M * sunk + 260 * np.clip(sunk * 1.6, 0.01, 0.8) * fine)


def _build_outline(
    rng: np.random.Generator, x: FloatArray, y: FloatArray, half: FloatArray, *, area_m2: float
) -> BoolArray:
    """An ellipse whose radius wanders at every scale, made to hold `area_m2`."""
    angle = np.arctan2(y / half[1], x / half[0])
    radius = np.ones_like(angle)
    for k in range(2, 40):
        radius += rng.normal(0, 0.105) / k**1.05 * np.cos(k * angle + rng.uniform(0, 2 * np.pi))
    share = np.hypot(x / half[0], y / half[1]) / np.clip(radius, 0.7, 1.16)
    wanted = int(area_m2 / STEP_M**2)
    return np.asarray(share <= np.partition(share.ravel(), wanted)[wanted])


def draw_noise(
    rng: np.random.Generator, x: FloatArray, y: FloatArray, *, wavelength_m: float, octaves: int
) -> FloatArray:
    """Smooth noise of deviation about 1 at places in metres; each octave has half the wavelength and half the weight.

    Lattice noise after Perlin (1985), with values instead of gradients at the lattice and cubic splines between.
    """
    total, weight = np.zeros(np.broadcast(x, y).shape), 1.0
    for octave in range(octaves):
        lattice = rng.standard_normal((64, 64))
        at = [np.asarray(v) / wavelength_m * 2**octave + rng.uniform(0, 64) for v in (y, x)]
        # A lattice that repeats every 64 wavelengths is larger than any province.
        total += weight * map_coordinates(lattice, at, order=3, mode="grid-wrap")
        weight /= 2
    return np.asarray(total / 0.75)
