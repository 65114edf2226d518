"""Every failure a caller can act on, as one tree: a message that says what happened, a hint that says what to do."""

from __future__ import annotations

from typing import Any


def N_(message: str) -> str:
    """Mark `message` for the catalogues without translating it here."""
    return message


class GridmapError(Exception):
    """Base of every expected failure.

    Parameters
    ----------
    message
        English source text of one sentence; `{name}` fields are filled from `values`. It is also the key in the
        translation catalogues, so it must be a literal wrapped in `N_`.
    hint
        What the person can do next, in the same form.
    values
        Values of the fields of both texts.
    """

    message: str
    hint: str
    values: dict[str, Any]

    def __init__(self, message: str, *, hint: str = "", **values: Any) -> None:
        self.message, self.hint, self.values = message, hint, values
        super().__init__(message.format(**values))

    def __reduce__(self) -> tuple[Any, ...]:
        """Survive the way back from a worker process, which rebuilds exceptions from their arguments."""
        return _rebuild, (type(self), self.message, self.hint, self.values)

    @property
    def hint_text(self) -> str:
        """The hint in English with its fields filled."""
        return self.hint.format(**self.values)


def _rebuild(kind: type[GridmapError], message: str, hint: str, values: dict[str, Any]) -> GridmapError:
    return kind(message, hint=hint, **values)


class InvalidInput(GridmapError):
    """A value given by a person or another program cannot be used as it is."""


class UnreadableFile(InvalidInput):
    """A file is missing, empty, truncated or not of the format its name promises."""


class UnknownCrs(InvalidInput):
    """The coordinate reference system of a file is missing or unusable."""


class TooLarge(InvalidInput):
    """What was sent is larger than anything that is expected."""


class NoData(InvalidInput):
    """The input is readable and holds nothing of what was asked for."""


class NotFound(GridmapError):
    """A thing that was named does not exist, or lies outside the caller's scope."""


class NotSignedIn(GridmapError):
    """The request carries no valid session."""


class TooMany(GridmapError):
    """The caller asks more often than agreed; `values["seconds"]` says after how many seconds it may again."""


class NotAllowed(GridmapError):
    """The signed-in account's role or area does not permit this."""


class Conflict(GridmapError):
    """Somebody else changed the same thing first, or the step no longer applies."""


class MixedData(Conflict):
    """Real data would be mixed into a synthetic database, or the other way round."""


class StoreFailure(GridmapError):
    """The database cannot be reached or cannot do what was asked."""


class DatabaseTooNew(StoreFailure):
    """The database was written by a newer version of the program."""


class DiskFull(StoreFailure):
    """There is no room left to write."""


class Unreachable(GridmapError):
    """No path on the road network joins the two places."""


class CannotPlan(GridmapError):
    """A patrol plan was asked for that no plan can satisfy, known before solving."""


class Cancelled(GridmapError):
    """The person asked for the work to stop; nothing was changed."""
