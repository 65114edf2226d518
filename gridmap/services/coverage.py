"""What a patrol's track covers of the railway lines: matched, held against a plan, saved."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.crs import gcj02_to_wgs84
from gridmap.domain.days import BEIJING
from gridmap.domain.fixes import LARGEST_CLOCK_LEAD
from gridmap.domain.progress import Progress, silent
from gridmap.domain.railways.mileage import MeasuredLine
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.domain.tracking import matching
from gridmap.domain.tracking.datum import looks_like_gcj02, looks_swapped
from gridmap.domain.tracking.matching import TrackMatch
from gridmap.domain.tracking.spans import Compared, Target, compare_with_plan
from gridmap.domain.tracking.track import Track
from gridmap.errors import N_, Conflict, InvalidInput, NoData, NotFound
from gridmap.services import planning, railways, teams
from gridmap.services.context import Context, open_context
from gridmap.services.road_network import get_network
from gridmap.settings import Settings
from gridmap.sources.tracks import RowFault, read_track
from gridmap.store import coverage, tracks


@dataclass(frozen=True)
class LineCover:
    """A stretch of a line that a track covers; `from_m` and `to_m` are mileages, `at` is when it was left.

    `confidence` is the probability, 0 to 1, that this side was patrolled; `bridged` where there was no signal between
    two such stretches. `at` is None where the track has no times.
    """

    line_id: int
    line: str
    from_m: float
    to_m: float
    side: str
    confidence: float
    kind: str
    bridged: bool
    at: datetime | None


@dataclass(frozen=True)
class CoverageReport:
    """What a track covers.

    Attributes
    ----------
    source
        The file, or the duty, it came from; the same source is saved once.
    match
        `matched_m`, the other metres by reason, the receiver's error.
    faults
        Points of the file that were left out.
    planned
        Each stretch of the plan with what of it was missed; None where no plan was given.
    """

    source: str
    lines: tuple[LineCover, ...]
    match: TrackMatch
    faults: tuple[RowFault, ...] = ()
    planned: tuple[Compared, ...] | None = None


def match_file(
    context: Context,
    actor: Actor,
    *,
    path: Path,
    accept_rest: bool = False,
    gcj02: bool = False,
    plan_id: int | None = None,
    progress: Progress = silent,
) -> CoverageReport:
    """Match the track of a GPX or CSV file; nothing is kept.

    Raises
    ------
    InvalidInput
        The file cannot be read, holds a single place, or has points that cannot be used and the person did not say
        `accept_rest`; and whatever `match_track` refuses.
    """
    check_allowed(actor, Permission.VIEW)
    progress(0.0, N_("Reading the track"))
    found = read_track(path)
    if found.faults and not accept_rest:
        raise InvalidInput(
            N_("{count} of {total} points cannot be used; the first is point {row}: {reason}"),
            hint=N_("Correct the file, or have those points left out (--accept-rest)."),
            count=len(found.faults),
            total=len(found.faults) + found.repeated + len(found.track),
            row=found.faults[0].row,
            reason=found.faults[0].reason,
        )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    source = f"{path.name} {digest}"
    return match_track(
        context,
        actor,
        track=found.track,
        source=source,
        faults=found.faults,
        gcj02=gcj02,
        plan_id=plan_id,
        progress=progress,
    )


def coverage_job(
    progress: Progress, settings: Settings, actor: Actor, path: Path, options: Mapping[str, Any]
) -> CoverageReport:
    """`match_file` for a worker process, with a connection of its own; `options` are its keyword arguments."""
    context = open_context(settings)
    try:
        return match_file(context, actor, path=path, progress=progress, **options)
    finally:
        context.close()


def match_track(
    context: Context,
    actor: Actor,
    *,
    track: Track,
    source: str = "",
    faults: Sequence[RowFault] = (),
    gcj02: bool = False,
    plan_id: int | None = None,
    progress: Progress = silent,
) -> CoverageReport:
    """Find what a track covers of the lines in scope, and what of a plan's stretches it misses.

    Parameters
    ----------
    gcj02
        The track is shifted like public Chinese maps: undo it.

    Raises
    ------
    NoData
        No lines are loaded, or the track is a single point.
    InvalidInput
        The track looks shifted, or longitude and latitude swapped.
    NotFound
        No such plan in scope.
    """
    check_allowed(actor, Permission.VIEW)
    progress(0.1, N_("Reading lines and roads"))
    lines = _load_lines(context, actor)
    if len(track) < 2:
        raise NoData(N_("The track is a single point."), hint=N_("Choose a file with a recorded track."))
    measured = {line_id: line for line_id, (_, _, line) in lines.items()}
    network = _find_network(context)
    if gcj02:
        track = _unshift(track)
    else:
        _check_datum(track, measured, network)
    progress(0.6, N_("Matching the track to the lines"))
    match = matching.match_track(track, lines=measured, network=network)
    covers = tuple(
        LineCover(
            line_id=part.line_id,
            line=lines[part.line_id][0],
            from_m=part.from_m,
            to_m=part.to_m,
            side=part.side,
            confidence=part.confidence,
            kind=part.kind,
            bridged=part.bridged,
            at=datetime.fromtimestamp(part.until, UTC) if match.is_timed else None,
        )
        for part in match.covered
    )
    progress(0.9, N_("Holding it against the plan") if plan_id is not None else N_("Putting the result together"))
    planned = None if plan_id is None else _compare(context, actor, plan_id, covers)
    return CoverageReport(source, covers, match, tuple(faults), planned)


def _load_lines(context: Context, actor: Actor) -> Mapping[int, railways.Line]:
    lines = railways.load_lines(context)
    if actor.scope_code:
        own = set(railways.list_lines(context, actor)["id"].tolist())
        lines = {line_id: line for line_id, line in lines.items() if line_id in own}
    if not lines:
        raise NoData(N_("No railway lines are loaded."), hint=N_("Import an OpenStreetMap file of the area first."))
    return lines


def _find_network(context: Context) -> RoadNetwork | None:
    """The roads, None where none are loaded: then distance, speed and direction decide alone."""
    try:
        return get_network(context)
    except NoData:
        return None


def _unshift(track: Track) -> Track:
    lon, lat = gcj02_to_wgs84(track.lon, track.lat)
    return Track(lon, lat, track.at, track.speed_kmh, track.accuracy_m)


def _check_datum(track: Track, lines: Mapping[int, MeasuredLine], network: RoadNetwork | None) -> None:
    if looks_swapped(track, lines=lines):
        raise InvalidInput(
            N_("The track lies among the lines only with longitude and latitude swapped."),
            hint=N_("Swap the two columns."),
        )
    if looks_like_gcj02(track, lines=lines, network=network):
        raise InvalidInput(
            N_("The track seems to be in GCJ-02: without its shift it fits lines and roads far better."),
            hint=N_("If it is, choose GCJ-02 (--gcj02); if not, export it in WGS-84."),
        )


def _compare(context: Context, actor: Actor, plan_id: int, covers: Sequence[LineCover]) -> tuple[Compared, ...]:
    plan = planning.load_plan(context, actor, plan_id=plan_id)
    targets = [
        Target(int(task["line_id"]), float(task["from_m"]), float(task["to_m"]), task["side"])
        for task in plan["tasks"]
        if task["kind"] == "segment"
    ]
    return compare_with_plan(targets, [(c.line_id, c.from_m, c.to_m, c.side) for c in covers])


def save_coverage(
    context: Context, actor: Actor, *, report: CoverageReport, team_id: int | None = None, again: bool = False
) -> int:
    """Keep what a track covers; returns how many stretches that are.

    Parameters
    ----------
    again
        Put them in the place of what the same source gave before.

    Raises
    ------
    InvalidInput
        The track has no times, or they lie ahead.
    Conflict
        The source was saved before.
    NotFound
        No such team in scope.
    """
    check_allowed(actor, Permission.PLAN_PATROLS)
    if any(cover.at is None for cover in report.lines):
        raise InvalidInput(
            N_("A track without times cannot be kept: nobody would know when it was."),
            hint=N_("Export the track with the time of each point."),
        )
    if any(cover.at > context.clock() + LARGEST_CLOCK_LEAD for cover in report.lines if cover.at):
        raise InvalidInput(N_("The track comes from the future."), hint=N_("Check the receiver's clock."))
    if team_id is not None:
        _require_team(context, actor, team_id)
    rows = [_build_row(cover, report.source, team_id) for cover in report.lines]
    with context.database.write(actor, kind="save_coverage", reason=report.source) as work:
        if again:
            coverage.replace_coverage(work, rows, source=report.source)
        elif coverage.find_by_source(work.connection, source=report.source):
            raise Conflict(N_("This track was saved before."), hint=N_("Choose another file."))
        else:
            coverage.save_coverage(work, rows)
    return len(rows)


def _build_row(cover: LineCover, source: str, team_id: int | None) -> dict[str, Any]:
    return {
        "line_id": cover.line_id,
        "from_m": round(cover.from_m, 1),
        "to_m": round(cover.to_m, 1),
        "side": cover.side,
        "at": cover.at,
        "kind": cover.kind,
        "team_id": team_id,
        "confidence": round(cover.confidence, 3),
        "source": source,
    }


def _require_team(context: Context, actor: Actor, team_id: int) -> None:
    if team_id not in set(teams.list_teams(context, actor)["id"]):
        raise NotFound(N_("There is no such team in your area."), hint=N_("Choose one from the list."))


def match_live(context: Context, actor: Actor, *, team_id: int, day: int) -> CoverageReport:
    """Match what a team sent on duty on a day (20260304, in Beijing), and keep it.

    What the same day gave before is replaced, so that it may be called as often as more has come.

    Raises
    ------
    NotFound
        No such team in scope.
    NoData
        The team sent nothing to speak of that day, or its track is no longer kept.
    """
    check_allowed(actor, Permission.PLAN_PATROLS)
    _require_team(context, actor, team_id)
    since = _begin_day(day)
    with context.database.read() as connection:
        fixes = tracks.load_tracks(
            connection, scope=actor.scope_code, since=since, until=since + timedelta(days=1), team_id=team_id
        )
    if len(fixes) < 2:
        raise NoData(N_("The team sent no positions that day."), hint=N_("Tracks are kept for some weeks only."))
    report = match_track(context, actor, track=_build_track(fixes), source=f"team {team_id} {day}")
    save_coverage(context, actor, report=report, team_id=team_id, again=True)
    return report


def _begin_day(day: int) -> datetime:
    try:
        return datetime.strptime(str(day), "%Y%m%d").replace(tzinfo=BEIJING)
    except ValueError as error:
        raise InvalidInput(N_("{day} is no day."), hint=N_("Write it like 20260304."), day=day) from error


def _build_track(fixes: pd.DataFrame) -> Track:
    unknown = np.full(len(fixes), np.nan)
    lon, lat, at = (fixes[name].to_numpy(np.float64) for name in ("lon", "lat", "at"))
    return Track(lon, lat, at, unknown, unknown)


def list_coverage(
    context: Context, actor: Actor, *, line_ids: Sequence[int] | None = None, since: datetime | None = None
) -> pd.DataFrame:
    """What is covered of the lines in scope, columns as `store.coverage.load_coverage`."""
    check_allowed(actor, Permission.VIEW)
    if actor.scope_code:
        own = set(railways.list_lines(context, actor)["id"].tolist())
        line_ids = sorted(own if line_ids is None else own.intersection(line_ids))
    with context.database.read() as connection:
        return coverage.load_coverage(connection, line_ids=line_ids, since=since)
