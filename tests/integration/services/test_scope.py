"""An account confined to an area receives nothing from outside it, whichever way it asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd
import pytest

from gridmap.domain.access import Actor, Role
from gridmap.errors import NotAllowed, NotFound
from gridmap.services import alerts, areas, grids, hazards, networks, railways, teams
from gridmap.services.context import Context
from gridmap.services.hazards import NewHazard
from tests.counties import (
    ADMIN,
    EAST_SUPERVISOR,
    EAST_TOWN,
    WEST_SUPERVISOR,
    WEST_TOWN,
    fill_county,
    place_in,
    set_patrols,
)


@pytest.fixture
def county(context: Context) -> Context:
    fill_county(context)
    set_patrols(context, at=None)
    for column, title in ((0, "West hazard"), (5, "East hazard")):
        lon, lat = place_in(column, 0)
        hazards.add_hazard(context, ADMIN, new=NewHazard(kind="burning", severity=2, title=title, lon=lon, lat=lat))
    return context


def codes(table: pd.DataFrame, column: str = "area_code") -> list[str]:
    return table[column].tolist()


READERS: dict[str, Callable[[Context, Actor], Iterable[str]]] = {
    "tree": lambda c, a: codes(areas.load_tree(c, a), "code"),
    "cells": lambda c, a: codes(areas.load_cells(c, a), "code"),
    "units": lambda c, a: codes(grids.list_units(c, a)),
    "hazards": lambda c, a: codes(hazards.list_hazards(c, a)),
    "segments": lambda c, a: codes(railways.list_segments(c, a)),
    "sites": lambda c, a: codes(networks.list_sites(c, a)),
    "teams": lambda c, a: codes(teams.list_teams(c, a)),
    "posts": lambda c, a: codes(teams.list_posts(c, a)),
    "coverage": lambda c, a: codes(networks.compute_coverage(c, a, network="street", minutes=5).cells, "code"),
}


@pytest.mark.parametrize("reader", READERS)
def test_each_list_ends_at_the_scope(county: Context, reader: str) -> None:
    west, east, all_ = (set(READERS[reader](county, actor)) for actor in (WEST_SUPERVISOR, EAST_SUPERVISOR, ADMIN))
    assert west
    assert all(code.startswith(WEST_TOWN) for code in west)
    assert east
    assert all(code.startswith(EAST_TOWN) for code in east)
    assert west | east <= all_


@pytest.mark.parametrize("text", ["Stone", "East", "K4+500", EAST_TOWN, "hazard"])
def test_search_finds_nothing_beyond(county: Context, text: str) -> None:
    east_begins = place_in(3, 0)[0] - 0.005
    assert areas.search(county, ADMIN, text=text)
    assert all(hit.lon < east_begins for hit in areas.search(county, WEST_SUPERVISOR, text=text))


def test_alerts_end_at_the_scope(county: Context) -> None:
    east_begins = place_in(3, 0)[0] - 0.005
    found = alerts.list_alerts(county, WEST_SUPERVISOR)
    assert all(alert.lon < east_begins for alert in found)
    assert len(found) < len(alerts.list_alerts(county, ADMIN)) or not found


def test_cards_of_things_beyond_are_not_there(county: Context) -> None:
    for kind, table in (
        ("hazard", hazards.list_hazards(county, EAST_SUPERVISOR)),
        ("segment", railways.list_segments(county, EAST_SUPERVISOR)),
        ("site", networks.list_sites(county, EAST_SUPERVISOR)),
        ("team", teams.list_teams(county, EAST_SUPERVISOR)),
        ("cell", areas.load_cells(county, EAST_SUPERVISOR)),
    ):
        thing = int(table["id"].iloc[0])
        assert areas.load_card(county, EAST_SUPERVISOR, kind=kind, id=thing).rows
        with pytest.raises(NotFound):
            areas.load_card(county, WEST_SUPERVISOR, kind=kind, id=thing)


def test_nobody_changes_what_lies_beyond(county: Context) -> None:
    hazard = hazards.list_hazards(county, EAST_SUPERVISOR).iloc[0]
    step = {"hazard_id": int(hazard["id"]), "to": "accepted", "note": "", "version": int(hazard["version"])}
    with pytest.raises(NotFound):
        hazards.advance_hazard(county, WEST_SUPERVISOR, **step)
    lon, lat = place_in(5, 0)
    new = NewHazard(kind="burning", severity=2, title="Beyond", lon=lon, lat=lat)
    with pytest.raises((NotFound, NotAllowed)):
        hazards.add_hazard(county, WEST_SUPERVISOR, new=new)
    cell = int(areas.load_cells(county, EAST_SUPERVISOR)["id"].iloc[0])
    unit = int(grids.list_units(county, WEST_SUPERVISOR)["id"].iloc[0])
    with pytest.raises(NotFound):
        grids.preview_reassignment(county, WEST_SUPERVISOR, owners={cell: unit})


def test_a_role_may_what_it_may(county: Context) -> None:
    commander = Actor("commander", Role.COMMANDER)
    cell = int(areas.load_cells(county, commander)["id"].iloc[0])
    unit = int(grids.list_units(county, commander)["id"].iloc[0])
    with pytest.raises(NotAllowed):
        grids.preview_reassignment(county, commander, owners={cell: unit})
    with pytest.raises(NotAllowed):
        railways.record_patrol(county, commander, segment_ids=[1], at=county.clock())
