"""Whether the server is well: asked by whoever watches over it, without signing in."""

from __future__ import annotations

from dataclasses import asdict

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gridmap.bootstrap import get_services
from gridmap.services import status
from gridmap.web.guard import answering


async def _health(_: Request) -> Response:
    health = await run_in_threadpool(status.check_health, get_services().context)
    return JSONResponse(asdict(health), status_code=200 if health.is_ok else 503, headers={"Cache-Control": "no-store"})


ROUTES = [Route("/healthz", answering(_health))]
