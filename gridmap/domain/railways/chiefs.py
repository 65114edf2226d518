"""Section chiefs (双段长): which posts answer for each kilometre, where one is vacant, when both last inspected it.

Every kilometre has two section chiefs, one of the county or town (地方段长) and one of the railway unit (铁路段长).
They are posts, never persons: a name or a telephone number has no place here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Literal

import numpy as np

from gridmap.domain.railways.calibration import MileageScale
from gridmap.domain.railways.zones import TOUCHING_M, Span, pair_crossing, subtract_spans

Party = Literal["local", "railway"]

PARTIES: tuple[Party, Party] = ("local", "railway")


@dataclass(frozen=True, kw_only=True)
class Chief:
    """A post that answers for a stretch of a line.

    Attributes
    ----------
    from_m, to_m
        Chainage.
    office
        The post as a person reads it, such as a town's section chief post or a works section.
    area_code
        Of the area whose post it is, None where it is not said.
    interval_days
        Both chiefs inspect the stretch together at least so often; None where nothing is set.
    valid_from
        The day from which it answers; None: it has all along.
    row
        Row of the table it was read from, 0 where it was not.
    """

    line_id: int
    from_m: float
    to_m: float
    party: Party
    office: str
    area_code: str | None = None
    interval_days: int | None = None
    valid_from: date | None = None
    row: int = 0


@dataclass(frozen=True)
class Inspection:
    """A stretch that both chiefs inspected together."""

    from_m: float
    to_m: float
    at: datetime


@dataclass(frozen=True)
class Kilometre:
    """A stretch of a line from one full kilometre of mileage to the next, or the part of it that somebody may see.

    Attributes
    ----------
    from_m, to_m
        Chainage.
    posts
        By party, those that answer for a part of it, in the order of the line.
    vacant_m
        By party, metres without a post.
    interval_days
        The shortest period of joint inspections that any of its posts has; None where none has one.
    last_at
        When every metre of it had last been inspected jointly; None where some never was.
    due_at
        When it must be again, None without a period or a last time.
    overdue
        It has a period, and was never inspected whole or not since.
    """

    from_m: float
    to_m: float
    posts: Mapping[Party, tuple[Chief, ...]]
    vacant_m: Mapping[Party, float]
    interval_days: int | None
    last_at: datetime | None
    due_at: datetime | None
    overdue: bool

    @property
    def is_staffed(self) -> bool:
        """Whether both parties have a post for every metre."""
        return not any(self.vacant_m.values())


@dataclass(frozen=True)
class Vacancy:
    """A stretch for which a party has no post."""

    party: Party
    from_m: float
    to_m: float


@dataclass(frozen=True)
class Clash:
    """A stretch for which a party has two different posts since the same day."""

    party: Party
    from_m: float
    to_m: float
    offices: tuple[str, str]
    rows: tuple[int, int]


def choose_posts(chiefs: Sequence[Chief]) -> list[Chief]:
    """The posts of one line that answer, along each party's stretches: of those over one another the newest."""
    chosen: list[Chief] = []
    for party in PARTIES:
        own = [chief for chief in chiefs if chief.party == party]
        taken: list[Span] = []
        # What came last stands last: of one day, the row that was kept later.
        for _, chief in sorted(enumerate(own), key=lambda one: (one[1].valid_from or date.min, one[0]), reverse=True):
            over = [span for span in taken if span[0] < chief.to_m and span[1] > chief.from_m]
            rest = subtract_spans((chief.from_m, chief.to_m), over)
            chosen += [replace(chief, from_m=low, to_m=high) for low, high in rest]
            taken.append((chief.from_m, chief.to_m))
    return sorted(chosen, key=lambda chief: (chief.party, chief.from_m))


def find_post(chiefs: Sequence[Chief], *, party: Party, chainage_m: float) -> Chief | None:
    """The post of a party that answers for a place on one line, None where it is vacant."""
    over = [c for c in chiefs if c.party == party and c.from_m - TOUCHING_M <= chainage_m <= c.to_m + TOUCHING_M]
    # Where one ends and the next begins the one that begins answers.
    chosen = [c for c in choose_posts(over) if c.from_m - TOUCHING_M <= chainage_m <= c.to_m + TOUCHING_M]
    return max(chosen, key=lambda c: (c.from_m <= chainage_m, c.from_m), default=None)


