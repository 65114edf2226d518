"""Numbers that areas are coloured by, for the map."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gridmap.domain.access import Actor
from gridmap.services.context import Context
from gridmap.services.measures import load_measure
from gridmap.web.caching import answer_tagged
from gridmap.web.guard import guarded


async def _measure(request: Request, context: Context, actor: Actor) -> Response:
    found = await run_in_threadpool(load_measure, context, actor, name=request.path_params["name"])
    return answer_tagged(request, found.data, etag=found.etag, media_type="application/octet-stream")


ROUTES = [Route("/measures/{name}.bin", guarded(_measure))]
