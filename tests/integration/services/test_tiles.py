"""Tiles from both engines: what is in them, when they are made anew, and how much is kept."""

from __future__ import annotations

import gzip
from itertools import product
from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
import sqlalchemy as sa

from gridmap.domain.access import Actor
from gridmap.domain.tiling import EXTENT, TileId, find_covering, to_world
from gridmap.errors import NotFound
from gridmap.services import tiles
from gridmap.services.context import Context
from gridmap.services.tile_layers import build_layers
from gridmap.services.tiles import COARSEST_BAKED, TileCache, bake_tiles, draw_tile, render_tile
from gridmap.store import tables
from gridmap.store.areas import load_level
from gridmap.store.geometry import geometry_values
from gridmap.store.tiles import FINEST_KEPT, TOPICS, Tile, list_kept, load_extent, load_tile
from tests.counties import ADMIN, EAST_SUPERVISOR, WEST_SUPERVISOR, build_areas, fill_county, place_in


def tile_over(zoom: int, *, column: int = 2, row: int = 1) -> TileId:
    ((x, y),) = shapely.get_coordinates(to_world(np.array([shapely.Point(place_in(column, row))], object)))
    return TileId(zoom, int(x * 2**zoom), int(y * 2**zoom))


def render(context: Context, actor: Actor, layer: str, tile: TileId) -> Tile:
    return render_tile(context, actor, layer=layer, z=tile.z, x=tile.x, y=tile.y)


def read(tile: Tile) -> dict[str, Any]:
    decoded: dict[str, Any] = mapbox_vector_tile.decode(
        gzip.decompress(tile.data), default_options={"y_coord_down": True}
    )
    return decoded


def test_geometry_comes_back_within_half_a_unit_from_either_engine(context: Context, commander: Actor) -> None:
    fill_county(context)
    tile = tile_over(11)
    with context.database.read() as connection:
        codes = dict(connection.execute(sa.select(tables.area.c.id, tables.area.c.code)).all())
    shapes = build_areas().set_index("code").geometry
    corner, scale = (tile.x * tile.side, tile.y * tile.side), EXTENT / tile.side
    features = read(render(context, commander, "areas", tile))["l6"]["features"]
    assert len(features) == 24
    for feature in features:
        (true,) = to_world(np.array([shapes[codes[feature["id"]]]], object))
        drawn = shapely.Polygon(feature["geometry"]["coordinates"][0])
        true = shapely.transform(true, lambda xy: (xy - corner) * scale)
        # Half a unit to either side, diagonally.
        assert shapely.hausdorff_distance(drawn, true) <= 2**-0.5 + 1e-6


def sink_island(context: Context) -> dict[int, shapely.Geometry]:
    """One cell becomes an island in the midst of another; the shapes of all cells by id."""
    with context.database.write(ADMIN, kind="edit") as work:
        cells = load_level(work.connection, 6).set_index("id").geometry
        around, island = cells.index[:2].tolist()
        ground = cells[around].centroid.buffer(np.sqrt(cells[around].area) / 4)
        work.update(tables.area, around, geometry_values(cells[around].difference(ground)))
        work.update(tables.area, island, geometry_values(ground))
        work.touch("areas")
    with context.database.read() as connection:
        return dict(load_level(connection, 6).set_index("id").geometry.items())


def measure_ring(ring: list[list[float]]) -> float:
    """Area by the surveyor's formula, positive as the specification asks of an exterior ring."""
    x, y = np.array(ring).T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)


