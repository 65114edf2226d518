"""A team's own page and what it talks to: the board, what was done, positions, and word of every change.

All of it answers to the session of an account that is bound to a team, and tells of that team alone. The page works
without a connection: what is done then waits in the telephone and is sent once, see static/team.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket

from gridmap.bootstrap import get_services
from gridmap.domain.access import Actor, Permission, require_team
from gridmap.domain.fix_formats import MOST_PER_BATCH, read_batch_item
from gridmap.domain.team_actions import read_action
from gridmap.errors import N_, TooLarge
from gridmap.i18n import Language, translator
from gridmap.i18n.kinds import name_kind
from gridmap.i18n.labels import label
from gridmap.services import orders, team_actions, team_board
from gridmap.services.context import Context
from gridmap.services.hub import offer
from gridmap.services.team_board import TeamBoard, TeamTask
from gridmap.views.navigation import link_amap, link_geo
from gridmap.views.team_order import draw_breaks, draw_return, draw_stops, draw_totals
from gridmap.web.caching import answer_tagged
from gridmap.web.guard import answering, guarded, guarded_socket
from gridmap.web.language import choose
from gridmap.web.live import drain
from gridmap.web.statics import STATIC, VersionedFiles
from gridmap.web.team_order_page import draw_team_order_page
from gridmap.web.team_page import draw_team_page, draw_worker

LONGEST_ACTION = 16_000_000
"""Bytes of one act with its photo, which the page sends at no more than 1600 px."""
LONGEST_POSITIONS = 64 * 1024

_FRESH = {"Cache-Control": "no-store"}
_CARRY_OUT = Permission.CARRY_OUT


# --- the page ----------------------------------------------------------------------------------------------------


async def _page(request: Request, context: Context, actor: Actor) -> Response:
    if not actor.may(_CARRY_OUT):
        return RedirectResponse("/", status_code=303)  # somebody of the office: the map is theirs
    require_team(actor)
    board = await run_in_threadpool(team_board.load_board, context, actor)
    return _answer_page(board, choose(request))


async def _order(request: Request, context: Context, actor: Actor) -> Response:
    """The address in the code on a printed order: the team's own page, or for the office the order to read."""
    plan_id, team_id = request.path_params["plan_id"], request.path_params["team_id"]
    order = await run_in_threadpool(orders.load_order, context, actor, plan_id=plan_id, team_id=team_id)
    language = choose(request)
    if actor.may(_CARRY_OUT):
        board = await run_in_threadpool(team_board.load_board, context, actor, plan_id=plan_id)
        return _answer_page(board, language, plan_id=plan_id)
    page = draw_team_order_page(
        order.document,
        stops=order.stops,
        name=order.plan_name,
        confirmed_at=order.confirmed_at,
        language=language,
    )
    return HTMLResponse(page, headers=_FRESH)


def _answer_page(board: TeamBoard, language: Language, *, plan_id: int | None = None) -> Response:
    kinds = [{"value": kind.code, "name": name_kind(kind, language)} for kind in board.kinds]
    page = draw_team_page(
        language=language,
        team_id=int(board.team["id"]),
        plan_id=plan_id,
        kinds=kinds,
        bounds_wgs84=board.bounds_wgs84,
    )
    return HTMLResponse(page, headers=_FRESH)


async def _worker(_: Request) -> Response:
    """The script that keeps the page for when there is no connection; may serve the page itself, not only below it."""
    headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": "/team"}
    return Response(draw_worker(), media_type="text/javascript", headers=headers)


# --- the board ---------------------------------------------------------------------------------------------------


async def _board(request: Request, context: Context, actor: Actor) -> Response:
    asked = request.query_params.get("plan", "")
    plan_id = int(asked) if asked.isdecimal() and len(asked) < 10 else None
    board = await run_in_threadpool(team_board.load_board, context, actor, plan_id=plan_id)
    return JSONResponse(_describe(board, choose(request)), headers=_FRESH)


