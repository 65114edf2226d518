"""What a server does by the clock: what is past its time is deleted each hour, change orders take effect and free
memory is given back each minute, and counts are put away each second."""

from __future__ import annotations

import asyncio

from starlette.concurrency import run_in_threadpool

from gridmap.bootstrap import Services
from gridmap.services.due import put_due_in_effect
from gridmap.services.retention import forget_old
from gridmap.web.heap import give_back_heap

_FORGET_EVERY_S = 3600.0
_ORDERS_EVERY_S = 60.0
_GIVE_BACK_EVERY_S = 60.0
_COUNTS_EVERY_S = 1.0


async def forget(services: Services) -> None:
    """Delete old tracks and counts, now and each hour."""
    while True:
        await run_in_threadpool(forget_old, services.context)
        await asyncio.sleep(_FORGET_EVERY_S)


async def put_orders_in_effect(services: Services) -> None:
    """Carry out change orders whose day has come, now and each minute."""
    while True:
        await run_in_threadpool(put_due_in_effect, services.context)
        await asyncio.sleep(_ORDERS_EVERY_S)


async def give_back(_: Services) -> None:
    """Keep no memory that only was in use."""
    while True:
        await asyncio.sleep(_GIVE_BACK_EVERY_S)
        await run_in_threadpool(give_back_heap)


async def put_counts_away(services: Services) -> None:
    """Save how often devices were refused."""
    while True:
        await run_in_threadpool(services.ingest.save_counts)
        await asyncio.sleep(_COUNTS_EVERY_S)
