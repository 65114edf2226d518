"""Announced protection zones out of the table of a notice: read, held against the statute, kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.railways.zone_rows import read_zone_row
from gridmap.domain.railways.zones import Zone, ZoneRules, find_gaps, find_narrow, find_overlaps
from gridmap.errors import N_, InvalidInput
from gridmap.services import zones
from gridmap.services.announced import list_announced
from gridmap.services.context import Context
from gridmap.services.line_tables import (
    LineFinder,
    SortedTable,
    check_unchanged,
    find_span,
    sort_rows,
    write_stretch,
)
from gridmap.services.statutes import load_zone_rules
from gridmap.services.zone_plans import ZoneOptions, ZonePlan, ZoneStretch
from gridmap.sources.line_table import LineTable, LineTableRow, read_line_table
from gridmap.sources.zone_table import NOTICE
from gridmap.store import zones as store
from gridmap.store.geometry import geometry_values


def read_notice(
    context: Context, actor: Actor, *, content: Path | bytes | str, name: str = "", options: ZoneOptions | None = None
) -> ZonePlan:
    """Read the table of a notice without keeping anything.

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
    table = read_line_table(content, form=NOTICE, name=name)
    return _Reader(context, actor, table, options or ZoneOptions(), load_zone_rules(context)).read()


@dataclass(frozen=True)
class _Reader:
    """Holds what the rows of one table share."""

    context: Context
    actor: Actor
    table: LineTable
    options: ZoneOptions
    rules: ZoneRules
    ids: set[int] = field(default_factory=set)

    def read(self) -> ZonePlan:
        finder = LineFinder(self.context, self.actor, self.table, only=self.options.line)
        table = sort_rows(
            self.context,
            self.actor,
            rows=self.table.rows,
            read=partial(self._read_row, finder),
            identify=_identify,
            load_kept=self._load_kept,
            replace=self.options.replace,
        )
        return self._build_plan(table)

    def _read_row(self, finder: LineFinder, row: LineTableRow) -> list[Zone]:
        line_id = finder.find_line(row)
        parsed = read_zone_row(row.cells, kilometres=self.table.kilometres)
        low, high = find_span(self.context, self.actor, line_id=line_id, row=parsed)
        return [
            Zone(
                line_id=line_id,
                side=side,
                from_m=low,
                to_m=high,
                width_m=width,
                origin_offset_m=self._find_offset_m(line_id),
                category=parsed.category,
                kind="official",
                place=parsed.place,
                notice=self.options.notice.strip() or self.table.title,
                row=row.number,
            )
            for side, width in parsed.widths_m
        ]

    def _find_offset_m(self, line_id: int) -> float:
        """From the outer track to where the notice measures from."""
        if self.options.origin_offset_m is not None:
            return self.options.origin_offset_m
        return self.rules.formation_m[zones.load_zone_line(self.context, line_id).high_speed]

    def _load_kept(self, line_id: int) -> list[tuple[int, Zone]]:
        with self.context.database.read() as connection:
            rows = store.load_zones(connection, line_ids=(line_id,))
        announced = list_announced(rows)
        self.ids.update(i for i, _ in announced)
        return announced

    def _build_plan(self, table: SortedTable[Zone]) -> ZonePlan:
        gaps: list[ZoneStretch] = []
        overlaps: list[ZoneStretch] = []
        narrow: list[ZoneStretch] = []
        touched = sorted({zone.line_id for zone in table.found})
        for line_id in touched:
            kept = [] if self.options.replace else [zone for _, zone in table.kept[line_id]]
            own = [*kept, *(zone for zone in table.found if zone.line_id == line_id)]
            line = zones.load_zone_line(self.context, line_id)
            settings = zones.load_settings(self.context, self.actor, line_ids=(line_id,)).get(line_id, [])
            write = partial(write_stretch, self.context, line_id)
            gaps += map(write, find_gaps(own, structures=line.structures))
            overlaps += map(write, find_overlaps(own))
            below = find_narrow(own, high_speed=line.high_speed, settings=settings, rules=self.rules)
            narrow += map(write, below)
        return ZonePlan(
            title=self.table.title,
            zones=tuple(write_stretch(self.context, zone.line_id, zone) for zone in table.found),
            rejected=table.rejected,
            gaps=tuple(gaps),
            overlaps=tuple(overlaps),
            below_statute=tuple(narrow),
            replaced=tuple(i for line_id in touched for i, _ in table.kept[line_id]) if self.options.replace else (),
            known=tuple(sorted(self.ids)),
        )


def _identify(zone: Zone) -> tuple[object, ...]:
    return zone.line_id, zone.side, round(zone.from_m), round(zone.to_m), zone.width_m


def import_zones(context: Context, actor: Actor, *, plan: ZonePlan, options: ZoneOptions | None = None) -> int:
    """Keep the zones of a plan, and take out those it replaces; returns the number of the change.

    Rows that were rejected are left out: whoever calls has asked whether the rest is wanted.

    Raises
    ------
    InvalidInput
        The plan holds no zone.
    Conflict
        Somebody changed the zones of its lines since the table was read.
    """
    check_allowed(actor, Permission.IMPORT_DATA)
    if not plan.zones:
        raise InvalidInput(N_("No row of the table can be imported."), hint=N_("Look at the reasons."))
    given = options or ZoneOptions()
    rows = [_build_row(context, stretch.what, given) for stretch in plan.zones]
    notice = given.notice.strip() or plan.title
    lines = sorted({stretch.line_id for stretch in plan.zones})
    with context.database.write(actor, kind="import_zones", reason=notice) as work:
        present = store.load_zones(work.connection, line_ids=lines)["id"]
        check_unchanged(present, known=plan.known, replaced=plan.replaced)
        store.save_zones(work, rows=rows, replaced=plan.replaced)
    assert work.txn_id is not None
    return work.txn_id


def _build_row(context: Context, zone: Zone, options: ZoneOptions) -> dict[str, Any]:
    shape = zones.load_zone_line(context, zone.line_id).drawer.draw(zone)
    return {
        "line_id": zone.line_id,
        "from_m": zone.from_m,
        "to_m": zone.to_m,
        "side": zone.side,
        "width_m": zone.width_m,
        "origin_offset_m": zone.origin_offset_m,
        "category": zone.category,
        "place": zone.place,
        "official": True,
        "notice": zone.notice,
        "valid_from": options.valid_from,
        "valid_to": options.valid_to,
        **geometry_values(shape),
    }
