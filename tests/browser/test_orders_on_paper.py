"""The printed orders as the browser lays them out on A4."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser

from gridmap.i18n import translator
from gridmap.views.order_page import draw_order_page
from tests.worlds import build_patrol_world, plan

A4_PT = (595, 842)


def test_each_order_begins_on_a_page_of_its_own_and_is_not_cut(chromium: Browser, tmp_path: Path) -> None:
    document = plan(build_patrol_world(7), iterations=60)
    teams = [route["team"] for route in document["routes"]]
    assert len(teams) > 1
    links = {team: f"https://map.example/order/{team}" for team in teams}
    file = tmp_path / "order.html"
    file.write_text(draw_order_page(document, translate=translator("zh-CN"), links=links), encoding="utf-8")
    page = chromium.new_page()
    page.goto(file.as_uri())
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    page.close()
    (boxes,) = {tuple(map(float, found)) for found in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)}
    assert tuple(map(round, boxes)) == A4_PT
    sheets = _list_pages(printed)
    begins = {
        team.decode(): (sheets.index(int(at)), float(top))
        for team, at, top in re.findall(rb"/(T\d+) \[(\d+) 0 R /XYZ [\d.]+ ([\d.]+) 0\]", printed)
    }
    assert list(begins) == teams
    # An order of so few stops fits on one page: the overview, then a page for each team, each from its top.
    first = begins[teams[0]][0]
    assert [begins[team][0] for team in teams] == list(range(first, first + len(teams)))
    assert len(sheets) == first + len(teams)
    assert all(abs(top - boxes[1]) < 40 for _, top in begins.values())
    assert all(link.encode() in printed for link in links.values())


def _list_pages(printed: bytes) -> list[int]:
    """Object numbers of the pages in their order."""
    objects = {int(at): body for at, body in re.findall(rb"(?s)(\d+) 0 obj\n(.*?)endobj", printed)}

    def unfold(at: int) -> list[int]:
        body = objects[at]
        if b"/Type /Pages" not in body:
            return [at]
        (kids,) = re.findall(rb"/Kids \[([^\]]*)\]", body)
        return [page for kid in re.findall(rb"(\d+) 0 R", kids) for page in unfold(int(kid))]

    (root,) = re.findall(rb"/Type /Catalog\s*/Pages (\d+) 0 R", printed)
    return unfold(int(root))
