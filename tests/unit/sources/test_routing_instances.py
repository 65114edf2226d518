"""Benchmark files of routing: both formats, and every way in which a file can be broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from gridmap.domain.patrol.mcgrp.instance import Instance, Link, TaskKind
from gridmap.errors import InvalidInput, UnreadableFile
from gridmap.sources.routing_instances import parse_routing_instance, read_routing_instance

CARP = """ NOMBRE : small
 COMENTARIO : 25 (cota superior)
 VERTICES : 4
 ARISTAS_REQ : 2
 ARISTAS_NOREQ : 1
 VEHICULOS : 2
 CAPACIDAD : 5
 TIPO_COSTES_ARISTAS : EXPLICITOS
 COSTE_TOTAL_REQ : 10
 LISTA_ARISTAS_REQ :
 ( 1, 2)   coste 4   demanda 3
 ( 2, 3)  coste 6  demanda 5
 LISTA_ARISTAS_NOREQ :
 ( 3, 4)   coste 8
 DEPOSITO :   1
"""

MCGRP = """Name:\t\tmixed
Optimal value:\t-1
#Vehicles:\t-1
Capacity:\t5
Depot Node:\t1
#Nodes:\t\t4
#Edges:\t\t2
#Arcs:\t\t3
#Required N:\t1
#Required E:\t1
#Required A:\t1

ReN.\tDEMAND\tS. COST
N3\t2\t2

ReE.\tFrom N.\tTo N.\tT. COST\tDEMAND\tS. COST
E1\t1\t2\t7\t3\t10

EDGE\tFROM N.\tTO N.\tT. COST
NrE1\t2\t3\t5

ReA.\tFROM N.\tTO N.\tT. COST\tDEMAND\tS. COST
A1\t3\t4\t2\t1\t3

ARC\tFROM N.\tTO N.\tT. COST
NrA1\t4\t1\t9
NrA2\t1\t4\t1
based on nothing 10 d
"""


def parse(text: str) -> Instance:
    return parse_routing_instance(text, name="file")


def refusal(text: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        parse(text)
    assert caught.value.hint_text
    return str(caught.value)


def test_a_carp_file_holds_edges_only() -> None:
    found = parse(CARP)
    assert (found.node_count, found.depot, found.capacity, found.vehicles) == (4, 0, 5, 2)
    assert [(t.kind, t.tail, t.head, t.cost, t.demand) for t in found.tasks] == [
        (TaskKind.EDGE, 0, 1, 4, 3),
        (TaskKind.EDGE, 1, 2, 6, 5),
    ]
    assert found.links[-1] == Link(2, 3, 8, two_way=True)
    assert found.least_routes == 2


def test_a_general_file_holds_nodes_edges_and_arcs() -> None:
    found = parse(MCGRP)
    assert [(t.name, t.kind, t.tail, t.head, t.cost, t.demand) for t in found.tasks] == [
        ("N3", TaskKind.NODE, 2, 2, 0, 2),
        ("E1", TaskKind.EDGE, 0, 1, 7, 3),
        ("A1", TaskKind.ARC, 2, 3, 2, 1),
    ]
    assert found.vehicles is None
    assert Link(0, 3, 1, two_way=False) in found.links


def test_ways_between_tasks_are_shortest_and_know_one_way_links() -> None:
    costs = parse(MCGRP).costs
    depot, node, arc = 6, 0, 4
    assert costs.deadhead[depot, node] == 12
    assert costs.deadhead[node, depot] == 11
    assert costs.deadhead[arc, depot] == 9
    assert (costs.deadhead[arc] == costs.deadhead[arc + 1]).all()
    assert costs.service.tolist() == [0, 7, 2]


def test_every_file_of_the_literature_is_read(realdata: Path) -> None:
    files = sorted((realdata / "routing").glob("*/*.dat"))
    assert len(files) > 100
    for path in files:
        found = read_routing_instance(path)
        assert found.name == path.stem
        assert found.task_count
        assert found.demand.max() <= found.capacity


@pytest.mark.parametrize(
    ("text", "old", "new", "line", "reason"),
    [
        (CARP, "demanda 3", "demanda -3", 11, "-3 is less than 0"),
        (CARP, "demanda 3", "", 11, "the demand is missing"),
        (CARP, "demanda 5", "demanda 6", 12, "demand 6 is more than the capacity 5"),
        (CARP, "( 2, 3)", "( 2, 9)", 12, "there is no node 9"),
        (CARP, "( 2, 3)", "( 2 3)", 12, "neither a header nor an edge"),
        (CARP, "coste 6", "coste six", 12, "neither a header nor an edge"),
        (CARP, "( 2, 3)  coste 6  demanda 5\n", "", 14, "“ARISTAS_REQ” is 2, and the file holds 1"),
        (CARP, " DEPOSITO :   1\n", "", 14, "ends without “DEPOSITO”"),
        (CARP, "CAPACIDAD : 5", "CAPACIDAD : 0", 7, "0 is less than 1"),
        (CARP, "CAPACIDAD : 5", "CAPACIDAD : five", 7, "“five” is no whole number"),
        (CARP, " VERTICES : 4\n", "", 10, "ends without"),
        (CARP, "( 2, 3)  coste", "( 3, 4)  coste", 12, "E2 cannot be reached from the depot"),
        (CARP, "DEPOSITO :   1", "DEPOSITO :   5", 15, "there is no node 5"),
        (MCGRP, "N3\t2\t2", "N3\t2", 14, "is no row of its section"),
        (MCGRP, "N3\t2\t2", "N7\t2\t2", 14, "there is no node 7"),
        (MCGRP, "7\t3\t10", "7\t-3\t10", 17, "-3 is less than 0"),
        (MCGRP, "NrA1\t4\t1\t9\n", "", 26, "“#Arcs” is 3, and the file holds 2"),
        (MCGRP, "NrA1\t4\t1\t9", "NrA1\t4\t1\t9x", 26, "“9x” is no whole number"),
        (MCGRP, "NrA1\t4\t1\t9", "NrA1\t3\t1\t9", 23, "A1 cannot be reached from the depot"),
        (MCGRP, "Depot Node:\t1\n", "", 26, "ends without “Depot Node”"),
    ],
)
def test_a_broken_file_is_refused_by_the_line_that_is_wrong(
    text: str, old: str, new: str, line: int, reason: str
) -> None:
    assert old in text
    said = refusal(text.replace(old, new, 1))
    assert f"line {line}:" in said
    assert reason in said


@pytest.mark.parametrize("text", [CARP, MCGRP], ids=["carp", "mcgrp"])
def test_a_truncated_file_is_refused_wherever_it_ends(text: str) -> None:
    lines = text.rstrip().splitlines()
    # The last line of the general file is a note that may go.
    for kept in range(1, len(lines) - 1):
        assert "line" in refusal("\n".join(lines[:kept]))


def test_what_is_no_benchmark_file_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.dat"
    other.write_text("12 22\n1 2 13 1\n", encoding="utf-8")
    with pytest.raises(UnreadableFile, match="no benchmark file"):
        read_routing_instance(other)
    other.write_text("", encoding="utf-8")
    with pytest.raises(UnreadableFile, match="is empty"):
        read_routing_instance(other)
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read_routing_instance(tmp_path / "missing.dat")
