"""Colours that carry meaning can be told apart by people with normal, protan and deutan vision."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from gridmap.views.palette import DARK, FRESHNESS, LIGHT, Palette

# Machado, Oliveira and Fernandes 2009, severity 1.0, for linear RGB.
VISIONS = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE_D65 = np.array([0.95047, 1.0, 1.08883])

Colour = npt.NDArray[np.float64]


def read_linear(text: str) -> Colour:
    """Linear RGB, 0 to 1, of #rrggbb (IEC 61966-2-1)."""
    encoded = np.array([int(text[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def compute_lab(text: str, vision: str) -> Colour:
    """CIE L*a*b* under D65 of what `vision` makes of a colour."""
    seen = np.clip(VISIONS[vision] @ read_linear(text), 0, 1)
    ratio = TO_XYZ @ seen / WHITE_D65
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def compute_delta_e(one: Colour, two: Colour) -> float:
    """CIEDE2000 as Sharma, Wu and Dalal 2005 write it."""
    mean_chroma = (np.hypot(*one[1:]) + np.hypot(*two[1:])) / 2
    stretch = 1.5 - 0.5 * np.sqrt(mean_chroma**7 / (mean_chroma**7 + 25.0**7))
    a1, a2 = one[1] * stretch, two[1] * stretch
    c1, c2 = np.hypot(a1, one[2]), np.hypot(a2, two[2])
    h1, h2 = np.degrees(np.arctan2(one[2], a1)) % 360, np.degrees(np.arctan2(two[2], a2)) % 360
    turn = (h2 - h1 + 180) % 360 - 180
    d_l, d_c, d_h = two[0] - one[0], c2 - c1, 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    l_mean, c_mean, h_mean = (one[0] + two[0]) / 2, (c1 + c2) / 2, (h1 + turn / 2) % 360
    t = (
        1
        - 0.17 * np.cos(np.radians(h_mean - 30))
        + 0.24 * np.cos(np.radians(2 * h_mean))
        + 0.32 * np.cos(np.radians(3 * h_mean + 6))
        - 0.20 * np.cos(np.radians(4 * h_mean - 63))
    )
    s_l = 1 + 0.015 * (l_mean - 50) ** 2 / np.sqrt(20 + (l_mean - 50) ** 2)
    s_c, s_h = 1 + 0.045 * c_mean, 1 + 0.015 * c_mean * t
    theta = 30 * np.exp(-(((h_mean - 275) / 25) ** 2))
    r = -2 * np.sqrt(c_mean**7 / (c_mean**7 + 25.0**7)) * np.sin(np.radians(2 * theta))
    return float(np.sqrt((d_l / s_l) ** 2 + (d_c / s_c) ** 2 + (d_h / s_h) ** 2 + r * (d_c / s_c) * (d_h / s_h)))


def compute_least(colours: tuple[str, ...], vision: str) -> float:
    """Distance of the two colours most alike."""
    seen = [compute_lab(colour, vision) for colour in colours]
    return min(compute_delta_e(one, two) for one, two in combinations(seen, 2))


def test_ciede2000_agrees_with_the_published_pairs() -> None:
    # Sharma, Wu and Dalal 2005, table 1, pairs 1, 7 and 17.
    pairs = [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ]
    for one, two, published in pairs:
        assert compute_delta_e(np.array(one), np.array(two)) == pytest.approx(published, abs=1e-4)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("vision", VISIONS)
class TestEveryVision:
    def test_unit_hues_differ(self, palette: Palette, vision: str) -> None:
        assert compute_least(palette.units, vision) >= 8

    def test_freshness_differs(self, palette: Palette, vision: str) -> None:
        assert compute_least(tuple(palette.freshness[value] for value in FRESHNESS), vision) >= 18

    def test_severity_differs(self, palette: Palette, vision: str) -> None:
        assert compute_least(tuple(palette.severity.values()), vision) >= 10

    def test_routes_differ(self, palette: Palette, vision: str) -> None:
        assert compute_least(palette.routes, vision) >= 9

    def test_coverage_differs(self, palette: Palette, vision: str) -> None:
        assert compute_least(palette.coverage, vision) >= 9

    def test_changes_of_an_edition_differ(self, palette: Palette, vision: str) -> None:
        assert compute_least(tuple(palette.change.values()), vision) >= 12

    def test_sequential_classes_run_one_way(self, palette: Palette, vision: str) -> None:
        lightness = [compute_lab(colour, vision)[0] for colour in palette.sequential]
        assert min(np.abs(np.diff(lightness))) >= 3
        assert len(set(np.sign(np.diff(lightness)))) == 1

    def test_reach_classes_run_one_way(self, palette: Palette, vision: str) -> None:
        lightness = [compute_lab(colour, vision)[0] for colour in palette.reach]
        assert min(np.abs(np.diff(lightness))) >= 10
        assert len(set(np.sign(np.diff(lightness)))) == 1

    def test_an_incident_differs_from_team_and_ground(self, palette: Palette, vision: str) -> None:
        assert compute_least((palette.incident, palette.team, palette.ground["land"]), vision) >= 15

    def test_what_needs_action_stands_out_from_the_ground(self, palette: Palette, vision: str) -> None:
        ground = compute_lab(palette.ground["land"], vision)
        fresh = compute_delta_e(ground, compute_lab(palette.freshness["fresh"], vision))
        overdue = compute_delta_e(ground, compute_lab(palette.freshness["overdue"], vision))
        assert overdue > 1.25 * fresh


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_words_on_the_map_are_legible(palette: Palette) -> None:
    """Contrast of WCAG 2 between letters and their halo: at least 3 for the quietest, 4.5 for names of places."""

    def contrast(one: str, two: str) -> float:
        high, low = sorted((float(TO_XYZ[1] @ read_linear(one)), float(TO_XYZ[1] @ read_linear(two))), reverse=True)
        return (high + 0.05) / (low + 0.05)

    assert min(contrast(colour, palette.halo) for colour in palette.label.values()) >= 3
    assert contrast(palette.label["place"], palette.halo) >= 4.5
    assert contrast(palette.chrome["quiet"], palette.chrome["ground"]) >= 4.5
