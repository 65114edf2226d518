"""Tracks of a span of time, for trails and playback."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gridmap.domain.access import Actor
from gridmap.errors import N_, InvalidInput
from gridmap.services.context import Context
from gridmap.services.tracks import load_tracks
from gridmap.web.caching import answer_tagged
from gridmap.web.guard import guarded


async def _tracks(request: Request, context: Context, actor: Actor) -> Response:
    since, until = (_read_instant(request, name) for name in ("since", "until"))
    found = await run_in_threadpool(load_tracks, context, actor, since=since, until=until)
    return answer_tagged(request, found.data, etag=found.etag, media_type="application/octet-stream")


def _read_instant(request: Request, name: str) -> datetime:
    """An instant in ISO 8601; one without a zone is UTC."""
    text = request.query_params.get(name, "")
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            N_("“{text}” is not a date and time."), hint=N_("Write it as 2026-03-01T14:05:00+08:00."), text=text
        ) from error
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


ROUTES = [Route("/tracks.bin", guarded(_tracks))]
