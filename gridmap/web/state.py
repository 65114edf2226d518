"""What a map must know about the data as a whole before it asks for any of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gridmap.domain.access import Actor
from gridmap.services import status
from gridmap.services.context import Context
from gridmap.services.deltas import load_version
from gridmap.web.guard import guarded
from gridmap.web.language import choose


async def _state(request: Request, context: Context, actor: Actor) -> Response:
    state = await run_in_threadpool(_load_state, context, actor)
    return JSONResponse({**state, "language": choose(request)}, headers={"Cache-Control": "no-store"})


def _load_state(context: Context, actor: Actor) -> dict[str, Any]:
    # Before everything else: what changes meanwhile is then told once more, not lost.
    version = load_version(context)
    sources = status.list_sources(context, actor)
    return {
        "seq": version.seq,
        "revisions": dict(version.revisions),
        "synthetic": status.load_banner(context, actor).synthetic,
        "now": context.clock().isoformat(),
        "sources": [
            {
                "name": source.name,
                "attribution": source.attribution,
                "licence": source.licence,
                "synthetic": source.synthetic,
                "as_of": _format_instant(source.data_as_of),
                "imported_at": _format_instant(source.imported_at),
            }
            for source in sources.itertuples()
        ],
    }


def _format_instant(at: datetime | None) -> str | None:
    return None if pd.isna(at) or at is None else at.isoformat()


ROUTES = [Route("/state.json", guarded(_state))]