def _describe(board: TeamBoard, language: Language) -> dict[str, Any]:
    translate = translator(language)
    team, order = board.team, board.order
    at = team["at"]
    return {
        "mark": board.mark,
        "now": board.now.isoformat(),
        "team": {
            "id": int(team["id"]),
            "name": team["name"],
            "kind": team["kind"],
            "onDuty": bool(team["on_duty"]),
        },
        "position": None
        if at is None or at != at
        else {"at": at.isoformat(), "lon": float(team["lon"]), "lat": float(team["lat"])},
        "order": None
        if order is None
        else {
            "id": order.id,
            "plan": order.plan_id,
            "name": order.plan_name,
            "day": order.document["service_date"],
            "closed": order.status != "published",
            "confirmed": order.confirmed_at is not None,
            "totals": draw_totals(order.document, translate=translate),
            "back": draw_return(order.document),
            "breaks": draw_breaks(order.document, translate=translate),
            "stops": draw_stops(order.document, order.stops, translate=translate),
            "midnight": f"{order.document['service_date']}T00:00:00+08:00",
        },
        "tasks": [_describe_task(task, on_foot=team["kind"] == "foot", language=language) for task in board.tasks],
    }


def _describe_task(task: TeamTask, *, on_foot: bool, language: Language) -> dict[str, Any]:
    title = task.title or label("incident_kind", task.kind, translator(language))
    return {
        "id": task.id,
        "state": task.state,
        "title": title,
        "severity": task.severity,
        "area": task.area_name,
        "minutes": round(task.seconds / 60),
        "metres": round(task.metres),
        "sent": task.sent_at.isoformat(),
        "lon": task.lon,
        "lat": task.lat,
        "geo": link_geo(task.lon, task.lat, name=title),
        "amap": link_amap(task.lon, task.lat, name=title, on_foot=on_foot),
    }


# --- what the telephone sends ------------------------------------------------------------------------------------


async def _act(request: Request, context: Context, actor: Actor) -> Response:
    action = read_action(_parse(await _read_body(request, longest=LONGEST_ACTION)))
    taken = await run_in_threadpool(team_actions.take_action, context, actor, action=action)
    return JSONResponse({"again": taken.again, "hazard": taken.hazard_id}, headers=_FRESH)


async def _positions(request: Request, _: Context, actor: Actor) -> Response:
    """Fixes of the telephone, as `/ingest/batch` takes them; the session says whose they are."""
    team_id = require_team(actor)
    document = _parse(await _read_body(request, longest=LONGEST_POSITIONS))
    items = document if isinstance(document, list) else [document]
    if len(items) > MOST_PER_BATCH:
        raise _too_large()
    outcomes = await get_services().ingest.accept_from_page(team_id, [read_batch_item(item) for item in items])
    refused = [{"index": n, "reason": why.value} for n, why in enumerate(outcomes) if why is not None]
    return JSONResponse({"accepted": len(items) - len(refused), "refused": refused}, headers=_FRESH)


async def _read_body(request: Request, *, longest: int) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > longest:
            raise _too_large()
    return bytes(body)


def _parse(body: bytes) -> Any:
    """The JSON of a body, None where it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _too_large() -> TooLarge:
    return TooLarge(N_("This is more than is taken at once."), hint=N_("Send the photo smaller, or leave it out."))


# --- live, photos ------------------------------------------------------------------------------------------------


async def _live(socket: WebSocket, context: Context, actor: Actor) -> None:
    """How the team's board stands, first at once and then after each change; what stands on it is fetched."""
    team_id = require_team(actor)
    with get_services().hub.marks.listen(actor) as queue:
        marks = await run_in_threadpool(team_board.load_marks, context, [team_id])
        offer(queue, marks[team_id])
        await drain(socket, queue, socket.send_text)


async def _photo(request: Request, context: Context, actor: Actor) -> Response:
    photo_id = request.path_params["photo_id"]
    jpeg, sha256 = await run_in_threadpool(orders.load_stop_picture, context, actor, photo_id=photo_id)
    return answer_tagged(request, jpeg, etag=f'"{sha256}"', media_type="image/jpeg", encoding="")


ROUTES: list[BaseRoute] = [
    Route("/team", guarded(_page, permission=Permission.SEE_GROUND)),
    Route("/team/orders/{plan_id:int}/{team_id:int}", guarded(_order, permission=Permission.SEE_GROUND)),
    Route("/team/board.json", guarded(_board, permission=_CARRY_OUT)),
    Route("/team/actions", guarded(_act, permission=_CARRY_OUT), methods=["POST"]),
    Route("/team/positions", guarded(_positions, permission=_CARRY_OUT), methods=["POST"]),
    Route("/team/photos/{photo_id:int}.jpg", guarded(_photo, permission=Permission.SEE_GROUND)),
    WebSocketRoute("/team/live", guarded_socket(_live, permission=_CARRY_OUT)),
    Route("/team/worker.js", answering(_worker)),
    # The page's scripts lie below it: only so does a browser let its worker keep what the map's painter fetches.
    Mount("/team/assets/v/{version}", VersionedFiles(directory=STATIC)),
]
