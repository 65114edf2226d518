"""Coverage of the control networks by road."""

from __future__ import annotations


def test_coverage_and_gaps_follow_the_minutes(browser, read) -> None:
    app = browser.open("networks")
    near = browser.overlays[-1].cell_fill
    assert set(near.classes.values()) <= {0, 1}
    app.slider(key="network_minutes").set_value(3).run()
    far = browser.overlays[-1].cell_fill
    assert sum(far.classes.values()) > sum(near.classes.values())
    assert "行车 3 分钟内" in far.title
    assert f"空白网格（{sum(far.classes.values())}）" in read(app)


def test_a_network_without_sites_says_so(browser, read) -> None:
    app = browser.open("networks")
    app.button_group(key="network").set_value("industry").run()
    assert "这张网还没有登记点位。" in read(app)


def test_a_gap_and_a_site_are_flown_to(browser) -> None:
    app = browser.open("networks")
    app.slider(key="network_minutes").set_value(3).run()
    gap = next(button for button in app.button if str(button.key).startswith("row_gaps_"))
    gap.click().run()
    assert "cell" in browser.overlays[-1].selected
    site = next(button for button in app.button if str(button.key).startswith("row_sites_"))
    site.click().run()
    assert "site" in browser.overlays[-1].selected
