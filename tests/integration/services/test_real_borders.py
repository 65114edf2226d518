"""Real borders: the counties of a province as cells of its cities, and the municipalities of a small country."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from gridmap.domain.access import Actor
from gridmap.domain.districting.adjacency import build_adjacency
from gridmap.services import adjacency_rules, areas, grids, topology
from gridmap.services.adjacency_rules import Obstacle
from gridmap.services.context import Context
from gridmap.services.imports import import_file
from tests.neighbours import find_pairs


def count_pieces(cells: Iterable[int], pairs: Iterable[tuple[int, int]]) -> int:
    """Pieces that cells lie in, by union and find: none of what the services use."""
    root = {cell: cell for cell in cells}

    def find(cell: int) -> int:
        while root[cell] != cell:
            cell = root[cell]
        return cell

    for first, second in pairs:
        if first in root and second in root:
            root[find(first)] = find(second)
    return sum(cell == parent for cell, parent in root.items())


def test_counties_partition_their_cities_and_a_barrier_cuts_one_off(
    sqlite_context: Context, administrator: Actor, realdata: Path
) -> None:
    context = sqlite_context
    import_file(context, administrator, path=realdata / "shanxi" / "cities_wgs84.geojson")
    report = import_file(context, administrator, path=realdata / "shanxi" / "counties_wgs84.geojson")
    assert report.borders is not None
    assert (report.borders.cells, report.borders.worst, report.warnings) == (117, (), [])
    found = topology.check_parents(context, administrator)
    assert (len(found.codes), found.faults) == (117, ())
    assert topology.check_topology(context, administrator, area_code="1401").faults == ()
    # Neighbours by hand: any two whose shapes share more than a point.
    counties = gpd.read_file(realdata / "shanxi" / "counties_wgs84.geojson").set_index("district_adcode")
    shapes, codes = counties.geometry.to_numpy(), [str(code) for code in counties.index]
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    sides = shapely.intersection(shapes[a], shapes[b])
    beside = {(codes[i], codes[j]) for i, j, side in zip(a, b, sides, strict=True) if i != j and side.length > 1e-4}
    units = grids.list_units(context, administrator).set_index("code")
    cells = areas.load_cells(context, administrator).set_index("code")["id"]
    city = int(units.loc["U1407", "id"])
    mover = next(
        code for code in sorted(codes) if code.startswith("1401") and any((code, o) in beside for o in into(codes))
    )
    after = {code for code in codes if code.startswith("1407")} | {mover}
    left = {code for code in codes if code.startswith("1401")} - {mover}
    pieces = count_pieces(after, beside) + count_pieces(left, beside) - 2
    preview = grids.preview_reassignment(context, administrator, owners={int(cells[mover]): city})
    assert preview.new_stray_parts == pieces
    across = [(int(cells[mover]), int(cells[other])) for other in into(codes) if (mover, other) in beside]
    adjacency_rules.set_barriers(context, administrator, pairs=across, reason="太原与晋中之间的山岭")
    preview = grids.preview_reassignment(context, administrator, owners={int(cells[mover]): city})
    assert preview.new_stray_parts == pieces + 1


def into(codes: list[str]) -> list[str]:
    return [code for code in codes if code.startswith("1407")]


def test_municipalities_partition_their_country_and_water_parts_two_of_them(
    sqlite_context: Context, administrator: Actor, realdata: Path
) -> None:
    context = sqlite_context
    report = import_file(context, administrator, path=realdata / "osm" / "liechtenstein.osm.pbf")
    assert report.borders is not None
    assert (report.borders.cells, report.borders.worst) == (11, ())
    assert topology.check_parents(context, administrator).faults == ()
    # Meeting in a point is no border: the shortest of these is 289 m.
    lengths = build_adjacency(areas.load_cells(context, administrator).geometry.to_numpy()).length_m
    assert (len(find_pairs(context)), round(float(lengths.min()))) == (27, 289)
    found = adjacency_rules.propose_barriers(context, administrator, area_code="", obstacle=Obstacle.WATER)
    assert [{row.first_name, row.second_name} for row in found.itertuples()] == [{"Balzers", "Planken"}]
    assert found["along_m"].iloc[0] / found["border_m"].iloc[0] == pytest.approx(0.93, abs=0.01)
    rails = adjacency_rules.propose_barriers(context, administrator, area_code="", obstacle=Obstacle.RAILWAY)
    assert rails.empty
    pair = (int(found["first_id"].iloc[0]), int(found["second_id"].iloc[0]))
    adjacency_rules.set_barriers(context, administrator, pairs=[pair], reason="Mountain stream")
    assert len(find_pairs(context)) == 26
    assert pair not in find_pairs(context)
