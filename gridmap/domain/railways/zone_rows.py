"""A row of a notice on protection zones: which stretch, which sides, how many metres, what kind of ground."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Set
from dataclasses import dataclass

from gridmap.domain.railways.calibration import MileageScale
from gridmap.domain.railways.notation import Mileage, format_mileage, parse_mileage
from gridmap.domain.railways.zones import Side, Span
from gridmap.errors import N_, InvalidInput

_BETWEEN = re.compile(r"\s*(?:[~∼〜—–―]+|-(?=\s*[A-Z]{1,4}\s*\d)|至|到|\bto\b)\s*", re.IGNORECASE)
_WIDTH = re.compile(r"(\d+(?:\.\d+)?)\s*(?:m|米|metres?|meters?)?", re.IGNORECASE)
_KILOMETRES = re.compile(r"\d\s*(?:km|公里|千米)", re.IGNORECASE)

_NOTHING = frozenset({"", "-", "--", "—", "——", "/", "\\", "无", "none", "n/a"})
"""How tables write that a side has no zone."""

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

_COUNTING_SHARE = 0.01
_COUNTING_M = 10.0


@dataclass(frozen=True)
class ZoneRow:
    """What a row says, before it is known where on the ground its mileages lie."""

    start: Mileage
    end: Mileage
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
    start, end = _read_ends(cells)
    category = cells.get("category", "")
    return ZoneRow(
        start,
        end,
        _read_widths(cells, kilometres),
        _CATEGORIES.get(category.casefold(), category),
        cells.get("place", ""),
    )


def _read_ends(cells: Mapping[str, str]) -> tuple[Mileage, Mileage]:
    one, other = cells.get("range") or cells.get("from", ""), cells.get("to", "")
    parts = _BETWEEN.split(unicodedata.normalize("NFKC", one))
    if len(parts) == 1 and other and "range" not in cells:
        parts = [one, other]
    elif len(parts) == 2 and other not in ("", one):
        # Both ends in the first cell, and the second says something else.
        parts = [one, other]
    if not all(part.strip() for part in parts) or len(parts) != 2:
        raise InvalidInput(N_("A mileage is missing: the stretch needs a beginning and an end."))
    start, end = map(parse_mileage, parts)
    return start, end


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
        given = [(side, side) for side in columns if cells.get(side, "").casefold() not in _NOTHING]
    widths = tuple((side, _read_width(cells[column], column in kilometres)) for side, column in given)
    if not widths:
        raise InvalidInput(N_("The width is missing."))
    return widths


def _read_width(text: str, in_kilometres: bool) -> float:
    if in_kilometres or _KILOMETRES.search(text):
        raise InvalidInput(N_("The width “{text}” is given in kilometres; write it in metres."), text=text)
    if text.casefold() in _NOTHING:
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


def find_stretch(ends: tuple[Mileage, Mileage], scale: MileageScale, *, prefix: str) -> Span:
    """The chainages between which the stretch from one mileage to another lies.

    At a long chain, where a mileage has two places, it is the pair between which the ground is as long as counted.

    Raises
    ------
    InvalidInput
        The mileages are reversed, beyond the line, in the gap of a short chain, or may mean several stretches.
    """
    start, end = ends
    names = {"start": format_mileage(start.metres, prefix=prefix), "end": format_mileage(end.metres, prefix=prefix)}
    firsts = [found.chainage_m for found in scale.find_places(start.metres, prefix=prefix)]
    lasts = [found.chainage_m for found in scale.find_places(end.metres, prefix=prefix)]
    pairs = [(low, high) for low in firsts for high in lasts if high > low]
    if not pairs:
        if start.metres == end.metres:
            raise InvalidInput(N_("It begins and ends at {start}."), **names)
        raise InvalidInput(N_("Its mileages are reversed: {start} lies after {end}."), **names)
    if len(pairs) == 1:
        return pairs[0]
    counted = end.metres - start.metres
    allowed = max(_COUNTING_SHARE * abs(counted), _COUNTING_M)
    fitting = [pair for pair in pairs if abs(pair[1] - pair[0] - counted) <= allowed]
    if len(fitting) != 1:
        raise InvalidInput(
            N_("{start} to {end} may mean {number} stretches of this line, on both sides of a long chain."),
            number=len(fitting or pairs),
            **names,
        )
    return fitting[0]
