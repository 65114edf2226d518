"""One person's look at one page: who, in which language, over which state of the data."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import streamlit as st

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.errors import N_, GridmapError, NotSignedIn
from gridmap.i18n import (
    LANGUAGE_COOKIE,
    Language,
    Notice,
    Translate,
    choose_language,
    describe_error,
    describe_unexpected,
    translator,
)
from gridmap.services import accounts
from gridmap.services.context import Context
from gridmap.services.deltas import load_version

logger = logging.getLogger(__name__)

Theme = Literal["light", "dark"]


@dataclass(frozen=True)
class Visit:
    """What every page function is handed; lives for one run of the script."""

    context: Context
    actor: Actor
    language: Language
    translate: Translate
    theme: Theme
    revisions: Mapping[str, int]

    @property
    def now(self) -> datetime:
        """The present instant by the database's clock."""
        return self.context.clock()

    def may(self, permission: Permission) -> bool:
        """Whether the person's role carries `permission`."""
        return self.actor.may(permission)


def read_cookie(name: str) -> str | None:
    """What the browser brought under `name` when it opened the page."""
    return st.context.cookies.get(name)


def read_language(default: str = "") -> Language:
    """The language the person chose, else the one the browser asks for."""
    header = st.context.headers.get("Accept-Language")
    return choose_language(read_cookie(LANGUAGE_COOKIE), default, st.context.locale, header)


def open_visit(context: Context, language: Language) -> Visit:
    """Find out who is here.

    Raises
    ------
    NotSignedIn
        The browser brings no valid session.
    NotAllowed
        It is a team's, which has a page of its own.
    """
    token = read_cookie(accounts.SESSION_COOKIE)
    if not token:
        raise NotSignedIn(N_("You are not signed in."), hint=N_("Sign in to see the map."))
    actor = accounts.resolve_session(context, token)
    # What pages keep between runs is not asked for again: whoever may not look is turned away before.
    check_allowed(actor, Permission.VIEW)
    # A wall is dark whatever the desk that it was opened at.
    is_wall = st.query_params.get("wall") == "1"
    theme: Theme = "dark" if is_wall or st.context.theme.type == "dark" else "light"
    revisions = load_version(context).revisions
    return Visit(context, actor, language, translator(language), theme, revisions)


@contextmanager
def calm(translate: Translate, *, tell: Callable[[Notice], None] | None = None) -> Iterator[None]:
    """The boundary where failures become sentences: around each page, each fragment and each act of a person.

    They are drawn in place, or handed to `tell` where nothing can be drawn.
    """
    tell = tell or draw_notice
    try:
        yield
    except GridmapError as error:
        logger.info("%s: %s", type(error).__name__, error)
        tell(describe_error(error, translate))
        if isinstance(error, NotSignedIn) and tell is draw_notice:
            st.html(f'<p><a class="gm-action" href="/session/login" target="_self">{translate("Sign in")}</a></p>')
    except Exception:
        logger.exception("a page failed")
        tell(describe_unexpected(translate))


def draw_notice(notice: Notice) -> None:
    """Say what happened and what to do, without alarm."""
    st.warning(f"{notice.message}\n\n{notice.hint}" if notice.hint else notice.message)
