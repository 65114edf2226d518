"""Rules as data: which hold where and when, and what a file must not say."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from gridmap.domain.hazard_kinds import BuiltInKind
from gridmap.domain.statutes.parsing import Faulty, parse_statutes
from gridmap.domain.statutes.rules import Certainty, Statutes
from gridmap.errors import InvalidInput
from gridmap.sources.statutes import FOLDER
from tests.statute_worlds import RULES, STATUTES

TODAY = date(2026, 3, 4)
KINDS = {
    *("building", "digging", "stacking", "dumping", "burning", "grazing", "tree", "light-material", "colour-steel"),
    *("kite", "drone", "mining", "blasting", "sand-mining", "dredging", "groundwater", "reclamation", "cable"),
}
Tables = dict[str, Any]


def load_tables() -> Tables:
    return {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.toml"))}


def parse(tables: Tables) -> Statutes:
    laws = {name: table for name, table in tables.items() if name not in {"kinds", "origins"}}
    return parse_statutes(laws, kinds=tables["kinds"], origins=tables["origins"])


def name_rules(kind: str, jurisdiction: str, at: date = TODAY) -> set[str]:
    return {rule.id for rule in STATUTES.select_rules([kind], jurisdiction=jurisdiction, at=at)}


def test_every_kind_has_a_rule_and_words_in_both_languages() -> None:
    assert set(STATUTES.kinds) == KINDS
    for kind in KINDS:
        assert name_rules(kind, "CN-14")
        assert set(STATUTES.kinds[kind]) == {"zh", "en"}


def test_every_kind_of_hazard_is_told_what_it_is() -> None:
    assert set(STATUTES.hazards) == {kind.value for kind in BuiltInKind}
    assert STATUTES.hazards["quarrying"] == ("mining",)
    assert STATUTES.hazards["water_extraction"] == ("groundwater",)
    assert STATUTES.hazards["road_damage"] == ()


def test_national_rules_hold_in_every_province_and_provincial_ones_at_home() -> None:
    assert name_rules("kite", "CN-14") == {"cn-639/53-conductor", "cn-14-2021/airborne"}
    assert name_rules("kite", "CN-37") == name_rules("kite", "CN") == {"cn-639/53-conductor"}
    assert name_rules("kite", "LI") == name_rules("kite", "CNX") == set()


def test_a_law_holds_from_its_day_on() -> None:
    assert name_rules("mining", "CN-14", date(2013, 12, 31)) == set()
    assert name_rules("mining", "CN-14", date(2014, 1, 1)) == {"cn-639/34"}
    assert name_rules("drone", "CN-14", date(2020, 12, 31)) == set()


def test_the_distances_are_those_of_the_legal_text() -> None:
    limits = {rule.id: rule.limit_m for rule in RULES.values()}
    expected = {"cn-639/34": 1000, "cn-639/35": 200, "cn-639/52-buried": 1, "cn-639/52-river": 100}
    expected |= {"cn-639/53-conductor": 500, "cn-639/53-pole": 20}
    expected |= {"cn-14-2021/colour-steel": 100, "cn-14-2021/airborne": 500}
    assert {name: limits[name] for name in expected} == expected
    widths = RULES["cn-639/29"].widths
    assert widths is not None
    table = {(True, "urban"): 10, (False, "urban"): 8, (True, "suburban"): 12, (False, "suburban"): 10}
    table |= {(True, "village"): 15, (False, "village"): 12, (True, "open"): 20, (False, "open"): 15}
    assert widths.metres == table
    sand = RULES["cn-639/38"]
    assert [(limit.bridge_m, limit.limit_m) for limit in sand.downstream] == [(0, 1000), (100, 2000), (500, 3000)]
    assert [(limit.bridge_m, limit.limit_m) for limit in sand.upstream] == [(0, 500)]


def test_the_repealed_two_hundred_metres_are_not_there() -> None:
    assert [rule.id for rule in RULES.values() if rule.limit_m == 200] == ["cn-639/35"]


def test_what_was_not_read_in_the_text_says_so() -> None:
    assert {rule.certainty for rule in RULES.values() if rule.jurisdiction == "CN-14"} == {Certainty.SECONDARY}
    assert [rule.id for rule in RULES.values() if rule.certainty is Certainty.RECALLED] == ["cn-639/53-pole"]


def test_an_unknown_kind_is_told_the_list() -> None:
    with pytest.raises(InvalidInput) as caught:
        STATUTES.check_kind("dragon")
    assert all(kind in caught.value.hint_text for kind in KINDS)


def test_a_law_may_bring_kinds_and_a_jurisdiction_of_its_own() -> None:
    tables = load_tables()
    rule = {**tables["cn-639-2014"]["rules"][2], "id": "li-1/1", "kinds": ["vineyard"]}
    words = {"key": "vineyard", "zh": "葡萄园", "en": "Vineyards"}
    law = {"key": "li-1", "jurisdiction": "LI", "valid_from": date(2020, 1, 1), "certainty": "verified"}
    tables["li-2020"] = {**law, "title": {"zh": "法", "en": "Act"}, "kinds": [words], "rules": [rule]}
    found = parse(tables).select_rules(["vineyard"], jurisdiction="LI", at=TODAY)
    assert [rule.id for rule in found] == ["li-1/1"]


def test_a_newer_edition_takes_the_place_of_the_older() -> None:
    tables = load_tables()
    newer = copy.deepcopy(tables["cn-639-2014"])
    newer["valid_from"], newer["rules"][2]["limit"] = date(2030, 1, 1), 1500.0
    with pytest.raises(Faulty, match="two rules"):
        parse({**tables, "cn-639-2030": newer})
    tables["cn-639-2014"]["valid_to"] = date(2029, 12, 31)
    both = parse({**tables, "cn-639-2030": newer})
    for day, limit in ((date(2029, 12, 31), 1000), (date(2030, 1, 1), 1500)):
        (rule,) = both.select_rules(["mining"], jurisdiction="CN-14", at=day)
        assert rule.limit_m == limit


def _spoil(path: str, value: object) -> Callable[[Tables], None]:
    """Set a value of the national law; "rules.2.limit" is the limit of its third rule, `...` takes it away."""

    def apply(tables: Tables) -> None:
        *way, last = path.split(".")
        here: Any = tables["cn-639-2014"]
        for word in way:
            here = here[int(word) if word.isdigit() else word]
        if value is ...:
            del here[last]
        else:
            here[last] = value

    return apply


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_spoil("rules.2.limit", -5), "no distance"),
        (_spoil("rules.2.limit", "wide"), "no distance"),
        (_spoil("rules.2.limit", ...), "gives"),
        (_spoil("rules.0.limit", "cn-639/99"), "no widths"),
        (_spoil("rules.2.kinds", ["dragon"]), "dragon"),
        (_spoil("rules.2.kinds", []), "unknown kinds"),
        (_spoil("rules.2.effect", "frowned upon"), "frowned upon"),
        (_spoil("rules.2.shape", "star"), "star"),
        (_spoil("rules.2.origin", "bridge"), "along a river"),
        (_spoil("rules.2.id", "34"), "begins with"),
        (_spoil("rules.2.id", "cn-639/29"), "two rules"),
        (_spoil("rules.2.article", "unconfirmed"), "names its article"),
        (_spoil("rules.2.text", {"zh": "x"}), "missing in en"),
        (_spoil("rules.2.limits", 5), "unknown keys"),
        (_spoil("rules.2.tunnels", "maybe"), "maybe"),
        (_spoil("rules.6.downstream", [{"bridge_m": 100.0, "limit": 5.0}]), "shortest bridges"),
        (_spoil("rules.6.limit", 5.0), "gives"),
        (_spoil("valid_from", "2014"), "days"),
        (_spoil("valid_to", date(2013, 1, 1)), "days"),
        (_spoil("jurisdiction", ...), "jurisdiction is missing"),
        (_spoil("widths.0.other", {"urban": 8.0}), "suburban is missing"),
        (_spoil("colour", "red"), "unknown keys"),
        (lambda tables: tables["kinds"]["hazards"].update(other=["dragon"]), "dragon"),
        (lambda tables: tables["origins"]["plain"].pop("other"), "other is missing"),
    ],
)
def test_a_file_that_cannot_be_is_refused(spoil: Callable[[Tables], None], said: str) -> None:
    tables = load_tables()
    spoil(tables)
    with pytest.raises(Faulty, match=said):
        parse(tables)
