"""Rules about neighbours that people set: barriers that nothing crosses, and cells that a bridge joins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.domain.areas import find_above
from gridmap.domain.districting.adjacency import build_adjacency
from gridmap.domain.districting.obstacles import OBSTACLE_M, draw_common_borders, find_obstructed
from gridmap.errors import N_, Conflict, InvalidInput, NotFound
from gridmap.services.area_history import require_area
from gridmap.services.context import Context
from gridmap.store import adjacency_rules as store
from gridmap.store import areas, tables
from gridmap.store.adjacency_rules import BARRIER, JOIN, IntArray

MOST_CELLS = 20_000
"""So many cells are looked over at once for borders along a railway or water."""

MOST_PAIRS = 2_000
"""So many rules are set with one change."""

MOST_TOLERANCE_M = 500.0

Pair = tuple[int, int]


class Obstacle(StrEnum):
    """What may keep neighbours apart: 铁路, 水域."""

    RAILWAY = "railway"
    WATER = "water"


@dataclass(frozen=True)
class RulePositions:
    """Barriers and joins as positions among cells, shape (n, 2): what `build_territory` takes."""

    barriers: IntArray
    joins: IntArray


def list_rules(context: Context, actor: Actor, *, area_code: str = "") -> gpd.GeoDataFrame:
    """Rules with both cells in scope, and in an area where one is given, the newest first.

    Columns: those of `store.adjacency_rules.load_rules`, and geometry (WGS-84): of a barrier the common border, of a
    join, and of cells that no longer meet, a line from inside the one cell to inside the other. NotFound where there is
    no such area.
    """
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        scope = require_area(connection, actor, code=area_code)["code"].iloc[0] if area_code else actor.scope_code
        rules = store.load_rules(connection, scope=scope)
        cells = areas.load_shapes(connection, {*rules["first_id"], *rules["second_id"]})
    return gpd.GeoDataFrame(rules, geometry=_draw_rules(rules, cells), crs="EPSG:4326")


def find_rule(context: Context, actor: Actor, *, pair: Pair) -> int:
    """Id of the rule between two cells (the lesser id first), NotFound where there is none in scope."""
    check_allowed(actor, Permission.VIEW)
    with context.database.read() as connection:
        rules = store.load_rules(connection, scope=actor.scope_code)
    found = rules.loc[(rules["first_id"] == pair[0]) & (rules["second_id"] == pair[1]), "id"]
    if found.empty:
        raise NotFound(
            N_("There is no barrier or join between these two cells."), hint=N_("Look at the list of rules.")
        )
    return int(found.iloc[0])


def set_barriers(context: Context, actor: Actor, *, pairs: Sequence[Pair], reason: str) -> list[int]:
    """Let neighbours no longer keep each other together, all of `pairs` (cell ids) or none; ids of the rules.

    Raises
    ------
    InvalidInput
        No or too many pairs, no reason, or cells that share no border.
    NotFound
        A cell does not exist in the actor's area.
    Conflict
        There is a rule for one of the pairs.
    """
    return _set_rules(context, actor, pairs=pairs, reason=reason, kind=BARRIER)


def set_joins(context: Context, actor: Actor, *, pairs: Sequence[Pair], reason: str) -> list[int]:
    """Let cells keep each other together although they share no border, because of a bridge or an enclave.

    Raises as `set_barriers`; InvalidInput also for cells that share a border, or lie in different areas.
    """
    return _set_rules(context, actor, pairs=pairs, reason=reason, kind=JOIN)


def lift_rules(context: Context, actor: Actor, *, rule_ids: Sequence[int], reason: str) -> int:
    """Take rules away, all or none; how many. InvalidInput without a reason, NotFound outside the own area."""
    check_allowed(actor, Permission.REASSIGN_CELLS)
    said, ids = check_reason(reason), sorted(set(rule_ids))
    with context.database.write(actor, kind="lift_adjacency_rules", reason=said) as work:
        if not set(ids) <= set(store.load_rules(work.connection, scope=actor.scope_code)["id"]) or not ids:
            raise NotFound(N_("There is no such rule in your area."), hint=N_("Reload the page and look again."))
        work.delete_many(tables.adjacency_rule, ids)
        work.touch("borders")
    return len(ids)


def load_rule_positions(connection: sa.Connection, cell_ids: IntArray) -> RulePositions:
    """Every rule, whoever asks: positions in `cell_ids`; rules of cells that are not among them are left out."""
    order = np.argsort(cell_ids)
    barriers, joins = (_place(pairs, cell_ids[order], order) for pairs in store.load_pairs(connection))
    return RulePositions(barriers, joins)


def _place(pairs: IntArray, ids: IntArray, order: IntArray) -> IntArray:
    if len(ids) == 0:
        return np.zeros((0, 2), np.int64)
    row = np.minimum(np.searchsorted(ids, pairs), len(ids) - 1)
    return np.asarray(order[row[(ids[row] == pairs).all(axis=1)]], np.int64)


# --- setting ------------------------------------------------------------------------------------------------------


def _set_rules(context: Context, actor: Actor, *, pairs: Sequence[Pair], reason: str, kind: str) -> list[int]:
    check_allowed(actor, Permission.REASSIGN_CELLS)
    said = check_reason(reason)
    chosen = _check_pairs(pairs)
    with context.database.write(actor, kind=f"set_{kind}s", reason=said) as work:
        cells = _require_cells(work.connection, actor, chosen)
        _check_neighbours(cells, chosen, kind)
        if kind == JOIN:
            _check_parents(work.connection, cells, chosen)
        _check_new(work.connection, chosen)
        made = store.insert_rules(work, chosen, kind=kind, reason=said)
        work.touch("borders")
    return made


def check_reason(reason: str) -> str:
    """The reason without blanks around it, or InvalidInput where nothing is left."""
    if not reason.strip():
        raise InvalidInput(N_("A rule about neighbours needs a reason."), hint=N_("Write in a few words why it holds."))
    return reason.strip()


def _check_pairs(pairs: Sequence[Pair]) -> list[Pair]:
    chosen = sorted({(min(pair), max(pair)) for pair in pairs})
    if not chosen or any(first == second for first, second in chosen):
        raise InvalidInput(N_("A rule is about two cells."), hint=N_("Choose two cells on the map."))
    if len(chosen) > MOST_PAIRS:
        raise InvalidInput(
            N_("{number} rules at once are too many."),
            hint=N_("Set at most {limit} with one change."),
            number=len(chosen),
            limit=MOST_PAIRS,
        )
    return chosen


def _require_cells(connection: sa.Connection, actor: Actor, pairs: Sequence[Pair]) -> gpd.GeoDataFrame:
    """The cells by id, or NotFound."""
    ids = {cell for pair in pairs for cell in pair}
    own = areas.load_owned_cells(connection, scope=actor.scope_code, ids=list(ids))
    if len(own) < len(ids):
        raise NotFound(N_("A chosen cell does not exist in your area."), hint=N_("Reload the page and choose again."))
    return areas.load_shapes(connection, ids)


def _check_neighbours(cells: gpd.GeoDataFrame, pairs: Sequence[Pair], kind: str) -> None:
    shapes = cells.geometry.to_numpy()
    ids = cells["id"].to_numpy(np.int64)
    neighbours = {tuple(sorted(pair)) for pair in ids[build_adjacency(shapes).pairs].tolist()}
    codes = dict(zip(ids.tolist(), cells["code"], strict=True))
    for first, second in pairs:
        facts = {"first": codes[first], "second": codes[second]}
        if kind == BARRIER and (first, second) not in neighbours:
            raise InvalidInput(
                N_("{first} and {second} share no border that a barrier could run along."),
                hint=N_("Choose two neighbouring cells."),
                **facts,
            )
        if kind == JOIN and (first, second) in neighbours:
            raise InvalidInput(
                N_("{first} and {second} share a border: they are joined already."),
                hint=N_("Lift the barrier between them, if there is one."),
                **facts,
            )


def _check_parents(connection: sa.Connection, cells: gpd.GeoDataFrame, pairs: Sequence[Pair]) -> None:
    known = set(areas.load_areas(connection, scope="")["code"])
    codes = dict(zip(cells["id"].astype(int), cells["code"], strict=True))
    for first, second in pairs:
        if find_above(codes[first], known) != find_above(codes[second], known):
            raise InvalidInput(
                N_("{first} and {second} lie in different areas and cannot be joined."),
                hint=N_("Choose two cells of one area."),
                first=codes[first],
                second=codes[second],
            )


def _check_new(connection: sa.Connection, pairs: Sequence[Pair]) -> None:
    rules = store.load_rules(connection, scope="")
    held = {(int(row.first_id), int(row.second_id)): row for row in rules.itertuples()}
    for pair in pairs:
        if (rule := held.get(pair)) is not None:
            raise Conflict(
                N_("{who} set a rule for {first} and {second} already: {reason}"),
                hint=N_("Lift that one first."),
                who=rule.set_by,
                first=rule.first_code,
                second=rule.second_code,
                reason=rule.reason,
            )


# --- proposals ----------------------------------------------------------------------------------------------------


def propose_barriers(
    context: Context, actor: Actor, *, area_code: str, obstacle: Obstacle, tolerance_m: float = OBSTACLE_M
) -> gpd.GeoDataFrame:
    """Neighbours whose border runs along a railway or water that no way crosses there; nothing is changed.

    Columns: first_id, second_id, first_code, second_code, first_name, second_name, border_m, along_m (metres of the
    border that follow the obstacle), geometry (the border, WGS-84); the longest first. Pairs with a rule are left out.

    Raises
    ------
    InvalidInput
        The area has too many cells, or the tolerance is none.
    NotFound
        There are no cells in scope.
    """
    check_allowed(actor, Permission.VIEW)
    if not 0 < tolerance_m <= MOST_TOLERANCE_M:
        raise InvalidInput(
            N_("{metres} m is no distance from a border."),
            hint=N_("Give more than 0 and at most {limit} m."),
            metres=tolerance_m,
            limit=MOST_TOLERANCE_M,
        )
    with context.database.read() as connection:
        cells = _load_cells(connection, actor, area_code)
        west, south, east, north = (float(value) for value in cells.total_bounds)
        box = (west, south, east, north)
        load = store.load_railways if obstacle is Obstacle.RAILWAY else store.load_water
        obstacles, ways = load(connection, box=box), store.load_ways(connection, box=box)
        held = np.concatenate(store.load_pairs(connection))
    shapes = cells.geometry.to_numpy()
    found = find_obstructed(
        shapes,
        build_adjacency(shapes),
        obstacles_wgs84=obstacles.geometry.to_numpy(),
        ways_wgs84=ways.geometry.to_numpy(),
        tolerance_m=tolerance_m,
    )
    rows = _describe_pairs(cells, found.pairs).assign(border_m=found.border_m, along_m=found.along_m)
    known = {tuple(pair) for pair in held.tolist()}
    is_new = [pair not in known for pair in zip(rows["first_id"], rows["second_id"], strict=True)]
    return rows[np.array(is_new, bool)].sort_values("border_m", ascending=False).reset_index(drop=True)


def _load_cells(connection: sa.Connection, actor: Actor, area_code: str) -> gpd.GeoDataFrame:
    cells = areas.load_cells(connection, scopes=(actor.scope_code, area_code))
    if cells.empty:
        raise NotFound(
            N_("There is no area {code} with cells in your area."),
            hint=N_("Choose an area above the cells."),
            code=area_code,
        )
    if len(cells) > MOST_CELLS:
        raise InvalidInput(
            N_("{number} cells are too many to be looked over at once."),
            hint=N_("Choose a smaller area, of at most {limit} cells."),
            number=len(cells),
            limit=MOST_CELLS,
        )
    return cells


def _describe_pairs(cells: gpd.GeoDataFrame, pairs: IntArray) -> gpd.GeoDataFrame:
    """Ids, codes and names of both cells of each pair, the lesser id first, with their common border."""
    ids = cells["id"].to_numpy(np.int64)
    swapped = ids[pairs[:, 0]] > ids[pairs[:, 1]]
    ends = {"first": np.where(swapped, pairs[:, 1], pairs[:, 0]), "second": np.where(swapped, pairs[:, 0], pairs[:, 1])}
    columns = {
        f"{end}_{name}": cells[name].to_numpy()[at] for name in ("id", "code", "name") for end, at in ends.items()
    }
    return gpd.GeoDataFrame(columns, geometry=draw_common_borders(cells.geometry.to_numpy(), pairs), crs="EPSG:4326")


def _draw_rules(rules: pd.DataFrame, cells: gpd.GeoDataFrame) -> list[shapely.Geometry]:
    shapes = cells.geometry.to_numpy()
    ids = cells["id"].to_numpy(np.int64)
    pairs = np.searchsorted(ids, rules[["first_id", "second_id"]].to_numpy(np.int64).reshape(-1, 2))
    middles = shapely.point_on_surface(shapes)
    borders = draw_common_borders(shapes, pairs)
    # A later edition may have moved the two apart: then the line between them is all there is to show.
    has_border = ~shapely.is_empty(borders)
    return [
        borders[row] if kind == BARRIER and has_border[row] else shapely.LineString([middles[first], middles[second]])
        for row, (kind, (first, second)) in enumerate(zip(rules["kind"], pairs.tolist(), strict=True))
    ]
