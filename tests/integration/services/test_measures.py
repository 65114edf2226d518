"""Measures that areas are coloured by, from both engines: of cells, of the areas above, in scope."""

from __future__ import annotations

import gzip
from datetime import timedelta

import numpy as np
import pytest

from gridmap.domain.access import Actor
from gridmap.errors import NotFound
from gridmap.services import areas, hazards, routing, teams
from gridmap.services.context import Context
from gridmap.services.hazards import NewHazard
from gridmap.services.measures import MEASURES, load_measure
from tests.columns import read_rows
from tests.conftest import StoppedClock
from tests.counties import ADMIN, COUNTY, EAST_TOWN, WEST_SUPERVISOR, WEST_TOWN, cell_code, fill_county, place_in


def read(context: Context, actor: Actor, name: str) -> dict[int, float]:
    return {row["id"]: row["value"] for row in read_rows(gzip.decompress(load_measure(context, actor, name=name).data))}


def ids_of(context: Context) -> dict[str, int]:
    """Code → id of every area."""
    tree, cells = areas.load_tree(context, ADMIN), areas.load_cells(context, ADMIN)
    return {str(row.code): int(row.id) for frame in (tree, cells) for row in frame.itertuples()}


def test_households_of_an_area_are_the_mean_of_its_cells(context: Context, commander: Actor) -> None:
    fill_county(context)
    ids, found = ids_of(context), read(context, commander, "households")
    cells = areas.load_cells(context, commander)
    assert len(found) == len(ids) == 29
    own = dict(zip(cells["code"], cells["households"].astype(float), strict=True))
    assert {code: found[ids[code]] for code in own} == own
    assert found[ids[COUNTY]] == pytest.approx(np.mean(list(own.values())))
    west = [value for code, value in own.items() if code.startswith(WEST_TOWN)]
    assert found[ids[WEST_TOWN]] == pytest.approx(np.mean(west))


def test_overdue_hazards_are_counted_where_they_lie(context: Context, commander: Actor, clock: StoppedClock) -> None:
    fill_county(context)
    for column, count in ((0, 2), (5, 1)):
        lon, lat = place_in(column, 0)
        for _ in range(count):
            hazards.add_hazard(
                context, ADMIN, new=NewHazard(kind="burning", severity=4, title="late", lon=lon, lat=lat)
            )
    assert set(read(context, commander, "overdue_hazards").values()) == {0}
    clock.now += timedelta(days=365)
    ids, found = ids_of(context), read(context, commander, "overdue_hazards")
    assert (found[ids[cell_code(0, 0)]], found[ids[cell_code(5, 0)]]) == (2, 1)
    # An area above shows its worst cell, not a mean in which it would drown.
    assert (found[ids[WEST_TOWN]], found[ids[EAST_TOWN]], found[ids[COUNTY]]) == (2, 1, 2)


def test_response_is_the_time_from_the_nearest_post(sqlite_context: Context, commander: Actor) -> None:
    fill_county(sqlite_context)
    ids, found = ids_of(sqlite_context), read(sqlite_context, commander, "response")
    cells = areas.load_cells(sqlite_context, commander)
    posts = teams.list_posts(sqlite_context, commander)
    points = cells.geometry.representative_point()
    seconds = routing.travel_times(
        sqlite_context,
        commander,
        origins=list(zip(posts["lon"], posts["lat"], strict=True)),
        targets=list(zip(points.x, points.y, strict=True)),
    )
    expected = dict(zip(cells["code"], seconds.min(axis=0) / 60, strict=True))
    # A cell whose point lies on the very road of a post may be reached a little sooner than by the next junction.
    far = {code: value for code, value in expected.items() if code not in {cell_code(0, 0), cell_code(5, 0)}}
    assert {code: found[ids[code]] for code in far} == pytest.approx(far, rel=1e-5)


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_is_confined_to_its_area(sqlite_context: Context, name: str) -> None:
    fill_county(sqlite_context)
    ids = ids_of(sqlite_context)
    inside = {number for code, number in ids.items() if code.startswith(WEST_TOWN)}
    found = read(sqlite_context, WEST_SUPERVISOR, name)
    assert found
    assert set(found) <= inside


def test_without_data_there_is_nothing_to_colour(context: Context, commander: Actor) -> None:
    assert {name: read(context, commander, name) for name in MEASURES} == {name: {} for name in MEASURES}


def test_an_unknown_measure_is_not_found(sqlite_context: Context, commander: Actor) -> None:
    with pytest.raises(NotFound):
        load_measure(sqlite_context, commander, name="persons")
