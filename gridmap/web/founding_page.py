"""The page that stands in for the sign-in while the demo county is being made."""

from __future__ import annotations

import html

from gridmap.i18n import Language, translator
from gridmap.jobs import JobStatus
from gridmap.web.plain_page import draw_plain_page

REFRESH_S = 1


def draw_founding_page(status: JobStatus, *, language: Language) -> str:
    """How far it is; the page asks for itself anew each second, without a script."""
    _ = translator(language)
    share = round(100 * status.fraction)
    step = _(status.message) if status.message else _("Getting ready")
    body = f"""<meta http-equiv="refresh" content="{REFRESH_S}">
<p>{_("The demo county is being made. The sign-in opens here by itself in a few seconds.")}</p>
<progress max="100" value="{share}" aria-label="{html.escape(step, quote=True)}"></progress>
<p class="step"><span>{html.escape(step)}</span><span>{share} %</span></p>"""
    return draw_plain_page(body, language=language, title=_("Getting ready"))
