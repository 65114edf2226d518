"""Gettext catalogues, kept as .po text beside this module and compiled in memory when a process starts."""

from __future__ import annotations

import gettext
import io
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Literal

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

Language = Literal["zh-CN", "en"]
Translate = Callable[[str], str]

LANGUAGES: dict[Language, str] = {"zh-CN": "中文", "en": "English"}
"""The languages offered, each by its own name, the first being the one for whoever asks for none of them."""

_FOLDER = Path(__file__).parent
_FILES: dict[Language, str] = {"zh-CN": "zh_CN.po", "en": "en.po"}


LANGUAGE_COOKIE = "gridmap_language"
"""Name under which a browser keeps the language that was chosen."""


def choose_language(*wishes: str | None) -> Language:
    """The first language offered that is named in `wishes`, in their order.

    Parameters
    ----------
    wishes
        A cookie's value, a browser locale (`zh-Hans-CN`), an Accept-Language header (weights are respected), or None.
    """
    for wish in wishes:
        for tag in _tags_by_weight(wish or ""):
            if tag.split("-")[0] == "zh":
                return "zh-CN"
            if tag.split("-")[0] == "en":
                return "en"
    return next(iter(LANGUAGES))


def translator(language: str) -> Translate:
    """A function from a msgid to its text in `language`; a msgid without a translation stays as it is."""
    catalogue = _load_catalogue(choose_language(language))
    # The empty msgid is gettext's header, never a text.
    return lambda msgid: catalogue.gettext(msgid) if msgid else ""


@cache
def _load_catalogue(language: Language) -> gettext.GNUTranslations:
    with (_FOLDER / _FILES[language]).open("rb") as file:
        catalogue = read_po(file, locale=_FILES[language].removesuffix(".po"), abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _tags_by_weight(header: str) -> list[str]:
    tags = []
    for part in header.lower().replace("_", "-").split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            tags.append((-float(weight or 1.0), tag))
        except ValueError:
            continue
    return [tag for _, tag in sorted(tags, key=lambda pair: pair[0]) if tag]
