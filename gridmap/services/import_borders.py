"""What an import tells of the borders of the cells it brought; nothing is mended by it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import shapely
import sqlalchemy as sa

from gridmap.domain.topology import SLIVER_M, Fault, FaultKind
from gridmap.errors import N_
from gridmap.services.topology import TopologyReport, check_loaded
from gridmap.sources.reconciliation import Tally

_WORST = 20
"""So many findings are told one by one."""

_TOLD = {
    FaultKind.OVERLAP: N_("{number} overlaps of cells, {area_m2} m² in all."),
    FaultKind.GAP: N_("{number} gaps between cells, {area_m2} m² in all."),
    FaultKind.OUTSIDE: N_("{number} places where cells leave the area above them, {area_m2} m² in all."),
    FaultKind.CRUMB: N_("{number} narrow pieces apart from their cell, {area_m2} m² in all."),
}
_SLIVERS = N_("{number} of these are narrower than {width} m: slips of the pen, {area_m2} m² in all.")


@dataclass(frozen=True)
class Count:
    """How many findings, and their square metres together."""

    number: int
    area_m2: float


@dataclass(frozen=True)
class Finding:
    """One finding: its kind, codes of the cells it lies between, size and a point inside, degrees."""

    kind: str
    cells: tuple[str, ...]
    area_m2: float
    width_m: float
    lon: float
    lat: float


@dataclass(frozen=True)
class BorderAccount:
    """Whether the cells partition the areas above them.

    Attributes
    ----------
    cells
        How many were checked: those of every area above a cell that came.
    slivers
        Those of all kinds that are as narrow as a slip of the pen.
    worst
        The largest findings.
    """

    cells: int
    overlaps: Count
    gaps: Count
    outside: Count
    crumbs: Count
    slivers: Count
    worst: tuple[Finding, ...]


def account_borders(connection: sa.Connection, codes: Collection[str], tally: Tally) -> BorderAccount | None:
    """Check the borders of what came, areas called `codes`, and tell `tally`; None where no area did."""
    if not len(codes):
        return None
    report = check_loaded(connection, set(codes))
    counts = {kind: _count([f for f in report.faults if f.kind is kind]) for kind in FaultKind}
    for kind, count in counts.items():
        if count.number:
            tally.warn(_TOLD[kind], number=count.number, area_m2=count.area_m2)
    slivers = _count([fault for fault in report.faults if fault.is_sliver])
    if slivers.number:
        tally.warn(_SLIVERS, number=slivers.number, width=round(SLIVER_M), area_m2=slivers.area_m2)
    return BorderAccount(
        cells=len(report.codes),
        overlaps=counts[FaultKind.OVERLAP],
        gaps=counts[FaultKind.GAP],
        outside=counts[FaultKind.OUTSIDE],
        crumbs=counts[FaultKind.CRUMB],
        slivers=slivers,
        worst=tuple(_describe(report, fault) for fault in report.faults[:_WORST]),
    )


def _count(faults: Sequence[Fault]) -> Count:
    return Count(len(faults), round(sum(fault.area_m2 for fault in faults), 1))


def _describe(report: TopologyReport, fault: Fault) -> Finding:
    lon, lat = shapely.get_coordinates(shapely.point_on_surface(fault.shape_wgs84))[0].tolist()
    codes = tuple(report.codes_of(fault))
    return Finding(str(fault.kind), codes, round(fault.area_m2, 2), round(fault.width_m, 2), lon, lat)
