"""Every colour of the map, once, for the desk (light) and the wall (dark).

Colours that must be told apart were chosen by their CIEDE2000 distance as seen with normal, protan and deutan vision
(tests/unit/views/test_map_palette.py holds the least distances); what needs action also differs by shape or pattern.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

SEVERITIES = (1, 2, 3, 4)
FRESHNESS = ("fresh", "due", "overdue", "never")


@dataclass(frozen=True, kw_only=True)
class Palette:
    """Colours (#rrggbb) of one theme.

    Parameters
    ----------
    ground
        Basemap kind → fill; "land" is the paper everything lies on.
    road, road_casing
        Road class weight ("major", "middle", "minor", "path") → colour.
    units
        Six soft hues for a proper map colouring of grid units.
    sequential
        Seven classes of a measure, from least to most, lightness running one way.
    routes
        One colour per team of a plan.
    reach
        Three classes of one hue for the ground from which a place is reached, the nearest first.
    change
        What an edition does to ground (`domain.edition_places.GroundKind`) → colour.
    """

    ground: Mapping[str, str]
    road: Mapping[str, str]
    road_casing: Mapping[str, str]
    border: Mapping[str, str]
    rail: Mapping[str, str]
    units: tuple[str, ...]
    sequential: tuple[str, ...]
    coverage: tuple[str, str]
    freshness: Mapping[str, str]
    severity: Mapping[int, str]
    incident: str
    reach: tuple[str, str, str]
    change: Mapping[str, str]
    network: str
    network_ink: str
    team: str
    team_stale: str
    routes: tuple[str, ...]
    selection: str
    hover: str
    pin: str
    label: Mapping[str, str]
    halo: str
    chrome: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """The palette as plain values for the browser."""
        return {
            name: dict(value) if isinstance(value, Mapping) else list(value) if isinstance(value, tuple) else value
            for name, value in vars(self).items()
        }


def _fixed(**colours: str) -> Mapping[str, str]:
    return MappingProxyType(colours)


LIGHT = Palette(
    ground=_fixed(
        land="#f4f2ed",
        water="#c9dbe4",
        river="#b7cfdb",
        forest="#e2e9da",
        farmland="#f1efe2",
        settlement="#e8e4dc",
        industrial="#e4e0df",
        park="#dbe7d1",
        bare="#ece6d9",
    ),
    road=_fixed(major="#ffffff", middle="#ffffff", minor="#ffffff", path="#cbc5ba"),
    road_casing=_fixed(major="#aba395", middle="#bdb6a9", minor="#d0cabf", path="#cbc5ba"),
    border=_fixed(l1="#6f6577", l2="#6f6577", l3="#7a7082", l4="#8d8494", l5="#a79fac", l6="#b4adb8"),
    rail=_fixed(ink="#33383d", paper="#ffffff", bridge="#33383d", tunnel="#8d9297"),
    units=("#b9d3ea", "#f2e6a2", "#b5c894", "#e5b7b6", "#8db4b8", "#c2a3d8"),
    sequential=("#edf1e6", "#cfe0d6", "#a6c9c6", "#78adb8", "#4f8ba6", "#316892", "#224771"),
    coverage=("#9cc7bd", "#e8a08c"),
    freshness=_fixed(fresh="#6fa8a0", due="#e2a23a", overdue="#b8322a", never="#5d4a86"),
    severity=MappingProxyType({1: "#f2d79b", 2: "#ea9a4a", 3: "#cc4b37", 4: "#7d1a2d"}),
    incident="#c8004b",
    reach=("#4453b8", "#8a96dd", "#c3caf2"),
    change=_fixed(added="#12996a", removed="#8c1424", gained="#0a4f9e", lost="#e08c00", renamed="#a86fc4"),
    network="#2f5d7c",
    network_ink="#ffffff",
    team="#0b4f8a",
    team_stale="#6d747a",
    routes=("#0072b2", "#c55e00", "#009e73", "#cc6da0", "#5b3a8c", "#a0a610", "#00a5c8", "#2b2b2b"),
    selection="#0a3d91",
    hover="#23282d",
    pin="#b3261e",
    label=_fixed(place="#3a3f44", minor="#5d636a", area="#71687a", water="#4c7487", station="#23282d", road="#6a6256"),
    halo="#fbfaf7",
    chrome=_fixed(
        ground="#ffffff",
        ink="#23282d",
        quiet="#5f6770",
        line="#dedad3",
        accent="#1f5673",
        warn="#8f5a00",
        alert="#b3261e",
        good="#2f6b46",
    ),
)

DARK = Palette(
    ground=_fixed(
        land="#1d2327",
        water="#15303d",
        river="#1a3a49",
        forest="#1f2a25",
        farmland="#20272a",
        settlement="#272d31",
        industrial="#2a2d31",
        park="#202e27",
        bare="#25282a",
    ),
    road=_fixed(major="#5a6268", middle="#495056", minor="#3a4147", path="#3a4147"),
    road_casing=_fixed(major="#12171a", middle="#14191c", minor="#171c20", path="#3a4147"),
    border=_fixed(l1="#a297ae", l2="#a297ae", l3="#93889f", l4="#7d7388", l5="#5f5769", l6="#524b5b"),
    rail=_fixed(ink="#c9ced3", paper="#1d2327", bridge="#c9ced3", tunnel="#6d757c"),
    units=("#2f4a52", "#6a632f", "#3f5a47", "#693e27", "#2c6770", "#53416f"),
    sequential=("#22303a", "#25455a", "#2a5d78", "#357893", "#4f95a8", "#7db4b8", "#b6d6cd"),
    coverage=("#2f6a60", "#8a4638"),
    freshness=_fixed(fresh="#34667a", due="#ffd060", overdue="#ee5a48", never="#b2a4f4"),
    severity=MappingProxyType({1: "#f7e3ac", 2: "#f2ad5c", 3: "#e0603f", 4: "#b3264c"}),
    incident="#ff4fa3",
    reach=("#9aa8ff", "#6272cf", "#3c4787"),
    change=_fixed(added="#34c08f", removed="#e2485c", gained="#5aa0ff", lost="#ffcf57", renamed="#e0c4ff"),
    network="#9cc4de",
    network_ink="#10181d",
    team="#6fc1ff",
    team_stale="#8d969d",
    routes=("#4aa8f9", "#ff8e4d", "#2fc79a", "#f09bc4", "#a98ac2", "#e6db4a", "#7fdcf0", "#f2f2f2"),
    selection="#ffffff",
    hover="#ffffff",
    pin="#ff8a80",
    label=_fixed(place="#d5dade", minor="#9aa4ad", area="#a79fb2", water="#6fa3bb", station="#eef1f3", road="#8f979d"),
    halo="#161b1f",
    chrome=_fixed(
        ground="#1b2024",
        ink="#e6e8ea",
        quiet="#9aa4ad",
        line="#343c43",
        accent="#7fb8d6",
        warn="#f0b95a",
        alert="#ff8a80",
        good="#7cc79a",
    ),
)


def palette_for(theme: str) -> Palette:
    """The palette of "light" or "dark"."""
    return DARK if theme == "dark" else LIGHT
