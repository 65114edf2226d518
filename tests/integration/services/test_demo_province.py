"""A small demo province goes through the same store and services as the county."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest
import sqlalchemy as sa

from gridmap.domain.access import Actor
from gridmap.domain.hazards import HazardState
from gridmap.domain.progress import Progress
from gridmap.services.context import Context
from gridmap.services.demo import DemoScale, create_demo
from gridmap.sources.dataset import Dataset
from gridmap.sources.demo.province.province import build_province
from gridmap.store import tables
from tests.unit.sources.demo.test_province import SMALL

DAY = date(2026, 5, 4)


@cache
def _build(seed: int) -> Dataset:
    return build_province(seed, size=SMALL)


def _generate(seed: int, *, progress: Progress) -> Dataset:
    return _build(seed)


SCALE = DemoScale("province", "试省", _generate, hazards=SMALL.hazards, teams=SMALL.teams)


@pytest.mark.parametrize("database_url", ["postgis"], indirect=True)
def test_a_province_is_peopled_and_the_same_on_either_engine(
    context: Context, sqlite_context: Context, administrator: Actor
) -> None:
    first, other = (
        create_demo(one, administrator, seed=5, scale=SCALE, as_of=DAY) for one in (sqlite_context, context)
    )
    assert first.fingerprint == other.fingerprint
    assert (first.scale, first.hazards, first.teams) == ("province", SMALL.hazards, SMALL.teams)
    assert first.cells == pytest.approx(SMALL.cells, rel=0.01)
    assert first.railway_segments > 50
    with sqlite_context.database.read() as connection:
        states = set(connection.scalars(sa.select(tables.hazard.c.state)))
        steps = connection.scalar(sa.select(sa.func.count()).select_from(tables.hazard_step))
        owned = connection.scalar(sa.select(sa.func.count(sa.distinct(tables.assignment.c.cell_id))))
        on_lines = connection.scalar(sa.select(sa.func.count()).where(tables.hazard.c.line_id.is_not(None)))
    assert states == {state.value for state in HazardState}
    assert steps is not None
    assert steps > 2 * first.hazards
    assert owned == first.cells
    assert on_lines == pytest.approx(0.58 * first.hazards, rel=0.15)
