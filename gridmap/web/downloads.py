"""Files to take away: a plan for a device, an order to print."""

from __future__ import annotations

import json

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from gridmap.domain.access import Actor
from gridmap.errors import N_, NotFound
from gridmap.i18n import translator
from gridmap.services.context import Context
from gridmap.services.orders import list_progress
from gridmap.services.plan_backdrop import load_backdrop
from gridmap.services.planning import PlanDocument, load_plan
from gridmap.views.documents import draw_order_page, draw_plan_book, draw_plan_geojson, draw_plan_gpx, draw_plan_kml
from gridmap.web.guard import guarded
from gridmap.web.language import choose

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NEVER_KEPT = {"Cache-Control": "no-store"}


async def _plan_geojson(request: Request, context: Context, actor: Actor) -> Response:
    document = await run_in_threadpool(_load, request, context, actor)
    drawn = draw_plan_geojson(document, translate=translator(choose(request)))
    text = json.dumps(drawn, ensure_ascii=False)
    return _attach(request, text, suffix="geojson", media_type="application/geo+json")


async def _plan_gpx(request: Request, context: Context, actor: Actor) -> Response:
    document = await run_in_threadpool(_load, request, context, actor)
    return _attach(request, draw_plan_gpx(document), suffix="gpx", media_type="application/gpx+xml")


async def _plan_kml(request: Request, context: Context, actor: Actor) -> Response:
    document = await run_in_threadpool(_load, request, context, actor)
    drawn = draw_plan_kml(document, translate=translator(choose(request)))
    return _attach(request, drawn, suffix="kml", media_type="application/vnd.google-earth.kml+xml")


async def _plan_book(request: Request, context: Context, actor: Actor) -> Response:
    document = await run_in_threadpool(_load, request, context, actor)
    drawn = await run_in_threadpool(draw_plan_book, document, translate=translator(choose(request)))
    return _attach(request, drawn, suffix="xlsx", media_type=_XLSX)


async def _plan_order(request: Request, context: Context, actor: Actor) -> Response:
    """Every team's order; of one where the address names its key."""
    document = await run_in_threadpool(_load, request, context, actor)
    routes = document["routes"]
    team = request.path_params.get("team", "")
    if team:
        routes = [route for route in routes if route["team"] == team]
        if not routes:
            raise NotFound(N_("This plan has no order for such a team."), hint=N_("Choose one from the whole order."))
    shown = {**document, "routes": routes}
    backdrop = await run_in_threadpool(load_backdrop, context, actor, document=shown)
    whole = f"{_find_address(request, context)}/downloads/plans/{request.path_params['plan_id']}/order"
    links = {route["team"]: f"{whole}/{route['team']}" for route in routes}
    links |= await run_in_threadpool(_link_orders, request, context, actor, document)
    page = await run_in_threadpool(
        draw_order_page, document, translate=translator(choose(request)), backdrop=backdrop, links=links, only=team
    )
    return HTMLResponse(page, headers=_NEVER_KEPT)


def _link_orders(request: Request, context: Context, actor: Actor, document: PlanDocument) -> dict[str, str]:
    """By the key of a team the address of its order on its own page, of a published plan's teams."""
    plan_id = request.path_params["plan_id"]
    ordered = set(list_progress(context, actor, plan_id=plan_id)["team_id"])
    whole = f"{_find_address(request, context)}/team/orders/{plan_id}"
    return {team["key"]: f"{whole}/{team['id']}" for team in document["teams"] if team["id"] in ordered}


def _find_address(request: Request, context: Context) -> str:
    """Where people reach the server: as it is set, else as this request did."""
    return context.settings.public_url or str(request.base_url).rstrip("/")


def _load(request: Request, context: Context, actor: Actor) -> PlanDocument:
    return load_plan(context, actor, plan_id=request.path_params["plan_id"])


def _attach(request: Request, content: str | bytes, *, suffix: str, media_type: str) -> Response:
    name = f"plan-{request.path_params['plan_id']}.{suffix}"
    headers = {**_NEVER_KEPT, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


ROUTES = [
    Route("/downloads/plans/{plan_id:int}.geojson", guarded(_plan_geojson)),
    Route("/downloads/plans/{plan_id:int}.gpx", guarded(_plan_gpx)),
    Route("/downloads/plans/{plan_id:int}.kml", guarded(_plan_kml)),
    Route("/downloads/plans/{plan_id:int}.xlsx", guarded(_plan_book)),
    Route("/downloads/plans/{plan_id:int}/order", guarded(_plan_order)),
    Route("/downloads/plans/{plan_id:int}/order/{team:str}", guarded(_plan_order)),
]
