"""Files in every wrapping, and files that are none."""

from __future__ import annotations

import bz2
import gzip
from datetime import UTC, datetime

import numpy as np
import osmium
import pytest

from gridmap.errors import UnreadableFile
from gridmap.sources.osm_reader import is_osm_file, read_extract, read_highways


@pytest.fixture
def village(drawing):
    """One road and one place."""
    drawing.way(drawing.nodes((0, 0), (100, 0)), highway="residential")
    drawing.node(50, 50, place="village", name="Yangjiabao")
    return drawing.write()


@pytest.mark.parametrize("suffix", [".osm", ".osm.gz", ".osm.bz2", ".osm.pbf"])
def test_every_wrapping_reads_alike(village, tmp_path, suffix):
    path = tmp_path / f"wrapped{suffix}"
    if suffix == ".osm.pbf":
        with osmium.SimpleWriter(str(path)) as writer:
            for thing in osmium.FileProcessor(str(village)):
                writer.add(thing)
    else:
        pack = {".osm": bytes, ".osm.gz": gzip.compress, ".osm.bz2": bz2.compress}[suffix]
        path.write_bytes(pack(village.read_bytes()))
    extract = read_extract(path)
    assert is_osm_file(path)
    assert extract.ways.tags == [{"highway": "residential"}]
    assert extract.nodes.tags == [{"place": "village", "name": "Yangjiabao"}]
    assert extract.ways.ref.tolist() == [1, 2]
    assert len(read_highways(path)) == 1


@pytest.mark.parametrize("content", [b"", b"This is no map.\n", b"<html><body>404</body></html>"])
@pytest.mark.parametrize("suffix", [".osm.pbf", ".osm", ".osm.gz", ".osm.bz2"])
def test_what_is_no_map_says_so(tmp_path, content, suffix):
    path = tmp_path / f"wrong{suffix}"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile) as failure:
        read_extract(path)
    assert path.name in str(failure.value)
    assert failure.value.hint


def test_a_missing_file_says_so(tmp_path):
    with pytest.raises(UnreadableFile, match="There is no file"):
        read_extract(tmp_path / "gone.osm.pbf")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(realdata, tmp_path, share):
    whole = (realdata / "osm" / "liechtenstein.osm.pbf").read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(UnreadableFile):
        read_extract(path)


def test_missing_nodes_have_no_place(drawing):
    nodes = drawing.nodes((0, 0), (100, 0), (200, 0))
    drawing.way(nodes, highway="residential")
    drawing.lose(nodes[1])
    ways = drawing.read().ways
    assert np.isnan(ways.lon).tolist() == [False, True, False]
    assert ways.runs(0) == []


def test_the_state_of_the_data_is_read(realdata):
    extract = read_extract(realdata / "osm" / "liechtenstein.osm.pbf")
    assert extract.data_as_of == datetime(2015, 7, 27, 21, 14, 1, tzinfo=UTC)
