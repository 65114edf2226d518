"""What every table about stretches of lines goes through: its lines, where its rows lie, and what is new in them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from gridmap.domain.access import Actor
from gridmap.domain.railways.line_rows import LineRow, find_stretch
from gridmap.domain.railways.zones import Span, merge_spans, subtract_spans
from gridmap.errors import N_, Conflict, GridmapError, InvalidInput, NotFound
from gridmap.services import railways
from gridmap.services.calibration import RejectedRow
from gridmap.services.context import Context
from gridmap.services.places import find_in_scope
from gridmap.sources.line_table import LineTable, LineTableRow
from gridmap.store import rail
from gridmap.store.undo import CHANGED_MEANWHILE, RELOAD

_SAMPLE_M = 200.0
_ROUNDING_M = 1.0


class Lying(Protocol):
    """Anything between two chainages."""

    @property
    def from_m(self) -> float: ...
    @property
    def to_m(self) -> float: ...


class OnLine(Lying, Protocol):
    """Anything between two chainages of a line."""

    @property
    def line_id(self) -> int: ...


L = TypeVar("L", bound=Lying)
L_co = TypeVar("L_co", bound=Lying, covariant=True)
T = TypeVar("T", bound=OnLine)


@dataclass(frozen=True)
class Stretch(Generic[L_co]):
    """Something along a line, with the line's name and its ends as the posts say them."""

    line_id: int
    line: str
    start: str
    end: str
    what: L_co

    @property
    def metres(self) -> float:
        """Length along the line."""
        return self.what.to_m - self.what.from_m


def write_stretch(context: Context, line_id: int, what: L) -> Stretch[L]:
    """What lies along a line, named and written."""
    line = railways.load_line(context, line_id)
    return Stretch(line_id, line[0], *railways.write_stretch(line, what.from_m, what.to_m), what)


class LineFinder:
    """Finds the lines that the rows of one table are about; `only` is the one it was said to be about.

    Raises
    ------
    InvalidInput
        Nothing says which line the table is about.
    NotFound
        There is no such line in scope.
    """

    def __init__(self, context: Context, actor: Actor, table: LineTable, *, only: str = "") -> None:
        self._context, self._actor = context, actor
        self._only = only
        self._known: dict[str, int] = {}
        self._default = self._find_default(table)

    def _find_default(self, table: LineTable) -> int | None:
        """The line that is asked for, else the one the title names; None where each row has to say."""
        if self._only:
            return self._find(self._only)
        lines = railways.list_lines(self._context, self._actor)
        title = table.title.casefold()
        named = {
            str(name).casefold(): int(i)
            for i, *names in lines[["id", "name", "ref"]].itertuples(index=False)
            for name in names
            if name and str(name).casefold() in title
        }
        longest = max(map(len, named), default=0)
        ids = {i for name, i in named.items() if len(name) == longest}
        if len(ids) == 1:
            return ids.pop()
        if any(row.cells.get("line") for row in table.rows):
            return None
        raise InvalidInput(
            N_("Which line the table is about is not clear."),
            hint=N_("Choose the line, or head a column with 线路 or line."),
        )

    def find_line(self, row: LineTableRow) -> int:
        """The line of a row.

        Raises
        ------
        InvalidInput
            It names none, or another than the table is about.
        NotFound
            There is no such line in scope.
        """
        line_id = self._find(row.cells["line"]) if row.cells.get("line") else self._default
        if line_id is None:
            raise InvalidInput(N_("The row names no line."))
        if self._only and line_id != self._default:
            raise InvalidInput(N_("The row is about another line, {line}."), line=row.cells["line"])
        return line_id

    def _find(self, name: str) -> int:
        if name not in self._known:
            self._known[name] = railways.find_line(self._context, self._actor, name=name)
        return self._known[name]


def find_span(context: Context, actor: Actor, *, line_id: int, row: LineRow) -> Span:
    """The chainages between which a row's mileages lie on a line.

    Raises
    ------
    InvalidInput
        See `domain.railways.line_rows.find_stretch`.
    NotFound
        A part of it lies outside the scope.
    """
    _, prefix, measured = railways.load_line(context, line_id)
    low, high = find_stretch(row, measured.scale, prefix=prefix)
    at = np.linspace(low, high, max(2, int((high - low) / _SAMPLE_M) + 1))
    places = [measured.point_at(float(m)) for m in at] if actor.scope_code else []
    if not find_in_scope(context, actor, [p[0] for p in places], [p[1] for p in places]).all():
        raise NotFound(N_("The stretch lies outside your area, or a part of it."))
    return low, high


def load_scope_spans(context: Context, actor: Actor, *, line_id: int) -> list[Span]:
    """The stretches of a line that lie in scope, in order."""
    with context.database.read() as connection:
        segments = rail.load_segments(connection, scope=actor.scope_code, line_ids=(line_id,))
    spans = zip(segments["from_m"].tolist(), segments["to_m"].tolist(), strict=True)
    return merge_spans(spans, touching_m=_ROUNDING_M)


@dataclass(frozen=True)
class SortedTable(Generic[T]):
    """Rows of a table, the good from the bad.

    Attributes
    ----------
    found
        What the good rows say.
    rejected
        The others, each with its reason.
    kept
        What lies wholly in scope on each line that was named before this table, with its ids.
    """

    found: tuple[T, ...]
    rejected: tuple[RejectedRow, ...]
    kept: dict[int, list[tuple[int, T]]]


def sort_rows(
    context: Context,
    actor: Actor,
    *,
    rows: Iterable[LineTableRow],
    read: Callable[[LineTableRow], Sequence[T]],
    identify: Callable[[T], Hashable],
    load_kept: Callable[[int], Sequence[tuple[int, T]]],
    replace: bool,
) -> SortedTable[T]:
    """Read each row, and refuse what an earlier row or, unless it is to be replaced, the database says already.

    Parameters
    ----------
    read
        What a row says, or a GridmapError.
    identify
        Of two things that are the same, the same.
    load_kept
        What there is on a line, of every scope.
    """
    found: list[T] = []
    rejected: list[RejectedRow] = []
    seen: set[Hashable] = set()
    kept: dict[int, list[tuple[int, T]]] = {}
    for row in rows:
        try:
            made = read(row)
            for line_id in {one.line_id for one in made} - kept.keys():
                kept[line_id] = _keep_in_scope(context, actor, line_id, load_kept(line_id))
            keys = set(map(identify, made))
            if keys & seen:
                raise InvalidInput(N_("An earlier row says the same."))
            if not replace and keys & {identify(one) for _, one in kept[made[0].line_id]}:
                raise InvalidInput(N_("The same is kept already."))
        except GridmapError as error:
            rejected.append(RejectedRow(row.number, error.message, error.values))
        else:
            seen |= keys
            found += made
    return SortedTable(tuple(found), tuple(rejected), kept)


def _keep_in_scope(context: Context, actor: Actor, line_id: int, rows: Sequence[tuple[int, T]]) -> list[tuple[int, T]]:
    if not actor.scope_code:
        return list(rows)
    scope = load_scope_spans(context, actor, line_id=line_id)
    return [(i, one) for i, one in rows if not subtract_spans((one.from_m, one.to_m), scope)]


def check_unchanged(present: Iterable[int], *, known: Sequence[int], replaced: Sequence[int]) -> None:
    """Raise Conflict where other rows are there than when a table was read."""
    ids = set(present)
    if ids - set(known) or set(replaced) - ids:
        raise Conflict(CHANGED_MEANWHILE, hint=RELOAD)
