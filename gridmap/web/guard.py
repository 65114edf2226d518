"""One guard for every route of ours: who asks, from which page, and what they may do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from gridmap.bootstrap import get_services
from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.errors import N_, GridmapError, NotAllowed, NotSignedIn
from gridmap.services import accounts
from gridmap.services.context import Context
from gridmap.web import errors

logger = logging.getLogger(__name__)

SESSION_COOKIE = "gridmap_session"

REFUSED, FORBIDDEN, TRY_LATER = 4401, 4403, 1013
"""WebSocket closing codes: sign in (again); not from here; come back by yourself."""

CHECK_EVERY_S = 10.0
"""How long a stream may outlive its session."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

Handler = Callable[[Request, Context, Actor], Awaitable[Response]]
SocketHandler = Callable[[WebSocket, Context, Actor], Awaitable[None]]


def check_origin(connection: HTTPConnection) -> None:
    """Raise NotAllowed where a browser says that another site's page sent this.

    Asked of everything that changes something, and of every WebSocket, which the same-origin policy does not cover.
    Without the header no browser sent it, so no cookie was borrowed either.
    """
    origin = connection.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != connection.headers.get("host"):
        raise NotAllowed(N_("This request comes from another site."), hint=N_("Open the map itself and try again."))


def check_request(connection: HTTPConnection) -> None:
    """`check_origin` where the request asks for it."""
    if connection.scope["type"] == "websocket" or connection.scope["method"] not in _SAFE_METHODS:
        check_origin(connection)


def find_actor(connection: HTTPConnection) -> Actor:
    """Who the session cookie stands for.

    Raises
    ------
    NotSignedIn
        There is none, or its session is over.
    """
    token = connection.cookies.get(SESSION_COOKIE)
    if not token:
        raise NotSignedIn(N_("You are not signed in."), hint=N_("Sign in to see the map."))
    return accounts.resolve_session(get_services().context, token)


def guarded(handler: Handler, *, permission: Permission = Permission.VIEW) -> Callable[[Request], Awaitable[Response]]:
    """A route for accounts with `permission`; failures become {error, hint} with a fitting status."""

    async def route(request: Request) -> Response:
        try:
            check_request(request)
            actor = await run_in_threadpool(find_actor, request)
            check_allowed(actor, permission)
            return await handler(request, get_services().context, actor)
        except GridmapError as error:
            return errors.answer(request, error)
        except Exception:
            logger.exception("%s failed", request.url.path)
            return errors.answer_unexpected(request)

    return route


def guarded_socket(
    handler: SocketHandler, *, permission: Permission = Permission.VIEW
) -> Callable[[WebSocket], Awaitable[None]]:
    """A WebSocket route for accounts with `permission`, from our own pages only, for as long as the session lasts."""

    async def route(socket: WebSocket) -> None:
        # Refusing before accepting would show the browser a broken connection without its reason.
        await socket.accept()
        try:
            check_request(socket)
            actor = await run_in_threadpool(find_actor, socket)
            check_allowed(actor, permission)
        except NotSignedIn:
            await socket.close(REFUSED)
        except NotAllowed:
            await socket.close(FORBIDDEN)
        except GridmapError:
            await socket.close(TRY_LATER)
        else:
            await _serve_while_signed_in(socket, actor, handler)

    return route


async def _serve_while_signed_in(socket: WebSocket, actor: Actor, handler: SocketHandler) -> None:
    serving = asyncio.ensure_future(handler(socket, get_services().context, actor))
    watching = asyncio.create_task(wait_for_sign_out(socket, actor))
    try:
        await asyncio.wait({serving, watching}, return_when=asyncio.FIRST_COMPLETED)
        if not serving.done():
            serving.cancel()
            await asyncio.wait({serving})
            with suppress(RuntimeError):  # gone in the same moment
                await socket.close(watching.result())
    finally:
        watching.cancel()
    if not serving.cancelled() and (failure := serving.exception()) is not None:
        logger.error("%s failed", socket.url.path, exc_info=failure)


async def wait_for_sign_out(connection: HTTPConnection, actor: Actor) -> int:
    """Return once the session no longer stands for `actor`: the closing code that tells the browser what to do.

    Asking keeps the session alive: a map that is open is in use, also on a wall that nobody touches.
    """
    while True:
        await asyncio.sleep(CHECK_EVERY_S)
        try:
            found = await run_in_threadpool(find_actor, connection)
        except NotSignedIn:
            return REFUSED
        except GridmapError:
            continue  # the database is away for a moment; the session is not over for that
        if found != actor:
            return TRY_LATER  # another role or area: the stream must be opened anew
