"""Signing in, being locked out, idling out, and managing accounts, on both engines."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from time import perf_counter

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from gridmap.domain.access import Actor, Role
from gridmap.errors import Conflict, InvalidInput, NotAllowed, NotFound, NotSignedIn
from gridmap.services import accounts
from gridmap.services.context import Context
from gridmap.store import tables
from gridmap.store.datasets import save_setting
from gridmap.store.unit_of_work import UnitOfWork

PASSWORD = "green-hill-7"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same hash at a fraction of its cost, which is high on purpose."""
    monkeypatch.setattr(accounts, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    accounts._made_up_hash.cache_clear()


@pytest.fixture
def member(context: Context, administrator: Actor) -> str:
    accounts.add_account(
        context, administrator, name="li.na", password=PASSWORD, role=Role.SUPERVISOR, scope_code="149999001000"
    )
    return "li.na"


def fail_to_sign_in(context: Context, name: str, *, times: int) -> None:
    for _ in range(times):
        with pytest.raises(NotSignedIn):
            accounts.sign_in(context, name=name, password="wrong-password-1")


class TestSessions:
    def test_a_session_stands_for_its_account(self, context: Context, member: str) -> None:
        signed = accounts.sign_in(context, name=" li.na ", password=PASSWORD)
        assert signed.actor == Actor("li.na", Role.SUPERVISOR, "149999001")
        assert accounts.resolve_session(context, signed.token) == signed.actor
        assert len(signed.token) >= 43  # 256 bits in base 64

    def test_the_database_does_not_hold_the_secret(self, context: Context, member: str) -> None:
        signed = accounts.sign_in(context, name=member, password=PASSWORD)
        with context.database.read() as connection:
            rows = str(connection.execute(sa.select(tables.session)).all())
            kept = connection.scalar(sa.select(tables.account.c.password_hash))
        assert signed.token not in rows
        assert PASSWORD not in (kept or "")
        assert (kept or "").startswith("$argon2id$")

    @pytest.mark.parametrize("token", ["", "x", "y" * 5000, "ü"])
    def test_an_unknown_token_is_nobody(self, context: Context, token: str) -> None:
        with pytest.raises(NotSignedIn):
            accounts.resolve_session(context, token)

    def test_signing_out_ends_it_at_once(self, context: Context, member: str) -> None:
        signed = accounts.sign_in(context, name=member, password=PASSWORD)
        accounts.resolve_session(context, signed.token)
        accounts.sign_out(context, signed.token)
        accounts.sign_out(context, signed.token)
        with pytest.raises(NotSignedIn):
            accounts.resolve_session(context, signed.token)

    def test_idling_ends_it_and_use_keeps_it(self, context: Context, member: str, clock: object) -> None:
        signed = accounts.sign_in(context, name=member, password=PASSWORD)
        for _ in range(4):
            clock.advance(hours=11)  # type: ignore[attr-defined]
            assert accounts.resolve_session(context, signed.token).name == member
        clock.advance(hours=12, seconds=1)  # type: ignore[attr-defined]
        with pytest.raises(NotSignedIn):
            accounts.resolve_session(context, signed.token)
        with context.database.read() as connection:
            assert connection.scalar(sa.select(sa.func.count()).select_from(tables.session)) == 0

    def test_resolving_is_quick(self, context: Context, member: str) -> None:
        token = accounts.sign_in(context, name=member, password=PASSWORD).token
        accounts.resolve_session(context, token)
        started = perf_counter()
        for _ in range(200):
            accounts.resolve_session(context, token)
        assert (perf_counter() - started) / 200 < 0.001

    def test_a_hash_of_older_cost_is_renewed(
        self, context: Context, member: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(accounts, "_HASHER", PasswordHasher(time_cost=2, memory_cost=64, parallelism=1))
        accounts.sign_in(context, name=member, password=PASSWORD)
        with context.database.read() as connection:
            kept = connection.scalar(sa.select(tables.account.c.password_hash))
        assert "t=2" in (kept or "")
        assert accounts.sign_in(context, name=member, password=PASSWORD).actor.name == member


class TestLock:
    def test_five_failures_lock_for_half_an_hour(self, context: Context, member: str, clock: object) -> None:
        fail_to_sign_in(context, member, times=5)
        with pytest.raises(NotSignedIn, match="locked") as caught:
            accounts.sign_in(context, name=member, password=PASSWORD)
        assert "30 minutes" in caught.value.hint_text
        clock.advance(minutes=30)  # type: ignore[attr-defined]
        assert accounts.sign_in(context, name=member, password=PASSWORD).actor.name == member

    def test_a_lock_that_ran_out_leaves_five_more_tries(self, context: Context, member: str, clock: object) -> None:
        fail_to_sign_in(context, member, times=5)
        clock.advance(minutes=31)  # type: ignore[attr-defined]
        fail_to_sign_in(context, member, times=4)
        assert accounts.sign_in(context, name=member, password=PASSWORD).actor.name == member

    def test_success_starts_the_count_again(self, context: Context, member: str) -> None:
        for _ in range(3):
            fail_to_sign_in(context, member, times=3)
            assert accounts.sign_in(context, name=member, password=PASSWORD).actor.name == member

    def test_an_unknown_name_reads_like_a_wrong_password(self, context: Context, member: str) -> None:
        messages = []
        for name in (member, "nobody", "", "a" * 200, "\x00"):
            with pytest.raises(NotSignedIn) as caught:
                accounts.sign_in(context, name=name, password="wrong-password-1")
            messages.append(str(caught.value))
        assert len(set(messages)) == 1

    def test_the_same_password_typed_differently(self, context: Context, administrator: Actor) -> None:
        accounts.add_account(context, administrator, name="a", password="caf\u00e9-mil-1", role=Role.PLANNER)
        assert accounts.sign_in(context, name="a", password="cafe\u0301-mil-\uff11").actor.name == "a"

    def test_an_endless_password_is_refused_unhashed(self, context: Context, member: str) -> None:
        with pytest.raises(NotSignedIn):
            accounts.sign_in(context, name=member, password="x" * 1_000_000)
        with pytest.raises(NotSignedIn):
            accounts.sign_in(context, name=member, password="\ud800" * 9)

    def test_a_new_password_lifts_it(self, context: Context, administrator: Actor, member: str) -> None:
        fail_to_sign_in(context, member, times=5)
        assert accounts.list_accounts(context, administrator).iloc[0]["locked_until"] is not None
        accounts.set_password(context, administrator, name=member, password="blue-hill-8")
        assert accounts.sign_in(context, name=member, password="blue-hill-8").actor.name == member
        assert accounts.list_accounts(context, administrator).iloc[0]["locked_until"] is None


class TestAccounts:
    def test_only_administrators_manage(self, context: Context, supervisor: Actor, member: str) -> None:
        for act in (
            lambda: accounts.list_accounts(context, supervisor),
            lambda: accounts.disable_account(context, supervisor, name=member),
            lambda: accounts.set_password(context, supervisor, name=member, password="blue-hill-8"),
            lambda: accounts.add_account(context, supervisor, name="x", password=PASSWORD, role=Role.PLANNER),
        ):
            with pytest.raises(NotAllowed):
                act()

    def test_names_are_unique_and_passwords_decent(self, context: Context, administrator: Actor, member: str) -> None:
        with pytest.raises(Conflict):
            accounts.add_account(context, administrator, name="ｌi.na", password=PASSWORD, role=Role.PLANNER)
        for password in ("short-1", "onlyletters", "12345678", "a1" * 100, "aa11aa11"):
            with pytest.raises(InvalidInput):
                accounts.add_account(context, administrator, name="new", password=password, role=Role.PLANNER)
        with pytest.raises(InvalidInput):
            accounts.add_account(
                context, administrator, name="new", password=PASSWORD, role=Role.PLANNER, scope_code="12x"
            )

    def test_disabling_ends_sessions(self, context: Context, administrator: Actor, member: str) -> None:
        token = accounts.sign_in(context, name=member, password=PASSWORD).token
        accounts.resolve_session(context, token)
        accounts.add_account(context, administrator, name="root", password=PASSWORD, role=Role.ADMINISTRATOR)
        accounts.disable_account(context, administrator, name=member)
        with pytest.raises(NotSignedIn):
            accounts.resolve_session(context, token)
        with pytest.raises(NotSignedIn):
            accounts.sign_in(context, name=member, password=PASSWORD)
        accounts.disable_account(context, administrator, name=member, disabled=False)
        assert accounts.sign_in(context, name=member, password=PASSWORD).actor.name == member

    def test_the_last_administrator_stays(self, context: Context, administrator: Actor) -> None:
        accounts.add_account(context, administrator, name="root", password=PASSWORD, role=Role.ADMINISTRATOR)
        with pytest.raises(Conflict):
            accounts.disable_account(context, administrator, name="root")
        assert accounts.sign_in(context, name="root", password=PASSWORD).actor.role is Role.ADMINISTRATOR

    def test_ones_own_password_needs_the_current_one(self, context: Context, member: str) -> None:
        me = Actor(member, Role.SUPERVISOR, "149999001")
        with pytest.raises(NotSignedIn):
            accounts.set_password(context, me, name=member, password="blue-hill-8", current="wrong-one-1")
        accounts.set_password(context, me, name=member, password="blue-hill-8", current=PASSWORD)
        assert accounts.sign_in(context, name=member, password="blue-hill-8").actor.name == member

    def test_an_unknown_account_is_not_found(self, context: Context, administrator: Actor) -> None:
        with pytest.raises(NotFound):
            accounts.set_password(context, administrator, name="nobody", password="blue-hill-8")


def add_team(work: UnitOfWork, name: str = "Team") -> int:
    spot = {"lon": 112.1, "lat": 37.1, "area_code": "149999"}
    post = work.insert(tables.post, {"name": "Post", "kind": "police_post", **spot})
    shift = {"members": 2, "shift_start_min": 480, "shift_end_min": 1080, "on_duty": True, "area_code": "149999"}
    return work.insert(tables.team, {"name": name, "kind": "car", "post_id": post, **shift})


class TestTeamAccounts:
    @pytest.fixture
    def teams(self, context: Context, administrator: Actor) -> tuple[int, int]:
        with context.database.write(administrator, kind="fill") as work:
            return add_team(work, "First"), add_team(work, "Second")

    def test_one_is_bound_to_its_team_and_to_another(
        self, context: Context, administrator: Actor, teams: tuple[int, int]
    ) -> None:
        first, second = teams
        account = {"name": "car", "password": PASSWORD}
        accounts.add_account(context, administrator, **account, role=Role.TEAM, scope_code="149999", team_id=first)
        signed_in = accounts.sign_in(context, **account)
        assert signed_in.actor == Actor("car", Role.TEAM, "149999", first)
        assert accounts.resolve_session(context, signed_in.token) == signed_in.actor
        accounts.add_account(context, administrator, name="desk", password=PASSWORD, role=Role.COMMANDER, scope_code="")
        assert accounts.list_accounts(context, administrator)["team_name"].tolist() == ["First", None]
        accounts.bind_account(context, administrator, name="car", team_id=second)
        with pytest.raises(NotSignedIn):
            accounts.resolve_session(context, signed_in.token)
        assert accounts.sign_in(context, **account).actor.team_id == second
        # Its team gone, the account is there and may do nothing.
        with context.database.write(administrator, kind="fill") as work:
            work.delete_many(tables.team, [second])
        assert accounts.sign_in(context, **account).actor.team_id is None

    def test_a_team_goes_with_the_role_and_with_no_other(
        self, context: Context, administrator: Actor, teams: tuple[int, int]
    ) -> None:
        add = partial(accounts.add_account, context, administrator, name="car", password=PASSWORD)
        with pytest.raises(InvalidInput, match="role team"):
            add(role=Role.TEAM)
        with pytest.raises(InvalidInput, match="role team"):
            add(role=Role.COMMANDER, team_id=teams[0])
        with pytest.raises(NotFound, match="team"):
            add(role=Role.TEAM, team_id=999)
        add(role=Role.COMMANDER)
        with pytest.raises(InvalidInput, match="role team"):
            accounts.bind_account(context, administrator, name="car", team_id=teams[0])
        with pytest.raises(NotFound, match="account"):
            accounts.bind_account(context, administrator, name="nobody", team_id=teams[0])


class TestDemoAccounts:
    @pytest.fixture
    def demo(self, context: Context, administrator: Actor) -> Context:
        with context.database.write(administrator, kind="demo") as work:
            save_setting(work, "synthetic", True)
            team = add_team(work)
            accounts.create_demo_accounts(work, scopes={"supervisor": "149999"}, team_id=team)
            accounts.create_demo_accounts(work)
        return context

    def test_they_open_a_demo_database_on_this_machine(self, demo: Context) -> None:
        for account in accounts.DEMO_ACCOUNTS:
            actor = accounts.sign_in(demo, name=account.name, password=account.password).actor
            scope = "149999" if account.name == "supervisor" else ""
            assert actor == Actor(account.name, account.role, scope, 1 if account.role is Role.TEAM else None)
        assert accounts.list_demo_accounts(demo) == accounts.DEMO_ACCOUNTS

    def test_without_a_team_there_is_none_for_it(self, context: Context, administrator: Actor) -> None:
        with context.database.write(administrator, kind="demo") as work:
            save_setting(work, "synthetic", True)
            accounts.create_demo_accounts(work)
        assert Role.TEAM not in {account.role for account in accounts.list_demo_accounts(context)}
        assert len(accounts.list_demo_accounts(context)) == len(accounts.DEMO_ACCOUNTS) - 1

    def test_they_open_nothing_on_a_network(self, demo: Context) -> None:
        first = accounts.DEMO_ACCOUNTS[0]
        token = accounts.sign_in(demo, name=first.name, password=first.password).token
        served = replace(demo, settings=replace(demo.settings, host="0.0.0.0"))
        with pytest.raises(NotSignedIn, match="Demo"):
            accounts.resolve_session(served, token)
        with pytest.raises(NotSignedIn, match="Demo"):
            accounts.sign_in(served, name=first.name, password=first.password)

    def test_they_open_nothing_real(self, demo: Context, administrator: Actor) -> None:
        with demo.database.write(administrator, kind="import") as work:
            save_setting(work, "synthetic", False)
        for account in accounts.DEMO_ACCOUNTS:
            with pytest.raises(NotSignedIn, match="Demo"):
                accounts.sign_in(demo, name=account.name, password=account.password)
