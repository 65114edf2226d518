"""Safety protection zones of a line (线路安全保护区, order 639, Article 27): widths, which holds, what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, Protocol, TypeVar

Side = Literal["left", "right"]

Span = tuple[float, float]
"""A stretch of a line, chainages in metres, the lower first."""

_MIN_BRIDGE_M = 50.0
"""A shorter bridge does not notch the zone: the embankments at its ends reach further than its side."""

TOUCHING_M = 1.0
"""Mileages in notices are written to the metre: ends nearer than this meet."""


@dataclass(frozen=True)
class ZoneRules:
    """What zones are screened by, as the files of the statutes have it.

    Attributes
    ----------
    widths_m
        By (high-speed by Article 107, setting): from the toe of the embankment, the top of the cutting or the outer
        side of the bridge. Empty where no statute sets any. An announced zone overrides them.
    formation_m, bridge_m
        Assumed, by high-speed: from the outer track's centreline to the toe, and to the outer side of a bridge. Where
        these really are is in no data: whatever is drawn with them is approximate.
    """

    widths_m: Mapping[tuple[bool, str], float]
    formation_m: Mapping[bool, float]
    bridge_m: Mapping[bool, float]

    def names_setting(self, category: str) -> bool:
        """Whether a notice's category is a setting that widths are set for."""
        return any(setting == category for _, setting in self.widths_m)


@dataclass(frozen=True, kw_only=True)
class Zone:
    """The zone beside one stretch of a line, on one side facing increasing mileage.

    Attributes
    ----------
    from_m, to_m
        Chainage.
    width_m
        From the origin; 0 in a tunnel, which has no zone on the surface.
    origin_offset_m
        From the outer track's centreline to the origin, assumed.
    category
        urban, suburban, village, open, or what a notice says instead; "" where it says nothing.
    kind
        official, or how a screened one came about: formation, bridge, tunnel.
    place, notice
        What the notice calls the stretch, and which notice it is.
    row
        Row of the table it was read from, 0 where it was not.
    """

    line_id: int
    side: Side
    from_m: float
    to_m: float
    width_m: float
    origin_offset_m: float
    category: str
    kind: Literal["official", "formation", "bridge", "tunnel"]
    place: str = ""
    notice: str = ""
    row: int = 0

    @property
    def is_official(self) -> bool:
        """Whether it was announced; else it is screened from geometry and approximate."""
        return self.kind == "official"

    @property
    def reach_m(self) -> float:
        """From the outer track's centreline to the outer edge."""
        return self.origin_offset_m + self.width_m


@dataclass(frozen=True)
class Structure:
    """A bridge or tunnel of a line, between two chainages."""

    kind: Literal["bridge", "tunnel"]
    from_m: float
    to_m: float


@dataclass(frozen=True)
class SettingStretch:
    """In which setting of Article 27 a stretch of a line lies; `side` left, right or both."""

    from_m: float
    to_m: float
    side: str
    setting: str


# --- what is in force -------------------------------------------------------------------------------------------


def screen_zones(
    stretches: Sequence[SettingStretch],
    *,
    line_id: int,
    high_speed: bool,
    structures: Sequence[Structure],
    rules: ZoneRules,
) -> list[Zone]:
    """Zones by the statute alone, cut at bridges and tunnels; in a tunnel one without width says that there is none."""
    tunnels = [(s.from_m, s.to_m) for s in structures if s.kind == "tunnel"]
    bridges = [(s.from_m, s.to_m) for s in structures if s.kind == "bridge" and s.to_m - s.from_m >= _MIN_BRIDGE_M]
    zones = []
    for stretch in stretches:
        width_m = rules.widths_m.get((high_speed, stretch.setting))
        if width_m is None:
            continue
        span = (stretch.from_m, stretch.to_m)
        open_air = subtract_spans(span, tunnels)
        for side in _list_sides(stretch.side):
            common = Zone(
                line_id=line_id,
                side=side,
                from_m=span[0],
                to_m=span[1],
                width_m=width_m,
                origin_offset_m=rules.formation_m[high_speed],
                category=stretch.setting,
                kind="formation",
            )
            parts = [
                replace(common, from_m=low, to_m=high, width_m=0.0, origin_offset_m=0.0, kind="tunnel")
                for low, high in subtract_spans(span, open_air)
            ]
            for bare in open_air:
                ground = subtract_spans(bare, bridges)
                parts += [replace(common, from_m=low, to_m=high) for low, high in ground]
                parts += [
                    replace(common, from_m=low, to_m=high, origin_offset_m=rules.bridge_m[high_speed], kind="bridge")
                    for low, high in subtract_spans(bare, ground)
                ]
            zones += sorted(parts, key=lambda zone: zone.from_m)
    return zones


