"""What the map's legend, layer switches and controls say. A legend is a model: the browser only sets it in type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from gridmap.domain.edition_places import GroundKind
from gridmap.domain.networks import Network
from gridmap.errors import N_
from gridmap.i18n import Translate
from gridmap.i18n.labels import LABELS, label
from gridmap.views import icons
from gridmap.views.palette import FRESHNESS, SEVERITIES, Palette

LAYER_NAMES = (
    "roads",
    "land",
    "borders",
    "units",
    "rail",
    "zones",
    "segments",
    "incidents",
    "hazards",
    "closures",
    "sites",
    "stations",
    "access_points",
    "teams",
    "trails",
    "labels",
)
"""Layers a person can switch, in the order of the list."""

_LAYER_LABELS = {
    "roads": N_("Roads"),
    "land": N_("Water and land use"),
    "borders": N_("Boundaries"),
    "units": N_("Grid units"),
    "rail": N_("Railways"),
    "zones": N_("Protection zones"),
    "segments": N_("Patrol state"),
    "incidents": N_("Incidents"),
    "hazards": N_("Hazards"),
    "closures": N_("Closed roads"),
    "sites": N_("Control-network sites"),
    "stations": N_("Stations"),
    "access_points": N_("Access points"),
    "teams": N_("Teams"),
    "trails": N_("Trails of the last minutes"),
    "labels": N_("Place names"),
    "raster": N_("Raster basemap"),
}

_SHAPE_LABELS = {
    "square": N_("Buildings and structures"),
    "diamond": N_("Digging, blasting and water"),
    "circle": N_("Fire, trees and loose objects"),
    "triangle": N_("People and animals on the line"),
    "pentagon": N_("Drones and kites"),
}

_WORDS = {
    "layers": N_("Layers"),
    "legend": N_("Legend"),
    "zoomIn": N_("Zoom in"),
    "zoomOut": N_("Zoom out"),
    "home": N_("Show the whole area"),
    "click": N_("Select by click"),
    "box": N_("Select by box"),
    "lasso": N_("Select by lasso"),
    "clear": N_("Clear the selection"),
    "pick": N_("Click a point on the map"),
    "selected": N_("Cells selected: {number}"),
    "live": N_("Live"),
    "connecting": N_("Connecting …"),
    "offline": N_("No connection, trying again"),
    "signedOut": N_("Signed out"),
    "simulated": N_("Simulated positions"),
    "teamsOf": N_("{number} teams"),
    "ago_s": N_("{number} s ago"),
    "ago_min": N_("{number} min ago"),
    "ago_h": N_("{number} h ago"),
    "ago_d": N_("{number} days ago"),
    "hazards": N_("{number} hazards"),
    "overdue": N_("overdue"),
    "due": N_("Due"),
    "lastPatrol": N_("Last patrol"),
    "unit": N_("Grid unit"),
    "households": N_("{number} households"),
    "roadClosed": N_("Closed to traffic"),
    "slowedTo": N_("No faster than {number} km/h"),
    "closedUntil": N_("Until {number}"),
    "closedOpenEnd": N_("Until it is opened"),
    "stop": N_("Stop {number}"),
    "routes": N_("Routes"),
    "ranked": N_("Numbers of the list"),
    "reach": N_("Reaches the place within"),
    "borders": N_("Borders of cells"),
    "border.overlap": N_("Overlap"),
    "border.gap": N_("Gap between cells"),
    "border.outside": N_("Outside the area above"),
    "border.crumb": N_("Piece apart"),
    "border.barrier": N_("Barrier"),
    "border.join": N_("Joined by hand"),
    "border.proposal": N_("Possible barrier"),
    "changes": N_("New edition"),
    "change.added": N_("Added"),
    "change.removed": N_("Removed"),
    "change.gained": N_("Ground gained"),
    "change.lost": N_("Ground lost"),
    "change.renamed": N_("Other code or name"),
    "incident": N_("Incident"),
    "teamsSent": N_("{number} teams sent"),
    "teamsDeclined": N_("{number} cannot come"),
    "source": N_("Data: {names}"),
    "zoneOrigin": N_("{number} m assumed from the outer track to its origin"),
    "metres": N_("{number} m"),
    "kilometres": N_("{number} km"),
    "mapOf": N_("Map. Arrow keys move it, plus and minus change the scale, Enter clicks the middle."),
    "failed": N_("Part of the map could not be loaded, trying again"),
    "offlineFor": N_("No connection, trying again in {number} s"),
    "mapTitle": N_("Grid and railway map"),
    "tools": N_("Tools"),
    "measureDistanceOf": N_("Measure a distance"),
    "measureAreaOf": N_("Measure an area"),
    "measureDistance": N_("Click the corners of the way"),
    "measureArea": N_("Click the corners of the area"),
    "measureKeys": N_("Backspace takes one back, Esc ends"),
    "measureBack": N_("Take the last corner back"),
    "measureEnd": N_("End measuring"),
    "squareMetres": N_("{number} m²"),
    "hectares": N_("{number} ha"),
    "squareKilometres": N_("{number} km²"),
    "around": N_("perimeter {number}"),
    "savePicture": N_("Save as picture"),
    "saved": N_("The picture is among your downloads"),
    "notSaved": N_("The picture could not be made. Move the map a little and try again."),
    "print": N_("Print"),
    "copyLink": N_("Copy link to this view"),
    "linkCopied": N_("Link copied"),
    "noSuchArea": N_("The area of the link is not among yours"),
    "rasterLeftOut": N_("raster basemap left out of the picture"),
    "playback": N_("Playback"),
    "playbackAt": N_("Playback {time}, {day}"),
    "playbackLoading": N_("loading"),
    "playbackEmpty": N_("no team was recorded in this hour"),
    "playbackFailed": N_("the hour could not be loaded, choose it again"),
    "play": N_("Play"),
    "pause": N_("Pause"),
    "day": N_("Day"),
    "hour": N_("Hour"),
    "moment": N_("Moment"),
    "speed": N_("Speed"),
    "backToLive": N_("Back to live"),
    "wallMode": N_("Show on the wall"),
    "leaveWall": N_("Leave the wall"),
    "teamsMoving": N_("teams moving"),
    "teamsQuiet": N_("teams silent or old"),
    "segmentsOverdue": N_("segments overdue"),
    "attention": N_("Needs attention ({number})"),
    "calm": N_("Nothing needs attention now."),
    "trust": N_("Where the data come from"),
    "connection": N_("Connection"),
    "positions": N_("Positions"),
    "realPositions": N_("Real positions"),
    "noPositions": N_("No positions"),
    "datum": N_("Coordinates"),
    "shiftedRaster": N_("raster basemap in GCJ-02, moved to fit"),
    "basemap": N_("Basemap"),
    "ownBasemap": N_("Own vector map"),
    "synthetic": N_("Synthetic demo data"),
    "ageUnknown": N_("age unknown"),
    "colourBy": N_("Colour areas by"),
    "measure.none": N_("nothing"),
    "measure.load": N_("Load of the unit (1 = average)"),
    "measure.overdue_hazards": N_("Overdue hazards"),
    "measure.response": N_("Minutes from the nearest post"),
    "measure.households": N_("Households per cell"),
    "measureNothing": N_("nothing known"),
    "above.load": N_("Larger areas: mean of their cells."),
    "above.overdue_hazards": N_("Larger areas: the most in any of their cells."),
    "above.response": N_("Larger areas: mean of their cells."),
    "above.households": N_("Larger areas: mean of their cells."),
}

_ENUMS = (
    "incident_kind",
    "hazard_kind",
    "hazard_state",
    "severity",
    "freshness",
    "side",
    "walked_side",
    "network",
    "site_kind",
    "team_kind",
    "team_state",
    "access_kind",
    "zone_kind",
)


@dataclass(frozen=True)
class LegendItem:
    """One line: an inline SVG swatch and what it means."""

    swatch: str
    text: str


@dataclass(frozen=True)
class LegendSection:
    """The items that explain one layer; shown while that layer is on."""

    layer: str
    title: str
    items: tuple[LegendItem, ...]


@dataclass(frozen=True)
class LayerSwitch:
    """One layer in the list of layers."""

    name: str
    text: str
    on: bool


def build_words(translate: Translate, *, hazard_kinds: Mapping[str, str] | None = None) -> dict[str, str]:
    """Texts of the map's controls, and the words of coded values as "group.value".

    `hazard_kinds` are names of kinds by code, which go before those of the catalogue.
    """
    words = {name: translate(msgid) for name, msgid in _WORDS.items()}
    for group in _ENUMS:
        words.update({f"{group}.{value}": label(group, value, translate) for value in LABELS[group]})
    words.update({f"hazard_kind.{code}": name for code, name in (hazard_kinds or {}).items()})
    return words


def build_switches(translate: Translate, *, on: Iterable[str], raster: str = "") -> list[dict[str, Any]]:
    """The list of layers; a raster basemap, called `raster`, is offered switched off."""
    chosen = set(on)
    switches = [LayerSwitch(name, translate(_LAYER_LABELS[name]), name in chosen) for name in LAYER_NAMES]
    if raster:
        switches.append(LayerSwitch("raster", raster, False))
    return [asdict(switch) for switch in switches]


def build_legend(palette: Palette, translate: Translate) -> list[dict[str, Any]]:
    """Sections of the legend in the order they are shown."""
    sections = (
        LegendSection("incidents", translate(_LAYER_LABELS["incidents"]), _draw_incidents(palette, translate)),
        LegendSection("segments", translate(_LAYER_LABELS["segments"]), _draw_freshness(palette, translate)),
        LegendSection("hazards", translate(_LAYER_LABELS["hazards"]), _draw_hazards(palette, translate)),
        LegendSection("closures", translate(_LAYER_LABELS["closures"]), _draw_closures(palette, translate)),
        LegendSection("zones", translate(N_("Protection zones, seen from near by")), _draw_zones(palette, translate)),
        LegendSection("teams", translate(_LAYER_LABELS["teams"]), _draw_teams(palette, translate)),
        LegendSection("sites", translate(_LAYER_LABELS["sites"]), _draw_networks(palette, translate)),
        LegendSection("rail", translate(_LAYER_LABELS["rail"]), _draw_rail(palette, translate)),
        LegendSection("access_points", translate(_LAYER_LABELS["access_points"]), _draw_access(palette, translate)),
    )
    return [asdict(section) for section in sections]


def build_change_legend(palette: Palette, translate: Translate) -> list[dict[str, str]]:
    """What an edition changes, as `static/map/changes.js` paints it; only what is there is shown."""
    return [
        {
            "kind": kind.value,
            "swatch": _draw_change(palette.change[kind], kind),
            "text": translate(_WORDS[f"change.{kind}"]),
        }
        for kind in GroundKind
    ]


def _draw_change(colour: str, kind: GroundKind) -> str:
    """Each has a pattern of its own, so that colour alone does not tell them apart."""
    frame = '<path d="M1 2h26v12H1z"'
    rising = "".join(f"M{x} 14l12-12" for x in range(1, 17, 5))
    falling = "".join(f"M{x} 2l12 12" for x in range(1, 17, 5))
    lines = {GroundKind.REMOVED: rising + falling, GroundKind.GAINED: rising, GroundKind.LOST: falling}
    dash = ' stroke-dasharray="4 3"' if kind is GroundKind.RENAMED else ""
    tint = {GroundKind.ADDED: 0.5, GroundKind.RENAMED: 0.12}.get(kind, 0.1)
    inside = f'<path d="{lines[kind]}" stroke="{colour}" stroke-width="1.3"/>' if kind in lines else ""
    rim = f'{frame} fill="{colour}" fill-opacity="{tint}" stroke="{colour}" stroke-width="1.4"{dash}/>'
    return _line(rim, inside)


def _draw_freshness(palette: Palette, translate: Translate) -> tuple[LegendItem, ...]:
    items = []
    for value in FRESHNESS:
        colour = palette.freshness[value]
        pattern = {"overdue": ' stroke-dasharray="7 2.5"', "never": ' stroke-dasharray="2 2.5"'}.get(value, "")
        width = 2.5 if value == "fresh" else 4.5
        swatch = _line(f'<path d="M1 8h26" stroke="{colour}" stroke-width="{width}"{pattern}/>')
        items.append(LegendItem(swatch, label("freshness", value, translate)))
    return tuple(items)


def _draw_closures(palette: Palette, translate: Translate) -> tuple[LegendItem, ...]:
    """As `static/map/closures.js` paints them."""
    closed, slowed = palette.severity[4], palette.severity[2]
    return (
        LegendItem(
            _line(f'<path d="M1 8h26" stroke="{closed}" stroke-width="4" stroke-dasharray="5 3"/>'),
            translate(N_("Closed to traffic")),
        ),
        LegendItem(
            _line(f'<path d="M1 8h26" stroke="{slowed}" stroke-width="4" stroke-dasharray="2 4"/>'),
            translate(N_("Slower than usual")),
        ),
    )


def _draw_zones(palette: Palette, translate: Translate) -> tuple[LegendItem, ...]:
    """Announced ones are solid, screened ones hatched, as `static/map/zones.js` paints them."""
    colour = palette.chrome["accent"]
    solid = f'<path d="M1 3h26v10H1z" fill="{colour}" fill-opacity=".45"/>'
    lines = "".join(f"M{x} 13l10-10" for x in range(1, 18, 5))
    hatched = f'<path d="{lines}" stroke="{colour}" stroke-width="1.2"/>'
    return (
        LegendItem(_line(solid), label("zone_kind", "official", translate)),
        LegendItem(_line(hatched), translate(N_("Screened zone, approximate"))),
    )


def _draw_incidents(palette: Palette, translate: Translate) -> tuple[LegendItem, ...]:
    look = {"fill": palette.incident, "stroke": palette.halo, "inner_fill": palette.network_ink}
    return tuple(
        LegendItem(icons.draw_svg(icons.INCIDENT_SHAPE, inner=glyph, **look), label("incident_kind", kind, translate))
        for kind, glyph in icons.INCIDENT_GLYPHS.items()
    )


def _draw_hazards(palette: Palette, translate: Translate) -> tuple[LegendItem, ...]:
    ink = palette.chrome["ink"]
    items = [
        LegendItem(
            icons.draw_svg(icons.SHAPES["circle"], fill=palette.severity[value], stroke=ink),
            label("severity", value, translate),
        )
        for value in reversed(SEVERITIES)
    ]
    dot = f'<circle cx="8" cy="8" r="4" fill="{palette.severity[3]}" stroke="{ink}"/>'
    ring = f'<circle cx="8" cy="8" r="7.3" fill="none" stroke="{palette.freshness["overdue"]}" stroke-width="1.8"/>'
    overdue = f'<svg width="16" height="16" viewBox="-1 -1 18 18">{dot}{ring}</svg>'
    items.append(LegendItem(overdue, translate(N_("Past its deadline"))))
    items += [
        LegendItem(icons.draw_svg(icons.SHAPES[shape], fill="none", stroke=ink), translate(text))
        for shape, text in _SHAPE_LABELS.items()
    ]
    return tuple(items)


def _draw_teams(palette: Palette, translate: Translate) -> tuple[LegendItem, ...]:
    disc = "M8 .5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15z"
    items = [
        LegendItem(
            icons.draw_svg(disc, fill=palette.team, inner=glyph, inner_fill=palette.network_ink),
            label("team_kind", kind, translate),
        )
        for kind, glyph in icons.TEAM_GLYPHS.items()
    ]
    ring = f'<circle cx="8" cy="8" r="6.5" fill="none" stroke="{palette.team_stale}" stroke-width="2"'
    square = '<rect x="2" y="2" width="12" height="12" rx="2.5"'
    shapes = {
        "moving": f'<g fill="{palette.team}"><path d="M8 0 11 4.500H5z"/><circle cx="8" cy="9.500" r="5.500"/></g>',
        "still": f'{square} fill="{palette.team}"/>',
        "stale": f"{ring}/>",
        "silent": f'{ring} stroke-dasharray="3 2"/>',
    }
    states = [
        LegendItem(
            f'<svg width="16" height="16" viewBox="-1 -1 18 18" aria-hidden="true">{shape}</svg>',
            label("team_state", state, translate),
        )
        for state, shape in shapes.items()
    ]
    return (*items, *states)


def _draw_networks(palette: Palette, translate: Translate) -> tuple[LegendItem, ...]:
    box = "M3 .5h10A2.5 2.5 0 0 1 15.5 3v10a2.5 2.5 0 0 1-2.5 2.5H3A2.5 2.5 0 0 1 .5 13V3A2.5 2.5 0 0 1 3 .5z"
    look = {"fill": palette.halo, "stroke": palette.network, "inner_fill": palette.network}
    return tuple(
        LegendItem(
            icons.draw_svg(box, inner=icons.NETWORK_GLYPHS[network.value], **look),
            label("network", network.value, translate),
        )
        for network in Network
    )


def _draw_rail(palette: Palette, translate: Translate) -> tuple[LegendItem, ...]:
    ink, paper, tunnel = palette.rail["ink"], palette.rail["paper"], palette.rail["tunnel"]

    def stroke(colour: str, width: float, *, at: str = "M1 8h26", dash: str = "") -> str:
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        return f'<path d="{at}" stroke="{colour}" stroke-width="{width}"{dashes}/>'

    return (
        LegendItem(_line(stroke(ink, 5), stroke(paper, 2)), translate(N_("High-speed railway"))),
        LegendItem(_line(stroke(ink, 4), stroke(paper, 2.2, dash="7 7")), translate(N_("Ordinary railway"))),
        LegendItem(
            _line(stroke(ink, 1.2, at="M1 4h26M1 12h26"), stroke(ink, 3)), label("rail_feature", "bridge", translate)
        ),
        LegendItem(_line(stroke(tunnel, 2.5, dash="3 3")), label("rail_feature", "tunnel", translate)),
    )


def _draw_access(palette: Palette, translate: Translate) -> tuple[LegendItem, ...]:
    ink = palette.chrome["ink"]
    return tuple(
        LegendItem(icons.draw_svg(icons.RAIL_GLYPHS[kind], fill=ink), label("access_kind", kind, translate))
        for kind in ("level_crossing", "bridge", "underpass", "way_end")
    )


def _line(*strokes: str) -> str:
    return f'<svg width="28" height="16" viewBox="0 0 28 16" fill="none" aria-hidden="true">{"".join(strokes)}</svg>'
