"""Plans to take away: for a map program, for a device, for paper."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

import httpx
import pytest
from openpyxl import load_workbook

from tests.integration.web.conftest import Server

WEST_PLAN, EAST_PLAN = 1, 2
KINDS = {
    ".geojson": "application/geo+json",
    ".gpx": "application/gpx+xml",
    ".kml": "application/vnd.google-earth.kml+xml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "/order": "text/html; charset=utf-8",
}


@pytest.mark.parametrize("suffix", KINDS)
def test_a_plan_comes_in_its_format(chief: httpx.Client, suffix: str) -> None:
    answer = chief.get(f"/downloads/plans/{WEST_PLAN}{suffix}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].removesuffix("; charset=utf-8") == KINDS[suffix].removesuffix(
        "; charset=utf-8"
    )
    assert answer.headers["cache-control"] == "no-store"
    name = f'attachment; filename="plan-{WEST_PLAN}{suffix}"'
    assert answer.headers.get("content-disposition") == (None if suffix == "/order" else name)


def test_the_formats_can_be_read(chief: httpx.Client) -> None:
    collection = chief.get(f"/downloads/plans/{WEST_PLAN}.geojson").json()
    assert collection["type"] == "FeatureCollection"
    assert collection["features"]
    track = ElementTree.fromstring(chief.get(f"/downloads/plans/{WEST_PLAN}.gpx").text)
    assert track.tag.endswith("gpx")
    assert len(track)
    earth = ElementTree.fromstring(chief.get(f"/downloads/plans/{WEST_PLAN}.kml").text)
    assert earth.tag == "{http://www.opengis.net/kml/2.2}kml"
    book = load_workbook(io.BytesIO(chief.get(f"/downloads/plans/{WEST_PLAN}.xlsx").content))
    assert len(book.worksheets) > 2


def test_each_team_has_an_order_of_its_own_that_the_whole_one_leads_to(server: Server, chief: httpx.Client) -> None:
    whole = chief.get(f"/downloads/plans/{WEST_PLAN}/order").text
    (team, *_) = re.findall(r'<section class="sheet[^>]*" id="(T\d+)">', whole)
    address = f"{server.url}/downloads/plans/{WEST_PLAN}/order/{team}"
    assert f'<a class="code" href="{address}"' in whole
    own = chief.get(f"/downloads/plans/{WEST_PLAN}/order/{team}").text
    assert re.findall(r'<section class="sheet[^>]*" id="(.*?)">', own) == [team]
    assert chief.get(f"/downloads/plans/{WEST_PLAN}/order/T99").status_code == 404


def test_the_order_asks_for_nothing_more_and_speaks_the_readers_language(chief: httpx.Client) -> None:
    path = f"/downloads/plans/{WEST_PLAN}/order"
    chinese, english = (
        chief.get(path, headers={"Accept-Language": tag, "Accept": "text/html"}) for tag in ("zh", "en")
    )
    assert chinese.text != english.text
    for page in (chinese, english):
        assert "<svg" in page.text
        # What numbers the pages stands in the file itself.
        assert page.text.count("<script") == page.text.count("<script>") == 1
        assert 'src="http' not in page.text


@pytest.mark.parametrize("suffix", KINDS)
def test_a_plan_of_another_area_is_not_found(clients: dict[str, httpx.Client], suffix: str) -> None:
    assert clients["west"].get(f"/downloads/plans/{WEST_PLAN}{suffix}").status_code == 200
    for plan in (EAST_PLAN, 99):
        answer = clients["west"].get(f"/downloads/plans/{plan}{suffix}", headers={"Accept-Language": "en"})
        assert answer.status_code == 404
        assert answer.json()["error"] == f"There is no plan number {plan}."


def test_a_person_reads_a_failure_as_a_page(clients: dict[str, httpx.Client]) -> None:
    headers = {"Accept": "text/html", "Accept-Language": "zh-CN"}
    answer = clients["west"].get(f"/downloads/plans/{EAST_PLAN}/order", headers=headers)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert 'role="alert"' in answer.text
