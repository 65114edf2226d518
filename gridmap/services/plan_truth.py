"""The world a plan is held against, as the database has it now."""

from __future__ import annotations

from typing import Any

import pandas as pd
import sqlalchemy as sa

from gridmap.domain.hazard_kinds import HazardKind
from gridmap.domain.patrol.crews import read_skills
from gridmap.domain.patrol.evidence import AccessFact, HazardFact, SegmentFact, TeamFact, Truth
from gridmap.domain.patrol.hours import parse_breaks
from gridmap.domain.roads.graph import RoadNetwork
from gridmap.services.patrol_input import load_ground_tracks, load_sided_access
from gridmap.store import hazard_kinds, hazards, rail, teams


def load_truth(connection: sa.Connection, network: RoadNetwork) -> Truth:
    """Everything the checker asks about, of all areas: a plan may use the teams of another."""
    segments, found = rail.load_segments(connection, scope=""), hazards.load_hazards(connection, scope="")
    posts, crew = teams.load_posts(connection, scope=""), teams.load_teams(connection, scope="", with_retired=True)
    lines, kinds = rail.load_lines(connection), hazard_kinds.load_kinds(connection)
    return Truth(
        network=network,
        access={
            int(r.id): AccessFact(
                int(r.line_id),
                float(r.mileage_m),
                float(r.walk_m),
                network.node_position(int(r.node_id)),
                bool(r.drivable),
                r.side,
            )
            for r in load_sided_access(connection, network).itertuples()
        },
        segments={
            int(r.id): SegmentFact(int(r.line_id), float(r.from_m), float(r.to_m), 60 * int(r.spacing_min), r.side)
            for r in segments.itertuples()
        },
        hazards={int(r.id): _hazard_fact(r, kinds.find(r.kind)) for r in found.itertuples()},
        posts={int(r.id): (float(r.lon), float(r.lat)) for r in posts.itertuples()},
        teams={int(r.id): _team_fact(r) for r in crew.itertuples()},
        lines={int(r.id): r.geometry for r in lines.itertuples()},
        tracks=load_ground_tracks(connection),
    )


def _team_fact(row: Any) -> TeamFact:
    return TeamFact(
        row.kind,
        int(row.post_id),
        int(row.members),
        int(row.shift_start_min),
        int(row.shift_end_min),
        end_post_id=None if pd.isna(row.end_post_id) else int(row.end_post_id),
        breaks=parse_breaks(row.breaks),
        latest_return_min=None if pd.isna(row.latest_return_min) else int(row.latest_return_min),
        skills=read_skills(row.skills),
        max_walk_m=None if pd.isna(row.max_walk_m) else float(row.max_walk_m),
    )


def _hazard_fact(row: Any, kind: HazardKind | None) -> HazardFact:
    on_line = pd.notna(row.line_id) and pd.notna(row.mileage_m)
    return HazardFact(
        lon=float(row.lon),
        lat=float(row.lat),
        severity=int(row.severity),
        line_id=int(row.line_id) if on_line else None,
        mileage_m=float(row.mileage_m) if on_line else None,
        offset_m=float(row.offset_m) if on_line and pd.notna(row.offset_m) else 0.0,
        skill="" if kind is None else kind.skill,
        inspect_s=None if kind is None or kind.inspect_min is None else 60 * kind.inspect_min,
        side=row.side if on_line and row.side in {"left", "right", "both"} else None,
    )
