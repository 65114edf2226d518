"""Every coded value of the domain has its word, in both languages."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from gridmap.domain import incidents
from gridmap.domain.access import Role
from gridmap.domain.codes import Level
from gridmap.domain.devices import DeviceKind
from gridmap.domain.edition_places import PlaceChange
from gridmap.domain.fixes import Refusal
from gridmap.domain.hazard_kinds import BuiltInKind
from gridmap.domain.hazards import TRANSITIONS, HazardState, Severity
from gridmap.domain.incidents import DeclineReason, DispatchState, IncidentKind
from gridmap.domain.networks import SITE_KINDS, Network
from gridmap.domain.railways.chiefs import PARTIES
from gridmap.domain.statutes.checking import Note
from gridmap.domain.statutes.overriding import ANNOUNCED_ORIGIN
from gridmap.domain.statutes.rules import Certainty, Effect, Origin
from gridmap.domain.statutes.scene import EDGE_NAMES
from gridmap.i18n import translator
from gridmap.i18n.labels import LABELS, label

CODED: dict[str, Iterable[object]] = {
    "role": [role.value for role in Role],
    "level": [int(level) for level in Level],
    "party": PARTIES,
    "hazard_kind": [kind.value for kind in BuiltInKind],
    "hazard_state": [state.value for state in HazardState],
    "hazard_step": {state.value for following in TRANSITIONS.values() for state in following},
    "incident_kind": [kind.value for kind in IncidentKind],
    "dispatch_state": [state.value for state in DispatchState],
    "dispatch_step": {state.value for following in incidents.TRANSITIONS.values() for state in following},
    "decline_reason": [reason.value for reason in DeclineReason],
    "severity": [int(severity) for severity in Severity],
    "network": [network.value for network in Network],
    "device_kind": [kind.value for kind in DeviceKind],
    "refusal": [reason.value for reason in Refusal],
    "statute_effect": [effect.value for effect in Effect],
    "statute_origin": {*EDGE_NAMES, ANNOUNCED_ORIGIN, *(origin.value for origin in Origin)},
    "statute_certainty": [certainty.value for certainty in Certainty],
    "statute_note": [note.value for note in Note],
    "edition_change": [change.value for change in PlaceChange],
    "site_kind": {kind for kinds in SITE_KINDS.values() for kind in kinds},
}


@pytest.mark.parametrize("group", CODED)
def test_every_value_has_a_word_and_no_word_is_left_over(group: str) -> None:
    assert set(LABELS[group]) == set(CODED[group])


@pytest.mark.parametrize("group", LABELS)
def test_words_differ_within_a_group(group: str) -> None:
    for language in ("zh-CN", "en"):
        words = [label(group, value, translator(language)) for value in LABELS[group]]
        assert len(set(words)) == len(words)


def test_an_unknown_value_is_shown_as_it_is() -> None:
    assert label("severity", 9, translator("zh-CN")) == "9"
    assert label("network", Network.STREET, translator("en")) == "Street society"
