"""Findings in an official's words: article, limit, distance with its uncertainty, and what follows."""

from __future__ import annotations

from dataclasses import replace

from gridmap.domain.statutes.findings import Finding
from gridmap.i18n import translator
from gridmap.views.findings import describe_finding, draw_findings

CHINESE, ENGLISH = translator("zh-CN"), translator("en")
QUARRY = Finding(
    rule="cn-639/34",
    article="34",
    jurisdiction="CN",
    origin="toe-or-top",
    distance_m=412.2,
    uncertainty_m=3.6,
    limit_m=1000.0,
    effect="consent",
    applies=True,
    certainty="verified",
    note="",
    titles={"zh": "条例", "en": "Regulation"},
    texts={"zh": "须协商并报批", "en": "Consent and <approval>"},
)
DRONE = replace(QUARRY, article="unconfirmed", jurisdiction="CN-14", certainty="secondary", limit_m=500.0)


def test_what_applies_says_the_effect() -> None:
    assert describe_finding(QUARRY, ENGLISH) == "Art. 34: within 1,000 m, 412 m ± 4 m: consent needed"
    assert describe_finding(QUARRY, CHINESE) == "第34条：相距约 412（±4）米，在 1,000 米以内：须经同意"


def test_what_does_not_apply_says_how_far() -> None:
    far = replace(QUARRY, applies=False, distance_m=1_386.0)
    assert describe_finding(far, ENGLISH) == "Art. 34: 1,386 m ± 4 m, beyond 1,000 m"
    near = replace(far, distance_m=8.4, limit_m=8.0)
    assert "8.4" in describe_finding(near, CHINESE)


def test_what_cannot_be_measured_says_why() -> None:
    nothing = replace(QUARRY, applies=False, distance_m=None, uncertainty_m=None, note="none_recorded")
    assert describe_finding(nothing, ENGLISH) == "Art. 34: Nothing of the kind is recorded here; ask the railway."


def test_a_provincial_rule_is_called_one_and_says_how_sure_it_is() -> None:
    assert describe_finding(DRONE, CHINESE).startswith("省规定（条款号待核）：")
    assert describe_finding(replace(DRONE, article="12"), ENGLISH).startswith("Provincial rule, Art. 12: ")
    drawn = draw_findings([DRONE], translate=ENGLISH, language="en")
    assert "from secondary sources" in drawn


def test_the_panel_puts_first_what_applies_and_escapes_its_words() -> None:
    drawn = draw_findings([QUARRY, replace(QUARRY, applies=False)], translate=ENGLISH, language="en")
    assert drawn.index("consent needed") < drawn.index("beyond")
    assert "&lt;approval&gt;" in drawn
    assert drawn.endswith("approximate.</p>")
    assert draw_findings([], translate=ENGLISH, language="en") == ""


def test_an_announced_zone_is_named_with_its_notice_and_what_it_is_wider_than() -> None:
    zone = replace(
        QUARRY, limit_m=20.0, distance_m=12.0, official=True, notice="公告 3 号", overruled=("公告 1 号 (15 m)",)
    )
    assert describe_finding(zone, ENGLISH) == "Art. 34: announced zone, within 20 m, 12 m ± 4 m: consent needed"
    assert describe_finding(zone, CHINESE).startswith("第34条：按公告的保护区，相距约 12")
    drawn = draw_findings([zone], translate=CHINESE, language="zh-CN")
    assert "公告的保护区：公告 3 号" in drawn
    assert "以较宽者为准：公告 1 号 (15 m)" in drawn
    assert "notice not named" in draw_findings([replace(zone, notice="")], translate=ENGLISH, language="en")
