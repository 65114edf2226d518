"""Composition root: settings become one set of services per process, shared by the pages' script and our routes."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cached_property

from gridmap.jobs import JobId, JobStatus
from gridmap.services.context import Context, open_context
from gridmap.services.founding import start_founding
from gridmap.services.hub import Hub
from gridmap.services.ingest import Ingest
from gridmap.settings import Settings, read_settings


@dataclass(frozen=True)
class Services:
    """What one process runs on."""

    context: Context
    hub: Hub = field(default_factory=Hub)
    founding: JobId | None = None
    """The job that makes the demo county, where this process began one."""

    def founding_status(self) -> JobStatus | None:
        """How that job stands, None where there is none."""
        return None if self.founding is None else self.context.jobs.status(self.founding)

    @cached_property
    def ingest(self) -> Ingest:
        """The way in for positions."""
        return Ingest(self.context)

    def close(self) -> None:
        """Write the positions that wait, end the workers and close the database."""
        if "ingest" in self.__dict__:
            self.ingest.close()
        self.context.close()


class _Process:
    """The services of this process: built when first asked for, from whichever thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._services: Services | None = None

    def get(self) -> Services:
        with self._lock:
            if self._services is None:
                self._services = build_services(read_settings())
            return self._services

    def close(self) -> None:
        with self._lock:
            if self._services is not None:
                self._services.close()
                self._services = None


def build_services(settings: Settings) -> Services:
    """Put the services of `settings` together: opens the database, making and migrating it where needed.

    Where the settings ask for the demo county and the database is empty, a worker begins to make it.
    """
    context = open_context(settings)
    return Services(context, founding=start_founding(context))


_process = _Process()


def get_services() -> Services:
    """The services of this process, from the environment's settings.

    Streamlit runs the entry script anew for every visitor and event; asking here each time costs nothing.
    """
    return _process.get()


def close_services() -> None:
    """Close the services of this process, where they were ever asked for."""
    _process.close()
