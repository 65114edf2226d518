"""Whether the cells of an area partition it, and mending narrow faults on request."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
import sqlalchemy as sa

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.areas import find_above
from gridmap.domain.crs import Geometries, compute_areas_m2
from gridmap.domain.topology import Fault, FaultKind, Repair, find_faults, repair_families
from gridmap.errors import N_, Conflict, InvalidInput, NotFound
from gridmap.services.area_history import explain_missing
from gridmap.services.context import Context
from gridmap.store import areas
from gridmap.store.undo import CHANGED_MEANWHILE, RELOAD
from gridmap.store.unit_of_work import UnitOfWork

REPAIR = "repair_topology"
"""Kind of the journal entry of a repair."""

MAX_TOLERANCE_M = 100.0
"""What is wider than this is no slip of the pen, and is never mended by itself."""


MOST_CELLS = 20_000
"""So many cells are checked while a person waits."""

_TOLD = 0.99
"""A fault of which this share is told already is the same one."""


@dataclass(frozen=True)
class CellChange:
    """One cell before and after a repair; areas in square metres on the ellipsoid."""

    cell_id: int
    code: str
    name: str
    before_m2: float
    after_m2: float


@dataclass(frozen=True)
class TopologyReport:
    """Faults between the cells of an area, the largest first; positions in `Fault.cells` are those of `codes`."""

    codes: tuple[str, ...]
    faults: tuple[Fault, ...]

    def codes_of(self, fault: Fault) -> list[str]:
        """Codes of the cells that a fault lies between."""
        return [self.codes[cell] for cell in fault.cells]


@dataclass(frozen=True)
class RepairReport:
    """What a repair changes.

    Attributes
    ----------
    before
        Every fault there was.
    mended, left
        Those that were narrow enough, and those that a person has to decide on.
    changes
        Cells whose border differs.
    txn
        Number of the change; None where nothing was written.
    """

    before: TopologyReport
    mended: tuple[Fault, ...]
    left: tuple[Fault, ...]
    changes: tuple[CellChange, ...]
    txn: int | None


def check_topology(context: Context, actor: Actor, *, area_code: str) -> TopologyReport:
    """Overlaps, gaps, crumbs and what lies outside, of the cells of an area; "" for all cells.

    The cells are held against the area right above each of them, and all together against the area that was asked for:
    the first finds a cell that reaches into another village, the second a village without cells, or two that overlap.

    Raises
    ------
    NotFound
        No such area in scope, or it has no cells below it.
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        cells, ground = _load(connection, actor, area_code)
        return _check(connection, cells, ground)


