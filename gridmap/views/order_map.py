"""The map on a printed order: an inline SVG of the routes over quiet ground, with a scale, north and stop numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap.domain.patrol.backdrop import Backdrop, compute_plan_bounds
from gridmap.errors import N_
from gridmap.i18n import Translate
from gridmap.views.palette import LIGHT

WIDTH_MM, HEIGHT_MM = 182.0, 112.0

_METRES_PER_DEG = 111_320.0
_LEAST_STEP_MM = 0.25
_BADGE_MM = 2.3
_ROAD_WIDTHS = {"minor": (0.35, 0.55), "middle": (0.75, 1.05), "major": (1.15, 1.5)}
_SCALE_STEPS_M = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)

Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Frame:
    """Degrees to millimetres on paper: a plain map centred on the plan, true in both directions at its middle."""

    west: float
    north: float
    x_mm_per_deg: float
    y_mm_per_deg: float

    def place(self, lonlat: Sequence[Sequence[float]] | Points) -> Points:
        """Paper coordinates, shape (points, 2)."""
        xy = np.asarray(lonlat, np.float64).reshape(-1, 2)
        return np.column_stack(
            [(xy[:, 0] - self.west) * self.x_mm_per_deg, (self.north - xy[:, 1]) * self.y_mm_per_deg]
        )

    @property
    def mm_per_m(self) -> float:
        return self.y_mm_per_deg / _METRES_PER_DEG

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the paper."""
        east = self.west + WIDTH_MM / self.x_mm_per_deg
        return self.west, self.north - HEIGHT_MM / self.y_mm_per_deg, east, self.north


def fit_frame(document: dict[str, Any]) -> Frame:
    """The frame that shows every route of `document` as large as the paper allows."""
    west, south, east, north = compute_plan_bounds(document) or (0.0, 0.0, 0.01, 0.01)
    middle = math.radians((south + north) / 2)
    scale = min(HEIGHT_MM / (north - south), WIDTH_MM / ((east - west) * math.cos(middle)))
    x_scale = scale * math.cos(middle)
    spare_x, spare_y = WIDTH_MM / x_scale - (east - west), HEIGHT_MM / scale - (north - south)
    return Frame(west - spare_x / 2, north + spare_y / 2, x_scale, scale)


def draw_map(document: dict[str, Any], *, backdrop: Backdrop, colours: dict[str, str], translate: Translate) -> str:
    """SVG of the routes in `document`; `colours` by team key."""
    frame = fit_frame(document)
    taken = _find_posts(frame, document)
    label = escape(translate(N_("Map of the routes")))
    parts = [
        f'<svg class="map" viewBox="0 0 {WIDTH_MM:g} {HEIGHT_MM:g}" role="img" aria-label="{label}">',
        f'<rect width="{WIDTH_MM:g}" height="{HEIGHT_MM:g}" fill="{LIGHT.ground["land"]}"/>',
        *_draw_backdrop(frame, backdrop),
    ]
    badges: list[str] = []
    for route in document["routes"]:
        colour = colours[route["team"]]
        parts += _draw_route(frame, route, colour)
        badges += _draw_badges(frame, route, colour, taken)
    parts += _draw_posts(_find_posts(frame, document))
    parts += [*_draw_places(frame, backdrop, taken), *badges]
    parts += [_draw_scale(frame, translate), _draw_north()]
    parts.append(
        f'<rect width="{WIDTH_MM:g}" height="{HEIGHT_MM:g}" fill="none" stroke="#444" stroke-width="0.4"/></svg>'
    )
    return "".join(parts)


# --- ground -----------------------------------------------------------------------------------------------------


def _draw_backdrop(frame: Frame, backdrop: Backdrop) -> list[str]:
    waters = _trace_all(frame, backdrop.waters, closed=True)
    parts = [_draw_path(waters, fill=LIGHT.ground["water"], stroke="none", closed=True)]
    parts.append(_draw_path(_trace_all(frame, backdrop.rivers), stroke=LIGHT.ground["river"], width=0.7))
    roads = {name: _trace_all(frame, backdrop.roads.get(name, [])) for name in _ROAD_WIDTHS}
    for inner in (False, True):
        for name, (fill_mm, casing_mm) in _ROAD_WIDTHS.items():
            ink = LIGHT.road if inner else LIGHT.road_casing
            parts.append(_draw_path(roads[name], stroke=ink[name], width=fill_mm if inner else casing_mm))
    rails = _trace_all(frame, backdrop.rails)
    parts.append(_draw_path(rails, stroke="#33383d", width=0.9))
    parts.append(_draw_path(rails, stroke="#ffffff", width=0.5, dash="1.6 1.6"))
    return parts


