"""Our own scripts and the vendored ones, kept by browsers for as long as their address stays the same."""

from __future__ import annotations

import os
from pathlib import Path

from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from gridmap.views.elements import compute_static_version
from gridmap.web.caching import KEPT_FOR_GOOD

STATIC = Path(__file__).parent.parent / "static"


class VersionedFiles(StaticFiles):
    """Files that are asked about each time, unless their address names the version that they are of.

    The version is a folder of the address, not a query, so that modules which import each other stay under it.
    """

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        is_current = scope["path_params"].get("version") == compute_static_version()
        response.headers["Cache-Control"] = KEPT_FOR_GOOD if is_current else "no-cache"
        return response


ROUTES = [
    Mount("/vendor", VersionedFiles(directory=STATIC / "vendor")),
    # Streamlit keeps /static for its own files.
    Mount("/assets/v/{version}", VersionedFiles(directory=STATIC)),
    Mount("/assets", VersionedFiles(directory=STATIC)),
]
