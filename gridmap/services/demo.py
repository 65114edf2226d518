"""The demo county and the demo province: generated, loaded like any other source, and peopled with operations."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol

import numpy as np
import sqlalchemy as sa

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.codes import Level
from gridmap.domain.days import BEIJING, local_day
from gridmap.domain.journal import canonical_json
from gridmap.domain.progress import Progress, part_of, silent
from gridmap.errors import N_, MixedData
from gridmap.services.accounts import create_demo_accounts
from gridmap.services.context import Context
from gridmap.services.loading import SourceInfo, load_dataset
from gridmap.sources.dataset import Dataset
from gridmap.sources.demo import operations
from gridmap.sources.demo.cases import build_hazards
from gridmap.sources.demo.chiefs import build_chiefs, build_referrals
from gridmap.sources.demo.county import build_county
from gridmap.sources.demo.operations import Ground
from gridmap.sources.demo.province.province import build_province
from gridmap.sources.demo.province.size import PROVINCE
from gridmap.store import areas, basemap, datasets, rail, tables
from gridmap.store.bulk import insert_bulk, insert_numbered
from gridmap.store.tenures import follow_assignments
from gridmap.store.unit_of_work import UnitOfWork

_MIDNIGHT = time(0, 0)
"""A state that is reached at any hour of the day it is made on."""
_FINGERPRINTED = (
    tables.area,
    tables.grid_unit,
    tables.assignment,
    tables.road_node,
    tables.road_edge,
    tables.rail_line,
    tables.rail_track,
    tables.rail_segment,
    tables.rail_feature,
    tables.access_point,
    tables.basemap_shape,
    tables.place,
    tables.hazard,
    tables.hazard_step,
    tables.hazard_referral,
    tables.section_chief,
    tables.joint_inspection,
    tables.network_site,
    tables.post,
    tables.team,
)


class Generate(Protocol):
    """What makes a dataset of a seed."""

    def __call__(self, seed: int, *, progress: Progress) -> Dataset: ...


@dataclass(frozen=True)
class DemoScale:
    """How much is made: where, and how many hazards and teams on it."""

    name: str
    source_name: str
    generate: Generate
    hazards: int
    teams: int


def _generate_county(seed: int, *, progress: Progress) -> Dataset:
    return build_county(seed, progress=progress).dataset


COUNTY_SCALE = DemoScale("county", "汾柳县演示数据", _generate_county, hazards=252, teams=20)
PROVINCE_SCALE = DemoScale("province", "汾原省演示数据", build_province, hazards=PROVINCE.hazards, teams=PROVINCE.teams)


@dataclass(frozen=True)
class DemoReport:
    """What was made; `fingerprint` is the same for the same scale, seed and date."""

    scale: str
    seed: int
    as_of: str
    areas: int
    cells: int
    units: int
    road_edges: int
    railway_lines: int
    railway_segments: int
    access_points: int
    hazards: int
    sites: int
    posts: int
    teams: int
    fingerprint: str

    def as_json(self) -> dict[str, Any]:
        """The report as the terminal prints it."""
        return asdict(self)


def create_demo(
    context: Context,
    actor: Actor,
    *,
    seed: int,
    scale: DemoScale = COUNTY_SCALE,
    as_of: date | None = None,
    replace: bool = False,
    progress: Progress = silent,
) -> DemoReport:
    """Generate the county or province of `seed` as it stood when `as_of` (today, where not given) began, and store it.

    Raises
    ------
    MixedData
        The database holds data already and `replace` is not set.
    """
    check_allowed(actor, Permission.IMPORT_DATA)
    day = as_of or local_day(context.clock())
    with context.database.read() as connection:
        _check_mixing(connection, replace=replace)
    dataset = scale.generate(seed, progress=part_of(progress, 0, 0.5))
    now = datetime.combine(day, _MIDNIGHT, BEIJING).astimezone(UTC)
    with context.database.write(actor, kind="demo", reason=f"seed {seed}") as work:
        # Somebody may have loaded data while this was being generated.
        _check_mixing(work.connection, replace=replace)
        if datasets.has_data(work.connection):
            datasets.clear(work)
        source = SourceInfo(
            kind="demo",
            name=scale.source_name,
            sha256="",
            attribution=f"{scale.source_name}（虚构）",
            licence="",
            crs="EPSG:4326",
            synthetic=True,
            data_as_of=now,
            report={"seed": seed},
        )
        counts = load_dataset(
            work,
            dataset,
            source=source,
            access_distance_m=context.settings.access_distance_m,
            progress=part_of(progress, 0.5, 0.75),
        )
        progress(0.75, N_("Sending out teams"))
        made = _people(work, counts.source_id, scale=scale, seed=seed, now=now)
        datasets.save_setting(work, "synthetic", True)
        datasets.save_setting(work, "demo_seed", seed)
        create_demo_accounts(work, team_id=_choose_team(work.connection))
        work.note("demo", {"seed": seed, **made})
        work.touch(*datasets.TOPICS)
        progress(0.9, N_("Checking what was stored"))
        fingerprint = _compute_fingerprint(work.connection)
        cells = work.connection.scalar(
            sa.select(sa.func.count()).select_from(tables.area).where(tables.area.c.level == int(Level.CELL))
        )
    progress(1.0, N_("Stored"))
    return DemoReport(
        scale=scale.name,
        seed=seed,
        as_of=day.isoformat(),
        areas=counts.areas,
        cells=int(cells or 0),
        road_edges=counts.road_edges,
        railway_lines=counts.lines,
        railway_segments=counts.segments,
        access_points=counts.access_points,
        fingerprint=fingerprint,
        **made,
    )


def _check_mixing(connection: sa.Connection, *, replace: bool) -> None:
    if datasets.has_data(connection) and not replace:
        raise MixedData(
            N_("This database already holds data; demo data is not mixed into it."),
            hint=N_("Say --replace to clear it first, or use another database."),
        )


def _people(work: UnitOfWork, source_id: int, *, scale: DemoScale, seed: int, now: datetime) -> dict[str, int]:
    """Units, posts, teams, sites, patrols and hazards on the ground that is stored."""
    rng = np.random.default_rng([seed, 1])
    ground = _load_ground(work.connection)
    own = {"source_id": source_id}
    units = operations.build_units(rng, ground)
    work.connection.execute(tables.assignment.delete())
    work.connection.execute(tables.grid_unit.delete())
    unit_ids = insert_numbered(work, tables.grid_unit, [{**row, **own} for row in units.rows])
    since = (now - timedelta(days=120)).date()
    owners = zip(ground.cells["id"].tolist(), units.of_cell.tolist(), strict=True)
    insert_bulk(work, tables.assignment, ({"cell_id": c, "unit_id": unit_ids[u], "since": since} for c, u in owners))
    follow_assignments(work, day=local_day(work.at))
    posts = operations.build_posts(ground)
    post_ids = insert_numbered(work, tables.post, [{**row, **own} for row in posts])
    teams = operations.build_teams(rng, posts, count=scale.teams)
    for team in teams:
        team["post_id"] = post_ids[team.pop("post")]
    insert_numbered(work, tables.team, [{**row, **own} for row in teams])
    sites = operations.build_sites(rng, ground)
    insert_numbered(work, tables.network_site, [{**row, **own} for row in sites])
    patrols = operations.draw_patrols(rng, ground.segments, now=now)
    changed = tables.rail_segment.update().where(tables.rail_segment.c.id == sa.bindparam("segment"))
    if patrols:
        work.connection.execute(
            changed.values(last_patrol_at=sa.bindparam("at")), [{"segment": i, "at": at} for i, at in patrols.items()]
        )
    cases = build_hazards(rng, ground, count=scale.hazards, now=now)
    hazard_ids = insert_numbered(work, tables.hazard, [{**case.row, **own} for case in cases])
    steps = ({"hazard_id": i, **step} for i, case in zip(hazard_ids, cases, strict=True) for step in case.steps)
    insert_bulk(work, tables.hazard_step, steps)
    chiefs = build_chiefs(rng, ground, now=now)
    insert_bulk(work, tables.section_chief, chiefs.posts)
    insert_bulk(work, tables.joint_inspection, chiefs.inspections)
    insert_bulk(work, tables.hazard_referral, build_referrals(rng, chiefs.posts, cases, hazard_ids))
    return {
        "units": len(unit_ids),
        "posts": len(posts),
        "teams": len(teams),
        "sites": len(sites),
        "hazards": len(cases),
    }


def _load_ground(connection: sa.Connection) -> Ground:
    features = rail.load_rail_features(connection)
    everything = areas.load_areas(connection, scope="")
    return Ground(
        cells=areas.load_cells(connection, scopes=()),
        segments=rail.load_segments(connection, scope=""),
        lines=rail.load_measured_lines(connection),
        places=basemap.load_places(connection),
        stations=features[features["kind"] == "station"],
        towns=everything[everything["level"] == int(Level.TOWN)],
    )


def _choose_team(connection: sa.Connection) -> int | None:
    """The team whose page the demo account opens: the first on duty that has a car."""
    c = tables.team.c
    wanted = sa.select(c.id).where(c.on_duty, c.kind == "car").order_by(c.id).limit(1)
    return connection.scalar(wanted)


def _compute_fingerprint(connection: sa.Connection) -> str:
    """SHA-256 over every generated row; geometry as hexadecimal WKB."""
    digest = hashlib.sha256()
    for table in _FINGERPRINTED:
        key = list(table.primary_key.columns)
        for row in connection.execute(sa.select(table).order_by(*key)).mappings():
            plain = {name: _plain(value) for name, value in row.items() if name not in {"source_id", "version"}}
            digest.update(canonical_json([table.name, plain]).encode())
    return digest.hexdigest()


def _plain(value: Any) -> Any:
    if hasattr(value, "wkb_hex"):
        return value.wkb_hex
    return value.isoformat() if isinstance(value, date) else value