def _draw_places(frame: Frame, backdrop: Backdrop, taken: list[tuple[float, float]]) -> list[str]:
    """Names of settlements where there is room."""
    parts: list[str] = []
    boxes: list[tuple[float, float]] = list(taken)
    for name, lon, lat in backdrop.places:
        x, y = frame.place([[lon, lat]])[0].tolist()
        half = 1.1 * len(name) if name.isascii() else 1.8 * len(name)
        if not (half < x < WIDTH_MM - half and 5 < y < HEIGHT_MM - 9):
            continue
        if any(abs(x - a) < half + 4 and abs(y - b) < 4 for a, b in boxes):
            continue
        boxes.append((x, y))
        parts.append(f'<text class="place" x="{x:.1f}" y="{y:.1f}">{escape(name)}</text>')
    return parts


# --- routes -----------------------------------------------------------------------------------------------------


def _draw_route(frame: Frame, route: dict[str, Any], colour: str) -> list[str]:
    legs = [*(stop["leg"] for stop in route["stops"]), route["return"]]
    drives = [stop["work"]["drive"] for stop in route["stops"] if stop["work"]["drive"]]
    walks = [stop["work"]["walk"] for stop in route["stops"] if stop["work"]["walk"]]
    roads, rounds, beside = (
        _trace_all(frame, [part["coordinates"] for part in parts]) for parts in (legs, drives, walks)
    )
    return [
        _draw_path(roads + rounds, stroke="#ffffff", width=1.9),
        _draw_path(beside, stroke="#ffffff", width=2.3),
        _draw_path(rounds, stroke=colour, width=0.8, dash="0.3 1.2"),
        _draw_path(roads, stroke=colour, width=1.1),
        _draw_path(beside, stroke=colour, width=1.5, dash="2.2 1.1", cap="butt"),
        *_draw_arrows(frame, legs, colour),
    ]


def _draw_arrows(frame: Frame, legs: Iterable[dict[str, Any]], colour: str) -> list[str]:
    """A small arrow in the middle of each leg long enough to carry one."""
    arrows: list[str] = []
    for leg in legs:
        xy = frame.place(leg["coordinates"])
        run = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
        if run[-1] < 9:
            continue
        for share in np.arange(0.5, run[-1] / 45 + 0.5) / max(1, math.floor(run[-1] / 45 + 0.5)):
            at = min(float(share), 0.95) * run[-1]
            x, y = (float(np.interp(at, run, xy[:, axis])) for axis in (0, 1))
            ahead = [float(np.interp(at + 1.0, run, xy[:, axis])) for axis in (0, 1)]
            angle = math.degrees(math.atan2(ahead[1] - y, ahead[0] - x))
            arrows.append(
                f'<path d="M-1.5,-1.3L1.5,0L-1.5,1.3L-0.8,0Z" fill="{colour}" stroke="#fff" stroke-width="0.3" '
                f'transform="translate({x:.1f} {y:.1f}) rotate({angle:.0f})"/>'
            )
    return arrows


def _draw_badges(frame: Frame, route: dict[str, Any], colour: str, taken: list[tuple[float, float]]) -> list[str]:
    """The number of each stop where its work begins, moved aside where one already stands."""
    badges: list[str] = []
    for stop in route["stops"]:
        x, y = frame.place([stop["leg"]["coordinates"][-1]])[0].tolist()
        bx, by = _find_room(x, y, taken)
        taken.append((bx, by))
        if (bx, by) != (x, y):
            badges.append(
                f'<path d="M{x:.1f},{y:.1f}L{bx:.1f},{by:.1f}" stroke="{colour}" stroke-width="0.3" fill="none"/>'
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="0.6" fill="{colour}"/>'
            )
        badges.append(
            f'<circle cx="{bx:.1f}" cy="{by:.1f}" r="{_BADGE_MM}" fill="#fff" stroke="{colour}" stroke-width="0.6"/>'
            f'<text class="badge" x="{bx:.1f}" y="{by + 1.05:.2f}">{stop["number"]}</text>'
        )
    return badges


def _find_room(x: float, y: float, taken: list[tuple[float, float]]) -> tuple[float, float]:
    """The free place for a badge nearest to (x, y), on rings around it."""
    least = 2 * _BADGE_MM + 0.3
    for ring in range(7):
        for turn in range(1 if ring == 0 else 12):
            angle = math.pi / 6 * turn - math.pi / 2
            bx = min(max(x + ring * 2.6 * math.cos(angle), _BADGE_MM + 1), WIDTH_MM - _BADGE_MM - 1)
            by = min(max(y + ring * 2.6 * math.sin(angle), _BADGE_MM + 1), HEIGHT_MM - _BADGE_MM - 1)
            if ring == 0:
                bx, by = x, y
            if all(math.hypot(bx - a, by - b) >= least for a, b in taken):
                return bx, by
    return x, y


