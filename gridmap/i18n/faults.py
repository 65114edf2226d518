"""What a person reads when something could not be done: what happened, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gridmap import errors
from gridmap.errors import N_, GridmapError
from gridmap.i18n.catalogue import Translate
from gridmap.i18n.labels import label


@dataclass(frozen=True)
class Notice:
    """A sentence that says what happened and one that says what to do; the second may be empty."""

    message: str
    hint: str


DEFAULT_HINTS: dict[type[GridmapError], str] = {
    errors.GridmapError: N_("Try again; if it happens again, tell the administrator."),
    errors.InvalidInput: N_("Check what was entered and try again."),
    errors.UnreadableFile: N_("Check that the file is complete and of the kind its name says."),
    errors.UnknownCrs: N_("Ask whoever made the file which coordinate system it uses."),
    errors.TooLarge: N_("Send less at once."),
    errors.NoData: N_("Choose another file or a larger area."),
    errors.NotFound: N_("It may have been removed. Reload the page."),
    errors.NotSignedIn: N_("Sign in again."),
    errors.TooMany: N_("Wait a moment and try again."),
    errors.NotAllowed: N_("Ask an administrator for an account that may do it."),
    errors.Conflict: N_("Reload the page and look at the new state."),
    errors.MixedData: N_("Use a separate database for real data, or replace the demo data."),
    errors.StoreFailure: N_("Try again in a moment; if it happens again, tell the administrator."),
    errors.DatabaseTooNew: N_("Update the program to the version that wrote the database."),
    errors.DiskFull: N_("Free some space and try again."),
    errors.Unreachable: N_("Choose a place nearer to a road."),
    errors.CannotPlan: N_("Choose more teams, a longer shift or a smaller area."),
    errors.Cancelled: N_("Start it again when you want."),
}
"""What to do where a failure brings no hint of its own; every class of the error tree is in it."""

_CODED = {
    "current": "hazard_state",
    "target": "hazard_state",
    "task": "dispatch_state",
    "next_task": "dispatch_state",
    "hazard_kind": "hazard_kind",
    "stop": "stop_state",
    "next_stop": "stop_state",
}
"""Fields of messages that hold a coded value, and the group of its labels."""


def describe_error(error: GridmapError, translate: Translate) -> Notice:
    """The failure in the words of `translate`'s language, fields filled."""
    values = {name: _describe_value(name, value, translate) for name, value in error.values.items()}
    hint = error.hint or DEFAULT_HINTS[next(kind for kind in type(error).__mro__ if kind in DEFAULT_HINTS)]
    return Notice(translate(error.message).format(**values), translate(hint).format(**values))


def _describe_value(name: str, value: Any, translate: Translate) -> Any:
    """Coded values get their word, texts that are in the catalogue their translation."""
    if name in _CODED:
        return label(_CODED[name], value, translate)
    return translate(value) if isinstance(value, str) else value


def describe_unexpected(translate: Translate) -> Notice:
    """What to say when the program itself failed; the details belong in the log, not on the page."""
    return Notice(
        translate("This could not be shown just now. Nothing was changed."),
        translate("Reload the page. If it happens again, tell the administrator the time it happened."),
    )
