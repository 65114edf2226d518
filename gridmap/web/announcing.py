"""What the server says in its terminal: its address, how far the demo county is, and who can sign in to it."""

from __future__ import annotations

import asyncio
import sys

from starlette.concurrency import run_in_threadpool

from gridmap import __version__
from gridmap.bootstrap import Services
from gridmap.i18n import describe_error, translator
from gridmap.services import accounts

_LOOK_EVERY_S = 0.2


async def announce(services: Services) -> None:
    """Write it to stderr; ends when the demo county, where one is being made, is there."""
    settings = services.context.settings
    _say(f"gridmap {__version__} on http://{settings.host}:{settings.port}")
    await _report_founding(services)
    demo = await run_in_threadpool(accounts.list_demo_accounts, services.context)
    if demo:
        _say("demo accounts, on this machine only:", *(f"  {a.name} / {a.password}" for a in demo))


async def _report_founding(services: Services) -> None:
    said = ""
    while (status := services.founding_status()) is not None and not status.is_over:
        line = f"{status.fraction:4.0%}  {status.message}"
        if status.message and line != said:
            _say(line)
            said = line
        await asyncio.sleep(_LOOK_EVERY_S)
    if status is not None and status.error is not None:
        notice = describe_error(status.error, translator("en"))
        _say(f"{notice.message} {notice.hint}".strip())


def _say(*lines: str) -> None:
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    sys.stderr.flush()
