"""OpenStreetMap files read into arrays: ways with their node coordinates, tagged nodes, multipolygon relations."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import osmium

from gridmap.domain.progress import Progress, silent
from gridmap.errors import N_, UnreadableFile

SUFFIXES = (".pbf", ".osm", ".osm.bz2", ".osm.gz")

WAY_KEYS = ("highway", "railway", "waterway", "natural", "landuse", "leisure", "boundary")
NODE_KEYS = ("railway", "place")
AREA_KEYS = ("natural", "landuse", "leisure", "waterway", "railway")

MISSING_NODES = N_("Nodes of it are not in the file.")

_MISSING = 2_147_483_647
"""osmium's coordinate of a node that the file does not hold."""

_REPORT_EVERY = 20_000

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
Tags = dict[str, str]


@dataclass(frozen=True)
class WayTable:
    """Ways and their vertices, flat: way i owns vertices `offset[i]` to `offset[i + 1]`.

    `lon`, `lat` are degrees, NaN where the file does not hold the node; `ref` is the node's id.
    """

    way_id: IntArray
    tags: list[Tags]
    offset: IntArray
    ref: IntArray
    lon: FloatArray
    lat: FloatArray

    def __len__(self) -> int:
        return len(self.way_id)

    def vertices(self, row: int) -> slice:
        """Where the vertices of one way stand."""
        return slice(int(self.offset[row]), int(self.offset[row + 1]))

    def is_closed(self, row: int) -> bool:
        """Whether a way ends at the node where it began, be its nodes in the file or not."""
        ref = self.ref[self.vertices(row)]
        return len(ref) > 3 and bool(ref[0] == ref[-1])

    def select(self, rows: Sequence[int] | IntArray) -> WayTable:
        """The ways at `rows`, in that order."""
        chosen = np.asarray(rows, np.int64)
        length = (self.offset[1:] - self.offset[:-1])[chosen]
        offset = np.concatenate([[0], np.cumsum(length)])
        vertex = np.repeat(self.offset[:-1][chosen] - offset[:-1], length) + np.arange(offset[-1])
        tags = [self.tags[i] for i in chosen.tolist()]
        return WayTable(self.way_id[chosen], tags, offset, self.ref[vertex], self.lon[vertex], self.lat[vertex])

    def with_key(self, key: str) -> WayTable:
        """The ways that carry `key`."""
        return self.select([i for i, tags in enumerate(self.tags) if key in tags])

    def runs(self, row: int) -> list[FloatArray]:
        """Coordinates of each stretch of at least two nodes that the file holds; one stretch unless it is clipped."""
        at = self.vertices(row)
        xy = np.column_stack([self.lon[at], self.lat[at]])
        present = ~np.isnan(xy[:, 0])
        if present.all():
            return [xy] if len(xy) > 1 else []
        turns = np.flatnonzero(np.diff(np.concatenate([[False], present, [False]]).astype(np.int8)))
        return [xy[low:high] for low, high in turns.reshape(-1, 2).tolist() if high - low > 1]


@dataclass(frozen=True)
class NodeTable:
    """Tagged nodes; `lon`, `lat` in degrees."""

    node_id: IntArray
    tags: list[Tags]
    lon: FloatArray
    lat: FloatArray

    def __len__(self) -> int:
        return len(self.node_id)


class Member(NamedTuple):
    """What a relation names: `kind` is n, w or r."""

    kind: str
    ref: int
    role: str


@dataclass(frozen=True)
class Relation:
    """A boundary, multipolygon or turn restriction: its tags and members, in order."""

    relation_id: int
    tags: Tags
    members: tuple[Member, ...]

    @property
    def way_ids(self) -> tuple[int, ...]:
        """The ways it is made of."""
        return tuple(member.ref for member in self.members if member.kind == "w")


@dataclass(frozen=True)
class OsmExtract:
    """Everything of interest in one file.

    `ways` also holds untagged members of `relations`; `data_as_of` is None where the file does not say.
    """

    ways: WayTable
    nodes: NodeTable
    relations: list[Relation]
    restrictions: list[Relation]
    data_as_of: datetime | None


def is_osm_file(path: Path) -> bool:
    """Whether the name says OpenStreetMap."""
    return path.name.lower().endswith(SUFFIXES)


def read_extract(path: Path, *, progress: Progress = silent) -> OsmExtract:
    """Read an .osm.pbf, .osm, .osm.gz or .osm.bz2 file in three passes: relations, ways with locations, tagged nodes.

    Raises
    ------
    UnreadableFile
        The file is missing, empty, truncated, or not OpenStreetMap data.
    """
    with _translate_failures(path):
        progress(0.0, N_("Reading boundaries"))
        relations, restrictions = _read_relations(path)
        progress(0.1, N_("Reading ways"))
        members = {way for relation in relations for way in relation.way_ids}
        ways = _read_ways(path, members, progress)
        progress(0.9, N_("Reading places"))
        nodes = _read_nodes(path)
        with osmium.io.Reader(str(path), osmium.osm.NOTHING) as reader:
            header = reader.header()
        as_of = header.get("osmosis_replication_timestamp") or header.get("timestamp") or ""
    return OsmExtract(ways, nodes, relations, restrictions, _parse_time(as_of))


