"""What every use case is handed: settings, database, jobs and a cache that knows revisions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

import sqlalchemy as sa

from gridmap.domain.access import Actor
from gridmap.domain.devices import KnownDevices
from gridmap.jobs import JobRunner
from gridmap.settings import Settings
from gridmap.store.database import Clock, Database, open_database, utc_now
from gridmap.store.tables import revision

T = TypeVar("T")

_SESSIONS_KEPT = 4096


class RevisionCache:
    """Keeps the newest build of each named thing, per key, until the revision it was built from is passed."""

    def __init__(self) -> None:
        self._entries: dict[Hashable, tuple[Hashable, Any]] = {}
        self._locks: dict[Hashable, threading.Lock] = {}
        self._guard = threading.Lock()

    def get(self, name: Hashable, revision: Hashable, build: Callable[[], T]) -> T:
        """The thing called `name` built at `revision`, building it once however many ask."""
        with self._guard:
            entry = self._entries.get(name)
            lock = self._locks.setdefault(name, threading.Lock())
        if entry is not None and entry[0] == revision:
            return cast(T, entry[1])
        with lock:
            entry = self._entries.get(name)
            if entry is None or entry[0] != revision:
                entry = (revision, build())
                self._entries[name] = entry
        return cast(T, entry[1])


class SessionCache:
    """Remembers for a few seconds who a session stands for, so that a page's many requests ask the database once."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[datetime, Actor]] = {}
        self._guard = threading.Lock()

    def get(self, key: str, now: datetime) -> Actor | None:
        """The actor, None where it is unknown or no longer certain."""
        with self._guard:
            until, actor = self._entries.get(key, (now, None))
        return actor if now < until else None

    def put(self, key: str, actor: Actor, *, until: datetime) -> None:
        """Remember `actor` until then."""
        with self._guard:
            if len(self._entries) >= _SESSIONS_KEPT:
                self._entries.clear()
            self._entries[key] = (until, actor)

    def drop(self, key: str) -> None:
        """Forget one session."""
        with self._guard:
            self._entries.pop(key, None)

    def clear(self) -> None:
        """Forget every session."""
        with self._guard:
            self._entries.clear()


class Remembered(Generic[T]):
    """One thing that is looked up so often that it is remembered for a few seconds."""

    def __init__(self) -> None:
        self._entry: tuple[datetime, T] | None = None

    def get(self, now: datetime) -> T | None:
        """The thing, None where it is no longer certain."""
        entry = self._entry
        return entry[1] if entry is not None and now < entry[0] else None

    def put(self, thing: T, *, until: datetime) -> None:
        """Remember `thing` until then."""
        self._entry = (until, thing)

    def clear(self) -> None:
        """Forget it."""
        self._entry = None


class Tally:
    """A number that grows on one thread while others wait for it."""

    def __init__(self) -> None:
        self.number = 0
        self._grown = threading.Condition()

    def grow(self) -> None:
        """One more."""
        with self._grown:
            self.number += 1
            self._grown.notify_all()

    def wait_beyond(self, number: int, timeout_s: float) -> bool:
        """Return once it is more than `number`; False where time ran out."""
        with self._grown:
            return self._grown.wait_for(lambda: self.number > number, timeout_s)


@dataclass(frozen=True)
class Context:
    """Handed as first argument to every service function; one per process, safe to share between threads."""

    settings: Settings
    database: Database
    jobs: JobRunner
    cache: RevisionCache = field(default_factory=RevisionCache)
    sessions: SessionCache = field(default_factory=SessionCache)
    told: Tally = field(default_factory=Tally)
    """How often this process told open maps of changes."""
    devices: Remembered[KnownDevices] = field(default_factory=Remembered)

    @property
    def clock(self) -> Clock:
        """The clock of the database; tests replace it."""
        return self.database.clock

    def revisions(self, *topics: str) -> tuple[int, ...]:
        """Current revision numbers of `topics` (0 = never written), the key of every cached reading."""
        with self.database.read() as connection:
            known = dict(connection.execute(sa.select(revision.c.topic, revision.c.number)).all())
        return tuple(known.get(topic, 0) for topic in topics)

    def close(self) -> None:
        """End the jobs and close the database."""
        self.jobs.shutdown()
        self.database.dispose()


def open_context(settings: Settings, *, jobs: JobRunner | None = None, clock: Clock = utc_now) -> Context:
    """Open the database of `settings` and put a context together, for this process or a worker's."""
    return Context(settings, open_database(settings.database_url, clock=clock), jobs or JobRunner())