def find_vacancies(chiefs: Sequence[Chief], *, spans: Sequence[Span]) -> list[Vacancy]:
    """Where a party has no post within stretches of one line."""
    found = []
    for party in PARTIES:
        taken = [(chief.from_m, chief.to_m) for chief in chiefs if chief.party == party]
        for span in spans:
            found += [Vacancy(party, low, high) for low, high in subtract_spans(span, taken) if high - low > TOUCHING_M]
    return found


def find_clashes(chiefs: Sequence[Chief]) -> list[Clash]:
    """Posts of one line of which nobody can say which answers."""
    found = []
    for party in PARTIES:
        for first, second, (low, high) in pair_crossing([chief for chief in chiefs if chief.party == party]):
            if first.office != second.office and first.valid_from == second.valid_from:
                offices, rows = (first.office, second.office), (first.row, second.row)
                found.append(Clash(party, low, high, offices, rows))
    return found


# --- kilometre by kilometre -------------------------------------------------------------------------------------


def list_kilometres(
    chiefs: Sequence[Chief],
    inspections: Sequence[Inspection],
    *,
    scale: MileageScale,
    spans: Sequence[Span],
    at: datetime,
) -> list[Kilometre]:
    """Each kilometre of one line within stretches of it, as it is at an instant.

    Kilometres are those of the posts: at a broken chain one ends, and another begins.
    """
    chosen = choose_posts(chiefs)
    newest = sorted(inspections, key=lambda one: one.at, reverse=True)
    low_m, high_m = (np.array([getattr(one, name) for one in newest]) for name in ("from_m", "to_m"))
    found = []
    for span in spans:
        for low, high in cut_kilometres(scale, *span):
            near = np.flatnonzero((low_m < high) & (high_m > low))
            found.append(_build_kilometre(low, high, chosen, [newest[i] for i in near], at))
    return found


def cut_kilometres(scale: MileageScale, from_m: float, to_m: float) -> list[Span]:
    """A stretch of chainage cut where a full kilometre is written, and where counting jumps."""
    cuts = [at for at, _ in scale.list_posts(from_m, to_m)]
    cuts += [point.chainage_m for point in scale.points if point.is_break]
    inner = [cut for cut in sorted(cuts) if from_m + TOUCHING_M < cut < to_m - TOUCHING_M]
    kept: list[float] = []
    for cut in inner:
        if not kept or cut - kept[-1] > TOUCHING_M:
            kept.append(cut)
    return list(pairwise([from_m, *kept, to_m]))


def _build_kilometre(
    low: float, high: float, chosen: Sequence[Chief], newest: Sequence[Inspection], at: datetime
) -> Kilometre:
    here = [
        replace(chief, from_m=max(chief.from_m, low), to_m=min(chief.to_m, high))
        for chief in chosen
        if min(chief.to_m, high) - max(chief.from_m, low) > TOUCHING_M
    ]
    vacancies = find_vacancies(here, spans=[(low, high)])
    interval_days = min((c.interval_days for c in here if c.interval_days is not None), default=None)
    last_at = find_last_whole(newest, low, high)
    due_at = last_at + timedelta(days=interval_days) if last_at and interval_days else None
    return Kilometre(
        from_m=low,
        to_m=high,
        posts={party: tuple(chief for chief in here if chief.party == party) for party in PARTIES},
        vacant_m={party: sum(v.to_m - v.from_m for v in vacancies if v.party == party) for party in PARTIES},
        interval_days=interval_days,
        last_at=last_at,
        due_at=due_at,
        overdue=interval_days is not None and (due_at is None or due_at < at),
    )


def find_last_whole(newest: Sequence[Inspection], from_m: float, to_m: float) -> datetime | None:
    """When every metre of a stretch had last been inspected, by inspections with the newest first.

    Those of several days together may make it whole: then the oldest of the days that are needed counts.
    """
    taken: list[Span] = []
    for inspection in newest:
        taken.append((inspection.from_m, inspection.to_m))
        if all(high - low <= TOUCHING_M for low, high in subtract_spans((from_m, to_m), taken)):
            return inspection.at
    return None
