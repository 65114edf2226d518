"""Tracks of the made county from file and duty to rows, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from gridmap.domain.access import Actor
from gridmap.domain.crs import GEOD, wgs84_to_gcj02
from gridmap.domain.days import number_day
from gridmap.domain.tracking.track import Track
from gridmap.errors import Conflict, GridmapError, InvalidInput, NoData, NotAllowed, NotFound
from gridmap.services import journal, teams
from gridmap.services.context import Context
from gridmap.services.coverage import list_coverage, match_file, match_live, match_track, save_coverage
from gridmap.store import positions, tables
from tests.conftest import StoppedClock
from tests.counties import ADMIN, EAST_SUPERVISOR, RAIL_LAT, WEST, fill_county

MINUTES = 15
WALKED_M = 1_250.0


def walk(*, since: datetime, speed_kmh: float = 5.0, lon: float = WEST + 0.012) -> list[tuple[float, float, datetime]]:
    """Fixes every 5 s of somebody who walks east 12 m to the north of the line, which runs from west to east."""
    lat = RAIL_LAT + 12 / 111_000
    seconds = np.arange(0, 60 * MINUTES, 5)
    east, north, _ = GEOD.fwd(
        np.full(len(seconds), lon), np.full(len(seconds), lat), np.full(len(seconds), 90.0), speed_kmh / 3.6 * seconds
    )
    jitter = np.random.default_rng(3).normal(0, 2e-5, (2, len(seconds)))
    return [
        (float(x), float(y), since + timedelta(seconds=int(s)))
        for x, y, s in zip(east + jitter[0], north + jitter[1], seconds, strict=True)
    ]


def write(folder: Path, fixes: list[tuple[float, float, datetime]], name: str = "day.csv") -> Path:
    rows = [f"{lon},{lat},{at.isoformat()}" for lon, lat, at in fixes]
    path = folder / name
    path.write_text("\n".join(["lon,lat,time", *rows]), encoding="utf-8")
    return path


@pytest.fixture
def since(context: Context, clock: StoppedClock) -> datetime:
    fill_county(context)
    return clock.now.replace(microsecond=0) - timedelta(hours=1)


def test_a_walk_is_matched_saved_once_and_taken_back(
    context: Context, since: datetime, planner: Actor, commander: Actor, tmp_path: Path
) -> None:
    report = match_file(context, planner, path=write(tmp_path, walk(since=since)))
    (found,) = report.lines
    assert (found.line, found.side, found.kind) == ("Clear River Line", "left", "foot")
    assert found.to_m - found.from_m == pytest.approx(WALKED_M, abs=30)
    team_id = teams.find_team(context, planner, name="foot 149901001")
    assert save_coverage(context, planner, report=report, team_id=team_id) == 1
    kept = list_coverage(context, commander).iloc[0]
    assert kept["at"] == since + timedelta(minutes=MINUTES, seconds=-5)
    assert (kept["line_id"], kept["side"], kept["kind"], kept["team_id"]) == (found.line_id, "left", "foot", team_id)
    assert kept["to_m"] - kept["from_m"] == pytest.approx(WALKED_M, abs=30)
    assert list_coverage(context, commander, since=since + timedelta(minutes=30)).empty
    with pytest.raises(Conflict):
        save_coverage(context, planner, report=report)
    newest = journal.list_changes(context, ADMIN).iloc[0]
    assert (newest["kind"], newest["reason"]) == ("save_coverage", report.source)
    journal.undo_change(context, ADMIN, txn_id=int(newest["txn_id"]), reason="wrong day")
    assert list_coverage(context, commander).empty


def test_what_a_team_sent_on_duty_is_matched_as_often_as_asked(
    context: Context, since: datetime, planner: Actor
) -> None:
    team_id = teams.find_team(context, planner, name="foot 149901001")
    day = number_day(since)
    with pytest.raises(NoData):
        match_live(context, planner, team_id=team_id, day=day)
    fixes = walk(since=since)
    for part in (fixes[:90], fixes[90:]):
        rows = [{"team_id": team_id, "lon": x, "lat": y, "at": at, "simulated": False} for x, y, at in part]
        with context.database.write_unjournalled() as connection:
            positions.save_track(connection, rows)
        match_live(context, planner, team_id=team_id, day=day)
    kept = list_coverage(context, planner)
    assert len(kept) == 1
    assert kept.iloc[0]["to_m"] - kept.iloc[0]["from_m"] == pytest.approx(WALKED_M, abs=30)


def test_a_plan_is_held_against_what_was_walked(
    context: Context, since: datetime, planner: Actor, tmp_path: Path
) -> None:
    path = write(tmp_path, walk(since=since))
    found = match_file(context, planner, path=path).lines[0]
    task = {"kind": "segment", "line_id": found.line_id, "from_m": found.from_m - 300, "to_m": found.to_m - 100}
    row = {"name": "day", "area_code": "149901", "service_date": since.date(), "status": "published"}
    document = {"tasks": [{**task, "side": "both"}, {"kind": "hazard"}]}
    with context.database.write(ADMIN, kind="fill") as work:
        made = {"created_at": since, "created_by": "planner", "document": document}
        plan_id = work.insert(tables.patrol_plan, {**row, **made})
    report = match_file(context, planner, path=path, plan_id=plan_id)
    assert report.planned is not None
    (compared,) = report.planned
    assert compared.missed_m == pytest.approx(300, abs=1)
    assert compared.missed[0][0] == pytest.approx(found.from_m - 300)
    with pytest.raises(NotFound):
        match_file(context, planner, path=path, plan_id=plan_id + 1)


def test_rows_outlive_their_team_and_go_with_their_line(context: Context, since: datetime, tmp_path: Path) -> None:
    report = match_file(context, ADMIN, path=write(tmp_path, walk(since=since)))
    team_id = teams.find_team(context, ADMIN, name="foot 149901001")
    save_coverage(context, ADMIN, report=report, team_id=team_id)
    with context.database.write(ADMIN, kind="fill") as work:
        work.delete_many(tables.team, [team_id])
    assert list_coverage(context, ADMIN)["team_id"].isna().all()
    with context.database.write(ADMIN, kind="fill") as work:
        work.delete_many(tables.rail_line, [report.lines[0].line_id])
    assert list_coverage(context, ADMIN).empty


def test_only_planners_save_and_only_teams_in_scope(
    context: Context, since: datetime, planner: Actor, commander: Actor, tmp_path: Path
) -> None:
    report = match_file(context, commander, path=write(tmp_path, walk(since=since)))
    with pytest.raises(NotAllowed):
        save_coverage(context, commander, report=report)
    with pytest.raises(NotFound):
        save_coverage(context, planner, report=report, team_id=999)
    with pytest.raises(NotFound):
        match_live(context, planner, team_id=999, day=20260304)
    with pytest.raises(InvalidInput, match="no day"):
        match_live(context, planner, team_id=int(teams.list_teams(context, planner)["id"].iloc[0]), day=20261399)
    assert list_coverage(context, EAST_SUPERVISOR).empty


def test_a_track_from_the_future_or_without_times_is_not_kept(
    context: Context, since: datetime, planner: Actor, tmp_path: Path
) -> None:
    later = write(tmp_path, walk(since=since + timedelta(days=2)))
    with pytest.raises(InvalidInput, match="future"):
        save_coverage(context, planner, report=match_file(context, planner, path=later))
    untimed = tmp_path / "untimed.csv"
    untimed.write_text("\n".join(["lon,lat", *(f"{x},{y}" for x, y, _ in walk(since=since))]), encoding="utf-8")
    report = match_file(context, planner, path=untimed)
    assert report.lines[0].at is None
    with pytest.raises(InvalidInput, match="without times"):
        save_coverage(context, planner, report=report)


def test_a_shifted_track_is_refused_unless_the_person_says_so(
    context: Context, since: datetime, planner: Actor, tmp_path: Path
) -> None:
    fixes = walk(since=since)
    lon, lat = wgs84_to_gcj02(np.array([x for x, _, _ in fixes]), np.array([y for _, y, _ in fixes]))
    shifted = write(tmp_path, list(zip(lon, lat, [at for _, _, at in fixes], strict=True)))
    with pytest.raises(InvalidInput, match="GCJ-02"):
        match_file(context, planner, path=shifted)
    (found,) = match_file(context, planner, path=shifted, gcj02=True).lines
    assert found.to_m - found.from_m == pytest.approx(WALKED_M, abs=30)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda rows: rows[:1], "single point"),
        (lambda rows: [(x, y, rows[0][2]) for x, y, _ in rows], "one and the same time"),
        (lambda rows: [(y, x, at) for x, y, at in rows], "swapped"),
        (lambda rows: [*rows, (rows[0][0], rows[0][1], rows[3][2])], "points cannot be used"),
    ],
)
def test_bad_tracks_say_what_is_wrong(
    sqlite_context: Context, clock: StoppedClock, planner: Actor, tmp_path: Path, change: object, says: str
) -> None:
    fill_county(sqlite_context)
    assert callable(change)
    rows = change(walk(since=clock.now.replace(microsecond=0) - timedelta(hours=1)))
    with pytest.raises(GridmapError, match=says) as caught:
        match_file(sqlite_context, planner, path=write(tmp_path, rows))
    assert caught.value.hint


def test_the_rest_of_a_track_is_used_where_the_person_accepts_it(
    sqlite_context: Context, clock: StoppedClock, planner: Actor, tmp_path: Path
) -> None:
    fill_county(sqlite_context)
    rows = walk(since=clock.now.replace(microsecond=0) - timedelta(hours=1))
    path = write(tmp_path, [*rows, (rows[0][0], rows[0][1], rows[3][2])])
    report = match_file(sqlite_context, planner, path=path, accept_rest=True)
    assert len(report.faults) == 1
    assert report.lines[0].to_m - report.lines[0].from_m == pytest.approx(WALKED_M, abs=30)


def test_swapped_places_outside_china_are_seen_by_the_lines(
    sqlite_context: Context, clock: StoppedClock, planner: Actor, tmp_path: Path
) -> None:
    fill_county(sqlite_context)
    unknown = np.full(3, np.nan)
    track = Track(
        np.full(3, RAIL_LAT), np.full(3, WEST), datetime.now(UTC).timestamp() + np.arange(3), unknown, unknown
    )
    with pytest.raises(InvalidInput, match="swapped"):
        match_track(sqlite_context, planner, track=track)


def test_without_lines_there_is_nothing_to_match(sqlite_context: Context, planner: Actor, tmp_path: Path) -> None:
    path = write(tmp_path, walk(since=datetime(2026, 3, 4, tzinfo=UTC)))
    with pytest.raises(NoData, match="No railway lines"):
        match_file(sqlite_context, planner, path=path)
