"""The parts of the web application, and the socket it listens on."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from gridmap.bootstrap import close_services, get_services
from gridmap.settings import Settings, read_settings
from gridmap.web import (
    downloads,
    health,
    layers,
    live,
    measures,
    photos,
    session,
    state,
    statics,
    team,
    tiles,
    tracks,
    watch,
)
from gridmap.web.heap import keep_heap_small, spare_what_stays
from gridmap.web.ingest import Reporting
from gridmap.web.middleware import Gate
from gridmap.web.shell import PageShell

ENTRY = Path(__file__).parent.parent / "pages" / "main.py"
"""The script of the pages."""

ROUTES: tuple[BaseRoute, ...] = (
    *health.ROUTES,
    *state.ROUTES,
    *session.ROUTES,
    *tiles.ROUTES,
    *layers.ROUTES,
    *measures.ROUTES,
    *tracks.ROUTES,
    *watch.ROUTES,
    *live.ROUTES,
    *downloads.ROUTES,
    *photos.ROUTES,
    *team.ROUTES,
    *statics.ROUTES,
)
"""All routes of ours."""


MIDDLEWARE = (Middleware(Reporting), Middleware(Gate), Middleware(PageShell))
"""Around all of them and the pages, the outermost first."""


@asynccontextmanager
async def run_services(_: Any) -> AsyncIterator[None]:
    """Keep the background tasks going while the server runs; close the database after it."""
    keep_heap_small()
    spare_what_stays()
    try:
        async with live.run_tasks(get_services()):
            yield
    finally:
        close_services()


def run(app: Any, settings: Settings | None = None) -> None:
    """Serve until stopped, at the address of the settings."""
    settings = settings or read_settings()
    config = {
        "server.address": settings.host,
        "server.port": settings.port,
        "server.headless": True,
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": False,
        "client.toolbarMode": "minimal",
        # Once a minute is enough, and not when a person waits for what comes next: see `heap`.
        "runner.postScriptGC": False,
    }
    # Ctrl+C is how a person ends it: no failure to be shown.
    with send_without_delay() if settings.tcp_nodelay else nullcontext(), suppress(KeyboardInterrupt):
        app.run(config=config)


@contextmanager
def send_without_delay() -> Iterator[None]:
    """Listen with TCP_NODELAY while the block lasts: Streamlit's socket lacks it, at 44 ms for every small answer.

    Linux hands the option on to each accepted connection. The server binds the socket itself and offers no way to pass
    one in, so `listen` is wrapped for as long as it runs.
    """
    plain: Callable[..., None] = socket.socket.listen

    def listen(self: socket.socket, *backlog: int) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and self.type == socket.SOCK_STREAM:
            self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain(self, *backlog)

    socket.socket.listen = listen  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        socket.socket.listen = plain  # type: ignore[method-assign]