def _find_posts(frame: Frame, document: dict[str, Any]) -> list[tuple[float, float]]:
    """Where the posts lie that teams set out from."""
    routed = {route["team"] for route in document["routes"]}
    used = {team["post"] for team in document["teams"] if team["key"] in routed}
    posts = [[post["lon"], post["lat"]] for post in document["posts"] if post["key"] in used]
    return [(x, y) for x, y in frame.place(posts).tolist()]


def _draw_posts(places: Iterable[tuple[float, float]]) -> list[str]:
    return [
        f'<g transform="translate({x:.1f} {y:.1f})"><path d="M-2.2,2V-0.6L0,-2.6L2.2,-0.6V2Z" fill="#23282d" '
        'stroke="#fff" stroke-width="0.5"/><rect x="-0.6" y="0.3" width="1.2" height="1.7" fill="#fff"/></g>'
        for x, y in places
    ]


# --- scale, north -----------------------------------------------------------------------------------------------


def _draw_scale(frame: Frame, translate: Translate) -> str:
    metres = next((m for m in reversed(_SCALE_STEPS_M) if m * frame.mm_per_m <= 42), _SCALE_STEPS_M[0])
    length = metres * frame.mm_per_m
    whole = translate("{number} km") if metres >= 1000 else translate("{number} m")
    text = whole.format(number=metres // 1000 if metres >= 1000 else metres)
    x, y = 5.0, HEIGHT_MM - 5.0
    return (
        f'<g><rect x="{x - 2:g}" y="{y - 6:g}" width="{length + 8:.1f}" height="8.6" rx="1" fill="#fff" '
        f'fill-opacity="0.85"/>'
        f'<path d="M{x:g},{y - 1.4:g}V{y:g}H{x + length:.1f}V{y - 1.4:g}M{x + length / 2:.1f},{y - 0.9:g}V{y:g}" '
        f'fill="none" stroke="#23282d" stroke-width="0.4"/>'
        f'<text class="scale" x="{x:g}" y="{y - 2.3:g}">0</text>'
        f'<text class="scale" x="{x + length:.1f}" y="{y - 2.3:g}" text-anchor="middle">{text}</text></g>'
    )


def _draw_north() -> str:
    x, y = WIDTH_MM - 8.0, 9.0
    return (
        f'<g transform="translate({x:g} {y:g})"><circle r="5.6" cy="0.4" fill="#fff" fill-opacity="0.85"/>'
        '<path d="M0,-4L2,2.6L0,1.4Z" fill="#23282d"/><path d="M0,-4L-2,2.6L0,1.4Z" fill="#fff" stroke="#23282d" '
        'stroke-width="0.25"/><text class="scale" y="5.2" text-anchor="middle">N</text></g>'
    )


def _draw_path(
    shapes: str,
    *,
    stroke: str,
    width: float = 0.0,
    dash: str = "",
    fill: str = "none",
    cap: str = "round",
    closed: bool = False,
) -> str:
    if not shapes:
        return ""
    pen = f' stroke-width="{width:g}" stroke-linecap="{cap}" stroke-linejoin="round"' if width else ""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    rule = ' fill-rule="evenodd"' if closed else ""
    return f'<path d="{shapes}" fill="{fill}" stroke="{stroke}"{pen}{dashes}{rule}/>'


def _trace_all(frame: Frame, lines: Iterable[Points], *, closed: bool = False) -> str:
    """Path commands of all lines; placed together, for a county's roads are many short ones."""
    arrays = [np.asarray(line, np.float64).reshape(-1, 2) for line in lines]
    if not arrays:
        return ""
    places = frame.place(np.concatenate(arrays)).tolist()
    ends = np.cumsum([len(line) for line in arrays]).tolist()
    return "".join(_trace(places[start:end], closed) for start, end in pairwise([0, *ends]))


def _trace(places: Sequence[Sequence[float]], closed: bool) -> str:
    """Path commands; steps too small to see on paper are left out."""
    last_x, last_y = places[0]
    points = [f"{last_x:.1f},{last_y:.1f}"]
    for position, (x, y) in enumerate(places[1:], start=2):
        if position == len(places) or abs(x - last_x) >= _LEAST_STEP_MM or abs(y - last_y) >= _LEAST_STEP_MM:
            points.append(f"{x:.1f},{y:.1f}")
            last_x, last_y = x, y
    return f"M{'L'.join(points)}" + ("Z" if closed else "")
