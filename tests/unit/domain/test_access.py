"""Who may do what, where."""

from __future__ import annotations

import pytest

from gridmap.domain.access import PERMISSIONS, Actor, Permission, Role, check_allowed, require_team
from gridmap.errors import NotAllowed


def test_every_role_is_described_and_may_look() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert {role for role, granted in PERMISSIONS.items() if Permission.VIEW not in granted} == {Role.TEAM}
    assert all(Permission.SEE_GROUND in granted for granted in PERMISSIONS.values())


def test_every_permission_is_somebodys() -> None:
    assert frozenset().union(*PERMISSIONS.values()) == frozenset(Permission)
    # An administrator belongs to no team.
    assert PERMISSIONS[Role.ADMINISTRATOR] == frozenset(Permission) - {Permission.CARRY_OUT}


def test_a_team_may_do_its_own_work_and_nothing_else() -> None:
    assert PERMISSIONS[Role.TEAM] == {Permission.SEE_GROUND, Permission.REPORT_HAZARDS, Permission.CARRY_OUT}
    assert require_team(Actor("a", Role.TEAM, team_id=7)) == 7
    with pytest.raises(NotAllowed, match="no team"):
        require_team(Actor("a", Role.TEAM))
    with pytest.raises(NotAllowed, match="role"):
        require_team(Actor("a", Role.ADMINISTRATOR, team_id=7))


@pytest.mark.parametrize(
    ("role", "permission"),
    [
        (Role.COMMANDER, Permission.PLAN_PATROLS),
        (Role.COMMANDER, Permission.REASSIGN_CELLS),
        (Role.PLANNER, Permission.REASSIGN_CELLS),
        (Role.SUPERVISOR, Permission.PLAN_PATROLS),
        (Role.SUPERVISOR, Permission.IMPORT_DATA),
        (Role.PLANNER, Permission.MANAGE_ACCOUNTS),
        (Role.PLANNER, Permission.DISPATCH),
        (Role.SUPERVISOR, Permission.DISPATCH),
    ],
)
def test_least_privilege(role: Role, permission: Permission) -> None:
    with pytest.raises(NotAllowed, match="role"):
        check_allowed(Actor("a", role), permission)


def test_scope_confines() -> None:
    actor = Actor("a", Role.SUPERVISOR, "149999001")
    check_allowed(actor, Permission.REASSIGN_CELLS, "149999001001")
    assert actor.covers("149999001")
    for code in ("149999", "149999002", "149999000", ""):
        with pytest.raises(NotAllowed, match="outside"):
            check_allowed(actor, Permission.REASSIGN_CELLS, code)


def test_no_scope_is_everywhere() -> None:
    assert Actor("a", Role.COMMANDER).covers("149999")
