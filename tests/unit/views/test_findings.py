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