def check_parents(context: Context, actor: Actor, *, area_code: str = "") -> TopologyReport:
    """As `check_topology`, for a page: a cell is checked too, and an area without cells has no faults.

    Raises
    ------
    InvalidInput
        There are more cells than are checked while somebody waits.
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        number = areas.count_cells(connection, within=area_code if actor.covers(area_code) else actor.scope_code)
        if number > MOST_CELLS:
            raise InvalidInput(
                N_("{number} cells are too many to be looked over at once."),
                hint=N_("Choose a smaller area, of at most {limit} cells."),
                number=number,
                limit=MOST_CELLS,
            )
        cells = areas.load_cells(connection, scopes=(actor.scope_code, area_code))
        own = _load_own(connection, area_code)
        return _check(connection, cells, own.geometry.iloc[0] if len(own) else None)


def check_loaded(connection: sa.Connection, codes: Collection[str]) -> TopologyReport:
    """Faults within the areas right above cells of which one, or which themselves, are among `codes`."""
    cells = areas.load_cells(connection, scopes=())
    known = set(areas.load_areas(connection, scope="")["code"])
    above = [find_above(code, known) for code in cells["code"]]
    came = set(codes)
    touched = {parent for code, parent in zip(cells["code"], above, strict=True) if code in came or parent in came}
    return _check_families(connection, cells[[parent in touched for parent in above]].reset_index(drop=True))


def _check(connection: sa.Connection, cells: gpd.GeoDataFrame, ground_wgs84: shapely.Geometry | None) -> TopologyReport:
    """Faults within the areas right above the cells, and those of all together that lie elsewhere.

    Cells that fill the area above them are held against the others as that area, of which there are fewer; those of
    one that a fault lies at once more by themselves.
    """
    shapes = cells.geometry.to_numpy()
    families = [(own, ground, _check_family(shapes, own, ground)) for own, ground in _load_families(connection, cells)]
    faults = [fault for _, _, found in families for fault in found]
    filled = [(own, ground) for own, ground, found in families if ground is not None and not found]
    single = {cell for own, ground, found in families if ground is None or found for cell in own}
    told = {
        kind: shapely.union_all([fault.shape_wgs84 for fault in faults if fault.kind is kind]) for kind in FaultKind
    }
    while True:
        positions = sorted(single)
        pieces = np.array([*shapes[positions], *(ground for _, ground in filled)], object)
        more = [fault for fault in find_faults(pieces, parent_wgs84=ground_wgs84) if not _is_told(fault, told)]
        near = {piece - len(positions) for fault in more for piece in fault.cells if piece >= len(positions)}
        if not near:
            faults += [replace(fault, cells=tuple(positions[piece] for piece in fault.cells)) for fault in more]
            return TopologyReport(tuple(cells["code"]), _sort(faults))
        single |= {cell for at in near for cell in filled[at][0]}
        filled = [family for at, family in enumerate(filled) if at not in near]


def _is_told(fault: Fault, told: Mapping[FaultKind, shapely.Geometry]) -> bool:
    """Whether it is one of those within an area; crumbs of cells are, and areas may have any parts."""
    shared = shapely.intersection(fault.shape_wgs84, told[fault.kind]).area
    return fault.kind is FaultKind.CRUMB or shared >= _TOLD * fault.shape_wgs84.area


def _check_families(connection: sa.Connection, cells: gpd.GeoDataFrame) -> TopologyReport:
    """Hold the cells of each area against its own ground."""
    shapes = cells.geometry.to_numpy()
    faults = [f for own, parent in _load_families(connection, cells) for f in _check_family(shapes, own, parent)]
    return TopologyReport(tuple(cells["code"]), _sort(faults))


def _check_family(shapes: Geometries, own: list[int], parent: shapely.Geometry | None) -> list[Fault]:
    """Faults between the cells `own` of `shapes`, by their positions there."""
    found = find_faults(shapes[own], parent_wgs84=parent)
    return [replace(fault, cells=tuple(own[cell] for cell in fault.cells)) for fault in found]


def _load_families(
    connection: sa.Connection, cells: gpd.GeoDataFrame
) -> list[tuple[list[int], shapely.Geometry | None]]:
    """Positions of the cells right below each area, with its ground; None for cells with nothing above them."""
    known = areas.load_areas(connection, scope="").set_index("code")["id"]
    families: dict[str, list[int]] = defaultdict(list)
    for position, code in enumerate(cells["code"]):
        families[find_above(code, known.index) or ""].append(position)
    grounds = areas.load_shapes(connection, {int(known[code]) for code in families if code}).set_index("code")
    return [(own, grounds.geometry[code] if code else None) for code, own in families.items()]


def _sort(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """The largest first."""
    return tuple(sorted(faults, key=lambda fault: -fault.area_m2))


def repair_topology(
    context: Context, actor: Actor, *, area_code: str, tolerance_m: float, reason: str = "", dry_run: bool = False
) -> RepairReport:
    """Mend the faults of an area's cells that are no wider than a tolerance, as one change that can be undone.

    Each cell is held within the area right above it, as `check_parents` does.

    Raises
    ------
    NotFound
        As `check_topology`.
    InvalidInput
        The tolerance is no width of a slip of the pen, or no reason is given.
    Conflict
        The areas changed while the repair was computed.
    """
    check_allowed(actor, Permission.IMPORT_DATA)
    if not (math.isfinite(tolerance_m) and 0 < tolerance_m <= MAX_TOLERANCE_M):
        raise InvalidInput(
            N_("{metres} m is no width of a fault that can be mended by itself."),
            hint=N_("Give more than 0 and at most {limit} m."),
            metres=tolerance_m,
            limit=round(MAX_TOLERANCE_M),
        )
    if not dry_run and not reason.strip():
        raise InvalidInput(N_("A repair needs a reason."), hint=N_("Write in a few words why the borders are mended."))
    revision = context.revisions("areas")
    with context.database.read() as connection:
        cells, parent = _load(connection, actor, area_code)
        families = _load_families(connection, cells)
    repair = repair_families(cells.geometry.to_numpy(), families, ground_wgs84=parent, tolerance_m=tolerance_m)
    changes = _compare(cells, repair)
    txn = None
    if changes and not dry_run:
        with context.database.write(actor, kind=REPAIR, reason=reason.strip()) as work:
            if context.revisions("areas") != revision:
                raise Conflict(CHANGED_MEANWHILE, hint=RELOAD)
            _save(work, repair, changes)
        txn = work.txn_id
    before = TopologyReport(tuple(cells["code"]), _sort((*repair.mended, *repair.left)))
    return RepairReport(before, repair.mended, repair.left, changes, txn)


def _load(connection: sa.Connection, actor: Actor, area_code: str) -> tuple[gpd.GeoDataFrame, shapely.Geometry | None]:
    """Cells below the area, and its own ground; None for the ground of everything."""
    cells = areas.load_cells(connection, scopes=(actor.scope_code, area_code))
    cells = cells[cells["code"] != area_code].reset_index(drop=True)
    if not area_code and len(cells):
        return cells, None
    own = _load_own(connection, area_code)
    if own.empty or cells.empty or not actor.covers(area_code):
        unknown = NotFound(
            N_("There is no area {code} with cells in your area."),
            hint=N_("Choose an area above the cells."),
            code=area_code,
        )
        raise explain_missing(connection, actor, code=area_code, instead=unknown)
    return cells, own.geometry.iloc[0]


def _load_own(connection: sa.Connection, area_code: str) -> gpd.GeoDataFrame:
    """The area called `area_code`, empty where there is none."""
    known = areas.load_areas(connection, scope=area_code)
    return areas.load_shapes(connection, {int(area) for area in known.loc[known["code"] == area_code, "id"]})


def _compare(cells: gpd.GeoDataFrame, repair: Repair) -> tuple[CellChange, ...]:
    changed = np.array(repair.changed, np.int64)
    after = compute_areas_m2(repair.cells_wgs84[changed])
    rows = cells.iloc[changed]
    return tuple(
        CellChange(int(row.id), str(row.code), str(row.name_), float(row.area_m2), float(area_m2))
        for row, area_m2 in zip(rows.rename(columns={"name": "name_"}).itertuples(), after, strict=True)
    )


def _save(work: UnitOfWork, repair: Repair, changes: tuple[CellChange, ...]) -> None:
    rows = zip(changes, repair.changed, strict=True)
    areas.save_shapes(
        work, {change.cell_id: (repair.cells_wgs84[position], change.after_m2) for change, position in rows}
    )
    work.touch("areas")
