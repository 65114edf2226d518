"""What an edition changes on the ground, as the map draws it."""

from __future__ import annotations

from collections.abc import Sequence

import shapely

from gridmap.domain.edition_places import ChangedGround, EditionPlace, GroundKind
from gridmap.views.map import ChangeMark, Line, MapChanges


def draw_changes(
    places: Sequence[EditionPlace], ground: Sequence[ChangedGround], *, chosen: int | None = None
) -> MapChanges:
    """Every piece of `ground` from afar, and those of the `chosen` place from near by."""
    return MapChanges(
        marks=tuple(_draw_piece(places, piece, piece.far_wgs84) for piece in ground),
        chosen=chosen,
        near=tuple(_draw_piece(places, piece, piece.near_wgs84) for piece in ground if piece.place == chosen),
    )


def _draw_piece(places: Sequence[EditionPlace], piece: ChangedGround, shape: shapely.Geometry) -> ChangeMark:
    state = places[piece.place].state
    return ChangeMark(
        kind=GroundKind(piece.kind), place=piece.place, label=f"{state.code} {state.name}", rings=_list_rings(shape)
    )


def _list_rings(shape: shapely.Geometry) -> tuple[Line, ...]:
    rings = shapely.get_rings(shapely.get_parts(shape))
    return tuple(tuple((lon, lat) for lon, lat in shapely.get_coordinates(ring).tolist()) for ring in rings)
