"""What a wall asks for: alerts in words, how much is open, the areas to go round, and where an area lies."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gridmap.domain.access import Actor
from gridmap.i18n import Translate, translator
from gridmap.i18n.formats import format_age, format_span
from gridmap.services import watch
from gridmap.services.alerts import Alert
from gridmap.services.context import Context
from gridmap.web.guard import guarded
from gridmap.web.language import choose

_FRESH = {"Cache-Control": "no-store"}


async def _alerts(request: Request, context: Context, actor: Actor) -> Response:
    found = await run_in_threadpool(watch.load_watch, context, actor)
    translate = translator(choose(request))
    document = {
        "alerts": [
            {
                "kind": alert.kind,
                "severity": alert.severity,
                "text": _describe_alert(alert, translate),
                "lon": alert.lon,
                "lat": alert.lat,
                "since": _describe_since(alert, context, translate),
            }
            for alert in found.alerts
        ],
        "counts": dict(found.counts),
        "hazards": {str(severity): number for severity, number in found.open_hazards.items()},
    }
    return JSONResponse(document, headers=_FRESH)


def _describe_alert(alert: Alert, translate: Translate) -> str:
    values = {name: translate(value) if isinstance(value, str) else value for name, value in alert.values.items()}
    return translate(alert.message).format(**values)


def _describe_since(alert: Alert, context: Context, translate: Translate) -> str:
    span_s = (context.clock() - alert.since).total_seconds()
    if alert.kind in {"silent_team", "incident"}:
        return format_age(span_s, translate)
    return translate("overdue for {time}").format(time=format_span(span_s, translate))


async def _areas(_: Request, context: Context, actor: Actor) -> Response:
    found = await run_in_threadpool(watch.list_grounds, context, actor)
    return JSONResponse([_describe(ground) for ground in found], headers=_FRESH)


async def _area(request: Request, context: Context, actor: Actor) -> Response:
    found = await run_in_threadpool(watch.load_ground, context, actor, code=request.path_params["code"])
    return JSONResponse(_describe(found), headers=_FRESH)


def _describe(ground: watch.Ground) -> dict[str, Any]:
    return {"code": ground.code, "name": ground.name, "bounds": list(ground.bounds_wgs84)}


ROUTES = [
    Route("/alerts.json", guarded(_alerts)),
    Route("/areas.json", guarded(_areas)),
    Route("/areas/{code}.json", guarded(_area)),
]
