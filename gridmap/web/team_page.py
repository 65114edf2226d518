"""The page of a team as HTML, and the script that keeps it for when there is no connection."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from gridmap.i18n import LANGUAGES, Language, translator
from gridmap.views import icons
from gridmap.views.elements import VENDOR_URL, compute_static_version
from gridmap.views.map import EVERYWHERE_WGS84
from gridmap.views.palette import palette_for
from gridmap.views.team_order import list_reasons
from gridmap.views.team_words import build_team_words
from gridmap.web.statics import STATIC

_LEAFLET = (f"{VENDOR_URL}/leaflet/leaflet.js", f"{VENDOR_URL}/leaflet/leaflet.css")


def assets_url() -> str:
    """Where the page's scripts are, under the name of their version."""
    return f"/team/assets/v/{compute_static_version()}"


def draw_team_page(
    *,
    language: Language,
    team_id: int,
    plan_id: int | None,
    kinds: Sequence[Mapping[str, str]],
    bounds_wgs84: tuple[float, float, float, float] | None,
) -> str:
    """The shell of the page; what it shows comes from `/team/board.json` or, without a connection, from the telephone.

    Parameters
    ----------
    plan_id
        The plan whose order is shown, None for that of the day.
    kinds
        Of hazards that may be reported, as value and name.
    bounds_wgs84
        Where the map opens before anything is known, degrees.
    """
    translate = translator(language)
    palette = palette_for("light")
    options: dict[str, Any] = {
        "language": language,
        "team": team_id,
        "plan": plan_id,
        "words": build_team_words(translate),
        "kinds": list(kinds),
        "reasons": list_reasons(translate, "cannot_reason"),
        "declineReasons": list_reasons(translate, "decline_reason"),
        "bounds": list(bounds_wgs84 or EVERYWHERE_WGS84),
        "palette": palette.as_json(),
        "pin": icons.PIN,
        "languages": dict(LANGUAGES),
    }
    title = html.escape(translate("Patrol team"))
    # In a script "<" can only end it early.
    data = json.dumps(options, ensure_ascii=False).replace("<", "\\u003c")
    assets = assets_url()
    return f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1,viewport-fit=cover">
<meta name="theme-color" content="{palette.chrome["accent"]}">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{_LEAFLET[1]}"><link rel="stylesheet" href="{assets}/team/team.css">
</head>
<body>
<div id="team" aria-live="polite"></div>
<script type="application/json" id="options">{data}</script>
<script src="{_LEAFLET[0]}"></script>
<script type="module" src="{assets}/team/index.js"></script>
</body>
</html>"""


@cache
def draw_worker() -> str:
    """The service worker, told its version and which files make the page."""
    ours = sorted(
        path.relative_to(STATIC).as_posix()
        for folder in ("team", "map")
        for path in (STATIC / folder).iterdir()
        if path.suffix in {".js", ".css"} and path.name != "worker.js"
    )
    shell = [*_LEAFLET, *(f"{assets_url()}/{name}" for name in ours)]
    head = f"const VERSION = {json.dumps(compute_static_version())};\nconst SHELL = {json.dumps(shell)};\n"
    return head + (STATIC / "team" / "worker.js").read_text("utf-8")
