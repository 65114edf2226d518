"""Answers that browsers keep and ask about by their tag."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

KEPT_FOR_GOOD = "public, max-age=31536000, immutable"
"""Of what never changes under its address, the same for everybody."""

_KEPT = "private, no-cache"
"""Kept by the browser, and asked about each time: a few bytes, and never the tile of a database since replaced."""


def answer_tagged(request: Request, packed: bytes, *, etag: str, media_type: str, encoding: str = "gzip") -> Response:
    """Bytes under their tag, packed by `encoding` ("" = as they are).

    The answer is 304 where the browser has them already, 204 where there are none.
    """
    headers = {"ETag": etag, "Cache-Control": _KEPT, "Vary": "Cookie"}
    if etag in {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}:
        return Response(status_code=304, headers=headers)
    if not packed:
        return Response(status_code=204, headers=headers)
    packing = {"Content-Encoding": encoding} if encoding else {}
    return Response(packed, media_type=media_type, headers={**headers, **packing})
