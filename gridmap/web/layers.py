"""Tables of what lies over the ground, for the map."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gridmap.domain.access import Actor
from gridmap.services.context import Context
from gridmap.services.overlays import load_overlay
from gridmap.services.zone_tiles import load_zone_tile
from gridmap.web.caching import answer_tagged
from gridmap.web.guard import guarded


async def _layer(request: Request, context: Context, actor: Actor) -> Response:
    overlay = await run_in_threadpool(load_overlay, context, actor, name=request.path_params["name"])
    return answer_tagged(request, overlay.data, etag=overlay.etag, media_type="application/octet-stream")


async def _zones(request: Request, context: Context, actor: Actor) -> Response:
    tile = await run_in_threadpool(load_zone_tile, context, actor, **request.path_params)
    return answer_tagged(request, tile.data, etag=tile.etag, media_type="application/octet-stream")


ROUTES = [
    Route("/layers/{name}.bin", guarded(_layer)),
    Route("/layers/zones/{x:int}/{y:int}.bin", guarded(_zones)),
]
