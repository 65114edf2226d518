"""Every coded value that the map draws has its mark."""

from __future__ import annotations

import re

import pytest

from gridmap.domain.hazard_kinds import BuiltInKind
from gridmap.domain.incidents import IncidentKind
from gridmap.domain.networks import Network
from gridmap.i18n.labels import LABELS
from gridmap.views import icons

EVERY_PATH = {
    **icons.SHAPES,
    **icons.HAZARD_GLYPHS,
    **{f"incident {kind}": path for kind, path in icons.INCIDENT_GLYPHS.items()},
    "incident": icons.INCIDENT_SHAPE,
    **icons.NETWORK_GLYPHS,
    **icons.TEAM_GLYPHS,
    **icons.RAIL_GLYPHS,
    "pin": icons.PIN,
}


def test_every_kind_of_hazard_has_outline_and_glyph() -> None:
    kinds = {kind.value for kind in BuiltInKind}
    assert set(icons.HAZARD_SHAPES) == kinds
    assert set(icons.HAZARD_GLYPHS) == kinds
    assert set(icons.HAZARD_SHAPES.values()) == set(icons.SHAPES)


def test_every_kind_of_incident_has_a_sign() -> None:
    assert set(icons.INCIDENT_GLYPHS) == {kind.value for kind in IncidentKind}


def test_every_network_and_team_kind_has_a_glyph() -> None:
    assert set(icons.NETWORK_GLYPHS) == {network.value for network in Network}
    assert set(icons.TEAM_GLYPHS) == set(LABELS["team_kind"])
    assert set(LABELS["access_kind"]) <= set(icons.RAIL_GLYPHS)


@pytest.mark.parametrize("name", EVERY_PATH)
def test_path_starts_with_a_move_and_is_closed(name: str) -> None:
    path = EVERY_PATH[name]
    assert re.fullmatch(r"M[MmLlHhVvCcSsAaZz0-9 .,-]+[Zz]", path)


def test_svg_is_drawn_in_the_colours_asked_for() -> None:
    drawn = icons.draw_svg(icons.SHAPES["square"], fill="#123456", inner=icons.PIN, inner_fill="#fedcba")
    assert drawn.count("<path") == 2
    assert "#123456" in drawn
    assert "#fedcba" in drawn
