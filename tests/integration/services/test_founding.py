"""The demo county comes into an empty database only, and only where it is asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gridmap.domain.access import Actor
from gridmap.domain.progress import Progress
from gridmap.errors import MixedData
from gridmap.services.context import Context
from gridmap.services.demo import COUNTY_SCALE, create_demo
from gridmap.services.founding import start_founding
from gridmap.services.status import list_sources
from gridmap.sources.dataset import Dataset
from tests.counties import build_dataset, fill_county


def _asking(context: Context) -> Context:
    return replace(context, settings=replace(context.settings, demo=True))


def test_nothing_is_founded_unasked(sqlite_context: Context) -> None:
    assert start_founding(sqlite_context) is None


def test_nothing_is_founded_where_data_is(sqlite_context: Context) -> None:
    fill_county(sqlite_context)
    assert start_founding(_asking(sqlite_context)) is None


def test_a_founding_that_is_cancelled_stores_nothing(sqlite_context: Context, administrator: Actor) -> None:
    job = start_founding(_asking(sqlite_context))
    assert job is not None
    sqlite_context.jobs.cancel(job)
    assert sqlite_context.jobs.wait(job, timeout_s=60).state == "cancelled"
    assert list_sources(sqlite_context, administrator).empty


def test_data_that_came_while_the_county_was_generated_stays(sqlite_context: Context, administrator: Actor) -> None:
    def generate(seed: int, *, progress: Progress) -> Dataset:
        fill_county(sqlite_context)
        return build_dataset()

    with pytest.raises(MixedData):
        create_demo(sqlite_context, administrator, seed=1, scale=replace(COUNTY_SCALE, generate=generate))
    assert list_sources(sqlite_context, administrator)["name"].tolist() == ["county"]
