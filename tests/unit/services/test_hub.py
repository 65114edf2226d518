"""Fan-out to listeners: bounded, per scope, newest kept."""

from __future__ import annotations

import asyncio

from gridmap.domain.access import Actor, Role
from gridmap.services.hub import Channel

WEST, EAST = Actor("w", Role.COMMANDER, "149901001"), Actor("e", Role.PLANNER, "149901002")
WEST_TOO = Actor("w2", Role.SUPERVISOR, "149901001")


def drain(queue: asyncio.Queue[int]) -> list[int]:
    return [queue.get_nowait() for _ in range(queue.qsize())]


def test_a_slow_listener_loses_the_oldest_and_holds_up_nobody() -> None:
    channel: Channel[int] = Channel(queued=2)
    with channel.listen(WEST) as slow, channel.listen(EAST) as quick:
        seen = []
        for number in range(5):
            channel.publish(number)
            seen += drain(quick)
        assert seen == [0, 1, 2, 3, 4]
        assert drain(slow) == [3, 4]


def test_what_is_for_one_scope_reaches_no_other() -> None:
    channel: Channel[int] = Channel(queued=2)
    with channel.listen(WEST) as west, channel.listen(WEST_TOO) as west_too, channel.listen(EAST) as east:
        channel.publish(1, scope_code=WEST.scope_code)
        channel.publish(2, scope_code="")
        assert [drain(queue) for queue in (west, west_too, east)] == [[1], [1], []]


def test_each_scope_is_one_audience_while_somebody_listens() -> None:
    channel: Channel[int] = Channel(queued=2)
    with channel.listen(WEST), channel.listen(WEST_TOO), channel.listen(EAST):
        assert sorted(actor.scope_code for actor in channel.list_audiences()) == [WEST.scope_code, EAST.scope_code]
    assert channel.list_audiences() == []
