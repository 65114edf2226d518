"""The tables over the ground: their columns, and nothing of them for whom it does not concern."""

from __future__ import annotations

import httpx
import numpy as np
import pytest

from gridmap.domain.tiling import to_world_xy
from gridmap.services.overlays import OVERLAYS
from gridmap.services.zone_tiles import ZOOM
from tests.columns import read_header, read_rows
from tests.counties import EAST_TOWN, RAIL_LAT, STEP_DEG, WEST, WEST_TOWN
from tests.integration.web.conftest import OFFICES, read_table

COLUMNS = {
    "areas": ["id", "level", "name", "area_m2", "x", "y"],
    "cells": ["id", "code", "unit_id", "households"],
    "units": ["id", "code", "name", "kind", "color", "cells", "households", "load", "x", "y"],
    "segments": [
        *("id", "line_id", "line_name", "prefix", "from_m", "to_m", "side", "setting", "risk"),
        *("freshness", "due_at", "days_overdue", "geometry"),
    ],
    "stations": ["id", "kind", "name", "x", "y"],
    "hazards": ["id", "kind", "severity", "title", "state", "overdue", "due_at", "x", "y"],
    "incidents": ["id", "kind", "severity", "title", "reported_at", "teams", "declined", "x", "y"],
    "closures": ["id", "reason", "speed_kmh", "starts_at", "ends_at", "geometry"],
    "sites": ["id", "network", "kind", "name", "x", "y"],
    "teams": ["id", "name", "kind", "post_name"],
}
BORDER = WEST + 3 * STEP_DEG
SHARED = {"stations"}
"""Ground that everybody may see, like the tracks in the tiles."""


def test_every_table_is_held_to_its_columns() -> None:
    assert set(COLUMNS) == set(OVERLAYS)


@pytest.mark.parametrize("name", OVERLAYS)
def test_columns(chief: httpx.Client, name: str) -> None:
    answer = chief.get(f"/layers/{name}.bin")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-encoding"] == "gzip"
    header = read_header(answer.content)
    assert sorted(column["name"] for column in header["columns"]) == sorted(COLUMNS[name])
    assert header["rows"] > 0


@pytest.mark.parametrize("name", sorted(set(OVERLAYS) - SHARED - {"teams", "cells"}))
@pytest.mark.parametrize(("who", "side"), [("west", -1), ("east", 1)])
def test_a_confined_account_sees_its_own_side_only(
    clients: dict[str, httpx.Client], name: str, who: str, side: int
) -> None:
    rows = read_table(clients[who], name)
    whole = read_table(clients["chief"], name)
    assert 0 < len(rows) < len(whole)
    for row in rows:
        # A segment belongs to the area in which its middle lies.
        lons = [lon for lon, _ in row["geometry"]] if "geometry" in row else [row["lon"]]
        assert side * (sum(lons) / len(lons) - BORDER) > 0


@pytest.mark.parametrize(("who", "town"), [("west", WEST_TOWN), ("east", EAST_TOWN)])
def test_cells_are_confined_to_their_town(clients: dict[str, httpx.Client], who: str, town: str) -> None:
    rows = read_table(clients[who], "cells")
    assert len(rows) == 12
    assert all(row["code"].startswith(town) for row in rows)


def test_zones_near_by_are_confined_to_the_own_side(clients: dict[str, httpx.Client]) -> None:
    x, y = to_world_xy(np.array([BORDER]), np.array([RAIL_LAT]))
    path = f"/layers/zones/{int(x[0] * 2**ZOOM)}/{int(y[0] * 2**ZOOM)}.bin"
    rows = {who: read_rows(clients[who].get(path).content) for who in ("chief", "west", "east")}
    assert len(rows["chief"]) > len(rows["west"]) > 0
    assert len(rows["chief"]) > len(rows["east"]) > 0
    for who, side in (("west", -1), ("east", 1)):
        middles = [np.mean([lon for lon, _ in row["geometry"][:-1]]) for row in rows[who]]
        assert all(side * (middle - BORDER) > 0 for middle in middles)
    assert clients["chief"].get(f"/layers/zones/{2**ZOOM}/0.bin").status_code == 404


def test_teams_are_confined_to_their_town(clients: dict[str, httpx.Client]) -> None:
    for who, town in (("west", WEST_TOWN), ("east", EAST_TOWN)):
        assert {row["name"] for row in read_table(clients[who], "teams")} == {f"car {town}", f"foot {town}"}


def test_a_tag_of_one_account_is_no_answer_to_another(clients: dict[str, httpx.Client]) -> None:
    tags = {who: clients[who].get("/layers/hazards.bin").headers["etag"] for who in OFFICES}
    assert len(set(tags.values())) == 3
    kept = clients["west"].get("/layers/hazards.bin", headers={"If-None-Match": tags["west"]})
    assert kept.status_code == 304
    crossed = clients["east"].get("/layers/hazards.bin", headers={"If-None-Match": tags["west"]})
    assert crossed.status_code == 200
    assert [row["title"] for row in read_table(clients["west"], "hazards")] == ["West hazard"]


def test_an_unknown_table_is_not_found(chief: httpx.Client) -> None:
    assert chief.get("/layers/accounts.bin").status_code == 404


def test_the_state_says_what_is_loaded(chief: httpx.Client) -> None:
    state = chief.get("/state.json", headers={"Accept-Language": "zh"}).json()
    assert set(state) == {"seq", "revisions", "synthetic", "now", "sources", "language"}
    assert state["revisions"]["areas"] >= 1
    assert state["language"] == "zh-CN"
    (source,) = state["sources"]
    assert (source["name"], source["licence"]) == ("county", "CC0")
