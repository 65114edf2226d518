"""The program dies in the middle of a long search: what was saved before is all there, and nothing half done."""

from __future__ import annotations

import json
import subprocess
import sys

import sqlalchemy as sa

from gridmap.services import plan_checking, planning
from gridmap.services.context import Context
from gridmap.services.patrol_request import PatrolRequest
from gridmap.store import tables
from gridmap.store.journal import find_broken
from tests.counties import ADMIN, fill_county

_SEARCHES = """
import sys
from gridmap.domain.access import Actor, Role
from gridmap.services.context import open_context
from gridmap.services.patrol_request import PatrolRequest
from gridmap.services.planning import compute_plan
from gridmap.settings import read_settings

def tell(share, message):
    print(message, flush=True)

context = open_context(read_settings({"GRIDMAP_DB": sys.argv[1]}))
compute_plan(context, Actor("planner", Role.PLANNER), request=PatrolRequest(seconds=600.0), progress=tell)
"""


def test_a_search_that_is_killed_takes_nothing_with_it(sqlite_context: Context) -> None:
    context = sqlite_context
    fill_county(context)
    document = planning.compute_plan(context, ADMIN, request=PatrolRequest(iterations=20))
    saved = planning.save_plan(context, ADMIN, document=document, name="before")
    url = context.settings.database_url
    with subprocess.Popen([sys.executable, "-c", _SEARCHES, url], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if line.startswith("Improving"):
                child.kill()
                break
        else:
            raise AssertionError("it ended before it was killed")
    assert child.returncode < 0
    listed = planning.list_plans(context, ADMIN)
    assert listed["id"].tolist() == [saved]
    kept = planning.load_plan(context, ADMIN, plan_id=saved)
    assert kept == json.loads(json.dumps(document))
    assert plan_checking.check_plan(context, ADMIN, document=kept).valid
    with context.database.read() as connection:
        assert find_broken(connection) is None
    # Nothing is locked: the next plan is saved beside it.
    planning.save_plan(context, ADMIN, document=document, name="after")
    with context.database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(tables.patrol_plan)) == 2
