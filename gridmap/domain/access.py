"""Who may do what, where: roles, permissions and the scope of an account."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gridmap.domain.codes import is_within
from gridmap.errors import N_, NotAllowed


class Role(StrEnum):
    """The four kinds of account (指挥员, 巡防规划员, 网格主管, 管理员)."""

    COMMANDER = "commander"
    PLANNER = "planner"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """One kind of act each."""

    VIEW = "view"
    EDIT_HAZARDS = "edit_hazards"
    DISPATCH = "dispatch"
    PLAN_PATROLS = "plan_patrols"
    REASSIGN_CELLS = "reassign_cells"
    IMPORT_DATA = "import_data"
    EXPORT_DATA = "export_data"
    MANAGE_ACCOUNTS = "manage_accounts"
    MANAGE_KINDS = "manage_kinds"


PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.COMMANDER: frozenset({Permission.VIEW, Permission.EDIT_HAZARDS, Permission.DISPATCH, Permission.EXPORT_DATA}),
    Role.PLANNER: frozenset(
        {Permission.VIEW, Permission.EDIT_HAZARDS, Permission.PLAN_PATROLS, Permission.EXPORT_DATA}
    ),
    Role.SUPERVISOR: frozenset(
        {Permission.VIEW, Permission.EDIT_HAZARDS, Permission.REASSIGN_CELLS, Permission.EXPORT_DATA}
    ),
    Role.ADMINISTRATOR: frozenset(Permission),
}


@dataclass(frozen=True)
class Actor:
    """Who acts: an account seen through its role and the area code it is confined to ("" = everywhere)."""

    name: str
    role: Role
    scope_code: str = ""

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
