"""Our own scripts and the vendored ones, kept by browsers for as long as their address stays the same."""

from __future__ import annotations

import os
from pathlib import Path

from starlette.datastructures import QueryParams
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_STATIC = Path(__file__).parent.parent / "static"
_KEPT = "public, max-age=31536000, immutable"


class _VersionedFiles(StaticFiles):
    """Files whose address may carry the hash of their version (`?v=`); only then are they never asked about again."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        versioned = "v" in QueryParams(scope["query_string"])
        response.headers["Cache-Control"] = _KEPT if versioned else "no-cache"
        return response


ROUTES = [
    Mount("/vendor", _VersionedFiles(directory=_STATIC / "vendor")),
    # Streamlit keeps /static for its own files.
    Mount("/assets", _VersionedFiles(directory=_STATIC)),
]
