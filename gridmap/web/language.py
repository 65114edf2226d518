"""In which language a visitor is answered."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from gridmap.bootstrap import get_services
from gridmap.i18n import LANGUAGE_COOKIE, Language, choose_language


def choose(connection: HTTPConnection) -> Language:
    """The language the person chose, else the installation's, else the one the browser asks for."""
    chosen = connection.cookies.get(LANGUAGE_COOKIE)
    return choose_language(chosen, get_services().context.settings.language, connection.headers.get("accept-language"))
