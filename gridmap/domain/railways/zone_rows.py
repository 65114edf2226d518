"""A row of a notice on protection zones: which stretch, which sides, how many metres, what kind of ground."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass

from gridmap.domain.railways.line_rows import NOTHING, LineRow, read_ends
from gridmap.domain.railways.zones import Side
from gridmap.errors import N_, InvalidInput

_WIDTH = re.compile(r"(\d+(?:\.\d+)?)\s*(?:m|米|metres?|meters?)?", re.IGNORECASE)
_KILOMETRES = re.compile(r"\d\s*(?:km|公里|千米)", re.IGNORECASE)

_WIDEST_M = 200.0
"""Ten times what Article 27 sets anywhere: more is a slip, or a distance of another article."""

_LEFT: tuple[Side, ...] = ("left",)
_RIGHT: tuple[Side, ...] = ("right",)
_SIDES: Mapping[str, tuple[Side, ...]] = {
    **dict.fromkeys(("left", "l", "左", "左侧", "线路左侧", "左边"), _LEFT),
    **dict.fromkeys(("right", "r", "右", "右侧", "线路右侧", "右边"), _RIGHT),
    **dict.fromkeys(
        ("both", "both sides", "两侧", "双侧", "左右", "左右侧", "左右两侧", "左、右", "左、右侧", "左/右", "线路两侧"),
        _LEFT + _RIGHT,
    ),
}
_CATEGORIES = {
    **dict.fromkeys(("urban", "城市市区", "市区", "城区", "城市"), "urban"),
    **dict.fromkeys(("suburban", "城市郊区居民居住区", "城市郊区", "郊区", "郊区居民居住区"), "suburban"),
    **dict.fromkeys(("village", "村镇居民居住区", "村镇", "村庄", "乡镇", "乡村", "village and town"), "village"),
    **dict.fromkeys(("open", "其他地区", "其他", "其它地区", "其它", "other", "elsewhere", "open country"), "open"),
}
"""The settings of Article 27 as notices write them."""


@dataclass(frozen=True)
class ZoneRow(LineRow):
    """What a row of a notice says."""

    widths_m: tuple[tuple[Side, float], ...]
    category: str
    place: str


def read_zone_row(cells: Mapping[str, str], *, kilometres: Set[str] = frozenset()) -> ZoneRow:
    """Read the cells of a row, by the columns of `sources.zone_table`.

    Parameters
    ----------
    kilometres
        Columns that their heading says to hold kilometres; a width there is refused.

    Raises
    ------
    InvalidInput
        Says what is missing or wrong.
    """
    start, end = read_ends(cells)
    category = cells.get("category", "")
    return ZoneRow(
        start,
        end,
        _read_widths(cells, kilometres),
        _CATEGORIES.get(category.casefold(), category),
        cells.get("place", ""),
    )


def _read_widths(cells: Mapping[str, str], kilometres: Set[str]) -> tuple[tuple[Side, float], ...]:
    if "side" in cells and "width" in cells:
        sides = _SIDES.get(cells["side"].casefold().replace(" ", " "))
        if sides is None:
            raise InvalidInput(
                N_("“{side}” is no side: left, right or both (左侧, 右侧, 两侧)."), side=cells["side"] or "-"
            )
        given = [(side, "width") for side in sides]
    else:
        columns: tuple[Side, ...] = ("left", "right")
        given = [(side, side) for side in columns if cells.get(side, "").casefold() not in NOTHING]
    widths = tuple((side, _read_width(cells[column], column in kilometres)) for side, column in given)
    if not widths:
        raise InvalidInput(N_("The width is missing."))
    return widths


def _read_width(text: str, in_kilometres: bool) -> float:
    if in_kilometres or _KILOMETRES.search(text):
        raise InvalidInput(N_("The width “{text}” is given in kilometres; write it in metres."), text=text)
    if text.casefold() in NOTHING:
        raise InvalidInput(N_("The width is missing."))
    match = _WIDTH.fullmatch(text)
    if match is None:
        raise InvalidInput(N_("The width “{text}” is not a number of metres."), text=text)
    width = float(match[1])
    if not 0 < width <= _WIDEST_M:
        raise InvalidInput(
            N_("{width} m is no width of a zone: more than 0 and at most {limit} m."),
            width=match[1],
            limit=round(_WIDEST_M),
        )
    return width
