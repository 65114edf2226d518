"""Signing in and out, and the language of the pages."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from gridmap.bootstrap import get_services
from gridmap.errors import GridmapError, NotSignedIn
from gridmap.i18n import LANGUAGE_COOKIE, LANGUAGES, translator
from gridmap.services import accounts
from gridmap.services.context import Context
from gridmap.web.errors import STATUS
from gridmap.web.founding_page import draw_founding_page
from gridmap.web.guard import answering, is_from_this_machine
from gridmap.web.language import choose
from gridmap.web.login_page import LoginPage, draw_login_page

_YEAR_S = 365 * 24 * 3600
_LONGEST_FORM = 4_096
_NEVER_KEPT = {"Cache-Control": "no-store"}


async def _read_form(request: Request) -> dict[str, str]:
    """Fields of a small url-encoded form; what is longer than any form of ours is cut off and fails its checks."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_FORM:
            break
    fields = parse_qs(body[:_LONGEST_FORM].decode("utf-8", "replace"))
    return {name: values[0] for name, values in fields.items()}


def find_target(asked: str | None) -> str:
    """A path on this server to go on to, its query kept; never another site.

    Browsers read a backslash as a slash, so that one in front would also begin the name of a host.
    """
    try:
        parts = urlsplit(asked or "/")
    except ValueError:
        return "/"
    if not parts.path.startswith("/") or parts.path.startswith(("//", "/\\")):
        return "/"
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _draw(request: Request, context: Context, *, target: str, failure: GridmapError | None = None) -> HTMLResponse:
    language = choose(request)
    page = LoginPage(
        language=language,
        target=target,
        demo_accounts=accounts.list_demo_accounts(context, local=is_from_this_machine(request)),
        failure=failure,
        translate=translator(language),
    )
    status = STATUS[type(failure)] if isinstance(failure, NotSignedIn) else 200
    return HTMLResponse(draw_login_page(page), status_code=status, headers=_NEVER_KEPT)


async def _login(request: Request) -> Response:
    context = get_services().context
    founding = get_services().founding_status()
    if founding is not None and not founding.is_over:
        return HTMLResponse(draw_founding_page(founding, language=choose(request)), headers=_NEVER_KEPT)
    if request.method != "POST":
        target = find_target(request.query_params.get("next"))
        failure = None if founding is None else founding.error
        return await run_in_threadpool(_draw, request, context, target=target, failure=failure)
    form = await _read_form(request)
    target = find_target(form.get("next"))
    try:
        signed_in = await run_in_threadpool(
            accounts.sign_in,
            context,
            name=form.get("name", "").strip(),
            password=form.get("password", ""),
            local=is_from_this_machine(request),
        )
    except NotSignedIn as error:
        return await run_in_threadpool(_draw, request, context, target=target, failure=error)
    response = RedirectResponse(target, status_code=303, headers=_NEVER_KEPT)
    response.set_cookie(
        accounts.SESSION_COOKIE,
        signed_in.token,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        path="/",
    )
    return response


async def _logout(request: Request) -> Response:
    services = get_services()
    token = request.cookies.get(accounts.SESSION_COOKIE)
    if token:
        await run_in_threadpool(accounts.sign_out, services.context, token)
        services.hub.sign_outs.publish(None)
    response = RedirectResponse("/session/login", status_code=303)
    response.delete_cookie(accounts.SESSION_COOKIE, path="/")
    return response


async def _choose_language(request: Request) -> Response:
    form = await _read_form(request)
    response = RedirectResponse(find_target(form.get("next")), status_code=303)
    if form.get("language") in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, form["language"], max_age=_YEAR_S, samesite="lax", path="/")
    return response


ROUTES = [
    Route("/session/login", answering(_login), methods=["GET", "POST"]),
    Route("/session/logout", answering(_logout), methods=["POST"]),
    Route("/session/language", answering(_choose_language), methods=["POST"]),
]
