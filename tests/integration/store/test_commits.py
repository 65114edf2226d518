"""Word of commits: of this process at once, of another one soon, on both engines."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from gridmap.domain.access import Actor
from gridmap.errors import StoreFailure
from gridmap.store.commits import CommitBell, open_bell
from gridmap.store.database import Database, open_database
from gridmap.store.datasets import save_setting

LONG_S = 10.0


@pytest.fixture
def bell(database: Database) -> Iterator[CommitBell]:
    opened = open_bell(database)
    yield opened
    opened.close()


def change(database: Database, actor: Actor) -> None:
    with database.write(actor, kind="fill") as work:
        save_setting(work, "jurisdiction", "CN-14")
        work.touch("areas")


def test_silence_is_silence(bell: CommitBell) -> None:
    assert bell.wait(0.3) is False


def test_what_was_committed_before_the_wait_is_heard_once(
    bell: CommitBell, database: Database, administrator: Actor
) -> None:
    change(database, administrator)
    assert bell.wait(LONG_S)
    bell.wait(0.3)  # a commit of one's own may be seen a second time, by its number
    assert bell.wait(0.3) is False


def test_a_commit_ends_the_wait_of_another_thread(bell: CommitBell, database: Database, administrator: Actor) -> None:
    timer = threading.Timer(0.3, change, (database, administrator))
    timer.start()
    began = time.monotonic()
    assert bell.wait(LONG_S)
    assert time.monotonic() - began < LONG_S / 2
    timer.join()


def test_another_connection_to_the_same_database_is_heard(
    bell: CommitBell, database: Database, administrator: Actor
) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    other = open_database(url)
    try:
        while bell.wait(0.3):
            pass  # opening may have written
        change(other, administrator)
        assert bell.wait(LONG_S)
    finally:
        other.dispose()


def test_what_was_taken_back_is_not_heard(bell: CommitBell, database: Database, administrator: Actor) -> None:
    def fail() -> None:
        with database.write(administrator, kind="fill") as work:
            work.touch("areas")
            raise StoreFailure("stop")

    with pytest.raises(StoreFailure):
        fail()
    assert bell.wait(0.3) is False


def test_closing_ends_a_wait_without_harm(database: Database) -> None:
    heard: list[bool] = []
    opened = open_bell(database)
    waiter = threading.Thread(target=lambda: heard.extend(opened.wait(1.0) for _ in range(2)))
    waiter.start()
    opened.close()
    waiter.join()
    assert heard == [False, False]


def test_a_closed_bell_is_rung_no_more(database: Database, administrator: Actor) -> None:
    open_bell(database).close()
    change(database, administrator)
    assert database.on_commit == []
