"""One guard for everything that is asked of us: from which page, by whom, and what they may do."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Scope
from starlette.websockets import WebSocket

from gridmap.bootstrap import get_services
from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.errors import N_, GridmapError, NotAllowed, NotSignedIn
from gridmap.services import accounts
from gridmap.services.context import Context
from gridmap.services.hub import Watch
from gridmap.settings import LOOPBACK
from gridmap.web import errors

logger = logging.getLogger(__name__)

CHECK_EVERY_S = 10.0
"""How long a stream may outlive a session that ended in another process; in this one it ends at once."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_ACTOR = "gridmap.actor"
_PORT = re.compile(r":\d*$")
TEAM_PAGE = "/team"
_TEAM_FOLDERS = ("/team/", "/tiles/")

Route = Callable[[Request], Awaitable[Response]]
Handler = Callable[[Request, Context, Actor], Awaitable[Response]]
SocketHandler = Callable[[WebSocket, Context, Actor], Awaitable[None]]


# --- at the gate: every request, Streamlit's included -----------------------------------------------------------


def check_origin(connection: HTTPConnection) -> None:
    """Raise NotAllowed where a browser says that another site's page sends what may change something, or listens.

    WebSockets count as such: the same-origin policy does not cover them. Without the header no browser sent it, so no
    cookie was borrowed either.
    """
    if connection.scope["type"] == "http" and connection.scope["method"] in _SAFE_METHODS:
        return
    origin = connection.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != connection.headers.get("host"):
        raise NotAllowed(N_("This request comes from another site."), hint=N_("Open the map itself and try again."))


def is_from_this_machine(connection: HTTPConnection) -> bool:
    """Whether the browser runs here and says so: its address and the host it asked for are both this machine's own.

    The host tells what a tunnel or a proxy on this machine, whose address is local too, was asked for outside it.
    """
    name = _PORT.sub("", connection.headers.get("host", "")).strip("[]").lower()
    return connection.client is not None and connection.client.host in LOOPBACK and name in LOOPBACK


async def admit(connection: HTTPConnection) -> Scope:
    """The connection's scope with who it comes from, for the route behind the gate.

    Raises
    ------
    NotSignedIn
        There is no session cookie, or its session is over.
    """
    return {**connection.scope, _ACTOR: await find_actor(connection)}


async def find_actor(connection: HTTPConnection) -> Actor:
    """Who the session cookie stands for; raises NotSignedIn like `admit`."""
    token = connection.cookies.get(accounts.SESSION_COOKIE)
    if not token:
        raise _stranger()
    return await run_in_threadpool(accounts.resolve_session, get_services().context, token)


def is_astray(scope: Scope) -> bool:
    """Whether a team's account asks for anything but its own page and the ground of its map."""
    actor: Actor | None = scope.get(_ACTOR)
    path: str = scope["path"]
    return actor is not None and not actor.may(Permission.VIEW) and not _is_for_teams(path)


def _is_for_teams(path: str) -> bool:
    return path == TEAM_PAGE or path.startswith(_TEAM_FOLDERS)


def _stranger() -> NotSignedIn:
    return NotSignedIn(N_("You are not signed in."), hint=N_("Sign in to see the map."))


def _get_actor(connection: HTTPConnection, permission: Permission) -> Actor:
    """Whom the gate let in; a route that somebody mounts without the gate stays shut."""
    actor: Actor | None = connection.scope.get(_ACTOR)
    if actor is None:
        raise _stranger()
    check_allowed(actor, permission)
    return actor


# --- at each route ----------------------------------------------------------------------------------------------


def answering(handler: Route) -> Route:
    """A route whose failures become answers with a fitting status; the one place where the unexpected is logged."""

    async def route(request: Request) -> Response:
        try:
            return await handler(request)
        except GridmapError as error:
            return errors.answer(request, error)
        except Exception:
            logger.exception("%s failed", request.url.path)
            return errors.answer_unexpected(request)

    return route


def guarded(handler: Handler, *, permission: Permission = Permission.VIEW) -> Route:
    """An answering route for accounts with `permission`."""

    async def route(request: Request) -> Response:
        return await handler(request, get_services().context, _get_actor(request, permission))

    return answering(route)


def guarded_socket(
    handler: SocketHandler, *, permission: Permission = Permission.VIEW
) -> Callable[[WebSocket], Awaitable[None]]:
    """A WebSocket route for accounts with `permission`, for as long as the session lasts."""

    async def route(socket: WebSocket) -> None:
        # Refusing before accepting would show the browser a broken connection without its reason.
        await socket.accept()
        try:
            actor = _get_actor(socket, permission)
        except GridmapError as error:
            await socket.close(errors.CLOSING_CODE.get(type(error), errors.TRY_LATER))
        else:
            await _serve_while_signed_in(socket, actor, handler)

    return route


async def _serve_while_signed_in(socket: WebSocket, actor: Actor, handler: SocketHandler) -> None:
    serving = asyncio.ensure_future(handler(socket, get_services().context, actor))
    watching = asyncio.create_task(_wait_for_sign_out(socket, actor))
    try:
        await asyncio.wait({serving, watching}, return_when=asyncio.FIRST_COMPLETED)
        if not serving.done():
            serving.cancel()
            await asyncio.wait({serving})
            with suppress(RuntimeError):  # gone in the same moment
                await socket.close(watching.result())
    finally:
        serving.cancel()
        watching.cancel()
    if not serving.cancelled() and (failure := serving.exception()) is not None:
        logger.error("%s failed", socket.url.path, exc_info=failure)


async def _wait_for_sign_out(connection: HTTPConnection, actor: Actor) -> int:
    """Return once the session no longer stands for `actor`: the closing code that tells the browser what to do.

    All streams of a session share one look at it.
    """
    watches = get_services().hub.watches
    key = (connection.cookies.get(accounts.SESSION_COOKIE, ""), actor)
    watch = watches.get(key)
    if watch is None:
        watch = watches[key] = Watch(asyncio.create_task(_watch_session(connection, actor)))
    watch.waiting += 1
    try:
        return await asyncio.shield(watch.task)
    finally:
        watch.waiting -= 1
        if not watch.waiting:
            watch.task.cancel()
            del watches[key]


async def _watch_session(connection: HTTPConnection, actor: Actor) -> int:
    """Ask now and then; that keeps the session alive: a map that is open is in use, also on a wall nobody touches."""
    with get_services().hub.sign_outs.listen(actor) as queue:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(queue.get(), CHECK_EVERY_S)
            try:
                found = await find_actor(connection)
            except NotSignedIn:
                return errors.SIGN_IN
            except GridmapError:
                continue  # the database is away for a moment; the session is not over for that
            if found != actor:
                return errors.TRY_LATER  # another role or area: the stream must be opened anew
