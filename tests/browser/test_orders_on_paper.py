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


# What each page of a sheet holds.
READ_PAGES = """() => [...document.querySelectorAll('.sheet')].map((page) => ({
  count: page.querySelector('.page').textContent,
  head: page.querySelector('h1 small').textContent,
  maps: page.querySelectorAll('svg.map').length,
  codes: page.querySelectorAll('.code').length,
  heads: page.querySelectorAll('thead').length === page.querySelectorAll('table').length,
  stops: [...page.querySelectorAll('td.no')].map((cell) => cell.textContent).filter(Boolean),
  signatures: page.querySelectorAll('.signatures').length,
}))"""


def test_a_long_order_runs_over_numbered_pages_with_its_head_on_each(chromium: Browser, tmp_path: Path) -> None:
    document = plan(build_patrol_world(7), iterations=5)
    route = document["routes"][0]
    route["stops"] = [{**route["stops"][n % len(route["stops"])], "number": n + 1} for n in range(40)]
    name = next(team["name"] for team in document["teams"] if team["key"] == route["team"])
    file = tmp_path / "order.html"
    links = {route["team"]: "https://map.example/order/1"}
    written = draw_order_page(
        document, translate=translator("zh-CN"), only=route["team"], links=links, title="日常巡防"
    )
    file.write_text(written, encoding="utf-8")
    page = chromium.new_page()
    page.goto(file.as_uri())
    pages = page.evaluate(READ_PAGES)
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    page.close()
    count = len(pages)
    assert count > 2
    assert [one["count"] for one in pages] == [f"{n}/{count}" for n in range(1, count + 1)]
    assert {one["head"] for one in pages} == {f"{name} · 日常巡防"}
    assert [one["maps"] for one in pages] == [one["codes"] for one in pages] == [1] + [0] * (count - 1)
    assert all(one["heads"] for one in pages)
    assert [stop for one in pages for stop in one["stops"]] == [str(n) for n in range(1, 41)]
    assert [one["signatures"] for one in pages] == [0] * (count - 1) + [1]
    # Each is a page of paper, none of two and none empty.
    assert len(_list_pages(printed)) == count


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
