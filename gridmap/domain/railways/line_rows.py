"""A row of a table about a stretch of a line: the mileages it is between, and where on the ground these lie."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from gridmap.domain.railways.calibration import MileageScale
from gridmap.domain.railways.notation import Mileage, format_mileage, parse_mileage
from gridmap.domain.railways.zones import Span
from gridmap.errors import N_, InvalidInput

NOTHING = frozenset({"", "-", "--", "—", "——", "/", "\\", "无", "none", "n/a"})
"""How tables write that there is nothing to say."""

_BETWEEN = re.compile(r"\s*(?:[~∼〜—–―]+|-(?=\s*[A-Z]{1,4}\s*\d)|至|到|\bto\b)\s*", re.IGNORECASE)

_COUNTING_SHARE = 0.01
_COUNTING_M = 10.0


@dataclass(frozen=True)
class LineRow:
    """What a row says, before it is known where on the ground its mileages lie."""

    start: Mileage
    end: Mileage


def read_ends(cells: Mapping[str, str]) -> tuple[Mileage, Mileage]:
    """The mileages in the cells `from` and `to`, or in `range` alone.

    Raises
    ------
    InvalidInput
        One is missing, or cannot be read.
    """
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


def find_stretch(row: LineRow, scale: MileageScale, *, prefix: str) -> Span:
    """The chainages between which a row's stretch lies.

    At a long chain, where a mileage has two places, it is the pair between which the ground is as long as counted.

    Raises
    ------
    InvalidInput
        The mileages are reversed, beyond the line, in the gap of a short chain, or may mean several stretches.
    """
    names = {"start": format_mileage(row.start.metres, prefix=prefix)}
    names["end"] = format_mileage(row.end.metres, prefix=prefix)
    firsts = [found.chainage_m for found in scale.find_places(row.start.metres, prefix=prefix)]
    lasts = [found.chainage_m for found in scale.find_places(row.end.metres, prefix=prefix)]
    pairs = [(low, high) for low in firsts for high in lasts if high > low]
    if not pairs:
        if row.start.metres == row.end.metres:
            raise InvalidInput(N_("It begins and ends at {start}."), **names)
        raise InvalidInput(N_("Its mileages are reversed: {start} lies after {end}."), **names)
    if len(pairs) == 1:
        return pairs[0]
    counted = row.end.metres - row.start.metres
    allowed = max(_COUNTING_SHARE * abs(counted), _COUNTING_M)
    fitting = [pair for pair in pairs if abs(pair[1] - pair[0] - counted) <= allowed]
    if len(fitting) != 1:
        raise InvalidInput(
            N_("{start} to {end} may mean {number} stretches of this line, on both sides of a long chain."),
            number=len(fitting or pairs),
            **names,
        )
    return fitting[0]
