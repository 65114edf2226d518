"""`check-topology` and `repair-topology`: whether cells partition their area, and mending what is narrow."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

import shapely

from gridmap.cli.command import Command, Invocation
from gridmap.domain.topology import SLIVER_M, Fault, FaultKind
from gridmap.services import topology
from gridmap.services.topology import TopologyReport

_LISTS = {
    "overlaps": FaultKind.OVERLAP,
    "gaps": FaultKind.GAP,
    "outside": FaultKind.OUTSIDE,
    "crumbs": FaultKind.CRUMB,
}


def _add_check(parser: ArgumentParser) -> None:
    parser.add_argument("--area", metavar="CODE", default="", help="area whose cells are checked (default: all cells)")
    parser.epilog = "--as USER is who does it: the role and area of that account count."


def _add_repair(parser: ArgumentParser) -> None:
    _add_check(parser)
    parser.add_argument("--tolerance", type=float, metavar="M", default=SLIVER_M, help="widest fault that is mended")
    parser.add_argument("--reason", metavar="TEXT", default="", help="kept in the journal")
    parser.add_argument("--dry-run", action="store_true", help="only say what would change")


def _check(invocation: Invocation) -> dict[str, Any]:
    area = invocation.arguments.area
    report = topology.check_topology(invocation.context, invocation.find_account(), area_code=area)
    return {"area": area, "cells": len(report.codes), **_list(report, report.faults)}


def _repair(invocation: Invocation) -> dict[str, Any]:
    given = invocation.arguments
    done = topology.repair_topology(
        invocation.context,
        invocation.find_account(),
        area_code=given.area,
        tolerance_m=given.tolerance,
        reason=given.reason,
        dry_run=given.dry_run,
    )
    changes = [
        {
            "code": change.code,
            "name": change.name,
            "before_m2": round(change.before_m2, 1),
            "after_m2": round(change.after_m2, 1),
        }
        for change in done.changes
    ]
    return {
        "area": given.area,
        "change": done.txn,
        "mended": _list(done.before, done.mended),
        "left": _list(done.before, done.left),
        "cells": changes,
    }


def _list(report: TopologyReport, faults: Iterable[Fault]) -> dict[str, Any]:
    """Faults by kind; `slivers` are those of any kind that are as narrow as a slip of the pen."""
    told = [(fault, _tell(report, fault)) for fault in faults]
    lists = {name: [row for fault, row in told if fault.kind is kind] for name, kind in _LISTS.items()}
    return {**lists, "slivers": [row for fault, row in told if fault.is_sliver]}


def _tell(report: TopologyReport, fault: Fault) -> dict[str, Any]:
    lon, lat = shapely.get_coordinates(shapely.point_on_surface(fault.shape_wgs84))[0].tolist()
    return {
        "kind": fault.kind,
        "cells": report.codes_of(fault),
        "area_m2": round(fault.area_m2, 2),
        "width_m": round(fault.width_m, 2),
        "lon": lon,
        "lat": lat,
    }


def _describe_check(result: dict[str, Any]) -> str:
    return "\n".join([f"{result['cells']} cells checked", *_describe_faults(result)])


def _describe_repair(result: dict[str, Any]) -> str:
    lines = [f"{cell['code']} {cell['before_m2']} → {cell['after_m2']} m²" for cell in result["cells"]]
    lines += ["left for a person to decide:", *left] if (left := _describe_faults(result["left"])) else []
    done = "nothing was written" if result["change"] is None else f"mended as change {result['change']}"
    return "\n".join([*lines, done])


def _describe_faults(lists: dict[str, Any]) -> list[str]:
    return [
        f"{row['kind']} {row['area_m2']} m², {row['width_m']} m wide: {' '.join(row['cells'])}"
        for name in _LISTS
        for row in lists[name]
    ]


COMMANDS = (
    Command("check-topology", "find overlaps, gaps and slivers of cells", _add_check, _check, _describe_check),
    Command("repair-topology", "mend narrow faults between cells", _add_repair, _repair, _describe_repair),
)
