"""What a kind of hazard is called: as people named it, else as the catalogue has it."""

from __future__ import annotations

from gridmap.domain.hazard_kinds import HazardKind, HazardKinds
from gridmap.i18n.catalogue import Language, translator
from gridmap.i18n.labels import label


def name_kind(kind: HazardKind, language: Language) -> str:
    """The name of a kind in a language."""
    own = kind.name_zh if language == "zh-CN" else kind.name_en
    return own or label("hazard_kind", kind.code, translator(language))


def name_kinds(kinds: HazardKinds, language: Language) -> dict[str, str]:
    """The names of all kinds by code, hidden ones too: their hazards are still there."""
    return {kind.code: name_kind(kind, language) for kind in kinds}
