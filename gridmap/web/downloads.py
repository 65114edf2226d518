"""Files to take away: a plan for a device, an order to print."""

from __future__ import annotations

import json

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from gridmap.domain.access import Actor
from gridmap.i18n import translator
from gridmap.services.context import Context
from gridmap.services.planning import PlanDocument, load_backdrop, load_plan
from gridmap.views.documents import draw_order_page, draw_plan_geojson, draw_plan_gpx
from gridmap.web.guard import guarded
from gridmap.web.language import choose

_NEVER_KEPT = {"Cache-Control": "no-store"}


async def _plan_geojson(request: Request, context: Context, actor: Actor) -> Response:
    document = await run_in_threadpool(_load, request, context, actor)
    drawn = draw_plan_geojson(document, translate=translator(choose(request)))
    text = json.dumps(drawn, ensure_ascii=False)
    return _attach(request, text, suffix="geojson", media_type="application/geo+json")


async def _plan_gpx(request: Request, context: Context, actor: Actor) -> Response:
    document = await run_in_threadpool(_load, request, context, actor)
    return _attach(request, draw_plan_gpx(document), suffix="gpx", media_type="application/gpx+xml")


async def _plan_order(request: Request, context: Context, actor: Actor) -> Response:
    document = await run_in_threadpool(_load, request, context, actor)
    backdrop = await run_in_threadpool(load_backdrop, context, actor, document=document)
    page = draw_order_page(document, translate=translator(choose(request)), backdrop=backdrop)
    return HTMLResponse(page, headers=_NEVER_KEPT)


def _load(request: Request, context: Context, actor: Actor) -> PlanDocument:
    return load_plan(context, actor, plan_id=request.path_params["plan_id"])


def _attach(request: Request, text: str, *, suffix: str, media_type: str) -> Response:
    name = f"plan-{request.path_params['plan_id']}.{suffix}"
    headers = {**_NEVER_KEPT, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=media_type, headers=headers)


ROUTES = [
    Route("/downloads/plans/{plan_id:int}.geojson", guarded(_plan_geojson)),
    Route("/downloads/plans/{plan_id:int}.gpx", guarded(_plan_gpx)),
    Route("/downloads/plans/{plan_id:int}/order", guarded(_plan_order)),
]
