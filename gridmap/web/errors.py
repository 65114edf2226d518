"""Failures as answers: the one table of HTTP statuses for all routes, and their words in the visitor's language."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, JSONResponse, Response

from gridmap import errors
from gridmap.i18n import Notice, describe_error, describe_unexpected, translator
from gridmap.web.language import choose
from gridmap.web.plain_page import draw_notice_page

STATUS: dict[type[errors.GridmapError], int] = {
    errors.GridmapError: 500,
    errors.InvalidInput: 422,
    errors.UnreadableFile: 422,
    errors.UnknownCrs: 422,
    errors.TooLarge: 413,
    errors.NoData: 422,
    errors.NotFound: 404,
    errors.NotSignedIn: 401,
    errors.TooMany: 429,
    errors.NotAllowed: 403,
    errors.Conflict: 409,
    errors.MixedData: 409,
    errors.StoreFailure: 503,
    errors.DatabaseTooNew: 503,
    errors.DiskFull: 507,
    errors.Unreachable: 422,
    errors.CannotPlan: 422,
    errors.Cancelled: 409,
}

SIGN_IN, FORBIDDEN, TRY_LATER, UNREADABLE = 4401, 4403, 1013, 1007
"""WebSocket closing codes: sign in (again); not from here; come back by yourself; that was no message of ours."""

CLOSING_CODE: dict[type[errors.GridmapError], int] = {errors.NotSignedIn: SIGN_IN, errors.NotAllowed: FORBIDDEN}
"""For whatever is not in it, `TRY_LATER`."""

_NEVER_KEPT = {"Cache-Control": "no-store"}


def wants_page(connection: HTTPConnection) -> bool:
    """Whether a person waits for a page, rather than a script for data."""
    return "text/html" in connection.headers.get("accept", "")


def answer(connection: HTTPConnection, error: errors.GridmapError) -> Response:
    """A failure as {error, hint}, or as a page for a person."""
    return _answer(connection, describe_error(error, translator(choose(connection))), STATUS[type(error)])


def answer_unexpected(connection: HTTPConnection) -> Response:
    """A failure of the program itself; its details are for the log."""
    return _answer(connection, describe_unexpected(translator(choose(connection))), 500)


def _answer(connection: HTTPConnection, notice: Notice, status: int) -> Response:
    if wants_page(connection):
        page = draw_notice_page(notice, language=choose(connection))
        return HTMLResponse(page, status_code=status, headers=_NEVER_KEPT)
    content = {"error": notice.message, "hint": notice.hint}
    return JSONResponse(content, status_code=status, headers=_NEVER_KEPT)
