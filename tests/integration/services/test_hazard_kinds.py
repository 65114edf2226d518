"""The list of hazard kinds: it begins with the usual ones, an administrator keeps it, and everything reads it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gridmap.domain.access import Actor, Role
from gridmap.domain.hazard_kinds import BuiltInKind
from gridmap.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gridmap.services import cards, exports, hazard_kinds, hazards, journal, statutes
from gridmap.services.backup import backup, restore
from gridmap.services.context import Context
from gridmap.services.hazard_kinds import KindChange
from gridmap.services.hazards import NewHazard
from gridmap.store import hazard_kinds as store
from gridmap.store.database import open_database
from tests.counties import ADMIN, EAST_SUPERVISOR, RAIL_LAT, WEST, WEST_TOWN, fill_county

TENT = KindChange(name_zh="彩棚", name_en="Marquee", is_line_side=True, is_light=True, statutes=("light-material",))


@pytest.fixture
def county(context: Context) -> Context:
    fill_county(context)
    return context


def codes(context: Context) -> list[str]:
    return [kind.code for kind in hazard_kinds.list_kinds(context, ADMIN)]


def change(context: Context, code: str, **values: object) -> None:
    kind = hazard_kinds.load_kinds(context).find(code)
    assert kind is not None
    as_is = KindChange(
        name_zh=kind.name_zh,
        name_en=kind.name_en,
        is_line_side=kind.is_line_side,
        is_light=kind.is_light,
        statutes=kind.statutes,
        is_active=kind.is_active,
    )
    changed = replace(as_is, **values)
    hazard_kinds.change_kind(context, ADMIN, code=code, change=changed, version=kind.version)


def report(context: Context, kind: str) -> int:
    new = NewHazard(kind=kind, severity=2, title="Roof", lon=WEST + 0.005, lat=RAIL_LAT + 0.0001)
    return hazards.add_hazard(context, ADMIN, new=new)


def test_a_new_database_has_the_usual_kinds(context: Context) -> None:
    kinds = hazard_kinds.list_kinds(context, ADMIN)
    assert [kind.code for kind in kinds] == [kind.value for kind in BuiltInKind]
    assert all(kind.is_built_in and kind.is_active and not kind.name_zh for kind in kinds)
    assert kinds.light == ("light_objects", "colour_steel")
    community = {kind.code for kind in kinds if not kind.is_line_side}
    assert community == {"fire_risk", "flood_risk", "landslide", "road_damage", "gas_water_power", "other"}


def test_a_kind_of_ones_own_is_a_kind_everywhere(county: Context, tmp_path: Path) -> None:
    hazard_kinds.add_kind(county, ADMIN, code="marquee", change=TENT)
    assert codes(county)[-1] == "marquee"
    hazard = report(county, "marquee")
    assert hazards.load_hazard(county, ADMIN, hazard_id=hazard)["line_id"] is not None
    rows = dict(cards.load_card(county, ADMIN, kind="hazard", id=hazard).rows)
    assert rows["Kind"] == hazard_kinds.load_kinds(county).find("marquee")
    found = statutes.check_hazard(county, ADMIN, hazard_id=hazard)
    assert "cn-14-2021/light-material" in {finding.rule for finding in found}
    target = tmp_path / "hazards.geojson"
    exports.export_dataset(county, ADMIN, target=target, format="geojson", layers=["hazards"])
    text = target.read_text(encoding="utf-8")
    assert '"kind": "marquee", "kind_zh": "彩棚", "kind_en": "Marquee"' in text


def test_a_kind_in_use_is_hidden_and_never_removed(county: Context) -> None:
    hazard_kinds.add_kind(county, ADMIN, code="marquee", change=TENT)
    report(county, "marquee")
    for code in ("marquee", "burning"):
        with pytest.raises(Conflict, match="is not removed"):
            hazard_kinds.remove_kind(county, ADMIN, code=code)
    change(county, "marquee", is_active=False)
    with pytest.raises(InvalidInput, match="no longer used"):
        report(county, "marquee")
    assert hazards.list_hazards(county, ADMIN)["kind"].tolist() == ["marquee"]


def test_a_kind_nobody_used_goes_and_comes_back_with_an_undo(county: Context) -> None:
    hazard_kinds.add_kind(county, ADMIN, code="marquee", change=TENT)
    hazard_kinds.remove_kind(county, ADMIN, code="marquee")
    assert "marquee" not in codes(county)
    newest = int(journal.list_changes(county, ADMIN)["txn_id"].iloc[0])
    journal.undo_change(county, ADMIN, txn_id=newest, reason="still wanted")
    assert codes(county)[-1] == "marquee"


def test_a_built_in_kind_is_renamed_and_gets_its_name_back(county: Context) -> None:
    change(county, "burning", name_zh="秸秆焚烧", is_light=True)
    kind = hazard_kinds.load_kinds(county).find("burning")
    assert kind is not None
    assert (kind.name_zh, kind.name_en, kind.is_light) == ("秸秆焚烧", "秸秆焚烧", True)
    change(county, "burning", name_zh="", name_en="")
    assert hazard_kinds.load_kinds(county).find("burning").name_zh == ""
    with pytest.raises(Conflict, match="stands in the rule files"):
        change(county, "burning", statutes=("tree",))


def test_the_order_is_the_one_that_was_set(county: Context) -> None:
    before = codes(county)
    hazard_kinds.move_kind(county, ADMIN, code="other", by=-1)
    assert codes(county) == [*before[:-2], "other", before[-2]]
    hazard_kinds.move_kind(county, ADMIN, code="other", by=1)
    hazard_kinds.move_kind(county, ADMIN, code="other", by=1)
    assert codes(county) == before


def test_what_cannot_be_is_refused(county: Context) -> None:
    with pytest.raises(InvalidInput, match="has no name"):
        hazard_kinds.add_kind(county, ADMIN, code="marquee", change=replace(TENT, name_zh="", name_en=""))
    with pytest.raises(InvalidInput, match="distance rules"):
        hazard_kinds.add_kind(county, ADMIN, code="marquee", change=replace(TENT, statutes=("dragon",)))
    with pytest.raises(InvalidInput, match="already a kind"):
        hazard_kinds.add_kind(county, ADMIN, code="burning", change=TENT)
    with pytest.raises(NotFound):
        hazard_kinds.change_kind(county, ADMIN, code="dragon", change=TENT, version=1)
    with pytest.raises(NotFound):
        hazard_kinds.move_kind(county, ADMIN, code="dragon", by=1)
    change(county, "burning", is_light=True)
    with pytest.raises(Conflict):
        hazard_kinds.change_kind(county, ADMIN, code="burning", change=replace(TENT, statutes=()), version=1)


@pytest.mark.parametrize("actor", [EAST_SUPERVISOR, Actor("west admin", Role.ADMINISTRATOR, WEST_TOWN)])
def test_only_an_administrator_of_everything_keeps_the_list(county: Context, actor: Actor) -> None:
    assert hazard_kinds.list_kinds(county, actor).find("burning") is not None
    for act in (
        lambda: hazard_kinds.add_kind(county, actor, code="marquee", change=TENT),
        lambda: hazard_kinds.move_kind(county, actor, code="burning", by=1),
        lambda: hazard_kinds.remove_kind(county, actor, code="burning"),
        lambda: hazard_kinds.count_uses(county, actor),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_the_list_comes_back_out_of_a_backup(county: Context, tmp_path: Path) -> None:
    hazard_kinds.add_kind(county, ADMIN, code="marquee", change=TENT)
    change(county, "burning", name_en="Straw fires")
    backup(county, ADMIN, target=tmp_path / "backup.zip")
    url = f"sqlite:///{tmp_path / 'again.db'}"
    restore(replace(county.settings, database_url=url), archive=tmp_path / "backup.zip")
    database = open_database(url)
    with database.read() as connection:
        assert list(store.load_kinds(connection)) == list(hazard_kinds.load_kinds(county))
    database.dispose()
