"""Glyphs of the map as SVG path data, so that the browser's canvas, the legend and printed pages draw the same marks.

Every path lives in a box of 16 by 16 around (8, 8), and is filled with the even-odd rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

BOX = 16

SHAPES: Mapping[str, str] = MappingProxyType(
    {
        "square": "M2.2 2.2h11.6v11.6H2.2z",
        "diamond": "M8 .9 15.1 8 8 15.1.9 8z",
        "circle": "M8 1.4a6.6 6.6 0 1 1 0 13.2A6.6 6.6 0 1 1 8 1.4z",
        "triangle": "M8 1.2 15.2 14H.8z",
        "pentagon": "M8 .9 15.2 6.2 12.4 14.6H3.6L.8 6.2z",
    }
)
"""Outlines of hazards, one per group of kinds."""

HAZARD_SHAPES: Mapping[str, str] = MappingProxyType(
    {
        "illegal_construction": "square",
        "illegal_occupation": "square",
        "colour_steel": "square",
        "overpass_defect": "square",
        "fence_damage": "square",
        "water_extraction": "diamond",
        "quarrying": "diamond",
        "cable_digging": "diamond",
        "drainage": "diamond",
        "burning": "circle",
        "light_objects": "circle",
        "dangerous_tree": "circle",
        "dumping": "circle",
        "illegal_crossing": "triangle",
        "grazing": "triangle",
        "fire_risk": "circle",
        "flood_risk": "diamond",
        "landslide": "diamond",
        "road_damage": "square",
        "gas_water_power": "diamond",
        "other": "circle",
        "drone_kite": "pentagon",
    }
)
"""Kind of hazard → outline: built things, ground and water, what burns or blows, what walks in, what flies."""

DEFAULT_SHAPE = "circle"

HAZARD_GLYPHS: Mapping[str, str] = MappingProxyType(
    {
        "illegal_construction": "M5 11.5V7l3-2.5L11 7v4.5H9V9H7v2.5z",
        "illegal_occupation": "M4.8 5h6.4v1.4H4.8zM4.8 7.6h6.4V9H4.8zM4.8 10.2h6.4v1.3H4.8z",
        "colour_steel": "M3.8 9 8 5l4.2 4h-1.8v2.5H5.6V9z",
        "overpass_defect": "M4 5.2h8v1.6H4zM5 7.6h1.5v3.9H5zM9.5 7.6H11v3.9H9.5z",
        "fence_damage": "M4.6 4.6H6v6.8H4.6zM7.3 4.6h1.4v3H7.3zM7.3 9h1.4v2.4H7.3zM10 4.6h1.4v6.8H10z",
        "water_extraction": "M8 4.2c1.8 2.3 2.6 3.5 2.6 4.7a2.6 2.6 0 0 1-5.2 0C5.4 7.7 6.2 6.5 8 4.2z",
        "quarrying": "M4.7 10.9 7.5 5.2l1.8 2.7.9-1.2 2.2 4.2z",
        "cable_digging": "M8.7 3.9 5.6 8.6h2L7 12.1l3.4-5H8.3z",
        "drainage": "M4.5 5.3h5.3v3.2h1.7v1.5H8.3V6.9H4.5zM9.2 11h1.6v1.3H9.2z",
        "burning": "M8 3.8c2 2 3 3.2 3 5a3 3 0 0 1-6 0c0-1.1.6-1.9 1.3-2.7.2.9.5 1.3 1 1.5C7.2 6.3 7.3 5 8 3.8z",
        "light_objects": "M4 6.7c1.4-1.7 2.7-1.7 4 0s2.6 1.7 4 0v2.6c-1.4 1.7-2.7 1.7-4 0s-2.6-1.7-4 0z",
        "dangerous_tree": "M8 3.7 11 8H9.6l1.7 2.3H8.7v2H7.3v-2H4.7L6.4 8H5z",
        "dumping": "M5 6.2h6l-.6 5.6H5.6zM4.5 4.7h7v1h-7z",
        "illegal_crossing": "M7.1 6h1.8v3.7H7.1zM7.1 10.6h1.8v1.7H7.1z",
        "grazing": "M5 8.5h1.2V7.3h3.6v1.2H11v1.3H9.9v2.4H8.7v-1.7H7.3v1.7H6.1V9.8H5z",
        "drone_kite": "M8 4.3 11.2 8 8 11.7 4.8 8z",
        "fire_risk": "M8 3.4 12.2 8 8 12.6 3.8 8zM8 5.6c1.4 1.4 1.9 2 1.9 2.9a1.9 1.9 0 0 1-3.8 0C6.1 7.6 6.6 7 8 5.6z",
        "flood_risk": (
            "M4.6 8.2c1.1-1.3 2.3-1.3 3.4 0s2.3 1.3 3.4 0v1.5c-1.1 1.3-2.3 1.3-3.4 0s-2.3-1.3-3.4 0zM8 4l1.7 2.4H6.3z"
        ),
        "landslide": "M4.6 11V6l3 1.2 1.2 2 2.6 1.8zM9.8 4.8h1.6v1.6H9.8z",
        "gas_water_power": (
            "M6 4h1.3v2.2h1.4V4H10v2.2h1v2.2a2.4 2.4 0 0 1-2.2 2.4V12H7.2v-1.2A2.4 2.4 0 0 1 5 8.4V6.2h1z"
        ),
        "other": "M4.6 7.2h1.6v1.6H4.6zM7.2 7.2h1.6v1.6H7.2zM9.8 7.2h1.6v1.6H9.8z",
        "road_damage": "M5 11.5 6.3 4.5h1.2l-.4 3 1 .7-.6 3.3zM9 11.5l.2-2.6-.9-.8.2-3.6h1.2L11 11.5z",
    }
)

INCIDENT_SHAPE = (
    "M8 0.3 9.8 2.4 12.5 1.8 12.8 4.5 15.3 5.6 13.9 8 15.3 10.4 12.8 11.5 12.5"
    " 14.2 9.8 13.6 8 15.7 6.2 13.6 3.5 14.2 3.2 11.5 0.7 10.4 2.1 8 0.7 5.6 3.2 4.5 3.5 1.8 6.2 2.4z"
)
"""A burst of ten points: no other mark of the map has it."""

INCIDENT_GLYPHS: Mapping[str, str] = MappingProxyType(
    {
        "road_accident": (
            "M4.3 9.6V8.1l1-.4 1.1-2.3h3.2l1.1 2.3 1 .4v1.5zM6.9 6.3 6.3 7.6h3.4L9.1 6.3zM5 9.9h1.6v1.1H5z"
            "M9.4 9.9H11v1.1H9.4z"
        ),
        "line_obstruction": ("M5.6 4.6 8 7l2.4-2.4 1 1L9 8l2.4 2.4-1 1L8 9l-2.4 2.4-1-1L7 8 4.6 5.6z"),
        "fire": HAZARD_GLYPHS["burning"],
        "flood_landslide": HAZARD_GLYPHS["flood_risk"],
        "equipment_failure": HAZARD_GLYPHS["cable_digging"],
        "other": "M7.1 4.3h1.8l-.3 4.5H7.4zM7.1 9.8h1.8v1.8H7.1z",
    }
)

NETWORK_GLYPHS: Mapping[str, str] = MappingProxyType(
    {
        "street": "M3.5 12.5 6.3 3.5h1v9zM8.7 3.5h1l2.8 9H8.7z",
        "industry": "M3 12.5V7l3 1.8V7l3 1.8V3.5h2.6l1.4 9z",
        "community": "M2.8 8.2 6 5l3.2 3.2v4.3H2.8zM8 5.4l2-1.9 3.2 3.2v5.8h-3V7.6z",
        "institution": (
            "M8 2.8 13.2 6v1.2H2.8V6zM3.8 8.2h1.6v3H3.8zM7.2 8.2h1.6v3H7.2zM10.6 8.2h1.6v3h-1.6zM2.8 12h10.4v1.2H2.8z"
        ),
        "information": (
            "M7.2 7.8h1.6v5.4H7.2zM8 4.7a1.4 1.4 0 1 1 0 2.8 1.4 1.4 0 0 1 0-2.8zM4.3 2.8l1 .9"
            "a3.7 3.7 0 0 0 0 4.8l-1 .9a5 5 0 0 1 0-6.6zM11.7 2.8a5 5 0 0 1 0 6.6l-1-.9a3.7 3.7 0 0 0 0-4.8z"
        ),
    }
)

TEAM_GLYPHS: Mapping[str, str] = MappingProxyType(
    {
        "car": (
            "M3 9.8V8.2l1.2-.4L5.6 5h4.8l1.4 2.8 1.2.4v1.6zM6.2 6 5.5 7.7h5L9.8 6zM4.2 10h2v1.3h-2zM9.8 10h2v1.3h-2z"
        ),
        "motorcycle": (
            "M4.8 7.7a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4zM11.2 7.7"
            "a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4zM8.6 4.3h2.2l1 3H9.9l-1 2.3H6.5L5.8 7H8.7z"
        ),
        "foot": "M8 2.8a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3zM6.3 6.4h3.4v3.7h-.8v3.1H7.1v-3.1h-.8z",
    }
)

RAIL_GLYPHS: Mapping[str, str] = MappingProxyType(
    {
        "station": (
            "M5 3h6a1.5 1.5 0 0 1 1.5 1.5v5A1.5 1.5 0 0 1 11 11H5a1.5 1.5 0 0 1-1.5-1.5v-5A1.5 1.5 0 0 1 5 3z"
            "M5 4.7v2.6h6V4.7zM4.6 11.7h1.6l-.8 1.6H3.8zM9.8 11.7h1.6l.8 1.6h-1.6z"
        ),
        "level_crossing": "M3.9 2.9 8 7l4.1-4.1 1 1L9 8l4.1 4.1-1 1L8 9l-4.1 4.1-1-1L7 8 2.9 3.9z",
        "bridge": "M2.5 6h11v1.5h-11zM4 8.2h1.5v3.6H4zM10.5 8.2H12v3.6h-1.5z",
        "underpass": "M2.8 5h10.4v6.5h-2.1V9.3a3.1 3.1 0 0 0-6.2 0v2.2H2.8z",
        "way_end": "M7.2 12.5V7H4.5L8 2.8 11.5 7H8.8v5.5z",
        "post": "M8 2.3 13 4v4c0 3-2 5-5 6-3-1-5-3-5-6V4z",
    }
)

PIN = (
    "M8 .8a5 5 0 0 1 5 5c0 3.3-2.9 5.9-5 9.4C5.9 11.7 3 9.1 3 5.8a5 5 0 0 1 5-5zM8 3.9"
    "a1.9 1.9 0 1 0 0 3.8 1.9 1.9 0 0 0 0-3.8z"
)


def as_json() -> dict[str, object]:
    """Every glyph for the browser."""
    return {
        "shapes": dict(SHAPES),
        "hazardShapes": dict(HAZARD_SHAPES),
        "hazardGlyphs": dict(HAZARD_GLYPHS),
        "incident": INCIDENT_SHAPE,
        "incidentGlyphs": dict(INCIDENT_GLYPHS),
        "networks": dict(NETWORK_GLYPHS),
        "teams": dict(TEAM_GLYPHS),
        "rail": dict(RAIL_GLYPHS),
        "pin": PIN,
    }


def draw_svg(path: str, *, fill: str, stroke: str = "none", inner: str = "", inner_fill: str = "") -> str:
    """One glyph as an inline SVG element of 16 pixels; `inner` is drawn on top of it."""
    above = f'<path d="{inner}" fill="{inner_fill}" fill-rule="evenodd"/>' if inner else ""
    return (
        f'<svg width="{BOX}" height="{BOX}" viewBox="-1 -1 18 18" aria-hidden="true">'
        f'<path d="{path}" fill="{fill}" stroke="{stroke}" fill-rule="evenodd"/>{above}</svg>'
    )
