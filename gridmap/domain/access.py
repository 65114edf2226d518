"""Who may do what, where: roles, permissions and the scope of an account."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gridmap.domain.codes import is_within
from gridmap.errors import N_, NotAllowed


class Role(StrEnum):
    """The five kinds of account (指挥员, 巡防规划员, 网格主管, 管理员, 巡防队)."""

    COMMANDER = "commander"
    PLANNER = "planner"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    TEAM = "team"


class Permission(StrEnum):
    """One kind of act each."""

    VIEW = "view"
    SEE_GROUND = "see_ground"
    """Roads, railways and borders, which are the same for everybody."""
    REPORT_HAZARDS = "report_hazards"
    CARRY_OUT = "carry_out"
    """The orders and tasks of the one team that the account is bound to."""
    EDIT_HAZARDS = "edit_hazards"
    CLOSE_ROADS = "close_roads"
    """Close, slow and open roads for every route and plan."""
    DISPATCH = "dispatch"
    PLAN_PATROLS = "plan_patrols"
    REASSIGN_CELLS = "reassign_cells"
    IMPORT_DATA = "import_data"
    EXPORT_DATA = "export_data"
    MANAGE_ACCOUNTS = "manage_accounts"
    MANAGE_KINDS = "manage_kinds"


_OFFICE = frozenset(
    {
        Permission.VIEW,
        Permission.SEE_GROUND,
        Permission.REPORT_HAZARDS,
        Permission.EDIT_HAZARDS,
        Permission.CLOSE_ROADS,
        Permission.EXPORT_DATA,
    }
)
"""What everybody may who sits at a desk."""

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.COMMANDER: _OFFICE | {Permission.DISPATCH},
    Role.PLANNER: _OFFICE | {Permission.PLAN_PATROLS},
    Role.SUPERVISOR: _OFFICE | {Permission.REASSIGN_CELLS},
    Role.ADMINISTRATOR: frozenset(Permission) - {Permission.CARRY_OUT},
    Role.TEAM: frozenset({Permission.SEE_GROUND, Permission.REPORT_HAZARDS, Permission.CARRY_OUT}),
}


@dataclass(frozen=True)
class Actor:
    """Who acts: an account seen through its role and the area code it is confined to ("" = everywhere).

    `team_id` is the team that an account of the role team is bound to, None for every other.
    """

    name: str
    role: Role
    scope_code: str = ""
    team_id: int | None = None

    def may(self, permission: Permission) -> bool:
        """Whether the role carries `permission`, somewhere."""
        return permission in PERMISSIONS[self.role]

    def covers(self, code: str) -> bool:
        """Whether the area `code` lies within this actor's scope."""
        return is_within(code, self.scope_code)


TERMINAL = Actor("terminal", Role.ADMINISTRATOR)
"""Whoever sits at the machine's own terminal; `--as` gives another name."""

SYSTEM = Actor("system", Role.ADMINISTRATOR)
"""The program itself, for work nobody asked for: retention, simulation."""


def check_allowed(actor: Actor, permission: Permission, code: str | None = None) -> None:
    """Raise NotAllowed unless `actor` has `permission` and, where given, the area `code` in scope."""
    if not actor.may(permission):
        raise NotAllowed(
            N_("Your role does not allow this."),
            hint=N_("Ask an administrator for an account that may do it."),
        )
    if code is not None and not actor.covers(code):
        raise NotAllowed(
            N_("Area {code} lies outside your responsibility."),
            hint=N_("Choose something inside your own area."),
            code=code,
        )


def require_team(actor: Actor) -> int:
    """The team that `actor` is bound to, or NotAllowed: no other account may act for one."""
    check_allowed(actor, Permission.CARRY_OUT)
    if actor.team_id is None:
        raise NotAllowed(
            N_("This account is bound to no team."), hint=N_("Ask an administrator to bind it to your team.")
        )
    return actor.team_id
