"""Laws of change orders: undone they leave no trace, locks hold, every cell has one unit on each day, and of two
supervisors at cross purposes the one gets what was ordered and the other is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copyfile

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from gridmap.domain.access import Actor, Role
from gridmap.domain.change_orders import NewOrder
from gridmap.domain.districting.tenure import Tenure, hand_over, is_unbroken
from gridmap.errors import Conflict, InvalidInput, NotAllowed
from gridmap.jobs import JobRunner
from gridmap.services.cell_locks import lock_cells, unlock_cells
from gridmap.services.change_order_decisions import approve_order, redo_order, undo_order, withdraw_order
from gridmap.services.change_order_effect import put_due_orders_in_effect
from gridmap.services.change_order_history import list_notices, list_orders
from gridmap.services.change_order_rules import OrderSettings, save_settings
from gridmap.services.change_orders import place_order
from gridmap.services.context import Context
from gridmap.services.workload import measure_units
from gridmap.settings import Settings
from gridmap.store import tables
from gridmap.store.database import open_database
from gridmap.store.tenures import load_tenures
from tests.counties import ADMIN, fill_county

LI, WANG = Actor("li", Role.SUPERVISOR, "149901"), Actor("wang", Role.SUPERVISOR, "149901")
START = datetime(2026, 3, 4, 1, 0, tzinfo=UTC)
CELLS = 4
"""So few that orders meet."""

DAYS = st.integers(0, 6)
STEPS = st.one_of(
    st.tuples(st.just("order"), st.booleans(), st.integers(1, 2**CELLS - 1), st.booleans(), st.integers(0, 3)),
    st.tuples(st.sampled_from(["approve", "withdraw", "undo", "redo"]), st.booleans(), st.integers(0, 5)),
    st.tuples(st.sampled_from(["lock", "unlock"]), st.booleans(), st.integers(1, 2**CELLS - 1)),
    st.tuples(st.just("wait"), st.integers(1, 3)),
)


@settings(deadline=None, max_examples=60)
@given(moves=st.lists(st.tuples(DAYS, st.integers(1, 3)), max_size=12))
def test_a_cell_has_one_unit_on_each_day_whatever_is_ordered(moves: list[tuple[int, int]]) -> None:
    tenures: tuple[Tenure, ...] = (Tenure(date(2026, 1, 1), None, 1),)
    day = date(2026, 1, 1)
    for wait, unit in moves:
        day += timedelta(days=wait)
        if unit == tenures[-1].unit:
            continue
        before = tenures
        tenures = hand_over(tenures, day=day, unit=unit)
        assert is_unbroken(tenures)
        assert tenures[-1].unit == unit
        past = [date(2026, 1, 1) + timedelta(days=n) for n in range((day - date(2026, 1, 1)).days)]
        for then in past:
            assert [t.unit for t in tenures if t.holds_on(then)] == [t.unit for t in before if t.holds_on(then)]
        back = hand_over(tenures, day=day, unit=before[-1].unit)
        assert [(t.unit, t.valid_from, t.valid_to) for t in back] == [
            (t.unit, t.valid_from, t.valid_to) for t in before
        ]


class County:
    """The small county, two supervisors in it, and a clock that is moved."""

    def __init__(self, context: Context) -> None:
        self.context = context
        with context.database.read() as connection:
            owned = tables.assignment.c
            self.cells = list(connection.scalars(sa.select(owned.cell_id).order_by(owned.cell_id).limit(CELLS)))
            self.units = list(connection.scalars(sa.select(tables.grid_unit.c.id).order_by(tables.grid_unit.c.id)))
        self.locked: dict[int, int] = {}

    def owners(self) -> dict[int, int]:
        """Unit of each cell."""
        owned = tables.assignment.c
        with self.context.database.read() as connection:
            return dict(connection.execute(sa.select(owned.cell_id, owned.unit_id)).all())

    def choose(self, mask: int) -> list[int]:
        """The cells whose bits are set."""
        return [cell for bit, cell in enumerate(self.cells) if mask >> bit & 1]

    def find(self, number: int) -> int:
        """Id of one of the newest orders."""
        found = list_orders(self.context, ADMIN)["id"]
        return int(found.iloc[number % len(found)]) if len(found) else 0

    def check(self) -> None:
        """What holds after every step."""
        owners = self.owners()
        with self.context.database.read() as connection:
            days = load_tenures(connection, self.cells)
        assert all(is_unbroken(days[cell]) and days[cell][-1].unit == owners[cell] for cell in self.cells)
        assert {cell: owners[cell] for cell in self.locked} == self.locked


@pytest.fixture(scope="module")
def county_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("laws") / "county.db"
    with open_county(path) as context:
        fill_county(context)
        save_settings(context, ADMIN, settings=OrderSettings(need_approval=True))
    return path


@contextmanager
def open_county(path: Path, clock: list[datetime] | None = None) -> Iterator[Context]:
    now = clock or [START - timedelta(days=30)]
    database = open_database(f"sqlite:///{path}", clock=lambda: now[0])
    jobs = JobRunner(workers=1)
    yield Context(Settings(database_url=f"sqlite:///{path}"), database, jobs)
    jobs.shutdown()
    database.dispose()


@pytest.fixture
def copy(county_file: Path, tmp_path: Path) -> Path:
    return tmp_path / "county.db"


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=9), approval=st.booleans())
def test_whatever_two_supervisors_do_one_order_explains_it(
    county_file: Path, copy: Path, steps: list[tuple[object, ...]], approval: bool
) -> None:
    for beside in copy.parent.glob("county.db*"):
        beside.unlink()
    copyfile(county_file, copy)
    clock = [START]
    with open_county(copy, clock) as context:
        save_settings(context, ADMIN, settings=OrderSettings(need_approval=approval))
        county = County(context)
        first = county.owners()
        for name, *facts in steps:
            take_step(county, clock, str(name), facts)
            county.check()
        explain(county, first)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(st.tuples(st.integers(1, 2**CELLS - 1), st.booleans()), min_size=1, max_size=4))
def test_orders_undone_one_after_the_other_leave_owners_and_totals_as_they_were(
    county_file: Path, copy: Path, asked: list[tuple[int, bool]]
) -> None:
    for beside in copy.parent.glob("county.db*"):
        beside.unlink()
    copyfile(county_file, copy)
    with open_county(copy, [START]) as context:
        save_settings(context, ADMIN, settings=OrderSettings(need_approval=False))
        county = County(context)
        owners, totals = county.owners(), measure_units(context, ADMIN).units
        placed = []
        for mask, unit in asked:
            new = NewOrder(owners=dict.fromkeys(county.choose(mask), county.units[unit]), reason="law")
            with suppress(InvalidInput):  # the cells are that unit's already
                placed.append(place_order(context, LI, order=new).id)
        for order in reversed(placed):
            undo_order(context, WANG, order_id=order, reason="law")
        county.check()
        assert county.owners() == owners
        assert_frame_equal(measure_units(context, ADMIN).units, totals, check_exact=True)


def take_step(county: County, clock: list[datetime], name: str, facts: list[object]) -> None:
    """One act of one of the two; what is refused leaves everything as it was."""
    context, before = county.context, county.owners()
    if name == "wait":
        clock[0] += timedelta(days=int(str(facts[0])))
        put_due_orders_in_effect(context)
        return
    actor = LI if facts[0] else WANG
    number = int(str(facts[1]))
    try:
        if name == "order":
            owners = dict.fromkeys(county.choose(number), county.units[bool(facts[2])])
            day = clock[0].date() + timedelta(days=int(str(facts[3])))
            place_order(context, actor, order=NewOrder(owners=owners, reason="law", effective_on=day))
        elif name == "lock":
            lock_cells(context, actor, cell_ids=county.choose(number), reason="law")
            county.locked |= {cell: before[cell] for cell in county.choose(number)}
        elif name == "unlock":
            unlock_cells(context, actor, cell_ids=county.choose(number), reason="law")
            for cell in county.choose(number):
                county.locked.pop(cell, None)
        elif order := county.find(number):
            act = {"approve": approve_order, "withdraw": withdraw_order, "undo": undo_order, "redo": redo_order}[name]
            act(context, actor, order_id=order, **({"reason": "law"} if name in {"undo", "redo"} else {}))
    except (Conflict, InvalidInput, NotAllowed):
        assert county.owners() == before


def explain(county: County, first: dict[int, int]) -> None:
    """Each cell is where the newest order in effect put it, else where it was; authors of overtaken ones were told."""
    orders = list_orders(county.context, ADMIN)
    in_effect = orders[(orders["state"] == "in_effect") & (orders["kind"] != "undo")]
    expected = dict(first)
    lines = tables.change_order_cell.c
    with county.context.database.read() as connection:
        for order in in_effect.assign(sequence=in_effect["sequence"].astype(float)).sort_values("sequence")["id"]:
            rows = connection.execute(sa.select(lines.cell_id, lines.to_unit_id).where(lines.order_id == int(order)))
            expected |= dict(rows.all())
    assert county.owners() == expected
    for row in orders[orders["state"] == "overtaken"].itertuples():
        author = LI if row.ordered_by == "li" else WANG
        told = list_notices(county.context, author)
        assert ((told["order_id"] == row.id) & told["unit_name"].isna()).any()