def choose_in_force(official: Sequence[Zone], screened: Sequence[Zone]) -> list[Zone]:
    """The zones of a line that hold, along each side: announced ones, and the screened ones where there is none.

    Where announced ones lie over one another the wider holds.
    """
    chosen: list[Zone] = []
    for side in ("left", "right"):
        announced = [zone for zone in official if zone.side == side]
        taken = [(zone.from_m, zone.to_m) for zone in announced]
        chosen += _choose_widest(announced)
        for zone in (zone for zone in screened if zone.side == side):
            rest = subtract_spans((zone.from_m, zone.to_m), taken)
            chosen += [replace(zone, from_m=low, to_m=high) for low, high in rest]
    return sorted(chosen, key=lambda zone: (zone.side, zone.from_m))


def _choose_widest(zones: Sequence[Zone]) -> list[Zone]:
    found: list[Zone] = []
    for held in hold_widest(zones):
        before = found[-1] if found else None
        if before is not None and replace(held.zone, from_m=before.from_m, to_m=held.zone.from_m) == before:
            found[-1] = replace(held.zone, from_m=before.from_m)
        else:
            found.append(held.zone)
    return found


@dataclass(frozen=True)
class HeldZone:
    """The part of an announced zone that holds over all of its length, and the narrower ones that lie under it."""

    zone: Zone
    narrower: tuple[Zone, ...] = ()


def hold_widest(zones: Sequence[Zone]) -> list[HeldZone]:
    """Announced zones of one side cut at every end, in order: in each piece the widest holds."""
    found = []
    for low, high in _cut_at_ends(zones):
        over = [zone for zone in zones if zone.from_m <= low and zone.to_m >= high]
        if over:
            widest = max(over, key=lambda zone: (zone.width_m, -zone.from_m))
            narrower = tuple(zone for zone in over if zone.width_m < widest.width_m)
            found.append(HeldZone(replace(widest, from_m=low, to_m=high), narrower))
    return found


def clip_zones(zones: Iterable[Zone], spans: Sequence[Span]) -> list[Zone]:
    """The parts of zones that lie within spans."""
    merged = merge_spans(spans)
    return [
        replace(zone, from_m=max(zone.from_m, low), to_m=min(zone.to_m, high))
        for zone in zones
        for low, high in merged
        if min(zone.to_m, high) > max(zone.from_m, low)
    ]


# --- what is wrong with a notice --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Gap:
    """A stretch without an announced zone between two that have one; `tunnel_m` metres of it lie in tunnels."""

    side: Side
    from_m: float
    to_m: float
    tunnel_m: float


@dataclass(frozen=True)
class Overlap:
    """Two announced zones of one side over one another with different widths."""

    side: Side
    from_m: float
    to_m: float
    widths_m: tuple[float, float]
    rows: tuple[int, int]


@dataclass(frozen=True)
class Narrow:
    """An announced zone, or the part of it in one setting, narrower than `limit_m`, what Article 27 sets there."""

    side: Side
    from_m: float
    to_m: float
    width_m: float
    limit_m: float
    setting: str
    row: int


