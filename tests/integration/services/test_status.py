"""Health, sources and the banner, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime

from gridmap import __version__
from gridmap.domain.access import Actor
from gridmap.services.context import Context
from gridmap.services.status import Banner, Health, check_health, list_sources, load_banner
from gridmap.store.database import Database, build_engine
from gridmap.store.schema import head_schema


def test_a_filled_database_is_well(filled: Context) -> None:
    assert check_health(filled) == Health(__version__, "ok", head_schema(), True)


def test_an_empty_database_is_well(context: Context, commander: Actor) -> None:
    assert check_health(context).is_ok
    assert list_sources(context, commander).empty
    assert load_banner(context, commander) == Banner(False, None, "CN-14")


def test_a_database_out_of_reach_is_said(sqlite_context: Context) -> None:
    gone = Database(build_engine("postgresql://nobody@127.0.0.1:1/none"))
    health = check_health(Context(sqlite_context.settings, gone, sqlite_context.jobs))
    assert not health.is_ok
    assert "cannot be used" in health.database


def test_sources_are_listed_with_their_rows(filled: Context, commander: Actor) -> None:
    sources = list_sources(filled, commander)
    assert list(sources.columns) == [
        "id",
        "kind",
        "name",
        "attribution",
        "licence",
        "crs",
        "synthetic",
        "imported_at",
        "data_as_of",
        "rows",
    ]
    (row,) = sources.to_dict("records")
    assert (row["name"], row["licence"], row["synthetic"]) == ("county.osm.pbf", "ODbL-1.0", True)
    assert row["data_as_of"] == datetime(2026, 3, 1, 4, 0, 0, 654_321, tzinfo=UTC)
    assert row["rows"] == 21


def test_the_banner_tells_the_newest(filled: Context, commander: Actor) -> None:
    newest = datetime(2026, 3, 1, 4, 0, 0, 654_321, tzinfo=UTC)
    assert load_banner(filled, commander) == Banner(True, newest, "CN-14")
