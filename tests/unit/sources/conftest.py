"""Small OpenStreetMap files drawn by hand, in a plane where one unit is about a metre."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest

from gridmap.sources.osm_reader import OsmExtract, read_extract

ORIGIN = (112.5, 37.8)
DEGREES_PER_METRE = (1 / 88_000, 1 / 111_000)


class Drawing:
    """Collects objects and writes them as an .osm file; ids are given in order, from 1."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._nodes: list[str] = []
        self._ways: list[str] = []
        self._relations: list[str] = []
        self._lost: set[int] = set()

    def node(self, x: float, y: float, **tags: str) -> int:
        """A node x metres east and y metres north of the origin."""
        number = len(self._nodes) + 1
        lon, lat = (o + v * d for o, v, d in zip(ORIGIN, (x, y), DEGREES_PER_METRE, strict=True))
        self._nodes.append(f'<node id="{number}" version="1" lat="{lat:.7f}" lon="{lon:.7f}">{_tags(tags)}</node>')
        return number

    def nodes(self, *places: tuple[float, float]) -> list[int]:
        return [self.node(x, y) for x, y in places]

    def way(self, nodes: Sequence[int], /, **tags: str) -> int:
        number = len(self._ways) + 1
        refs = "".join(f'<nd ref="{ref}"/>' for ref in nodes)
        self._ways.append(f'<way id="{number}" version="1">{refs}{_tags(tags)}</way>')
        return number

    def relation(self, ways: Sequence[int], /, roles: Sequence[str] = (), **tags: str) -> int:
        number = len(self._relations) + 1
        roles = [*roles, *["outer"] * (len(ways) - len(roles))]
        members = "".join(
            f'<member type="way" ref="{ref}" role="{role}"/>' for ref, role in zip(ways, roles, strict=True)
        )
        self._relations.append(f'<relation id="{number}" version="1">{members}{_tags(tags)}</relation>')
        return number

    def restriction(self, *members: tuple[str, int, str], **tags: str) -> int:
        """A turn restriction of (type, id, role) members."""
        number = len(self._relations) + 1
        named = "".join(f'<member type="{kind}" ref="{ref}" role="{role}"/>' for kind, ref, role in members)
        self._relations.append(
            f'<relation id="{number}" version="1">{named}{_tags({"type": "restriction", **tags})}</relation>'
        )
        return number

    def lose(self, *nodes: int) -> None:
        """Leave nodes out of the file, as a clipped extract does."""
        self._lost |= set(nodes)

    def write(self) -> Path:
        kept = [text for number, text in enumerate(self._nodes, start=1) if number not in self._lost]
        body = "\n".join([*kept, *self._ways, *self._relations])
        self._path.write_text(f'<?xml version="1.0"?>\n<osm version="0.6">\n{body}\n</osm>\n', encoding="utf-8")
        return self._path

    def read(self) -> OsmExtract:
        return read_extract(self.write())


def _tags(tags: dict[str, str]) -> str:
    # Python has no colon in a keyword; two underscores stand for one.
    return "".join(f"<tag k={quoteattr(k.replace('__', ':'))} v={quoteattr(v)}/>" for k, v in tags.items())


@pytest.fixture
def drawing(tmp_path: Path) -> Drawing:
    """An empty drawing."""
    return Drawing(tmp_path / "drawing.osm")


@pytest.fixture
def square() -> Callable[[float, float, float], list[tuple[float, float]]]:
    """Corners of a square by its lower left corner and its side, without the closing one."""

    def corners(x: float, y: float, side: float) -> list[tuple[float, float]]:
        return [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]

    return corners
