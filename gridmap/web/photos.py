"""Photographs of hazards, for whoever may see the hazard."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gridmap.domain.access import Actor
from gridmap.services.context import Context
from gridmap.services.hazard_photos import load_picture
from gridmap.web.caching import answer_tagged
from gridmap.web.guard import guarded


async def _photo(request: Request, context: Context, actor: Actor) -> Response:
    jpeg, sha256 = await run_in_threadpool(load_picture, context, actor, photo_id=request.path_params["photo_id"])
    return answer_tagged(request, jpeg, etag=f'"{sha256}"', media_type="image/jpeg", encoding="")


ROUTES = [Route("/photos/{photo_id:int}.jpg", guarded(_photo))]
