"""Announced protection zones out of the table of a notice: read, held against the statute, kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.railways.zone_rows import find_stretch, read_zone_row
from gridmap.domain.railways.zones import (
    Gap,
    Narrow,
    Overlap,
    Span,
    Zone,
    ZoneRules,
    find_gaps,
    find_narrow,
    find_overlaps,
    merge_spans,
    subtract_spans,
)
from gridmap.errors import N_, Conflict, GridmapError, InvalidInput, NotFound
from gridmap.services import railways, zones
from gridmap.services.announced import list_announced
from gridmap.services.calibration import RejectedRow
from gridmap.services.context import Context
from gridmap.services.places import find_in_scope
from gridmap.services.statutes import load_zone_rules
from gridmap.services.zone_plans import Stretch, ZoneOptions, ZonePlan
from gridmap.sources.zone_table import ZoneTable, ZoneTableRow, parse_zone_table, parse_zone_text, read_zone_table
from gridmap.store import zones as store
from gridmap.store.geometry import geometry_values
from gridmap.store.undo import CHANGED_MEANWHILE, RELOAD

_SAMPLE_M = 200.0


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
    if isinstance(content, Path):
        table = read_zone_table(content)
    elif isinstance(content, bytes):
        table = parse_zone_table(content, name=name)
    else:
        table = parse_zone_text(content)
    return _Reader(context, actor, table, options or ZoneOptions(), load_zone_rules(context)).read()


@dataclass
class _Reader:
    """Holds what the rows of one table share."""

    context: Context
    actor: Actor
    table: ZoneTable
    options: ZoneOptions
    rules: ZoneRules
    lines: dict[str, int] = field(default_factory=dict)
    ids: set[int] = field(default_factory=set)

    def read(self) -> ZonePlan:
        default = self._find_default_line()
        found: list[Zone] = []
        rejected: list[RejectedRow] = []
        seen: set[tuple[object, ...]] = set()
        before: dict[int, list[tuple[int, Zone]]] = {}
        for row in self.table.rows:
            try:
                made = self._read_row(row, default)
                for line_id in {zone.line_id for zone in made} - before.keys():
                    before[line_id] = self._load_before(line_id)
                self._check_new(made, seen, before)
            except GridmapError as error:
                rejected.append(RejectedRow(row.number, error.message, error.values))
            else:
                seen.update(map(_identify, made))
                found += made
        return self._build_plan(found, rejected, before)

    def _find_default_line(self) -> int | None:
        """The line that is asked for, else the one the title names; None where each row has to say."""
        if self.options.line:
            return self._find_line(self.options.line)
        lines = railways.list_lines(self.context, self.actor)
        title = self.table.title.casefold()
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
        if any(row.cells.get("line") for row in self.table.rows):
            return None
        raise InvalidInput(
            N_("Which line the table is about is not clear."),
            hint=N_("Choose the line, or head a column with 线路 or line."),
        )

    def _find_line(self, name: str) -> int:
        if name not in self.lines:
            self.lines[name] = railways.find_line(self.context, self.actor, name=name)
        return self.lines[name]

    def _read_row(self, row: ZoneTableRow, default: int | None) -> list[Zone]:
        line_id = self._find_line(row.cells["line"]) if row.cells.get("line") else default
        if line_id is None:
            raise InvalidInput(N_("The row names no line."))
        if self.options.line and line_id != default:
            raise InvalidInput(N_("The row is about another line, {line}."), line=row.cells["line"])
        parsed = read_zone_row(row.cells, kilometres=self.table.kilometres)
        _, prefix, measured = railways.load_line(self.context, line_id)
        low, high = find_stretch(parsed, measured.scale, prefix=prefix)
        at = np.linspace(low, high, max(2, int((high - low) / _SAMPLE_M) + 1))
        places = [measured.point_at(float(m)) for m in at] if self.actor.scope_code else []
        if not find_in_scope(self.context, self.actor, [p[0] for p in places], [p[1] for p in places]).all():
            raise NotFound(N_("The stretch lies outside your area, or a part of it."))
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

    def _load_before(self, line_id: int) -> list[tuple[int, Zone]]:
        """The line's zones in scope, with their ids."""
        scope: list[Span] | None = None
        if self.actor.scope_code:
            segments = zones.load_settings(self.context, self.actor, line_ids=(line_id,)).get(line_id, [])
            scope = merge_spans((segment.from_m, segment.to_m) for segment in segments)
        with self.context.database.read() as connection:
            rows = store.load_zones(connection, line_ids=(line_id,))
        announced = list_announced(rows)
        self.ids.update(i for i, _ in announced)
        return [(i, z) for i, z in announced if scope is None or not subtract_spans((z.from_m, z.to_m), scope)]

    def _check_new(
        self, made: Sequence[Zone], seen: set[tuple[object, ...]], before: Mapping[int, Sequence[tuple[int, Zone]]]
    ) -> None:
        if any(_identify(zone) in seen for zone in made):
            raise InvalidInput(N_("The same stretch, side and width stand in an earlier row."))
        if self.options.replace:
            return
        kept = {_identify(zone) for zone in made} & {_identify(zone) for _, zone in before[made[0].line_id]}
        if kept:
            raise InvalidInput(N_("The same zone is there already."))

    def _build_plan(
        self,
        found: Sequence[Zone],
        rejected: Sequence[RejectedRow],
        before: Mapping[int, Sequence[tuple[int, Zone]]],
    ) -> ZonePlan:
        gaps: list[Stretch] = []
        overlaps: list[Stretch] = []
        narrow: list[Stretch] = []
        touched = sorted({zone.line_id for zone in found})
        for line_id in touched:
            kept = [] if self.options.replace else [zone for _, zone in before[line_id]]
            own = [*kept, *(zone for zone in found if zone.line_id == line_id)]
            line = zones.load_zone_line(self.context, line_id)
            settings = zones.load_settings(self.context, self.actor, line_ids=(line_id,)).get(line_id, [])
            gaps += [self._write(line_id, gap) for gap in find_gaps(own, structures=line.structures)]
            overlaps += [self._write(line_id, overlap) for overlap in find_overlaps(own)]
            below = find_narrow(own, high_speed=line.high_speed, settings=settings, rules=self.rules)
            narrow += [self._write(line_id, one) for one in below]
        return ZonePlan(
            title=self.table.title,
            zones=tuple(self._write(zone.line_id, zone) for zone in found),
            rejected=tuple(rejected),
            gaps=tuple(gaps),
            overlaps=tuple(overlaps),
            below_statute=tuple(narrow),
            replaced=tuple(i for line_id in touched for i, _ in before[line_id]) if self.options.replace else (),
            known=tuple(sorted(self.ids)),
        )

    def _write(self, line_id: int, what: Zone | Gap | Overlap | Narrow) -> Stretch:
        line = zones.load_zone_line(self.context, line_id)
        return Stretch(line_id, line.name, line.write(what.from_m), line.write(what.to_m, arriving=True), what)


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
    rows = [_build_row(context, zone, given) for stretch in plan.zones if isinstance(zone := stretch.what, Zone)]
    notice = given.notice.strip() or plan.title
    lines = sorted({stretch.line_id for stretch in plan.zones})
    with context.database.write(actor, kind="import_zones", reason=notice) as work:
        present = store.load_zones(work.connection, line_ids=lines)["id"]
        if set(present) - set(plan.known) or set(plan.replaced) - set(present):
            raise Conflict(CHANGED_MEANWHILE, hint=RELOAD)
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
