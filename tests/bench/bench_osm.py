"""OpenStreetMap file to routable graph, ours against osmnx, each in a process of its own, in one run.

`python tests/bench/bench_osm.py` prints the figures; as a test the ratios are asserted. osmnx reads no .pbf, so both
get the same .osm file, unpacked beforehand; ours is measured on the .pbf too, as people have it. pandas loads pyarrow
when it first makes a table, which is an import and no part of the work: both have it loaded beforehand.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import osmium
import pytest

LARGEST_TIME_RATIO = 1 / 20
WHOLE_IMPORT_S = 6.0
LARGEST_MEMORY_RATIO = 1 / 10
PROJECT = Path(__file__).resolve().parents[2]

_MEASURE = """
import json, re, sys, time
import pyarrow.compute
{imports}
def read_peak():
    # Not ru_maxrss: that begins with what the process was forked from.
    with open("/proc/self/status") as status:
        return int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read())[1])
before = read_peak()
began = time.perf_counter()
{work}
seconds = time.perf_counter() - began
peak = read_peak()
print(json.dumps(dict(seconds=seconds, megabytes=(peak - before) / 1024, nodes=nodes, edges=edges)))
"""

_OURS = _MEASURE.format(
    imports="""from pathlib import Path
from gridmap.sources.osm_reader import read_highways
from gridmap.sources.osm_roads import build_roads
from gridmap.sources.reconciliation import Tally""",
    work="""roads = build_roads(read_highways(Path(sys.argv[1])), tally=Tally())
nodes, edges = len(roads.nodes), len(roads.edges)""",
)

_OSMNX = _MEASURE.format(
    imports="import osmnx",
    work="""graph = osmnx.simplify_graph(osmnx.graph_from_xml(sys.argv[1], simplify=False, retain_all=True))
nodes, edges = len(graph), graph.number_of_edges()""",
)


@dataclass(frozen=True)
class Figures:
    """Time and peak memory above the imports of one build."""

    seconds: float
    megabytes: float
    nodes: int
    edges: int


def measure(program: str, path: Path) -> Figures:
    """Run `program` on `path` in a fresh process."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True, env=environment
    )
    return Figures(**json.loads(done.stdout))


def unpack(pbf: Path, folder: Path) -> Path:
    """The same objects as .osm."""
    path = folder / "extract.osm"
    with osmium.SimpleWriter(str(path)) as writer:
        for thing in osmium.FileProcessor(str(pbf)):
            writer.add(thing)
    return path


def run(pbf: Path, folder: Path) -> dict[str, Figures]:
    """Figures of both on one file; ours is the median of three by time, osmnx runs once."""
    xml = unpack(pbf, folder)
    figures = {"osmnx .osm": measure(_OSMNX, xml)}
    for name, path in (("ours .osm", xml), ("ours .pbf", pbf)):
        figures[name] = sorted((measure(_OURS, path) for _ in range(3)), key=lambda f: f.seconds)[1]
    return figures


def describe(figures: dict[str, Figures]) -> str:
    """A table of the figures with their ratios to osmnx."""
    peer = figures["osmnx .osm"]
    return "\n".join(
        f"{name:11} {f.seconds:7.2f} s  1/{peer.seconds / f.seconds:<5.1f} {f.megabytes:7.1f} MB  "
        f"1/{peer.megabytes / f.megabytes:<5.1f} {f.nodes} nodes, {f.edges} edges"
        for name, f in figures.items()
    )


@pytest.mark.bench
def test_a_graph_takes_a_twentieth_of_osmnx_time_and_a_tenth_of_its_memory(realdata: Path, tmp_path: Path) -> None:
    figures = run(realdata / "osm" / "liechtenstein.osm.pbf", tmp_path)
    print("\n" + describe(figures))
    ours, peer = figures["ours .osm"], figures["osmnx .osm"]
    assert ours.seconds <= LARGEST_TIME_RATIO * peer.seconds
    assert ours.megabytes <= LARGEST_MEMORY_RATIO * peer.megabytes


@pytest.mark.bench
def test_a_country_is_imported_in_six_seconds(realdata: Path, tmp_path: Path) -> None:
    command = (sys.executable, "-m", "gridmap", "import", str(realdata / "osm" / "liechtenstein.osm.pbf"), "--json")
    done = subprocess.run((*command, "--db", f"sqlite:///{tmp_path / 'li.db'}"), capture_output=True, check=True)
    seconds = json.loads(done.stdout)["seconds"]
    print(f"\nimport of Liechtenstein: {seconds} s")
    assert seconds < WHOLE_IMPORT_S


if __name__ == "__main__":
    data = Path(os.environ.get("GRIDMAP_REALDATA") or PROJECT.parent / "shared" / "data")
    with tempfile.TemporaryDirectory() as scratch:
        sys.stdout.write(describe(run(data / "osm" / "liechtenstein.osm.pbf", Path(scratch))) + "\n")
