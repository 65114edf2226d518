"""The streams to open maps: team positions each second, and every change as it happens."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from gridmap.bootstrap import Services, get_services
from gridmap.domain.access import Actor
from gridmap.errors import GridmapError, InvalidInput
from gridmap.services.context import Context
from gridmap.services.deltas import Changes, build_delta, collect_changes, load_version, open_bell, read_version
from gridmap.services.hub import offer
from gridmap.services.live import load_moment
from gridmap.services.overlays import warm_overlays
from gridmap.services.station_times import get_station_times
from gridmap.services.team_board import load_marks
from gridmap.services.tiles import bake_tiles
from gridmap.web import errors
from gridmap.web.announcing import announce
from gridmap.web.guard import guarded_socket
from gridmap.web.heap import spare_what_stays
from gridmap.web.upkeep import forget, give_back, put_counts_away, put_orders_in_effect

T = TypeVar("T")

logger = logging.getLogger(__name__)

_TICK_S = 1.0
_LOOK_EVERY_S = 0.5
"""How long nothing is heard before one looks all the same."""
_PLAN_AFTER_S, _PLAN_EVERY_S = 20.0, 600.0
_COMPILE_PLANNER = """
import os
from gridmap.domain.patrol.rich.warming import compile_planner
os.nice(10)
compile_planner()
"""
_WARM_TABLES_EVERY_S = 30.0
"""A province's table takes seconds to make: not after each of many changes."""

_PAUSE_S = 5.0
"""After a background task stumbled."""

_ROUNDS_TOPICS = ("teams", "roads", "closures", "networks", "plans")
"""What the simulator's rounds are made from."""

_BOARD_TOPICS = ("teams", "plans", "orders", "incidents")
"""What the boards of teams are made from."""


async def _send_units(socket: WebSocket, context: Context, actor: Actor) -> None:
    hub = get_services().hub
    # The first frame does not wait for the next beat; maps that open together read the teams once.
    if hub.moment is None or not 0 <= context.clock().timestamp() - hub.moment.at < _TICK_S:
        hub.moment = await run_in_threadpool(load_moment, context)
    # Only then does one listen: a beat during the reading would come before the first frame.
    with hub.units.listen(actor) as queue:
        offer(queue, hub.moment.build_frame(actor, number=0))
        await drain(socket, queue, socket.send_bytes)


async def _send_deltas(socket: WebSocket, context: Context, actor: Actor) -> None:
    with get_services().hub.deltas.listen(actor) as queue:

        async def catch_up(question: str) -> None:
            try:
                since = read_version(question)
            except InvalidInput:
                await socket.close(errors.UNREADABLE)
                return
            changes = await run_in_threadpool(collect_changes, context, since=since)
            changes = changes or Changes(since, since)
            offer(queue, await run_in_threadpool(build_delta, context, actor, changes=changes))

        await drain(socket, queue, socket.send_text, answer=catch_up)


async def drain(
    socket: WebSocket,
    queue: asyncio.Queue[T],
    send: Callable[[T], Awaitable[None]],
    *,
    answer: Callable[[str], Awaitable[None]] | None = None,
) -> None:
    """Send what comes out of `queue`, and have what the map asks answered, until the other side goes away."""

    async def send_all() -> None:
        # The server reports a connection that ended between two frames in either way.
        with suppress(WebSocketDisconnect, RuntimeError):
            while True:
                await send(await queue.get())

    async def listen() -> None:
        while (message := await socket.receive())["type"] != "websocket.disconnect":
            if answer is not None and message.get("text"):
                await answer(message["text"])

    tasks = {asyncio.create_task(send_all()), asyncio.create_task(listen())}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


ROUTES = [
    WebSocketRoute("/live/units", guarded_socket(_send_units)),
    WebSocketRoute("/live/deltas", guarded_socket(_send_deltas)),
]


# --- background tasks -------------------------------------------------------------------------------------------


@asynccontextmanager
async def run_tasks(services: Services) -> AsyncIterator[None]:
    """Keep the streams fed, the demo's teams moving and the tiles warm while the block lasts."""
    streams = (_broadcast_units, _broadcast_deltas)
    steps = (
        announce,
        _compile,
        *streams,
        _simulate,
        _warm,
        _plan_day,
        forget,
        put_orders_in_effect,
        give_back,
        put_counts_away,
    )
    tasks = [asyncio.create_task(_keep_going(step, services), name=step.__name__) for step in steps]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _keep_going(step: Callable[[Services], Awaitable[None]], services: Services) -> None:
    """Run a background task until it is done, mostly never; the one place where its failures are logged."""
    while True:
        try:
            await step(services)
            return
        except GridmapError as error:
            logger.warning("%s pauses: %s", step.__name__, error)  # every few seconds of an outage: a line will do
        except Exception:
            logger.exception("%s stumbled and goes on", step.__name__)
        await asyncio.sleep(_PAUSE_S)


