"""Composition root: settings become one set of services per process, shared by the pages' script and our routes."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from gridmap.services.context import Context, open_context
from gridmap.services.hub import Hub
from gridmap.settings import Settings, read_settings


@dataclass(frozen=True)
class Services:
    """What one process runs on."""

    context: Context
    hub: Hub = field(default_factory=Hub)

    def close(self) -> None:
        """End the workers and close the database."""
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
    """Put the services of `settings` together: opens the database, making and migrating it where needed."""
    return Services(open_context(settings))


_process = _Process()


def get_services() -> Services:
    """The services of this process, from the environment's settings.

    Streamlit runs the entry script anew for every visitor and event; asking here each time costs nothing.
    """
    return _process.get()


def close_services() -> None:
    """Close the services of this process, where they were ever asked for."""
    _process.close()
