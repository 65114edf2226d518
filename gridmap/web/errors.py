"""Failures as answers: the one table of HTTP statuses for all routes, and their words in the visitor's language."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse

from gridmap import errors
from gridmap.i18n import Notice, describe_error, describe_unexpected, translator
from gridmap.web.language import choose

STATUS: dict[type[errors.GridmapError], int] = {
    errors.GridmapError: 500,
    errors.InvalidInput: 422,
    errors.UnreadableFile: 422,
    errors.UnknownCrs: 422,
    errors.NoData: 422,
    errors.NotFound: 404,
    errors.NotSignedIn: 401,
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


def answer(connection: HTTPConnection, error: errors.GridmapError) -> JSONResponse:
    """A failure as {error, hint}."""
    notice = describe_error(error, translator(choose(connection)))
    return _answer(notice, STATUS[type(error)])


def answer_unexpected(connection: HTTPConnection) -> JSONResponse:
    """A failure of the program itself; its details are for the log."""
    return _answer(describe_unexpected(translator(choose(connection))), 500)


def _answer(notice: Notice, status: int) -> JSONResponse:
    content = {"error": notice.message, "hint": notice.hint}
    return JSONResponse(content, status_code=status, headers={"Cache-Control": "no-store"})
