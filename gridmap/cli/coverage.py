"""`coverage`: which metres of the lines a patrol's track covers."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from gridmap.cli.command import Command, Invocation
from gridmap.domain.tracking.spans import Compared
from gridmap.errors import N_, InvalidInput
from gridmap.services.coverage import CoverageReport, LineCover, match_file, save_coverage
from gridmap.services.railways import load_line, write_stretch
from gridmap.services.teams import find_team


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="TRACK", help=".gpx, or .csv with columns lon, lat, time")
    parser.add_argument("--gcj02", action="store_true", help="the track is shifted like public Chinese maps, undo it")
    parser.add_argument("--accept-rest", action="store_true", help="leave out points that cannot be used")
    parser.add_argument("--plan", type=int, metavar="ID", help="hold it against this plan")
    parser.add_argument("--save", action="store_true", help="keep what is covered")
    parser.add_argument("--team", metavar="NAME", help="with --save: the team that was on patrol")
    parser.epilog = "Times without a zone are UTC in GPX and Beijing time in CSV."


def _run(invocation: Invocation) -> Any:
    given, context, actor = invocation.arguments, invocation.context, invocation.actor
    if given.team and not given.save:
        raise InvalidInput(N_("A team is named and nothing is saved."), hint=N_("Add --save, or leave out --team."))
    team_id = find_team(context, actor, name=given.team) if given.team else None
    report = match_file(
        context, actor, path=given.file, accept_rest=given.accept_rest, gcj02=given.gcj02, plan_id=given.plan
    )
    saved = save_coverage(context, actor, report=report, team_id=team_id) if given.save else 0
    document = {
        "lines": [_list_line(invocation, cover) for cover in report.lines],
        "matched_m": round(report.match.matched_m, 1),
        "rejected_m": round(report.match.rejected_m, 1),
        "reasons": {reason.value: round(metres, 1) for reason, metres in report.match.reasons.items()},
        "error_m": round(report.match.sigma_m, 1),
        "speed_known": report.match.is_timed,
        "rejected_points": [{"point": fault.row, "reason": fault.reason} for fault in report.faults],
        "saved": saved,
    }
    return document | _list_plan(invocation, report)


def _list_line(invocation: Invocation, cover: LineCover) -> dict[str, Any]:
    begin, end = write_stretch(load_line(invocation.context, cover.line_id), cover.from_m, cover.to_m)
    return {
        "line": cover.line,
        "from": begin,
        "to": end,
        "side": cover.side,
        "confidence": round(cover.confidence, 2),
        "kind": cover.kind,
        "bridged": cover.bridged,
        "at": cover.at,
    }


def _list_plan(invocation: Invocation, report: CoverageReport) -> dict[str, Any]:
    if report.planned is None:
        return {}
    stretches = [_list_target(invocation, compared) for compared in report.planned]
    return {"planned": stretches, "missed_m": round(sum(compared.missed_m for compared in report.planned), 1)}


def _list_target(invocation: Invocation, compared: Compared) -> dict[str, Any]:
    target = compared.target
    line = load_line(invocation.context, target.line_id)
    begin, end = write_stretch(line, target.from_m, target.to_m)
    missed = [write_stretch(line, low, high) for low, high in compared.missed]
    return {
        "line": line[0],
        "from": begin,
        "to": end,
        "side": target.side,
        "missed_m": round(compared.missed_m, 1),
        "missed": [{"from": low, "to": high} for low, high in missed],
    }


def _describe(result: Any) -> str:
    lines = [
        f"{row['line']}  {row['from']} – {row['to']}  {row['side']}  {row['confidence']:.2f}"
        + ("  (no signal)" if row["bridged"] else "")
        for row in result["lines"]
    ]
    reasons = ", ".join(f"{reason} {metres:.0f}" for reason, metres in result["reasons"].items())
    lines.append(f"{result['matched_m']:.0f} m of track count, {result['rejected_m']:.0f} m do not ({reasons or '-'})")
    if not result["speed_known"]:
        lines.append("the track has no times: the speed is unknown, and a train's would look the same")
    if "planned" in result:
        lines.append(f"{result['missed_m']:.0f} m of the plan were missed")
        lines += [
            f"  {row['line']}  {gap['from']} – {gap['to']}  {row['side']}"
            for row in result["planned"]
            for gap in row["missed"]
        ]
    lines += [f"  point {fault['point']}: {fault['reason']}" for fault in result["rejected_points"]]
    if result["saved"]:
        lines.append(f"{result['saved']} stretches saved")
    return "\n".join(lines)


COMMANDS = (Command("coverage", "match a patrol's track to the lines", _add_arguments, _run, _describe),)
