"""`mileage`: where a mileage lies, what the mileage of a place is, and what is known of a line's mileage."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from gridmap.cli.command import Command, Invocation, lonlat
from gridmap.errors import N_, InvalidInput
from gridmap.services import calibration, railways
from gridmap.services.railways import MileageHit


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("place", nargs="?", metavar="PLACE", help="for example K12+300, or “K12+300 left 15 m”")
    parser.add_argument("--line", metavar="NAME", help="name or number of a line, or #ID")
    parser.add_argument("--lonlat", type=lonlat, metavar="LON,LAT", help="a place whose mileage is asked for")
    parser.add_argument(
        "--within", type=float, default=1000.0, metavar="M", help="how far from a line it may lie (default: 1000)"
    )
    parser.add_argument(
        "--calibrate",
        type=Path,
        metavar="FILE",
        help="CSV with mileage (or back and ahead at a broken chain) and lon and lat (or chainage_m)",
    )
    parser.add_argument(
        "--accept-rest", action="store_true", help="for --calibrate: save the good rows although others are rejected"
    )
    parser.epilog = "With --line alone it lists what is known of the line's mileage."


def _run(invocation: Invocation) -> Any:
    given, context, actor = invocation.arguments, invocation.context, invocation.actor
    asked = [name for name in ("place", "lonlat", "calibrate") if getattr(given, name) is not None]
    if len(asked) > 1 or (given.line is None and asked != ["lonlat"]):
        raise InvalidInput(
            N_("It is not clear what is asked for."),
            hint=N_("Write: mileage --line NAME K12+300, or mileage --lonlat LON,LAT."),
        )
    line_id = None if given.line is None else railways.find_line(context, actor, name=given.line)
    if given.lonlat is not None:
        lon, lat = given.lonlat
        only = None if line_id is None else (line_id,)
        hits = railways.locate_point(context, actor, lon=lon, lat=lat, line_ids=only, within_m=given.within)
        return [_build_candidate(hit) for hit in hits]
    assert line_id is not None
    if given.place is not None:
        return [_build_candidate(h) for h in railways.locate_mileage(context, actor, line_id=line_id, text=given.place)]
    if given.calibrate is not None:
        return _calibrate(invocation, line_id)
    points = calibration.list_calibration(context, actor, line_id=line_id)
    return {"line": given.line, "points": points.drop(columns=["id", "line_id"]).to_dict("records")}


def _build_candidate(hit: MileageHit) -> dict[str, Any]:
    return {
        "mileage": hit.mileage,
        "lonlat": [round(hit.lon, 8), round(hit.lat, 8)],
        "side": hit.side,
        "offset_m": round(hit.offset_m, 3),
        "line": hit.line,
        "chainage_m": round(hit.chainage_m, 3),
        "note": hit.note.format(**hit.values),
    }


def _calibrate(invocation: Invocation, line_id: int) -> dict[str, Any]:
    given, context, actor = invocation.arguments, invocation.context, invocation.actor
    table = calibration.read_calibration(context, actor, line_id=line_id, path=given.calibrate)
    change = None
    if table.points and (given.accept_rest or not table.rejected):
        change = calibration.set_calibration(context, actor, line_id=line_id, points=table.points)
    return {
        "line": given.line,
        "accepted": len(table.points),
        "rejected": [{"row": row.row, "reason": str(row)} for row in table.rejected],
        "saved": change is not None,
        "change": change,
    }


def _describe(result: Any) -> str:
    if isinstance(result, list):
        return "\n".join(map(_describe_candidate, result)) or "no line is so near"
    if "points" in result:
        lines = [f"{p['chainage_m']:12.1f} m  {_describe_point(p)}  {p['origin']}" for p in result["points"]]
        return "\n".join(lines) or "nothing is known: mileage is counted from the line's beginning"
    saved = f"saved as change {result['change']}" if result["saved"] else "nothing was saved"
    lines = [f"{result['accepted']} rows are good, {len(result['rejected'])} rejected; {saved}"]
    return "\n".join([*lines, *(f"  row {row['row']}: {row['reason']}" for row in result["rejected"])])


def _describe_point(point: dict[str, Any]) -> str:
    return str(point["back"]) if point["back"] == point["ahead"] else f"{point['back']} = {point['ahead']}"


def _describe_candidate(hit: dict[str, Any]) -> str:
    beside = f" {hit['side']} {hit['offset_m']:.1f} m" if hit["side"] else ""
    note = f"  {hit['note']}" if hit["note"] else ""
    return f"{hit['line']}  {hit['mileage']}{beside}  {hit['lonlat'][0]:.7f},{hit['lonlat'][1]:.7f}{note}"


COMMANDS = (Command("mileage", "find places by mileage and mileages of places", _add_arguments, _run, _describe),)
