"""Kinds of hazard (隐患类别): a list that an administrator keeps, which begins with the kinds the program brings.

A kind names what is wrong with a place or a thing. Persons are no kind of hazard.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gridmap.domain.patrol.hours import parse_hours
from gridmap.errors import N_, InvalidInput

MAX_NAME = 40
_CODE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_MAX_CODE = 30
_MOST_MINUTES = 480


class BuiltInKind(StrEnum):
    """What the list begins with; the line-side kinds follow the usual hazard lists of railway protection (护路)."""

    ILLEGAL_CONSTRUCTION = "illegal_construction"
    ILLEGAL_OCCUPATION = "illegal_occupation"
    WATER_EXTRACTION = "water_extraction"
    QUARRYING = "quarrying"
    ILLEGAL_CROSSING = "illegal_crossing"
    BURNING = "burning"
    LIGHT_OBJECTS = "light_objects"
    COLOUR_STEEL = "colour_steel"
    DANGEROUS_TREE = "dangerous_tree"
    GRAZING = "grazing"
    OVERPASS_DEFECT = "overpass_defect"
    FENCE_DAMAGE = "fence_damage"
    DRAINAGE = "drainage"
    DUMPING = "dumping"
    DRONE_KITE = "drone_kite"
    CABLE_DIGGING = "cable_digging"
    FIRE_RISK = "fire_risk"
    FLOOD_RISK = "flood_risk"
    LANDSLIDE = "landslide"
    ROAD_DAMAGE = "road_damage"
    GAS_WATER_POWER = "gas_water_power"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class HazardKind:
    """One kind of the list.

    Attributes
    ----------
    code
        What hazards are kept with; never changes.
    name_zh, name_en
        What people call it; both "" for a built-in kind that nobody renamed, whose name the catalogue has.
    is_line_side
        Whether it belongs to railway protection: such a hazard gets the mileage of the line near it.
    is_light
        Whether it is light material (轻质物体), which a strong wind carries onto the line.
    statutes
        Kinds of the distance rules that it is checked as; those of a built-in kind stand in `statutes/kinds.toml`.
    is_active
        Whether new hazards may be of it; a hidden kind keeps its name for the hazards it has.
    skill
        What a team has to have to inspect it, "" where every team can.
    inspect_min
        Minutes on the spot, None where its severity says how long.
    hours
        When it can be inspected, `08:00-11:00; 14:00-17:00`, "" at any time.
    """

    id: int
    code: str
    name_zh: str = ""
    name_en: str = ""
    is_line_side: bool
    is_light: bool
    statutes: tuple[str, ...] = ()
    is_active: bool = True
    is_built_in: bool = False
    skill: str = ""
    inspect_min: int | None = None
    hours: str = ""
    version: int = 1


class HazardKinds:
    """The list in its order, with every kind by its code."""

    def __init__(self, kinds: Iterable[HazardKind]) -> None:
        self._by_code = {kind.code: kind for kind in kinds}

    def __iter__(self) -> Iterator[HazardKind]:
        return iter(self._by_code.values())

    def find(self, code: str) -> HazardKind | None:
        """The kind of that code, hidden ones too; None where there is none such."""
        return self._by_code.get(code)

    @property
    def active(self) -> tuple[HazardKind, ...]:
        """Those that new hazards may be of."""
        return tuple(kind for kind in self if kind.is_active)

    @property
    def light(self) -> tuple[str, ...]:
        """Codes of what a strong wind carries, hidden kinds too: their hazards are still there."""
        return tuple(kind.code for kind in self if kind.is_light)

    def require(self, code: str) -> HazardKind:
        """The kind that a new hazard is to be of.

        Raises
        ------
        InvalidInput
            There is none such, or it is hidden.
        """
        kind = self.find(code)
        if kind is None:
            raise InvalidInput(
                N_("“{kind}” is not a kind of hazard."), hint=N_("Choose a kind from the list."), kind=code
            )
        if not kind.is_active:
            raise InvalidInput(
                N_("The kind “{hazard_kind}” is no longer used."),
                hint=N_("Choose another kind, or have an administrator show it again."),
                hazard_kind=" / ".join(dict.fromkeys(name for name in (kind.name_zh, kind.name_en) if name)) or code,
            )
        return kind


def check_code(code: str, *, taken: Iterable[str]) -> str:
    """`code` as it may be kept: small letters, digits and underscores, 30 at most, and not yet there.

    Raises
    ------
    InvalidInput
        It is not that.
    """
    if not _CODE.fullmatch(code) or len(code) > _MAX_CODE:
        raise InvalidInput(
            N_("“{code}” cannot be the code of a kind."),
            hint=N_("Use small letters, digits and underscores, such as roof_sheets; {limit} at most."),
            code=code,
            limit=_MAX_CODE,
        )
    if code in set(taken):
        raise InvalidInput(
            N_("There is already a kind with the code “{code}”."), hint=N_("Choose another code."), code=code
        )
    return code


def check_names(name_zh: str, name_en: str) -> tuple[str, str]:
    """Both names without spaces around them; one may be missing, and then stands for the other.

    Raises
    ------
    InvalidInput
        Neither is given, or one is too long.
    """
    zh, en = name_zh.strip(), name_en.strip()
    if not (zh or en):
        raise InvalidInput(N_("The kind has no name."), hint=N_("Give its name in Chinese or in English."))
    if max(len(zh), len(en)) > MAX_NAME:
        raise InvalidInput(
            N_("The name of a kind is too long."), hint=N_("Use {limit} characters at most."), limit=MAX_NAME
        )
    return zh or en, en or zh


def check_inspection(skill: str, inspect_min: int | None, hours: str) -> tuple[str, int | None, str]:
    """What inspecting a kind takes, without spaces around it.

    Raises
    ------
    InvalidInput
        The skill is too long or more than one, the minutes are none of a day's work, or the hours are not written so.
    """
    skill, hours = skill.strip(), hours.strip()
    if len(skill) > MAX_NAME or ";" in skill:
        raise InvalidInput(
            N_("“{skill}” is no skill."),
            hint=N_("Name one skill in {limit} characters at most."),
            skill=skill,
            limit=MAX_NAME,
        )
    if inspect_min is not None and not 1 <= inspect_min <= _MOST_MINUTES:
        raise InvalidInput(
            N_("{minutes} min is no time on the spot."),
            hint=N_("Use 1 to {limit} minutes."),
            minutes=inspect_min,
            limit=_MOST_MINUTES,
        )
    parse_hours(hours)
    return skill, inspect_min, hours


def move(codes: Sequence[str], code: str, *, by: int) -> list[str]:
    """`codes` with one of them moved up (negative) or down; it stops at the ends."""
    order = list(codes)
    at = order.index(code)
    order.insert(max(0, min(len(order) - 1, at + by)), order.pop(at))
    return order