async def _broadcast_units(services: Services) -> None:
    """Each second one frame for each scope that somebody watches."""
    hub, number = services.hub, 0
    async for _ in _tick():
        number += 1
        if audiences := hub.units.list_audiences():
            hub.moment = moment = await run_in_threadpool(load_moment, services.context)
            for audience in audiences:
                hub.units.publish(moment.build_frame(audience, number=number), scope_code=audience.scope_code)


async def _broadcast_deltas(services: Services) -> None:
    """Tell open maps what changed, whoever changed it and in whichever process."""
    context, hub = services.context, services.hub
    with closing(await run_in_threadpool(open_bell, context)) as bell:
        known = await run_in_threadpool(load_version, context)
        while True:
            changes = await run_in_threadpool(collect_changes, context, since=known)
            if changes is not None:
                for audience in hub.deltas.list_audiences():
                    delta = await run_in_threadpool(build_delta, context, audience, changes=changes)
                    hub.deltas.publish(delta, scope_code=audience.scope_code)
                await _tell_teams(services, changes)
                known = changes.now
                context.told.grow()
            await run_in_threadpool(bell.wait, _LOOK_EVERY_S)


async def _tell_teams(services: Services, changes: Changes) -> None:
    """Tell the pages of teams how their boards stand, where anything that stands on them may be other than before."""
    before, now = changes.since.revisions, changes.now.revisions
    teams = services.hub.marks.list_teams()
    if not teams or all(now.get(topic) == before.get(topic) for topic in _BOARD_TOPICS):
        return
    for team_id, mark in (await run_in_threadpool(load_marks, services.context, teams)).items():
        services.hub.marks.publish(mark, team_id=team_id)


async def _simulate(services: Services) -> None:
    """Move the teams of a synthetic database; make their rounds anew when what they are made from changes."""
    from gridmap.services.simulation import open_simulator

    context = services.context
    built_from, simulator = None, None
    async for _ in _tick():
        revisions = await run_in_threadpool(context.revisions, *_ROUNDS_TOPICS)
        if revisions != built_from:
            simulator = await run_in_threadpool(open_simulator, context)
            built_from = revisions
        if simulator is not None:
            await run_in_threadpool(simulator.step, context.clock())


async def _plan_day(services: Services) -> None:
    """See that a synthetic database has its patrol plan of the day, so that its teams have somewhere to go."""
    from gridmap.services.simulation import plan_day

    # Whoever waits for the first page comes first.
    await asyncio.sleep(_PLAN_AFTER_S)
    await _compile_planner()
    while True:
        await run_in_threadpool(plan_day, services.context)
        await asyncio.sleep(_PLAN_EVERY_S)


async def _compile(_: Services) -> None:
    """Compile the road engine while nobody waits for a route."""
    from gridmap.domain.roads.warming import compile_engine

    await run_in_threadpool(compile_engine)
    await run_in_threadpool(spare_what_stays)


async def _compile_planner() -> None:
    """Compile the search of plans where it is not kept from before, in a process of its own: that takes 40 s, and a
    thread of this one would keep everybody waiting."""
    from gridmap.domain.patrol.rich import PLANNER
    from gridmap.domain.roads.compiled import is_kept

    if is_kept(PLANNER):
        return
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", _COMPILE_PLANNER, stdin=subprocess.DEVNULL)
    try:
        await child.wait()
    finally:
        if child.returncode is None:
            child.kill()


async def _warm(services: Services) -> None:
    """Make tables, roads to measure by and tiles before somebody waits, and those anew that a change made old."""
    context, loop = services.context, asyncio.get_running_loop()
    tables_from, tables_at, tiles_from = None, -_WARM_TABLES_EVERY_S, None
    while True:
        revisions = (await run_in_threadpool(load_version, context)).revisions
        now = revisions, context.clock().hour  # what is overdue is counted by the hour
        if now != tables_from and loop.time() - tables_at >= _WARM_TABLES_EVERY_S:
            await run_in_threadpool(warm_overlays, context)
            await run_in_threadpool(get_station_times, context)
            tables_from, tables_at = now, loop.time()
        if revisions != tiles_from:
            await run_in_threadpool(bake_tiles, context)
            tiles_from = revisions
        await asyncio.sleep(_TICK_S)


async def _tick() -> AsyncIterator[None]:
    """Once a second; a beat that comes too late is left out, not made up for."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        yield
        due = max(due + _TICK_S, loop.time())
        await asyncio.sleep(due - loop.time())
