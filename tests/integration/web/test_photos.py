"""A photo is fetched by whoever may see its hazard, and by nobody else; no cache between keeps it."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from gridmap.services import hazard_photos, hazards
from tests.counties import ADMIN
from tests.integration.web.conftest import open_briefly
from tests.pictures import draw_photo


@pytest.fixture(scope="module")
def west_photo(county_file: Path) -> tuple[int, bytes]:
    """Id and picture of a photo of the western hazard."""
    with open_briefly(f"sqlite:///{county_file}") as context:
        photo = hazard_photos.read_photo(context, ADMIN, data=draw_photo(), name="a.jpg")
        found = hazards.list_hazards(context, ADMIN).set_index("title")
        west = int(found.loc["West hazard", "id"])
        (photo_id,) = hazard_photos.add_photos(context, ADMIN, hazard_id=west, photos=[photo])
    return photo_id, photo.jpeg


def test_a_photo_is_fetched_and_asked_about_again(
    clients: dict[str, httpx.Client], west_photo: tuple[int, bytes]
) -> None:
    photo_id, jpeg = west_photo
    answer = clients["west"].get(f"/photos/{photo_id}.jpg")
    assert answer.status_code == 200
    assert answer.content == jpeg
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "Cookie" in answer.headers["vary"]
    assert "content-encoding" not in answer.headers
    again = clients["west"].get(f"/photos/{photo_id}.jpg", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_nobody_else_fetches_it(
    clients: dict[str, httpx.Client], stranger: httpx.Client, west_photo: tuple[int, bytes]
) -> None:
    photo_id, _ = west_photo
    assert clients["east"].get(f"/photos/{photo_id}.jpg").status_code == 404
    assert clients["chief"].get(f"/photos/{photo_id + 99}.jpg").status_code == 404
    assert stranger.get(f"/photos/{photo_id}.jpg").status_code == 401
