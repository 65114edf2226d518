"""The first start of a demonstration: the county is made while the server is already there to say so."""

from __future__ import annotations

from gridmap.domain.access import SYSTEM
from gridmap.domain.progress import Progress
from gridmap.jobs import JobId
from gridmap.services import status
from gridmap.services.context import Context, open_context
from gridmap.settings import Settings

_SEED = 1


def start_founding(context: Context) -> JobId | None:
    """Begin to make the demo county where the settings ask for it and nothing was ever loaded; else None."""
    if not context.settings.demo or not status.is_empty(context):
        return None
    return context.jobs.submit(found_county, context.settings)


def found_county(progress: Progress, settings: Settings) -> None:
    """Make the demo county; for `JobRunner`, so it opens the database itself."""
    # Imported by the worker alone: the server has no use for the generator.
    from gridmap.services.demo import create_demo

    context = open_context(settings)
    try:
        create_demo(context, SYSTEM, seed=_SEED, progress=progress)
    finally:
        context.close()
