"""What a name and a password of an account must look like."""

from __future__ import annotations

import unicodedata

from gridmap.errors import N_, InvalidInput

MIN_LENGTH = 8
MAX_LENGTH = 128
"""Longer ones would only make the server hash for long."""

MAX_NAME_LENGTH = 60


def parse_name(text: str) -> str:
    """Canonical form of an account's name: one spelling per look (NFKC), no spaces around.

    Raises
    ------
    InvalidInput
        Empty, too long, or with characters that cannot be seen.
    """
    name = unicodedata.normalize("NFKC", text).strip()
    if not 0 < len(name) <= MAX_NAME_LENGTH or not name.isprintable():
        raise InvalidInput(
            N_("“{name}” cannot be the name of an account."),
            hint=N_("Use 1 to {limit} visible characters."),
            name=name[:MAX_NAME_LENGTH],
            limit=MAX_NAME_LENGTH,
        )
    return name


def check_password(password: str, *, name: str) -> None:
    """Raise InvalidInput unless `password` is long and mixed enough and is not the name."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise InvalidInput(
            N_("A password has {shortest} to {longest} characters."),
            hint=N_("Choose a longer one, for example a short sentence."),
            shortest=MIN_LENGTH,
            longest=MAX_LENGTH,
        )
    kinds = {_kind(character) for character in password}
    if len(kinds) < 2 or len(set(password)) < 5 or password.casefold() == name.casefold():
        raise InvalidInput(
            N_("This password is too easy to guess."),
            hint=N_("Mix letters with digits or signs, and do not use the name."),
        )


def _kind(character: str) -> str:
    if character.isdigit():
        return "digit"
    if character.isalpha():
        return "lower" if character.islower() else "other letter"
    return "sign"
