"""What a server does by the clock: what is past its time is deleted each hour, counts are put away each second."""

from __future__ import annotations

import asyncio

from starlette.concurrency import run_in_threadpool

from gridmap.bootstrap import Services
from gridmap.services.retention import forget_old

_FORGET_EVERY_S = 3600.0
_COUNTS_EVERY_S = 1.0


async def forget(services: Services) -> None:
    """Delete old tracks and counts, now and each hour."""
    while True:
        await run_in_threadpool(forget_old, services.context)
        await asyncio.sleep(_FORGET_EVERY_S)


async def put_counts_away(services: Services) -> None:
    """Save how often devices were refused."""
    while True:
        await run_in_threadpool(services.ingest.save_counts)
        await asyncio.sleep(_COUNTS_EVERY_S)
