"""Where devices report: the OsmAnd protocol, what a Traccar server forwards, and our own batch.

No session and no cookie: each request carries a device's token, as `Authorization: Bearer` or as the parameter
`token`. A fix that cannot be right by itself is answered with 400; one that is right but not kept as things stand (the
team is off duty, or would have jumped) is acknowledged, because telephones send what was not acknowledged for ever.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gridmap.bootstrap import get_services
from gridmap.domain.fix_formats import (
    MOST_PER_BATCH,
    Reading,
    read_batch_item,
    read_osmand,
    read_osmand_json,
    read_traccar,
)
from gridmap.domain.fixes import Refusal
from gridmap.errors import N_, StoreFailure, TooLarge, TooMany
from gridmap.i18n import translator
from gridmap.i18n.labels import REFUSAL_HINTS, label
from gridmap.web import errors
from gridmap.web.guard import answering
from gridmap.web.language import choose

LONGEST_BODY = 64 * 1024

_RETRY_AFTER_S = 2
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'self'",
}
_KEPT = Response(headers=_HEADERS)
"""One fix, kept: 200 without a word, as Traccar answers; a body would cost the server a second write."""

_ACKNOWLEDGED = frozenset({Refusal.OFF_DUTY, Refusal.TELEPORT})
_FORM = "application/x-www-form-urlencoded"


class Asked(NamedTuple):
    """A request that was read: parameters of address and form, and the body where it is none."""

    parameters: dict[str, str]
    body: bytes


async def _osmand(request: Request) -> Response:
    asked = await _read(request)
    if asked.body:
        readings = [read_osmand_json(_parse(asked.body))]
    else:
        readings = [read_osmand(asked.parameters, now=get_services().context.clock())]
    return await _take(request, asked, readings, is_batch=False)


async def _traccar(request: Request) -> Response:
    asked = await _read(request)
    return await _take(request, asked, [read_traccar(_parse(asked.body))], is_batch=False)


async def _batch(request: Request) -> Response:
    asked = await _read(request)
    document = _parse(asked.body)
    if not isinstance(document, list):
        return await _take(request, asked, [Reading("", Refusal.UNREADABLE)], is_batch=False)
    if len(document) > MOST_PER_BATCH:
        raise await _refuse_size(request, asked.parameters)
    return await _take(request, asked, [read_batch_item(item) for item in document], is_batch=True)


async def _take(request: Request, asked: Asked, readings: Sequence[Reading], *, is_batch: bool) -> Response:
    outcomes = await get_services().ingest.accept(_find_token(request, asked.parameters), readings)
    refused = [(n, why) for n, why in enumerate(outcomes) if why is not None]
    if not is_batch and not refused:
        return _KEPT
    if not is_batch and refused[0][1] not in _ACKNOWLEDGED:
        return _answer_refused(request, refused[0][1])
    content = {
        "accepted": len(readings) - len(refused),
        "refused": [{"index": n, "reason": why.value} for n, why in refused],
    }
    return JSONResponse(content)


def _answer_refused(request: Request, reason: Refusal) -> Response:
    translate = translator(choose(request))
    content = {
        "error": label("refusal", reason.value, translate),
        "hint": translate(REFUSAL_HINTS[reason.value]),
        "reason": reason.value,
    }
    return JSONResponse(content, status_code=400)


# --- reading a request ------------------------------------------------------------------------------------------


async def _read(request: Request) -> Asked:
    """Address, form and body; of a body that is too large no more than the beginning is ever read."""
    parameters = dict(parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True))
    if request.method == "GET":
        return Asked(parameters, b"")
    announced = request.headers.get("content-length", "")
    body = bytearray()
    if announced.isdigit() and int(announced) > LONGEST_BODY:
        raise await _refuse_size(request, parameters)
    async for piece in request.stream():
        body += piece
        if len(body) > LONGEST_BODY:
            raise await _refuse_size(request, parameters)
    if request.headers.get("content-type", "").startswith(_FORM) or not body:
        parameters.update(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        return Asked(parameters, b"")
    return Asked(parameters, bytes(body))


def _parse(body: bytes) -> Any:
    """The JSON of a body, None where it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _find_token(request: Request, parameters: dict[str, str]) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else parameters.get("token", "")


async def _refuse_size(request: Request, parameters: dict[str, str]) -> TooLarge:
    await get_services().ingest.refuse(Refusal.TOO_LARGE, token=_find_token(request, parameters))
    return TooLarge(
        N_("This is more than is taken at once."),
        hint=N_("Send at most {positions} positions and {kilobytes} kB at once."),
        positions=MOST_PER_BATCH,
        kilobytes=LONGEST_BODY // 1024,
    )


# --- the way in -------------------------------------------------------------------------------------------------


def _reporting(handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """A route for devices, which are told when to come back where they should."""

    async def route(request: Request) -> Response:
        try:
            return await handler(request)
        except ClientDisconnect:
            return Response(status_code=400)  # in the middle of a body; nobody hears this
        except (TooMany, StoreFailure) as error:
            response = errors.answer(request, error)
            response.headers["Retry-After"] = str(error.values.get("seconds", _RETRY_AFTER_S))
            return response

    return answering(route)


_ROUTES = {
    "/ingest/osmand": (_reporting(_osmand), ("GET", "POST")),
    "/ingest/traccar": (_reporting(_traccar), ("POST",)),
    "/ingest/batch": (_reporting(_batch), ("POST",)),
}


class Reporting:
    """Pure ASGI middleware that answers devices itself, before the gate.

    No cookie is read here, so nothing another site could borrow; and the gate, the pages' middlewares and the search
    for a route would cost a third of what such a request costs in all.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route, methods = _ROUTES.get(scope["path"], (None, ())) if scope["type"] == "http" else (None, ())
        if route is None:
            await self._app(scope, receive, send)
            return
        if scope["method"] in methods:
            response = await route(Request(scope, receive))
        else:
            response = Response(status_code=405, headers={"Allow": ", ".join(methods)})
        if response is not _KEPT:
            response.headers.update(_HEADERS)
        await response(scope, receive, send)