@pytest.mark.parametrize("zoom", [9, 12, 13])
def test_every_cell_is_in_the_tiles_once_and_in_its_size(context: Context, commander: Actor, zoom: int) -> None:
    fill_county(context)
    cells = sink_island(context)
    with context.database.read() as connection:
        extent = load_extent(connection, "areas")
    assert extent is not None
    first, last = find_covering(extent, zoom)
    whole = shapely.box(0, 0, EXTENT, EXTENT)
    drawn = dict.fromkeys(cells, 0.0)
    holes = 0
    for x, y in product(range(first.x, last.x + 1), range(first.y, last.y + 1)):
        tile = render(context, commander, "areas", TileId(zoom, x, y))
        for feature in read(tile)["l6"]["features"] if tile.data else ():
            shape = feature["geometry"]
            polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
            for exterior, *interiors in polygons:
                assert measure_ring(exterior) > 0
                assert all(measure_ring(ring) < 0 for ring in interiors)
                holes += len(interiors)
                # The buffer shows a strip of the neighbouring tiles once more.
                drawn[feature["id"]] += shapely.Polygon(exterior, interiors).intersection(whole).area
    true = shapely.area(to_world(np.array(list(cells.values()), object))) * (EXTENT * 2.0**zoom) ** 2
    assert holes > 0
    assert min(drawn.values()) > 0
    assert sum(drawn.values()) == pytest.approx(true.sum(), rel=0.01)
    if zoom >= 12:  # From afar a cell is so small that half a unit of the grid is more than that.
        assert list(drawn.values()) == pytest.approx(true.tolist(), rel=0.01)


def test_levels_appear_when_they_are_wide_enough(context: Context, commander: Actor) -> None:
    fill_county(context)
    seen = [set(read(render(context, commander, "areas", tile_over(zoom)))) for zoom in (5, 7, 11)]
    assert seen[0] == {"l3"}
    assert seen[0] < seen[1] < seen[2] == {"l3", "l4", "l5", "l6"}


def test_a_tile_is_kept_until_its_topic_changes(sqlite_context: Context, commander: Actor) -> None:
    fill_county(sqlite_context)
    tile = tile_over(12)
    areas, rail = (render(sqlite_context, commander, layer, tile) for layer in ("areas", "rail"))
    assert render(sqlite_context, commander, "areas", tile) is areas
    # What is in a tile is for everybody, so that scopes share it.
    assert render(sqlite_context, WEST_SUPERVISOR, "areas", tile) is areas
    assert render(sqlite_context, EAST_SUPERVISOR, "areas", tile) is areas
    with sqlite_context.database.write(ADMIN, kind="clear") as work:
        work.connection.execute(tables.rail_track.delete())
        work.note("clear", {"tracks": True})
        work.touch("rail")
    assert render(sqlite_context, commander, "areas", tile) is areas
    emptied = render(sqlite_context, commander, "rail", tile)
    assert rail.data
    assert emptied.data == b""
    assert emptied.etag != rail.etag


def test_baked_tiles_are_those_drawn_when_asked_for(context: Context, commander: Actor) -> None:
    fill_county(context)
    wanted = [(layer, tile_over(zoom)) for layer in TOPICS for zoom in range(COARSEST_BAKED, FINEST_KEPT + 1)]
    drawn = {key: render(context, commander, *key) for key in wanted}
    report = bake_tiles(context)
    with context.database.read() as connection:
        kept = {key: load_tile(connection, *key) for key in wanted}
        bytes_kept = connection.scalar(sa.select(sa.func.sum(sa.func.length(tables.tile.c.data))))
    assert kept == drawn
    assert report.bytes == bytes_kept
    assert bake_tiles(context).tiles == 0


def test_an_edit_discards_the_tiles_it_touches_and_no_other(context: Context, commander: Actor) -> None:
    fill_county(context)
    bake_tiles(context)
    with context.database.read() as connection:
        before = {tile for zoom in range(14) for tile in list_kept(connection, "areas", zoom)}
        cell = connection.execute(sa.select(tables.area).where(tables.area.c.level == 6).limit(1)).one()
    box = (cell.x_min, cell.y_min, cell.x_max, cell.y_max)
    with context.database.write(ADMIN, kind="edit") as work:
        work.update(tables.area, cell.id, geometry_values(shapely.Point(cell.x_min, cell.y_min).buffer(1e-3)))
        work.touch("areas")
    with context.database.read() as connection:
        after = {tile for zoom in range(14) for tile in list_kept(connection, "areas", zoom)}
        rail = list_kept(connection, "rail", 10)
    shape = shapely.box(*box).union(shapely.Point(cell.x_min, cell.y_min).buffer(1e-3).envelope)
    touched = {tile for tile in before if shapely.box(*tile.compute_box_wgs84()).intersects(shape)}
    assert before - after == touched
    assert 0 < len(touched) < len(before)
    assert rail
    report = bake_tiles(context)
    assert report.tiles == len(touched)


