"""The HTML around the pages: Streamlit's own, told where its server is, and sent ahead for what the map will want.

Left alone, the page's script guesses the server's path from its own address and asks for routes that do not exist each
time a page other than the first is opened directly.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gridmap.web.preloading import draw_ahead

_HEAD = (
    b"<head><script>window.__streamlit={BACKEND_BASE_URL:location.origin+'/',"
    b"MAIN_PAGE_BASE_URL:location.origin+'/'}</script>"
)

_WITHOUT_MAP = frozenset({"/data"})

_NO_PAGES = ("/session/", "/downloads/", "/component/", "/team")
"""HTML that Streamlit's script does not run in."""


class PageShell:
    """Pure ASGI middleware: puts a line into the head of every HTML page of the wrapped app."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _asks_for_page(scope):
            await self._app(scope, receive, send)
            return
        # A compressed body could not be added to; the page is small and asked for once.
        plain = [(name, value) for name, value in scope["headers"] if name.lower() != b"accept-encoding"]
        start: Message | None = None
        body = bytearray()

        async def add_to_head(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if message["type"] != "http.response.body" or start is None:
                await send(message)
                return
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            headers = MutableHeaders(raw=start["headers"])
            page = bytes(body)
            if headers.get("content-type", "").startswith("text/html"):
                ahead = b"" if scope["path"] in _WITHOUT_MAP else draw_ahead().encode()
                page = page.replace(b"<head>", _HEAD + ahead, 1)
                headers["content-length"] = str(len(page))
            await send(start)
            await send({"type": "http.response.body", "body": page})

        await self._app({**scope, "headers": plain}, receive, add_to_head)


def _asks_for_page(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] == "GET"
        and not scope["path"].startswith(_NO_PAGES)
        and "text/html" in Headers(scope=scope).get("accept", "")
    )
