"""Section chiefs out of a table: read, held against the line, kept; what it says of persons is left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.railways.chief_rows import read_chief_row
from gridmap.domain.railways.chiefs import Chief, Clash, Vacancy, find_clashes, find_vacancies
from gridmap.errors import N_, InvalidInput
from gridmap.services import referrals
from gridmap.services.calibration import RejectedRow
from gridmap.services.chiefs import build_chiefs
from gridmap.services.context import Context
from gridmap.services.line_tables import (
    LineFinder,
    SortedTable,
    Stretch,
    check_unchanged,
    find_span,
    load_scope_spans,
    sort_rows,
    write_stretch,
)
from gridmap.sources.chief_table import CHIEFS
from gridmap.sources.line_table import LineTable, LineTableRow, read_line_table
from gridmap.store import chiefs as store


@dataclass(frozen=True, kw_only=True)
class ChiefOptions:
    """How a table is to be read.

    Attributes
    ----------
    line
        The line it is about, by name, number or #id; "" where the table says so, in a column or its title.
    replace
        Its posts take the place of all that their party had on their lines.
    valid_from
        The day from which they answer; None: they do already.
    """

    line: str = ""
    replace: bool = False
    valid_from: date | None = None


@dataclass(frozen=True)
class ChiefPlan:
    """What a table of section chiefs would bring.

    Attributes
    ----------
    chiefs
        Of the good rows, one for each party.
    rejected
        The other rows, each with its reason.
    vacancies, clashes
        Where the lines would lack a post, and where two would answer; posts kept before included unless they are to be
        replaced.
    left_out
        Headings of columns that were not read because they hold names or telephone numbers.
    replaced, known
        Ids of the posts that would go, and of all that the lines had when the table was read.
    """

    chiefs: tuple[Stretch[Chief], ...]
    rejected: tuple[RejectedRow, ...]
    vacancies: tuple[Stretch[Vacancy], ...]
    clashes: tuple[Stretch[Clash], ...]
    left_out: tuple[str, ...]
    replaced: tuple[int, ...]
    known: tuple[int, ...]


def read_chiefs(
    context: Context, actor: Actor, *, content: Path | bytes | str, name: str = "", options: ChiefOptions | None = None
) -> ChiefPlan:
    """Read a table of section chiefs without keeping anything.

    Parameters
    ----------
    content
        A file, the bytes of one that is called `name`, or pasted text.

    Raises
    ------
    InvalidInput
        It cannot be read, has no header, or does not say which line it is about.
    NotFound
        There is no such line in scope.
    """
    check_allowed(actor, Permission.IMPORT_DATA)
    table = read_line_table(content, form=CHIEFS, name=name)
    return _Reader(context, actor, table, options or ChiefOptions()).read()


class _Reader:
    """Holds what the rows of one table share."""

    def __init__(self, context: Context, actor: Actor, table: LineTable, options: ChiefOptions) -> None:
        self._context, self._actor = context, actor
        self._table, self._options = table, options
        self._finder = LineFinder(context, actor, table, only=options.line)
        self._ids: set[int] = set()

    def read(self) -> ChiefPlan:
        table = sort_rows(
            self._context,
            self._actor,
            rows=self._table.rows,
            read=self._read_row,
            identify=_identify,
            load_kept=self._load_kept,
            replace=self._options.replace,
        )
        return self._build_plan(table)

    def _read_row(self, row: LineTableRow) -> list[Chief]:
        line_id = self._finder.find_line(row)
        parsed = read_chief_row(row.cells)
        low, high = find_span(self._context, self._actor, line_id=line_id, row=parsed)
        return [
            Chief(
                line_id=line_id,
                from_m=low,
                to_m=high,
                party=party,
                office=office,
                area_code=parsed.area_code if party == "local" else None,
                interval_days=parsed.interval_days,
                valid_from=self._options.valid_from,
                row=row.number,
            )
            for party, office in parsed.offices
        ]

    def _load_kept(self, line_id: int) -> list[tuple[int, Chief]]:
        with self._context.database.read() as connection:
            kept = build_chiefs(store.load_chiefs(connection, line_ids=(line_id,)))
        self._ids.update(i for i, _ in kept)
        return kept

    def _build_plan(self, table: SortedTable[Chief]) -> ChiefPlan:
        named = {(chief.line_id, chief.party) for chief in table.found} if self._options.replace else set()
        kept = [row for rows in table.kept.values() for row in rows]
        replaced = [i for i, chief in kept if (chief.line_id, chief.party) in named]
        staying = [chief for i, chief in kept if i not in set(replaced)]
        vacancies: list[Stretch[Vacancy]] = []
        clashes: list[Stretch[Clash]] = []
        for line_id in sorted({chief.line_id for chief in table.found}):
            own = [chief for chief in (*staying, *table.found) if chief.line_id == line_id]
            spans = load_scope_spans(self._context, self._actor, line_id=line_id)
            write = partial(write_stretch, self._context, line_id)
            vacancies += map(write, find_vacancies(own, spans=spans))
            clashes += map(write, find_clashes(own))
        return ChiefPlan(
            chiefs=tuple(write_stretch(self._context, chief.line_id, chief) for chief in table.found),
            rejected=table.rejected,
            vacancies=tuple(vacancies),
            clashes=tuple(clashes),
            left_out=self._table.left_out,
            replaced=tuple(replaced),
            known=tuple(sorted(self._ids)),
        )


def _identify(chief: Chief) -> tuple[object, ...]:
    return chief.line_id, chief.party, round(chief.from_m), round(chief.to_m), chief.office, chief.valid_from


def import_chiefs(context: Context, actor: Actor, *, plan: ChiefPlan) -> int:
    """Keep the posts of a plan, take out those it replaces, and refer the open hazards along them; returns the change.

    Rows that were rejected are left out: whoever calls has asked whether the rest is wanted.

    Raises
    ------
    InvalidInput
        The plan holds no post.
    Conflict
        Somebody changed the section chiefs of its lines since the table was read.
    """
    check_allowed(actor, Permission.IMPORT_DATA)
    if not plan.chiefs:
        raise InvalidInput(N_("No row of the table can be imported."), hint=N_("Look at the reasons."))
    lines = {stretch.line_id: stretch.line for stretch in plan.chiefs}
    chiefs = [stretch.what for stretch in plan.chiefs]
    with context.database.write(actor, kind="import_chiefs", reason=", ".join(lines.values())) as work:
        present = store.load_chiefs(work.connection, line_ids=sorted(lines))["id"]
        check_unchanged(present, known=plan.known, replaced=plan.replaced)
        store.save_chiefs(work, rows=[_build_row(chief) for chief in chiefs], replaced=plan.replaced)
        referrals.refer_open_hazards(work, chiefs=chiefs)
    assert work.txn_id is not None
    return work.txn_id


def _build_row(chief: Chief) -> dict[str, Any]:
    names = ("line_id", "from_m", "to_m", "party", "office", "area_code", "interval_days", "valid_from")
    return {name: getattr(chief, name) for name in names}
