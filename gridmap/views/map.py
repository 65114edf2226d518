"""The map as folium draws it: a frame that stays for as long as the page, and an overlay that changes inside it.

Coordinates are (lon, lat) in WGS-84 degrees everywhere; the flip to folium's (lat, lon) happens in this module alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import folium

from gridmap.domain.edition_places import GroundKind
from gridmap.i18n import translator
from gridmap.settings import RasterBasemap
from gridmap.views import icons
from gridmap.views.elements import LivingMap, OverlayCall
from gridmap.views.legends import LAYER_NAMES, build_change_legend, build_legend, build_switches, build_words
from gridmap.views.palette import palette_for

Theme = Literal["light", "dark"]
Select = Literal["none", "feature", "cells", "changes"]
FillScale = Literal["units", "sequential", "coverage"]
Line = tuple[tuple[float, float], ...]
"""Vertices (lon, lat), WGS-84 degrees."""

EVERYWHERE_WGS84 = (73.0, 18.0, 135.0, 54.0)
"""Where a map without any data opens: the bounding box of China."""

_TILE_PX = 256


@dataclass(frozen=True, kw_only=True)
class MapFrame:
    """What a map is for as long as it lives; another `bounds_wgs84`, `language`, `theme` or `key` makes a new map.

    Parameters
    ----------
    bounds_wgs84
        West, south, east, north of what is shown first, degrees; None opens on the whole country.
    layers
        Names of `legends.LAYER_NAMES` that are on at first.
    switches
        Whether a person may switch layers.
    select
        What a click chooses: nothing, one feature of any kind, cells (several with Ctrl, box and lasso), or a place
        that an edition changes.
    pick_point
        Whether every click is a place, whatever lies there.
    revisions
        Topic → revision known to the page; a map that knows an older one reloads what changed.
    title
        Name of the whole area, for pictures and the wall.
    stale_s, retention_days
        Age from which a position is shown as old, also by a map that is cut off; how far back a playback may go.
    hazard_kinds
        Names of the kinds of hazard by code, where people changed the list; the others are those of the catalogue.
    translations
        Words of the map's own controls; built from `language` when empty.
    height
        Pixels; None fills the container.
    """

    bounds_wgs84: tuple[float, float, float, float] | None
    language: str = "zh-CN"
    theme: Theme = "light"
    layers: tuple[str, ...] = LAYER_NAMES
    switches: bool = True
    select: Select = "feature"
    pick_point: bool = False
    legend: bool = True
    revisions: Mapping[str, int] = field(default_factory=dict)
    raster: RasterBasemap | None = None
    title: str = ""
    stale_s: int = 120
    retention_days: int = 30
    hazard_kinds: Mapping[str, str] = field(default_factory=dict)
    translations: Mapping[str, str] = field(default_factory=dict)
    height: int | None = None


@dataclass(frozen=True, kw_only=True)
class RoutePart:
    """A stretch of a route; `kind` "walk" is drawn dotted."""

    line: Line
    kind: Literal["drive", "walk"] = "drive"


@dataclass(frozen=True, kw_only=True)
class RouteStop:
    """A numbered stop; `label` is what the pointer shows. A click on one with a `hazard` chooses that."""

    number: int
    lon: float
    lat: float
    label: str = ""
    hazard: int | None = None


@dataclass(frozen=True, kw_only=True)
class RouteLine:
    """One team's route. `colour` counts through the route colours; `faded` puts it behind the others.

    A `ranked` one is a list in its order, without a way between its stops.
    """

    name: str
    parts: tuple[RoutePart, ...]
    stops: tuple[RouteStop, ...] = ()
    colour: int = 0
    faded: bool = False
    ranked: bool = False


@dataclass(frozen=True, kw_only=True)
class ReachBand:
    """Ground from which a place is reached in the time that `label` says, as the closed rings of shells and holes."""

    label: str
    rings: tuple[Line, ...]


BorderKind = Literal["overlap", "gap", "outside", "crumb", "barrier", "join", "proposal"]


@dataclass(frozen=True, kw_only=True)
class BorderMark:
    """A fault between cells, as the closed rings of its ground; or a rule about neighbours, as lines.

    What is too small to be seen at a scale is marked by a circle there. A `chosen` one stands out.
    """

    kind: BorderKind
    lines: tuple[Line, ...]
    chosen: bool = False


@dataclass(frozen=True, kw_only=True)
class ChangeMark:
    """Ground that an edition changes, as the closed rings of shells and holes; a click on it answers `place`."""

    kind: GroundKind
    place: int
    label: str
    rings: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class MapChanges:
    """What an edition changes; the `chosen` place is drawn by its `near` marks above the others."""

    marks: tuple[ChangeMark, ...] = ()
    chosen: int | None = None
    near: tuple[ChangeMark, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A place pointed out: "pin" (a point that was picked), "start", "end" or "dot"."""

    lon: float
    lat: float
    kind: Literal["pin", "start", "end", "dot"] = "pin"
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class CellFill:
    """Colours of cells in place of their units' own.

    Parameters
    ----------
    classes
        Cell id → class; index of a unit hue ("units"), 0 (least) to 6 ("sequential"), 0 covered / 1 gap ("coverage").
    title
        Heading of the legend; empty shows none.
    labels, counts
        Text of each class and how many cells it holds; the counts are drawn as a histogram.
    tones
        Which colours of the scale the classes have; None means one after another.
    note
        What the legend says below the classes.
    """

    classes: Mapping[int, int]
    scale: FillScale = "units"
    title: str = ""
    labels: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    tones: tuple[int, ...] | None = None
    note: str = ""


