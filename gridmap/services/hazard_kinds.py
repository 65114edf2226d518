"""The list of hazard kinds: what there is, and its keeping by an administrator. One list holds for all areas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridmap.domain import hazard_kinds
from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.hazard_kinds import HazardKind, HazardKinds
from gridmap.domain.statutes.rules import Statutes
from gridmap.errors import N_, Conflict, NotAllowed, NotFound
from gridmap.services.context import Context
from gridmap.sources.statutes import read_statutes
from gridmap.store import hazard_kinds as store


@dataclass(frozen=True, kw_only=True)
class KindChange:
    """What is to be said of a kind; see `domain.hazard_kinds.HazardKind`.

    Both names empty leave a built-in kind the name of the catalogue. What a built-in kind is checked as stands in the
    rule files, so that `statutes` must be empty for one.
    """

    name_zh: str = ""
    name_en: str = ""
    is_line_side: bool
    is_light: bool
    statutes: tuple[str, ...] = ()
    is_active: bool = True
    skill: str = ""
    inspect_min: int | None = None
    hours: str = ""


def load_kinds(context: Context) -> HazardKinds:
    """The list as it stands, built once per revision of the hazards."""

    def build() -> HazardKinds:
        with context.database.read() as connection:
            return store.load_kinds(connection)

    return context.cache.get("hazard_kinds", context.revisions("hazards"), build)


def list_kinds(context: Context, actor: Actor) -> HazardKinds:
    """The list as it stands, hidden kinds too."""
    check_allowed(actor, Permission.VIEW)
    return load_kinds(context)


def count_uses(context: Context, actor: Actor) -> Mapping[str, int]:
    """How many hazards of each kind there are, everywhere and in any state: what is used can be hidden only."""
    _check_keeper(actor)
    with context.database.read() as connection:
        return store.count_uses(connection)


def list_statutes_of(context: Context, kind: HazardKind) -> tuple[str, ...]:
    """What a kind is checked as by the distance rules: as people said, else as the rule files have it."""
    return kind.statutes or _load_statutes(context).hazards.get(kind.code, ())


def _load_statutes(context: Context) -> Statutes:
    return context.cache.get("statutes", 0, read_statutes)


def list_statute_kinds(context: Context, actor: Actor) -> Mapping[str, Mapping[str, str]]:
    """What the distance rules are about: kind → its name by language (zh, en)."""
    check_allowed(actor, Permission.VIEW)
    return _load_statutes(context).kinds


def add_kind(context: Context, actor: Actor, *, code: str, change: KindChange) -> None:
    """Put a kind at the end of the list.

    Raises
    ------
    InvalidInput
        The code is no slug or taken, there is no name, a rule kind that no file names, or no skill, time or hours.
    NotAllowed
        The actor keeps no list, or only a part of the area.
    """
    _check_keeper(actor)
    names = hazard_kinds.check_names(change.name_zh, change.name_en)
    values = _build_values(context, change, names)
    with context.database.write(actor, kind="add_hazard_kind", reason=names[0]) as work:
        taken = [kind.code for kind in store.load_kinds(work.connection)]
        checked = hazard_kinds.check_code(code.strip(), taken=taken)
        store.save_kind(work, {"code": checked, **values})


def change_kind(context: Context, actor: Actor, *, code: str, change: KindChange, version: int) -> None:
    """Say something else of a kind: its names, what it is checked as, whether new hazards may be of it.

    Raises
    ------
    InvalidInput
        As `add_kind`.
    NotFound
        No such kind.
    Conflict
        Somebody changed it since `version`, or a built-in kind is given rules of its own.
    NotAllowed
        As `add_kind`.
    """
    _check_keeper(actor)
    with context.database.write(actor, kind="change_hazard_kind", reason=code) as work:
        kind = _require(store.load_kinds(work.connection), code)
        is_as_catalogue = kind.is_built_in and not (change.name_zh.strip() or change.name_en.strip())
        names = ("", "") if is_as_catalogue else hazard_kinds.check_names(change.name_zh, change.name_en)
        if kind.is_built_in and change.statutes:
            raise Conflict(
                N_("What a kind of the program is checked as stands in the rule files."),
                hint=N_("Add a kind of your own, or change the file kinds.toml."),
            )
        store.save_kind(work, _build_values(context, change, names), kind_id=kind.id, version=version)


def move_kind(context: Context, actor: Actor, *, code: str, by: int) -> None:
    """Move a kind up (negative) or down the list; at its ends it stays.

    Raises
    ------
    NotFound
        No such kind.
    NotAllowed
        As `add_kind`.
    """
    _check_keeper(actor)
    with context.database.write(actor, kind="move_hazard_kind", reason=code) as work:
        kinds = store.load_kinds(work.connection)
        _require(kinds, code)
        order = hazard_kinds.move([kind.code for kind in kinds], code, by=by)
        store.save_order(work, [_require(kinds, name).id for name in order])


def remove_kind(context: Context, actor: Actor, *, code: str) -> None:
    """Take a kind of one's own off the list that no hazard ever had.

    Raises
    ------
    NotFound
        No such kind.
    Conflict
        It is in use, or a kind of the program.
    NotAllowed
        As `add_kind`.
    """
    _check_keeper(actor)
    with context.database.write(actor, kind="remove_hazard_kind", reason=code) as work:
        kind = _require(store.load_kinds(work.connection), code)
        if kind.is_built_in or store.count_uses(work.connection).get(code):
            raise Conflict(
                N_("A kind that hazards have, or that the program brings, is not removed."),
                hint=N_("Hide it: its hazards keep their kind, and new ones cannot have it."),
            )
        store.delete_kind(work, kind.id)


def _check_keeper(actor: Actor) -> None:
    check_allowed(actor, Permission.MANAGE_KINDS)
    if actor.scope_code:
        raise NotAllowed(
            N_("The list of hazard kinds holds for all areas."),
            hint=N_("Ask an administrator whose account is not confined to an area."),
        )


def _require(kinds: HazardKinds, code: str) -> HazardKind:
    kind = kinds.find(code)
    if kind is None:
        raise NotFound(N_("There is no kind of hazard “{code}”."), hint=N_("Reload the list."), code=code)
    return kind


def _build_values(context: Context, change: KindChange, names: tuple[str, str]) -> dict[str, Any]:
    for kind in change.statutes:
        _load_statutes(context).check_kind(kind)
    skill, inspect_min, hours = hazard_kinds.check_inspection(change.skill, change.inspect_min, change.hours)
    return {
        "name_zh": names[0],
        "name_en": names[1],
        "line_side": change.is_line_side,
        "light_material": change.is_light,
        "statutes": list(change.statutes),
        "active": change.is_active,
        "skill": skill,
        "inspect_min": inspect_min,
        "hours": hours,
    }
