"""Around everything, Streamlit's own routes included: nobody without a session gets a page, and safe headers."""

from __future__ import annotations

from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gridmap.errors import NotSignedIn
from gridmap.web.guard import REFUSED, check_origin, find_actor

_OPEN = ("/session/", "/healthz", "/vendor/", "/assets/", "/static/", "/favicon", "/_stcore/health")
"""Scripts and styles, the way in, and the word that the server is well."""

_GUARDED_ELSEWHERE = ("/tiles/", "/layers/", "/live/", "/downloads/", "/state.json")
"""Routes of ours with a guard of their own, which answers in a form that the map reads."""

_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"x-frame-options": b"SAMEORIGIN",
    # Streamlit compiles small functions at run time and its components start from inline scripts.
    b"content-security-policy": (
        b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
        b"img-src 'self' data: blob: https:; font-src 'self' data:; connect-src 'self' ws: wss: data: blob:; "
        b"worker-src 'self' blob:; frame-src 'self' blob: data:; frame-ancestors 'self'; base-uri 'self'; "
        b"form-action 'self'"
    ),
}


class Gate:
    """Pure ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if not path.startswith((*_OPEN, *_GUARDED_ELSEWHERE)) and not await _has_session(scope):
            await _refuse(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                held = {name.lower() for name, _ in message["headers"]}
                extra = [(name, value) for name, value in _HEADERS.items() if name not in held]
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        await self._app(scope, receive, send_safely)


async def _has_session(scope: Scope) -> bool:
    connection = HTTPConnection(scope)
    try:
        if scope["type"] == "websocket":
            check_origin(connection)
        await run_in_threadpool(find_actor, connection)
    except NotSignedIn:
        return False
    return True


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": REFUSED})
        return
    connection = HTTPConnection(scope)
    if scope["method"] == "GET" and "text/html" in connection.headers.get("accept", ""):
        target = quote(scope["path"])
        response: RedirectResponse | JSONResponse = RedirectResponse(f"/session/login?next={target}", status_code=303)
    else:
        response = JSONResponse({"error": "You are not signed in.", "hint": "Sign in to see the map."}, status_code=401)
    await response(scope, receive, send)