@dataclass(frozen=True)
class Shade:
    """A line in the tone (0 least to 6) of the sequential scale; a `CellFill` without classes is its legend."""

    line: Line
    tone: int


@dataclass(frozen=True, kw_only=True)
class FlyTo:
    """Where the map moves: bounds (west, south, east, north), or a point with a zoom. `count` repeats a move."""

    bounds_wgs84: tuple[float, float, float, float] | None = None
    lon: float | None = None
    lat: float | None = None
    zoom: int = 15
    count: int = 0


@dataclass(frozen=True, kw_only=True)
class MapOverlay:
    """What changes inside the living map; drawing one replaces the one before.

    `selected` maps a kind ("cell", "segment", "incident", "hazard", "site", "team", "station", "access_point",
    "closure", "area") to ids. `outlined` are cells drawn as one set (those of a unit, say) without being the person's
    own choice. Of `reach` each band holds the one before it, and there are at most three. `undo` and `redo` are the
    change orders that Ctrl+Z and Ctrl+Shift+Z mean.
    """

    routes: tuple[RouteLine, ...] = ()
    shades: tuple[Shade, ...] = ()
    reach: tuple[ReachBand, ...] = ()
    borders: tuple[BorderMark, ...] = ()
    changes: MapChanges | None = None
    marks: tuple[Mark, ...] = ()
    selected: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    outlined: tuple[int, ...] = ()
    cell_fill: CellFill | None = None
    fly_to: FlyTo | None = None
    undo: int | None = None
    redo: int | None = None


def draw_map(frame: MapFrame) -> folium.Map:
    """The living map of `frame`.

    Everything that may change while the page is open is left out of its script (selection mode, revisions, height):
    Streamlit mounts a map anew as soon as its script differs by one character.
    """
    bounds = frame.bounds_wgs84 or EVERYWHERE_WGS84
    lon, lat = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    drawn = folium.Map(
        location=[lat, lon],
        zoom_start=_zoom_for(bounds),
        tiles=None,
        zoom_control=False,
        attribution_control=False,
        fade_animation=False,
        zoom_snap=1,
        min_zoom=4,
        max_zoom=19,
        box_zoom=False,
        double_click_zoom=True,
    )
    LivingMap(_describe_frame(frame, bounds)).add_to(drawn)
    return drawn


def draw_overlay(overlay: MapOverlay, frame: MapFrame | None = None) -> folium.FeatureGroup:
    """What changes, as the feature group that Streamlit executes inside the living map.

    `frame` adds the mode (selection, picking) and the revisions, which change without a new map as well.
    """
    group = folium.FeatureGroup(name="overlay", control=False)
    OverlayCall(_describe_overlay(overlay, frame)).add_to(group)
    return group


def _zoom_for(bounds: tuple[float, float, float, float]) -> int:
    """A first zoom for a map of about 900 pixels; the browser fits the bounds exactly as soon as it knows its size."""
    span_deg = max(bounds[2] - bounds[0], (bounds[3] - bounds[1]) * 1.3, 1e-4)
    return max(4, min(16, math.floor(math.log2(360.0 * 900 / _TILE_PX / span_deg))))


