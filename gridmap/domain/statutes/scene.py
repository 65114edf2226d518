"""What distances are measured from: tracks, cables and rivers of a database, with where their origins are assumed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gridmap.domain.crs import FloatArray, Geometries, compute_lengths_m
from gridmap.domain.statutes.plane import IntArray, cut_into_steps
from gridmap.domain.statutes.rivers import RiverNetwork, build_river_network
from gridmap.domain.statutes.rules import SETTINGS, Assumptions, Origin, Rule, Shape

BoolArray = npt.NDArray[np.bool_]

STRUCTURES = ("plain", "bridge", "tunnel")
_TUNNEL = STRUCTURES.index("tunnel")
_OPEN = SETTINGS.index("open")
EDGE_NAMES = ("toe-or-top", "bridge-side", "tunnel-centreline")
"""What the edge of a line is, by its structure."""

_ELECTRIC = frozenset({Origin.CONDUCTOR, Origin.POLE})
_CABLES = {Origin.CABLE: "buried", Origin.RIVER_CABLE: "river"}

_SEGMENT_REACH_M = 150.0
"""A track no further from a segment than this has its setting: tracks of a station lie some way aside."""


@dataclass(frozen=True)
class Tracks:
    """Straight steps of tracks in the plane; one entry each.

    `number` counts them in the whole scene; `structure` and `setting` are positions in `STRUCTURES` and `SETTINGS`;
    `line` is the id of the line, -1 for a track of none, and `of_station` tells of such a one that it belongs to
    whatever line it lies beside.
    """

    steps: Geometries
    number: IntArray
    structure: IntArray
    setting: IntArray
    high_speed: BoolArray
    electrified: BoolArray
    line: IntArray
    of_station: BoolArray

    def take(self, rows: BoolArray) -> Tracks:
        """Those at `rows`."""
        names = ("steps", "number", "structure", "setting", "high_speed", "electrified", "line", "of_station")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})


@dataclass(frozen=True)
class Origins:
    """What a rule measures from: shapes under an index; of each its offset, limit, uncertainty, metres, and name.

    `number` counts tracks as `Tracks.number` does, cables for themselves.
    """

    tree: shapely.STRtree
    number: IntArray
    offset_m: FloatArray
    limit_m: FloatArray
    uncertainty_m: FloatArray
    name: Geometries


@dataclass(frozen=True)
class Scene:
    """Everything that rules measure from; built once for a state of the database and asked many times."""

    tracks: Tracks
    cables: dict[str, Geometries]
    rivers: RiverNetwork
    assumptions: Assumptions
    _trees: dict[tuple[bool, bool, bool], tuple[Tracks, shapely.STRtree]] = field(default_factory=dict)

    def find_origins(self, rule: Rule) -> Origins | None:
        """What `rule`, a zone or a buffer, measures from; None where nothing of the kind is recorded."""
        if rule.origin in _CABLES:
            return self._find_cables(rule)
        tracks, tree = self._select(rule)
        if len(tracks.steps) == 0:
            return None
        if rule.shape is Shape.ZONE:
            assert rule.widths is not None
            widths = [[rule.widths.metres[fast, setting] for setting in SETTINGS] for fast in (False, True)]
            limit = np.array(widths)[tracks.high_speed.astype(int), tracks.setting]
        else:
            limit = np.full(len(tracks.steps), rule.limit_m)
        offset, uncertainty = self._find_offsets(rule, tracks)
        names = np.array(EDGE_NAMES, object)[tracks.structure]
        name = names if rule.origin is Origin.EDGE else np.full(len(names), rule.origin.value, object)
        return Origins(tree, tracks.number, offset, limit, np.hypot(uncertainty, self.assumptions.position_m), name)

    def _find_offsets(self, rule: Rule, tracks: Tracks) -> tuple[FloatArray, FloatArray]:
        if rule.origin is not Origin.EDGE:
            assumed = self.assumptions.others[rule.origin]
            count = len(tracks.steps)
            return np.full(count, assumed.offset_m), np.full(count, assumed.uncertainty_m)
        edges = [[self.assumptions.edges[structure, fast] for structure in STRUCTURES] for fast in (False, True)]
        at = (tracks.high_speed.astype(int), tracks.structure)
        offset = np.array([[edge.offset_m for edge in row] for row in edges])
        uncertainty = np.array([[edge.uncertainty_m for edge in row] for row in edges])
        return offset[at], uncertainty[at]

    def _select(self, rule: Rule) -> tuple[Tracks, shapely.STRtree]:
        """Tracks that `rule` looks at, under an index; several rules look at the same ones."""
        key = (rule.high_speed_only, rule.origin in _ELECTRIC, rule.above_tunnels)
        found = self._trees.get(key)
        if found is None:
            kept = self.tracks.high_speed | (not rule.high_speed_only)
            kept &= self.tracks.electrified | (rule.origin not in _ELECTRIC)
            kept &= (self.tracks.structure != _TUNNEL) | rule.above_tunnels
            tracks = self.tracks.take(kept)
            found = self._trees.setdefault(key, (tracks, shapely.STRtree(tracks.steps)))
        return found

    def _find_cables(self, rule: Rule) -> Origins | None:
        steps = self.cables[_CABLES[rule.origin]]
        if len(steps) == 0:
            return None
        assumed = self.assumptions.others[rule.origin]
        values = (assumed.offset_m, rule.limit_m, assumed.uncertainty_m, rule.origin.value)
        offset, limit, uncertainty, name = (np.full(len(steps), value) for value in values)
        return Origins(shapely.STRtree(steps), np.arange(len(steps)), offset, limit, uncertainty, name.astype(object))


def build_scene(
    tracks: gpd.GeoDataFrame,
    *,
    segments: gpd.GeoDataFrame,
    rivers: Geometries,
    assumptions: Assumptions,
    cables: gpd.GeoDataFrame | None = None,
) -> Scene:
    """Put together what rules measure from; all geometry in WGS-84.

    Parameters
    ----------
    tracks
        With high_speed, electrified, bridge and tunnel, line_id (missing: of no line) and of_station; every track
        counts, those of stations and sidings too.
    segments
        With setting; tracks beside one take it. A track without one lies in open country, where zones are widest.
    rivers
        LineStrings, drawn the way the water flows.
    cables
        With kind, `buried` or `river`; None where none are recorded.
    """
    steps, owner = cut_into_steps(tracks.geometry.to_numpy())
    bridge, tunnel, fast, electric, of_station = (
        tracks[name].to_numpy(bool) for name in ("bridge", "tunnel", "high_speed", "electrified", "of_station")
    )
    line = tracks["line_id"].astype("Int64").fillna(-1).to_numpy(np.int64)
    structure = np.select([tunnel, bridge], [_TUNNEL, STRUCTURES.index("bridge")], 0)
    rails = Tracks(
        steps=steps,
        number=np.arange(len(steps)),
        structure=structure[owner],
        setting=_find_settings(steps, segments),
        high_speed=fast[owner],
        electrified=electric[owner],
        line=line[owner],
        of_station=(of_station & (line < 0))[owner],
    )
    spans = _join_bridges(tracks.geometry.to_numpy()[bridge & ~tunnel])
    network = build_river_network(rivers, spans=spans, span_m=compute_lengths_m(spans), join_m=assumptions.river_join_m)
    return Scene(rails, _cut_cables(cables), network, assumptions)


def _find_settings(steps: Geometries, segments: gpd.GeoDataFrame) -> IntArray:
    found = np.full(len(steps), _OPEN)
    if segments.empty or len(steps) == 0:
        return found
    beside, owner = cut_into_steps(segments.geometry.to_numpy())
    codes = np.array([SETTINGS.index(setting) for setting in segments["setting"]])
    middle = shapely.line_interpolate_point(steps, 0.5, normalized=True)
    # The plane is stretched, never compressed: within the reach in it is within the reach on the ground.
    step, near = shapely.STRtree(beside).query_nearest(middle, max_distance=_SEGMENT_REACH_M, all_matches=False)
    found[step] = codes[owner[near]]
    return found


def _join_bridges(parts_wgs84: Geometries) -> Geometries:
    """Bridges as whole lines: tracks on one bridge are often drawn in several pieces."""
    if len(parts_wgs84) == 0:
        return np.zeros(0, object)
    pieces = shapely.multilinestrings(list(shapely.get_parts(parts_wgs84)))
    whole: Geometries = np.asarray(shapely.get_parts(shapely.line_merge(pieces)), object)
    return whole


def _cut_cables(cables: gpd.GeoDataFrame | None) -> dict[str, Geometries]:
    cut = {}
    for kind in _CABLES.values():
        lines = [] if cables is None else cables.geometry.to_numpy()[(cables["kind"] == kind).to_numpy(bool)]
        cut[kind] = cut_into_steps(np.asarray(lines, object))[0] if len(lines) else np.zeros(0, object)
    return cut
