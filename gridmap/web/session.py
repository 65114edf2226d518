"""Signing in and out, and the language of the pages."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from gridmap.bootstrap import get_services
from gridmap.errors import GridmapError
from gridmap.i18n import LANGUAGES, translator
from gridmap.services import accounts
from gridmap.services.context import Context
from gridmap.web import errors
from gridmap.web.guard import SESSION_COOKIE, check_origin
from gridmap.web.language import LANGUAGE_COOKIE, choose
from gridmap.web.login_page import LoginPage, draw_login_page

_YEAR_S = 365 * 24 * 3600
_LONGEST_FORM = 4_096


async def _read_form(request: Request) -> dict[str, str]:
    """Fields of a small url-encoded form; what is longer than any form of ours is cut off and fails its checks."""
    body = (await request.body())[:_LONGEST_FORM]
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _safe_target(asked: str | None) -> str:
    """A path on this server to go on to; never another site."""
    parts = urlsplit(asked or "/")
    return parts.path if parts.path.startswith("/") and not parts.path.startswith("//") else "/"


def _draw(request: Request, context: Context, *, target: str, failure: GridmapError | None = None) -> HTMLResponse:
    language = choose(request)
    page = LoginPage(
        language=language,
        target=target,
        demo_accounts=accounts.list_demo_accounts(context),
        failure=failure,
        translate=translator(language),
    )
    return HTMLResponse(draw_login_page(page), status_code=200 if failure is None else 401)


async def _login(request: Request) -> Response:
    context = get_services().context
    if request.method == "GET":
        target = _safe_target(request.query_params.get("next"))
        return await run_in_threadpool(_draw, request, context, target=target)
    try:
        check_origin(request)
    except GridmapError as error:
        return errors.answer(request, error)
    form = await _read_form(request)
    target = _safe_target(form.get("next"))
    try:
        signed_in = await run_in_threadpool(
            accounts.sign_in, context, name=form.get("name", "").strip(), password=form.get("password", "")
        )
    except GridmapError as error:
        return await run_in_threadpool(_draw, request, context, target=target, failure=error)
    response = RedirectResponse(target, status_code=303)
    response.set_cookie(
        SESSION_COOKIE, signed_in.token, httponly=True, samesite="lax", secure=request.url.scheme == "https", path="/"
    )
    return response


async def _logout(request: Request) -> Response:
    try:
        check_origin(request)
    except GridmapError as error:
        return errors.answer(request, error)
    token = request.cookies.get(SESSION_COOKIE)
    if token:
        await run_in_threadpool(accounts.sign_out, get_services().context, token)
    response = RedirectResponse("/session/login", status_code=303)
    response.delete_cookie(SESSION_COOKIE, path="/")
    return response


async def _choose_language(request: Request) -> Response:
    try:
        check_origin(request)
    except GridmapError as error:
        return errors.answer(request, error)
    form = await _read_form(request)
    response = RedirectResponse(_safe_target(form.get("next")), status_code=303)
    if form.get("language") in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, form["language"], max_age=_YEAR_S, samesite="lax", path="/")
    return response


ROUTES = [
    Route("/session/login", _login, methods=["GET", "POST"]),
    Route("/session/logout", _logout, methods=["POST"]),
    Route("/session/language", _choose_language, methods=["POST"]),
]
