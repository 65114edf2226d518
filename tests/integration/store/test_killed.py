"""A writer killed without warning, again and again: nothing it was told is kept may be lost."""

from __future__ import annotations

import subprocess
import sys

import sqlalchemy as sa

from gridmap.store import tables
from gridmap.store.database import open_database
from gridmap.store.journal import find_broken

_ROUNDS = 3
_COMMITS_PER_ROUND = 12

_WRITER = """
import sys
from gridmap.domain.access import TERMINAL
from gridmap.store import tables
from gridmap.store.database import open_database

database = open_database(sys.argv[1])
number = int(sys.argv[2])
while True:
    with database.write(TERMINAL, kind="write", reason=str(number)) as work:
        rows = [
            {"code": f"{number}-{i}", "name": "U", "kind": "team", "area_code": "14", "lon": 1.0, "lat": 2.0}
            for i in range(20)
        ]
        work.insert_many(tables.grid_unit, rows)
        work.touch("units")
    print(number, flush=True)
    number += 1
"""


def test_what_was_acknowledged_is_there(database_url: str) -> None:
    acknowledged: list[int] = []
    for turn in range(_ROUNDS):
        first = 1_000_000 * (turn + 1)
        command = [sys.executable, "-c", _WRITER, database_url, str(first)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for line in child.stdout:
                acknowledged.append(int(line))
                if len(acknowledged) % _COMMITS_PER_ROUND == 0:
                    child.kill()  # in the middle of the next transaction, most likely
                    break
            # Lines that were on their way when it died were acknowledged as well.
            acknowledged += [int(line) for line in child.stdout if line.endswith("\n")]
    database = open_database(database_url)
    with database.read() as connection:
        assert find_broken(connection) is None
        reasons = set(map(int, connection.scalars(sa.select(tables.txn.c.reason))))
        assert reasons >= set(acknowledged)
        units = connection.scalar(sa.select(sa.func.count()).select_from(tables.grid_unit))
        assert units == 20 * len(reasons)
        assert connection.scalar(sa.select(tables.revision.c.number)) == len(reasons)
    assert len(acknowledged) >= _ROUNDS * _COMMITS_PER_ROUND
    database.dispose()