def find_gaps(zones: Sequence[Zone], *, structures: Sequence[Structure] = ()) -> list[Gap]:
    """Gaps of one line between the first and the last zone of each side."""
    tunnels = merge_spans([(s.from_m, s.to_m) for s in structures if s.kind == "tunnel"])
    gaps = []
    for side in _SIDES:
        covered = merge_spans([(zone.from_m, zone.to_m) for zone in zones if zone.side == side], touching_m=TOUCHING_M)
        for (_, low), (high, _) in pairwise(covered):
            bored = sum(max(0.0, min(end, high) - max(start, low)) for start, end in tunnels)
            gaps.append(Gap(side, low, high, bored))
    return gaps


def find_overlaps(zones: Sequence[Zone]) -> list[Overlap]:
    """Zones of one line that contradict each other."""
    found = []
    for side in _SIDES:
        for first, second, (low, high) in pair_crossing([zone for zone in zones if zone.side == side]):
            if first.width_m != second.width_m:
                widths, rows = (first.width_m, second.width_m), (first.row, second.row)
                found.append(Overlap(side, low, high, widths, rows))
    return found


def find_narrow(
    zones: Sequence[Zone], *, high_speed: bool, settings: Sequence[SettingStretch], rules: ZoneRules
) -> list[Narrow]:
    """Zones of one line below the statute: by their category, else by the setting of the ground they lie on."""
    found = []
    for zone in zones:
        known = [SettingStretch(zone.from_m, zone.to_m, zone.side, zone.category)]
        for stretch in known if rules.names_setting(zone.category) else settings:
            limit = rules.widths_m.get((high_speed, stretch.setting), 0.0)
            low, high = max(zone.from_m, stretch.from_m), min(zone.to_m, stretch.to_m)
            if zone.side in _list_sides(stretch.side) and high > low and zone.width_m < limit:
                found.append(Narrow(zone.side, low, high, zone.width_m, limit, stretch.setting, zone.row))
    return sorted(found, key=lambda narrow: (narrow.side, narrow.from_m))


# --- spans ------------------------------------------------------------------------------------------------------

_SIDES: tuple[Side, Side] = ("left", "right")


def _list_sides(side: str) -> tuple[Side, ...]:
    return tuple(one for one in _SIDES if side in (one, "both"))


def merge_spans(spans: Iterable[Span], *, touching_m: float = 0.0) -> list[Span]:
    """Spans in order, those that overlap or lie no further apart than `touching_m` joined."""
    merged: list[Span] = []
    for low, high in sorted(spans):
        if merged and low <= merged[-1][1] + touching_m:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def subtract_spans(span: Span, taken: Iterable[Span]) -> list[Span]:
    """What of `span` lies in none of `taken`, in order."""
    rest: list[Span] = []
    reached, end = span
    for low, high in merge_spans(taken):
        if min(low, end) > reached:
            rest.append((reached, min(low, end)))
        reached = max(reached, high)
    if end > reached:
        rest.append((reached, end))
    return rest


class OnLine(Protocol):
    """Something between two chainages of a line, metres."""

    @property
    def from_m(self) -> float: ...

    @property
    def to_m(self) -> float: ...


Placed = TypeVar("Placed", bound=OnLine)


def pair_crossing(stretches: Iterable[Placed]) -> Iterator[tuple[Placed, Placed, Span]]:
    """Every two stretches of one line that lie over one another by more than `TOUCHING_M`, and where they do."""
    ordered = sorted(stretches, key=lambda one: one.from_m)
    for i, first in enumerate(ordered):
        for second in ordered[i + 1 :]:
            low, high = second.from_m, min(first.to_m, second.to_m)
            if low >= first.to_m:
                break
            if high - low > TOUCHING_M:
                yield first, second, (low, high)


def _cut_at_ends(zones: Sequence[Zone]) -> list[Span]:
    ends = sorted({end for zone in zones for end in (zone.from_m, zone.to_m)})
    return list(pairwise(ends))
