"""How the installation is: the database's health, what is loaded from where, and what the banner says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from gridmap import __version__
from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.errors import GridmapError
from gridmap.services.context import Context
from gridmap.store import schema
from gridmap.store import sources as store
from gridmap.store.datasets import TOPICS, has_data, is_synthetic, load_setting


@dataclass(frozen=True)
class Health:
    """Version of the program; `database` is "ok" or says in English what is wrong; `schema` and `synthetic` of it."""

    version: str
    database: str
    schema: str | None
    synthetic: bool

    @property
    def is_ok(self) -> bool:
        return self.database == "ok"


@dataclass(frozen=True)
class Banner:
    """What every page says about its data: invented or real, how old the newest is (None = none loaded), whose law."""

    synthetic: bool
    newest: datetime | None
    jurisdiction: str


def check_health(context: Context) -> Health:
    """Whether the database answers; asked without signing in, so nothing about its content is said."""
    path = context.database.path
    if path is not None and not path.exists():
        # The open file goes on answering after it was deleted, until the program ends and all is lost.
        return Health(__version__, "The database file is gone.", None, False)
    try:
        with context.database.read() as connection:
            return Health(__version__, "ok", schema.current_schema(connection), is_synthetic(connection))
    except GridmapError as error:
        return Health(__version__, str(error), None, False)


def list_sources(context: Context, actor: Actor) -> pd.DataFrame:
    """What is loaded and from where, the oldest first.

    Columns: id, kind, name, attribution, licence, crs, synthetic, imported_at, data_as_of (UTC, NaT = unknown), rows
    (in all tables together).
    """
    check_allowed(actor, Permission.VIEW)

    def load() -> pd.DataFrame:
        with context.database.read() as connection:
            return store.load_sources(connection)

    # Every open map asks for it, and counting goes through all tables; what is loaded or removed touches a topic.
    return context.cache.get("sources", context.revisions(*TOPICS), load).copy()


def load_banner(context: Context, actor: Actor) -> Banner:
    """What the page's banner says."""
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        jurisdiction = str(load_setting(connection, "jurisdiction", context.settings.jurisdiction))
        return Banner(is_synthetic(connection), store.load_newest(connection), jurisdiction)


def is_empty(context: Context) -> bool:
    """Whether nothing was ever loaded."""
    with context.database.read() as connection:
        return not has_data(connection)
