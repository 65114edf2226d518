"""The gate around everything, Streamlit's own routes included: who is no guest gets nothing, and safe headers."""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from gridmap.bootstrap import get_services
from gridmap.errors import N_, GridmapError, NotAllowed, NotSignedIn
from gridmap.settings import RasterBasemap
from gridmap.web import errors
from gridmap.web.caching import KEPT_FOR_GOOD
from gridmap.web.guard import TEAM_PAGE, admit, check_origin, is_astray
from gridmap.web.preloading import HASHED_FOLDERS

_OPEN = frozenset({"/healthz", "/_stcore/health", "/favicon.png", "/session/login", "/session/logout"})
_OPEN |= {"/session/language", "/team/worker.js"}
"""The way in, and the word that the server is well. By whole address: a prefix would let Streamlit's pages through."""

_OPEN_FOLDERS = ("/vendor/", "/assets/", "/team/assets/", *HASHED_FOLDERS)
"""Scripts, styles and fonts, the same for everybody; asked for by the hundred, so that no session is looked up."""

_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"x-frame-options": b"SAMEORIGIN",
}

# Streamlit compiles small functions at run time and its components start from inline scripts.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:{images}; font-src 'self' data:; connect-src 'self' ws: wss: data: blob:; "
    "worker-src 'self' blob:; frame-src 'self' blob: data:; frame-ancestors 'self'; base-uri 'self'; "
    "form-action 'self'"
)


@lru_cache(maxsize=4)
def build_policy(basemaps: tuple[RasterBasemap, ...]) -> bytes:
    """Content-Security-Policy: nothing from outside but the images of raster basemaps that were switched on."""
    hosts = (urlsplit(basemap.url) for basemap in basemaps)
    images = [f"{host.scheme}://{_match_host(host.netloc)}" for host in hosts if host.netloc]
    return _POLICY.format(images="".join(f" {image}" for image in images)).encode()


def _match_host(name: str) -> str:
    """A host source for a tile address, whose first label may hold a place for the letter of a mirror ({s})."""
    return f"*.{name.partition('.')[2]}" if "{" in name else name


class Gate:
    """Pure ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                held = {name.lower() for name, _ in message["headers"]}
                policy = build_policy(get_services().context.settings.raster_basemaps)
                headers = {**_HEADERS, b"content-security-policy": policy}
                if message["status"] == HTTPStatus.OK and scope["path"].startswith(HASHED_FOLDERS):
                    headers[b"cache-control"] = KEPT_FOR_GOOD.encode()
                extra = [(name, value) for name, value in headers.items() if name not in held]
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        connection = HTTPConnection(scope)
        try:
            check_origin(connection)
            admitted = scope if _is_open(scope["path"]) else await admit(connection)
        except GridmapError as error:
            await _refuse(connection, error, receive=receive, send=send_safely)
        else:
            if is_astray(admitted):
                await _refuse(connection, _astray(), receive=receive, send=send_safely, lead_to=TEAM_PAGE)
            else:
                await self._app(admitted, receive, send_safely)


def _is_open(path: str) -> bool:
    return path in _OPEN or path.startswith(_OPEN_FOLDERS)


def _astray() -> NotAllowed:
    return NotAllowed(N_("Your role does not allow this."), hint=N_("Open the page of your team."))


async def _refuse(
    connection: HTTPConnection, error: GridmapError, *, receive: Receive, send: Send, lead_to: str = ""
) -> None:
    """Say no; whoever waits for a page is led to the sign-in, or to `lead_to` where that is given."""
    scope = connection.scope
    if scope["type"] == "websocket":
        socket = WebSocket(scope, receive, send)
        await socket.accept()  # a refused handshake would not tell the browser why
        await socket.close(errors.CLOSING_CODE.get(type(error), errors.TRY_LATER))
        return
    response: Response
    if isinstance(error, NotSignedIn) and errors.wants_page(connection):
        target = scope["path"] + (f"?{query}" if (query := scope["query_string"].decode("latin-1")) else "")
        response = RedirectResponse(f"/session/login?next={quote(target)}", status_code=303)
    elif lead_to and errors.wants_page(connection):
        response = RedirectResponse(lead_to, status_code=303)
    else:
        response = errors.answer(connection, error)
    await response(scope, receive, send)
