"""What OpenStreetMap's tags say about who may use a road, in which direction and how fast."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gridmap.domain.roads.speeds import FOOT_CLASSES
from gridmap.sources.osm_reader import Tags

CAR_SPEED_KMH: dict[str, float] = {
    "motorway": 110,
    "motorway_link": 60,
    "trunk": 90,
    "trunk_link": 50,
    "primary": 70,
    "primary_link": 50,
    "secondary": 60,
    "secondary_link": 45,
    "tertiary": 50,
    "tertiary_link": 40,
    "unclassified": 40,
    "road": 30,
    "residential": 30,
    "living_street": 15,
    "service": 20,
    "track": 15,
}
"""Free speed by class where no limit is signed."""

ROUTABLE = frozenset(CAR_SPEED_KMH) | FOOT_CLASSES

_WALKING_KMH = 5.0
_NO_FOOT = frozenset({"motorway", "motorway_link"})
_DENIED = frozenset({"no", "private", "agricultural", "forestry", "military", "use_sidepath", "closed"})
"""Destination, customers, delivery, permissive and the like stay open: a patrol has business there."""

_ONE_WAY = {"yes": 1, "true": 1, "1": 1, "-1": -1, "reverse": -1}
_ONE_WAY_CLASSES = frozenset({"motorway"})
_ROUNDABOUTS = frozenset({"roundabout", "circular"})

_LIMIT = re.compile(r"(?P<value>\d+(?:\.\d+)?)\s*(?P<unit>km/h|kmh|kph|mph|knots)?")
_UNIT_KMH = {"mph": 1.609344, "knots": 1.852}
_IMPLICIT_KMH = {
    "urban": 50.0,
    "rural": 80.0,
    "trunk": 100.0,
    "motorway": 120.0,
    "living_street": 15.0,
    "walk": _WALKING_KMH,
    "de:rural": 100.0,
    "at:rural": 100.0,
    "cn:rural": 70.0,
    "ru:urban": 60.0,
    "gb:nsl_single": 60 * 1.609344,
    "gb:nsl_dual": 70 * 1.609344,
    "gb:motorway": 70 * 1.609344,
}
"""Limits that a code stands for; a country's own before the usual one."""


@dataclass(frozen=True)
class RoadUse:
    """How a way may be used; forward is the direction in which it is drawn, speed is a car's in km/h."""

    car_forward: bool
    car_backward: bool
    foot: bool
    speed_kmh: float

    @property
    def is_usable(self) -> bool:
        return self.car_forward or self.car_backward or self.foot


def read_road_use(tags: Tags) -> RoadUse:
    """Who may use a way of a `ROUTABLE` class.

    The most specific access tag decides: motorcar, motor_vehicle, vehicle, access for a car, foot, access for a
    walker. Walkers go both ways whatever `oneway` says, and cross squares (area=yes) along the edge; cars do not.
    """
    highway = tags["highway"]
    direction = read_oneway(tags)
    drivable = highway in CAR_SPEED_KMH and tags.get("area") != "yes" and direction is not None
    car = drivable and _is_allowed(tags, ("motorcar", "motor_vehicle", "vehicle", "access"))
    walkable = highway not in _NO_FOOT and tags.get("motorroad") != "yes"
    foot = _is_allowed(tags, ("foot", "access")) if walkable else tags.get("foot") in {"yes", "designated"}
    return RoadUse(
        car_forward=car and direction != -1,
        car_backward=car and direction != 1,
        foot=foot,
        speed_kmh=read_speed_kmh(tags),
    )


def _is_allowed(tags: Tags, keys: tuple[str, ...]) -> bool:
    said = next((tags[key] for key in keys if key in tags), None)
    return said is None or any(value.strip() not in _DENIED for value in said.split(";"))


def read_oneway(tags: Tags) -> int | None:
    """1 along the way, -1 against it, 0 both, None where the direction changes with the hour."""
    said = tags.get("oneway")
    if said == "reversible":
        return None
    if said is not None:
        return _ONE_WAY.get(said, 0)
    return 1 if tags.get("junction") in _ROUNDABOUTS or tags["highway"] in _ONE_WAY_CLASSES else 0


def read_speed_kmh(tags: Tags) -> float:
    """A car's speed: the class's free speed, capped where a limit is signed and raised by at most a fifth by it."""
    free = CAR_SPEED_KMH.get(tags["highway"], _WALKING_KMH)
    limit = parse_maxspeed_kmh(tags.get("maxspeed", ""))
    return free if limit is None else max(_WALKING_KMH, min(1.2 * free, limit))


def parse_maxspeed_kmh(text: str) -> float | None:
    """Read `50`, `30 mph`, `CH:urban`, `DE:zone:30`, `walk`; None where nothing usable is said (`none`, `signals`).

    Of several values the first counts.
    """
    first = text.split(";", maxsplit=1)[0].strip().lower()
    code = first.rsplit(":", 1)[-1].removeprefix("zone")
    implicit = _IMPLICIT_KMH.get(first, _IMPLICIT_KMH.get(code))
    if implicit is not None:
        return implicit
    match = _LIMIT.fullmatch(code)
    if match is None:
        return None
    value = float(match["value"]) * _UNIT_KMH.get(match["unit"] or "", 1.0)
    return value if value > 0 else None
