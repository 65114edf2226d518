"""`hazards kinds`: the list as it stands, for whoever brings hazards from elsewhere."""

from __future__ import annotations

import json

import pytest

from gridmap.cli.main import main
from gridmap.domain.access import TERMINAL
from gridmap.services import hazard_kinds
from gridmap.services.context import Context
from gridmap.services.hazard_kinds import KindChange

FIELDS = {"code", "zh", "en", "line_side", "light_material", "statutes", "active", "built_in"}


def test_the_list_is_printed_in_its_order(
    context: Context, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tent = KindChange(name_zh="彩棚", is_line_side=True, is_light=True, statutes=("light-material",), is_active=False)
    hazard_kinds.add_kind(context, TERMINAL, code="marquee", change=tent)
    assert main(["hazards", "kinds", "--db", database_url, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert all(set(kind) == FIELDS for kind in found)
    first, last = found[0], found[-1]
    assert (first["code"], first["zh"], first["en"]) == ("illegal_construction", "违法施工", "Illegal construction")
    assert first["statutes"] == ["building"]
    assert (last["code"], last["en"], last["active"], last["statutes"]) == (
        "marquee",
        "彩棚",
        False,
        ["light-material"],
    )
    assert main(["hazards", "kinds", "--db", database_url]) == 0
    assert "marquee                  彩棚  彩棚  (hidden)" in capsys.readouterr().out
