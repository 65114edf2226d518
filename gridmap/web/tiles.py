"""Vector tiles for the map."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gridmap.domain.access import Actor, Permission
from gridmap.services.context import Context
from gridmap.services.tiles import render_tile
from gridmap.web.caching import answer_tagged
from gridmap.web.guard import guarded


async def _tile(request: Request, context: Context, actor: Actor) -> Response:
    tile = await run_in_threadpool(render_tile, context, actor, **request.path_params)
    return answer_tagged(request, tile.data, etag=tile.etag, media_type="application/vnd.mapbox-vector-tile")


ROUTES = [Route("/tiles/{layer}/{z:int}/{x:int}/{y:int}.mvt", guarded(_tile, permission=Permission.SEE_GROUND))]