def read_highways(path: Path) -> WayTable:
    """Read only the ways that carry `highway`, for a road graph without the rest.

    Raises
    ------
    UnreadableFile
        As `read_extract`.
    """
    with _translate_failures(path):
        processor = _locate_ways(path).with_filter(osmium.filter.KeyFilter("highway"))
        return _collect_ways(iter(processor), silent)


def _read_relations(path: Path) -> tuple[list[Relation], list[Relation]]:
    """Boundaries and multipolygons, and turn restrictions."""
    found: list[Relation] = []
    restrictions: list[Relation] = []
    wanted = osmium.filter.TagFilter(("type", "boundary"), ("type", "multipolygon"), ("type", "restriction"))
    for relation in osmium.FileProcessor(str(path), osmium.osm.RELATION).with_filter(wanted):
        tags = {tag.k: tag.v for tag in relation.tags}
        is_restriction = tags["type"] == "restriction"
        if is_restriction or tags.get("boundary") == "administrative" or any(key in tags for key in AREA_KEYS):
            members = tuple(Member(m.type, m.ref, m.role) for m in relation.members)
            (restrictions if is_restriction else found).append(Relation(relation.id, tags, members))
    return found, restrictions


def _locate_ways(path: Path) -> Any:
    entities = osmium.osm.NODE | osmium.osm.WAY
    processor = osmium.FileProcessor(str(path), entities).with_locations("flex_mem")
    return processor.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))


def _read_ways(path: Path, members: set[int], progress: Progress) -> WayTable:
    def wanted() -> Iterator[Any]:
        for way in _locate_ways(path):
            if way.id in members or any(key in way.tags for key in WAY_KEYS) or _is_bank(way.tags):
                yield way

    return _collect_ways(wanted(), progress)


def _is_bank(tags: Any) -> bool:
    """Whether a way is an earth bank, the one thing of `man_made` that matters here."""
    return bool(tags.get("man_made") == "embankment")


def _collect_ways(source: Iterator[Any], progress: Progress) -> WayTable:
    way_id, length = array("q"), array("q")
    ref, x, y = array("q"), array("i"), array("i")
    tags: list[Tags] = []
    for way in source:
        before = len(ref)
        # The innermost loop of every import: three passes, or the shorter node.x, take three times as long.
        for node in way.nodes:
            place = node.location
            ref.append(node.ref)
            x.append(place.x)
            y.append(place.y)
        way_id.append(way.id)
        length.append(len(ref) - before)
        tags.append({tag.k: tag.v for tag in way.tags})
        if len(tags) % _REPORT_EVERY == 0:
            progress(0.5, N_("Reading ways"))
    offset = np.concatenate([[0], np.cumsum(np.array(length, np.int64))])
    return WayTable(np.array(way_id, np.int64), tags, offset, np.array(ref, np.int64), _to_degrees(x), _to_degrees(y))


def _to_degrees(fixed: array[int]) -> FloatArray:
    values = np.array(fixed, np.int32)
    return np.where(values == _MISSING, np.nan, values / 1e7)


def _read_nodes(path: Path) -> NodeTable:
    node_id, lon, lat = array("q"), array("d"), array("d")
    tags: list[Tags] = []
    for node in osmium.FileProcessor(str(path), osmium.osm.NODE).with_filter(osmium.filter.KeyFilter(*NODE_KEYS)):
        node_id.append(node.id)
        lon.append(node.lon)
        lat.append(node.lat)
        tags.append({tag.k: tag.v for tag in node.tags})
    return NodeTable(np.array(node_id, np.int64), tags, np.array(lon), np.array(lat))


def _parse_time(text: str) -> datetime | None:
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        return None
    return said if said.tzinfo else said.replace(tzinfo=UTC)


@contextmanager
def _translate_failures(path: Path) -> Iterator[None]:
    """Say which file could not be read, and in one sentence why."""
    if not path.is_file():
        raise UnreadableFile(N_("There is no file {name}."), hint=N_("Check the path."), name=path.name)
    if path.stat().st_size == 0:
        raise UnreadableFile(N_("The file {name} is empty."), hint=N_("Download it again."), name=path.name)
    try:
        yield
    except (RuntimeError, ValueError, OSError) as error:
        # osmium reports damage of every kind as RuntimeError with its own text.
        raise UnreadableFile(
            N_("The file {name} cannot be read as OpenStreetMap data: {reason}."),
            hint=N_("It may be incomplete or renamed; download it again."),
            name=path.name,
            reason=str(error).rstrip("."),
        ) from error
