"""Changes of the hierarchy worked out from the areas as they are, before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.areas import find_above
from gridmap.domain.codes import Level, code_level, parent_code, parse_code
from gridmap.domain.ground_parts import are_neighbours, join_parts, place_below
from gridmap.domain.hierarchy import (
    SuccessionKind,
    apportion,
    check_number,
    find_free_code,
    gather_below,
    recode_below,
)
from gridmap.errors import N_, Conflict, InvalidInput
from gridmap.services.hierarchy_effect import NewArea, Plan, Share
from gridmap.store import areas, hierarchy

_NEAR_DEG = 2e-6
"""About 20 cm: so far apart borders of neighbours may have been drawn."""

_NOTHING = 1e-6
"""Less than this part of its ground is nothing."""


@dataclass(frozen=True)
class NewParts:
    """Parts an area is split into; names and households where a person gave them, else none at all."""

    shapes_wgs84: Sequence[shapely.MultiPolygon]
    names: Sequence[str]
    households: Sequence[int]

    def check(self, whole: int | None) -> None:
        """Raise InvalidInput where names or households do not fit the parts."""
        count = len(self.shapes_wgs84)
        if self.names and (len(self.names) != count or not all(name.strip() for name in self.names)):
            raise InvalidInput(
                N_("There are {count} parts, and as many names are needed."),
                hint=N_("Name every part, or none of them."),
                count=count,
            )
        given = list(self.households)
        if given and (len(given) != count or min(given) < 0 or (whole is not None and sum(given) != whole)):
            raise InvalidInput(
                N_("The households of the {count} parts must sum to {whole}."),
                hint=N_("Give a number for every part, or none; then they are shared out by area."),
                count=count,
                whole="–" if whole is None else whole,
            )


# --- other names --------------------------------------------------------------------------------------------------


def plan_rename(connection: sa.Connection, area: gpd.GeoDataFrame, *, name: str) -> Plan:
    """The area under another name."""
    none = hierarchy.load_some(connection, [])
    return Plan(SuccessionKind.RENAME, (_stay(area["id"].iloc[0]),), none, area, none, name=name)


def plan_renumber(connection: sa.Connection, actor: Actor, *, old: str, new: str, day: date) -> Plan:
    """The area and all below it under another code below the same parent."""
    return _plan_recode(connection, actor, SuccessionKind.RENUMBER, old=old, new=new, day=day)


def plan_move(
    connection: sa.Connection,
    actor: Actor,
    area: gpd.GeoDataFrame,
    above: gpd.GeoDataFrame,
    *,
    day: date,
    reserved: Collection[str] = (),
) -> Plan:
    """The area below another parent, not under a reserved code; those above lose and gain its ground."""
    old, parent = area["code"].iloc[0], above["code"].iloc[0]
    level = code_level(old)
    if code_level(parent) != level - 1 or old.startswith(parent):
        raise InvalidInput(
            N_("{code} cannot be moved below {parent}."),
            hint=N_("Choose another area of the level above it."),
            code=old,
            parent=parent,
        )
    own = [int(i) for i in hierarchy.load_below(connection, old)["id"]]
    used = hierarchy.load_used_codes(connection, parent, besides=own).union(reserved)
    new = find_free_code(parent, level=level, used=used, wish=old)
    plan = _plan_recode(connection, actor, SuccessionKind.MOVE, old=old, new=new, day=day)
    return _with_above(connection, plan, old=old, new=new)


def _plan_recode(
    connection: sa.Connection, actor: Actor, kind: SuccessionKind, *, old: str, new: str, day: date
) -> Plan:
    check_allowed(actor, Permission.REASSIGN_CELLS, new)
    below = hierarchy.load_below(connection, old)
    codes = recode_below(below["code"], old=old, new=new)
    _check_free(connection, codes.values(), top=new, ids=set(below["id"]), day=day)
    none = hierarchy.load_some(connection, [])
    return Plan(kind, (_stay(below["id"].iloc[0]),), none, below, none, codes=codes)


def _stay(area_id: int) -> Share:
    return Share(int(area_id), int(area_id), 1.0, 1.0)


def _check_free(connection: sa.Connection, codes: Iterable[str], *, top: str, ids: set[int], day: date) -> None:
    """Raise Conflict where `top` or what lies below is used, or others than `ids` gave up one of `codes` today."""
    present = hierarchy.load_present_codes(connection, top)
    if present:
        raise Conflict(N_("The code {code} is used."), hint=N_("Choose a code that no area has."), code=min(present))
    given_up = hierarchy.load_given_up(connection, day)
    taken = [code for code in codes if given_up.get(code, set()) - ids]
    if taken:
        raise Conflict(
            N_("The code {code} was given up today."),
            hint=N_("Another place may have it from tomorrow on; choose another code."),
            code=taken[0],
        )


def _with_above(connection: sa.Connection, plan: Plan, *, old: str, new: str) -> Plan:
    """Redraw the areas above that lose or gain what moves, and share out what was counted by their codes."""
    moved = plan.renamed.iloc[0]
    losing, gaining = _load_above(connection, old, but=new), _load_above(connection, new, but=old)
    lowest = areas.load_cell_level(connection) or 0
    inside = _count(connection, moved, lowest)
    ground: dict[int, shapely.Geometry] = {}
    shares = list(plan.shares)
    for _, row in losing.iterrows():
        left = shapely.difference(row["geometry"], moved["geometry"])
        if shapely.area(left) < _NOTHING * shapely.area(row["geometry"]):
            raise InvalidInput(
                N_("{code} is all the ground that {parent} has."),
                hint=N_("Merge {parent} with its neighbour instead."),
                code=old,
                parent=row["code"],
            )
        ground[int(row["id"])] = join_parts([left])
        of_area = min(1.0, float(moved["area_m2"]) / float(row["area_m2"]))
        whole = _count(connection, row, lowest)
        of_households = min(1.0, inside / whole) if whole else of_area
        to = gaining[gaining["level"] <= row["level"]]["id"]
        heir = int(to.iloc[-1] if len(to) else gaining["id"].iloc[0])
        own = int(row["id"])
        shares += [Share(own, own, 1 - of_households, 1 - of_area), Share(own, heir, of_households, of_area)]
    for _, row in gaining.iterrows():
        ground[int(row["id"])] = join_parts([row["geometry"], moved["geometry"]])
        shares.append(_stay(row["id"]))
    redrawn = hierarchy.load_some(connection, [*losing["code"], *gaining["code"]])
    households = _move_households(moved["households"], losing, sign=-1)
    households |= _move_households(moved["households"], gaining, sign=1)
    return replace(plan, shares=tuple(shares), redrawn=redrawn, ground=ground, households=households)


def _move_households(moved: float | None, above: gpd.GeoDataFrame, *, sign: int) -> dict[int, int]:
    """Households of the areas above that have a number, with or without those that move."""
    known = above[above["households"].notna()]
    if moved is None or pd.isna(moved):
        return {}
    return {int(i): max(0, int(n) + sign * int(moved)) for i, n in zip(known["id"], known["households"], strict=True)}


def _load_above(connection: sa.Connection, code: str, *, but: str) -> gpd.GeoDataFrame:
    """The areas above `code` that do not also lie above `but`, the widest first."""
    above, higher = [], parent_code(code)
    while higher is not None:
        if not but.startswith(higher):
            above.append(higher)
        higher = parent_code(higher)
    return hierarchy.load_some(connection, above)


def _count(connection: sa.Connection, area: pd.Series, lowest: int) -> int:
    """Households of an area: its own number, else those of the cells below it; 0 where none is known."""
    if area["households"] is not None and not pd.isna(area["households"]):
        return int(area["households"])
    return hierarchy.count_households(connection, area["code"], level=lowest)


# --- split --------------------------------------------------------------------------------------------------------


def plan_split(
    connection: sa.Connection,
    actor: Actor,
    area: gpd.GeoDataFrame,
    parts: NewParts,
    *,
    reserved: Collection[str] = (),
) -> Plan:
    """The area as several; what lies below goes with the part it lies in, under its number."""
    row = area.iloc[0]
    old, parent = row["code"], parent_code(row["code"]) or ""
    whole = None if pd.isna(row["households"]) else int(row["households"])
    parts.check(whole)
    below = hierarchy.load_below(connection, old)
    below = below[below["code"] != old].reset_index(drop=True)
    roots = _find_roots(below)
    top = below[below["code"] == roots]
    owner, astride, drawn = place_below(parts.shapes_wgs84, top.geometry.to_numpy())
    if astride:
        raise Conflict(
            N_("{code} lies on both sides, and {more} more."),
            hint=N_("Draw along the borders of what lies below, or split that first."),
            code=top["code"].iloc[astride[0]],
            more=len(astride) - 1,
        )
    new = _number_parts(connection, actor, parent, level=code_level(old), count=len(drawn), reserved=reserved)
    part_of = dict(zip(top["code"], owner, strict=True))
    codes = {code: new[part_of[root]] + code[len(old) :] for code, root in zip(below["code"], roots, strict=True)}
    sizes = [NewArea("", "", 0, "", None, part, None, None).area_m2 for part in drawn]
    shared = [None] * len(drawn) if whole is None else apportion(whole, sizes)
    numbers: Sequence[int | None] = parts.households or shared
    unit = areas.load_assignments(connection, [int(row["id"])]).get(int(row["id"]))
    names = [name.strip() for name in parts.names] or [f"{row['name']} {i + 1}" for i in range(len(drawn))]
    made = tuple(
        NewArea(code, name, int(row["level"]), row["kind"], count, part, _source_of(row), unit[0] if unit else None)
        for code, name, count, part in zip(new, names, numbers, drawn, strict=True)
    )
    counted = [float(count or 0) for count in numbers] if whole else _count_below(below, roots, part_of, len(drawn))
    of_area = _as_shares(sizes)
    of_households = _as_shares(counted) if sum(counted) else of_area
    pairs = enumerate(zip(of_households, of_area, strict=True))
    shares = tuple(
        Share(int(row["id"]), i, by_households, by_area, is_new=True) for i, (by_households, by_area) in pairs
    )
    none = hierarchy.load_some(connection, [])
    return Plan(SuccessionKind.SPLIT, shares, area, below, none, made, codes)


def _find_roots(below: gpd.GeoDataFrame) -> list[str]:
    """For each area the topmost one of them that it lies at or below."""
    known, roots = set(below["code"]), dict[str, str]()
    for code in below["code"]:  # by code, so that what lies above comes first
        above = find_above(code, known)
        roots[code] = code if above is None else roots[above]
    return list(roots.values())


def _number_parts(
    connection: sa.Connection, actor: Actor, parent: str, *, level: Level, count: int, reserved: Collection[str]
) -> list[str]:
    """The lowest codes below `parent` that nobody ever had and that are not reserved."""
    used = hierarchy.load_used_codes(connection, parent).union(reserved)
    new: list[str] = []
    for _ in range(count):
        new.append(find_free_code(parent, level=level, used=used | set(new)))
        check_allowed(actor, Permission.REASSIGN_CELLS, new[-1])
    return new


def _source_of(row: pd.Series) -> int | None:
    return None if pd.isna(row["source_id"]) else int(row["source_id"])


def _count_below(below: gpd.GeoDataFrame, roots: Sequence[str], part_of: dict[str, int], parts: int) -> list[float]:
    """Households of the lowest areas below, by part."""
    counted = np.zeros(parts)
    lowest = below["level"].max() if len(below) else 0
    for level, number, root in zip(below["level"], below["households"], roots, strict=True):
        if level == lowest and not pd.isna(number):
            counted[part_of[root]] += float(number)
    return counted.tolist()


def _as_shares(weights: Sequence[float]) -> list[float]:
    """Weights as shares of one; the last is what the others leave."""
    shares = [float(weight) / float(sum(weights)) for weight in weights[:-1]]
    return [*shares, 1.0 - sum(shares)]


# --- merge --------------------------------------------------------------------------------------------------------


def plan_merge(
    connection: sa.Connection,
    actor: Actor,
    ended: gpd.GeoDataFrame,
    *,
    name: str,
    new_code: str,
    unit_id: int | None,
    day: date,
    reserved: Collection[str] = (),
) -> Plan:
    """Neighbours below one parent as one area; what lies below keeps its number, or gets a free one."""
    _check_mergeable(ended)
    largest = ended.loc[ended["area_m2"].idxmax()]
    old, parent = largest["code"], parent_code(largest["code"]) or ""
    if new_code:
        code = parse_code(new_code)
        check_number(code, like=old)
        check_allowed(actor, Permission.REASSIGN_CELLS, code)
        _check_free(connection, [code], top=code, ids=set(), day=day)
    else:
        (code,) = _number_parts(connection, actor, parent, level=code_level(old), count=1, reserved=reserved)
    below = hierarchy.load_below(connection, parent)
    is_below = [any(c != end and c.startswith(end) for end in ended["code"]) for c in below["code"]]
    below = below[is_below].reset_index(drop=True)
    roots = _find_roots(below)
    order = sorted(ended["code"], key=lambda end: (end != old, end))
    families = {end: sorted({root for root in roots if root.startswith(end)}) for end in order}
    top = gather_below(families, new=code)
    codes = {c: top[root] + c[len(root) :] for c, root in zip(below["code"], roots, strict=True)}
    known = ended["households"].dropna()
    made = NewArea(
        code=code,
        name=name or largest["name"],
        level=int(largest["level"]),
        kind=largest["kind"],
        households=int(known.sum()) if len(known) else None,
        shape_wgs84=join_parts(list(ended.geometry)),
        source_id=_source_of(largest),
        unit_id=unit_id if unit_id is not None else _find_unit(connection, ended),
    )
    shares = tuple(Share(int(i), 0, 1.0, 1.0, is_new=True) for i in ended["id"])
    none = hierarchy.load_some(connection, [])
    return Plan(SuccessionKind.MERGE, shares, ended, below, none, (made,), codes)


def _check_mergeable(ended: gpd.GeoDataFrame) -> None:
    if len(ended) < 2:
        raise InvalidInput(N_("Two areas or more are merged."), hint=N_("Choose the neighbours to merge."))
    if ended["level"].nunique() > 1 or len({parent_code(code) for code in ended["code"]}) > 1:
        raise InvalidInput(
            N_("These areas are of several levels or lie below several areas."),
            hint=N_("Move them below the same area first."),
        )
    if not are_neighbours(list(ended.geometry), near_deg=_NEAR_DEG):
        raise InvalidInput(
            N_("These areas are no neighbours."), hint=N_("Choose areas that share borders, not only a corner.")
        )


def _find_unit(connection: sa.Connection, ended: gpd.GeoDataFrame) -> int | None:
    """The unit of the area with the most households among those somebody answers for, of equals the larger one's."""
    owned = areas.load_assignments(connection, [int(i) for i in ended["id"]])
    ranked = ended.sort_values(["households", "area_m2"], ascending=False, na_position="last")
    return next((owned[int(i)][0] for i in ranked["id"] if int(i) in owned), None)