def test_after_an_edit_coarse_tiles_are_those_of_a_database_that_never_kept_a_shape(
    context: Context, commander: Actor
) -> None:
    fill_county(context)
    bake_tiles(context)
    sink_island(context)
    with context.database.read() as connection:
        straightened = connection.scalar(sa.select(sa.func.count()).select_from(tables.tile_shape))
    wanted = [tile_over(zoom) for zoom in (6, 8, 9)]
    from_kept = [render(context, commander, "areas", tile) for tile in wanted]
    with context.database.write_unjournalled() as connection:
        connection.execute(tables.tile_shape.delete())
        connection.execute(tables.tile.delete())
    revision = context.revisions(*TOPICS["areas"])
    with context.database.read() as connection:
        afresh = [draw_tile(context, connection, "areas", revision, tile) for tile in wanted]
    assert straightened
    assert from_kept == afresh


def test_what_changes_no_ground_leaves_the_tiles_alone(sqlite_context: Context) -> None:
    fill_county(sqlite_context)
    made = bake_tiles(sqlite_context).tiles
    with sqlite_context.database.write(ADMIN, kind="patrol") as work:
        segment = work.connection.scalar(sa.select(tables.rail_segment.c.id).limit(1))
        work.update(tables.rail_segment, segment, {"last_patrol_at": work.at})
        work.touch("rail")
    with sqlite_context.database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(tables.tile)) == made


def test_a_bake_that_an_edit_overtakes_keeps_nothing_of_the_old_ground(
    sqlite_context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_county(sqlite_context)

    def build_and_edit(*arguments: Any) -> Any:
        layers = build_layers(*arguments)
        with sqlite_context.database.write(ADMIN, kind="edit") as work:
            work.note("edit", {"all": True})
            work.touch("areas", "rail", "basemap")
        return layers

    monkeypatch.setattr(tiles, "build_layers", build_and_edit)
    assert bake_tiles(sqlite_context).tiles == 0
    with sqlite_context.database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(tables.tile)) == 0


def test_a_bake_says_how_far_it_is_and_can_be_cancelled(sqlite_context: Context) -> None:
    fill_county(sqlite_context)

    def cancel(share: float, message: str) -> None:
        assert 0 < share <= 1
        assert message
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bake_tiles(sqlite_context, progress=cancel)
    shares: list[float] = []
    bake_tiles(sqlite_context, progress=lambda share, _: shares.append(share))
    assert shares == sorted(shares)
    assert shares[-1] == 1


@pytest.mark.parametrize("tile", [TileId(23, 0, 0), TileId(1, 2, 0), TileId(1, 0, -1)])
def test_tiles_outside_the_world_are_not_found(sqlite_context: Context, commander: Actor, tile: TileId) -> None:
    with pytest.raises(NotFound):
        render(sqlite_context, commander, "base", tile)
    with pytest.raises(NotFound):
        render(sqlite_context, commander, "hazards", TileId(0, 0, 0))


def test_an_empty_database_has_empty_tiles(context: Context, commander: Actor) -> None:
    assert [render(context, commander, layer, TileId(0, 0, 0)).data for layer in TOPICS] == [b"", b"", b""]


def test_the_cache_is_bounded_by_bytes_and_drops_what_was_asked_for_longest_ago() -> None:
    cache = TileCache(most_bytes=3000)
    for number in range(3):
        cache.put((number,), Tile(b"x" * 600, str(number)))
    assert cache.get((0,)) is not None
    cache.put((3,), Tile(b"x" * 600, "3"))
    cache.put((3,), Tile(b"y" * 600, "again"))
    assert [number for number in range(4) if cache.get((number,)) is not None] == [0, 2, 3]
    cache.put((4,), Tile(b"x" * 6000, "too large to keep"))
    assert [number for number in range(5) if cache.get((number,)) is not None] == []