def _describe_frame(frame: MapFrame, bounds: tuple[float, float, float, float]) -> dict[str, Any]:
    translate = translator(frame.language)
    palette = palette_for(frame.theme)
    raster = frame.raster
    return {
        "bounds": [round(value, 5) for value in bounds],
        "title": frame.title,
        "staleS": frame.stale_s,
        "retentionDays": frame.retention_days,
        "language": frame.language,
        "theme": frame.theme,
        "switches": build_switches(translate, on=frame.layers, raster=raster.name if raster else ""),
        "showSwitches": frame.switches,
        "legend": build_legend(palette, translate) if frame.legend else [],
        "changeLegend": build_change_legend(palette, translate) if frame.legend else [],
        "words": dict(frame.translations) or build_words(translate, hazard_kinds=frame.hazard_kinds),
        "palette": palette.as_json(),
        "icons": icons.as_json(),
        "raster": None
        if raster is None
        else {
            "name": raster.name,
            "url": raster.url,
            "datum": raster.datum,
            "attribution": " ".join(part for part in (raster.attribution, raster.review_number) if part),
        },
    }


def _describe_overlay(overlay: MapOverlay, frame: MapFrame | None) -> dict[str, Any]:
    fill = overlay.cell_fill
    described: dict[str, Any] = {
        "routes": [_describe_route(route) for route in overlay.routes],
        "shades": [{"tone": shade.tone, "line": _round(shade.line)} for shade in overlay.shades],
        "reach": [_describe_band(band) for band in overlay.reach],
        "borders": [
            {"kind": mark.kind, "lines": [_round(line) for line in mark.lines], "chosen": mark.chosen}
            for mark in overlay.borders
        ],
        "changes": None if overlay.changes is None else _describe_changes(overlay.changes),
        "marks": [asdict(mark) for mark in overlay.marks],
        "selected": {kind: list(ids) for kind, ids in overlay.selected.items()},
        "outlined": list(overlay.outlined),
        "steps": {"undo": overlay.undo, "redo": overlay.redo},
        "fill": None if fill is None else _describe_fill(fill),
        "flyTo": None if overlay.fly_to is None else asdict(overlay.fly_to),
    }
    if frame is not None:
        described |= {"select": frame.select, "pick": frame.pick_point, "revisions": dict(frame.revisions)}
    return described


def _describe_fill(fill: CellFill) -> dict[str, Any]:
    described = {**asdict(fill), "classes": {str(k): v for k, v in fill.classes.items()}}
    if fill.tones is None:
        del described["tones"]
    return described


def _describe_band(band: ReachBand) -> dict[str, Any]:
    return {"label": band.label, "rings": [_round(ring) for ring in band.rings]}


def _describe_route(route: RouteLine) -> dict[str, Any]:
    return {
        "name": route.name,
        "colour": route.colour,
        "faded": route.faded,
        "ranked": route.ranked,
        "parts": [{"kind": part.kind, "line": _round(part.line)} for part in route.parts],
        "stops": [asdict(stop) for stop in route.stops],
    }


def _describe_changes(changes: MapChanges) -> dict[str, Any]:
    marks, near = ([_describe_change(mark) for mark in listed] for listed in (changes.marks, changes.near))
    return {"marks": marks, "near": near, "chosen": changes.chosen}


def _describe_change(mark: ChangeMark) -> dict[str, Any]:
    return {
        "kind": mark.kind.value,
        "place": mark.place,
        "label": mark.label,
        "rings": [_pack(ring) for ring in mark.rings],
    }


def _pack(ring: Line) -> list[int]:
    """Whole metres (1e-5 degrees), each corner from the one before: there are thousands of them."""
    whole = [(round(lon * 1e5), round(lat * 1e5)) for lon, lat in ring]
    steps = zip([(0, 0), *whole[:-1]], whole, strict=True)
    return [value for before, corner in steps for value in (corner[0] - before[0], corner[1] - before[1])]


def _round(line: Line) -> list[list[float]]:
    """Six decimals are a decimetre: enough for a screen, and half the text."""
    return [[round(lon, 6), round(lat, 6)] for lon, lat in line]
