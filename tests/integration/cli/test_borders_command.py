"""`borders`: barriers and joins from the terminal."""

from __future__ import annotations

from typing import Any

from gridmap.services.context import open_context
from gridmap.settings import Settings
from tests.counties import WEST_TOWN, cell_code
from tests.integration.cli.conftest import assert_refused, run_gridmap
from tests.neighbours import lay_track_along_a_border


def test_a_barrier_and_a_join_are_set_listed_and_lifted(county_url: str) -> None:
    def ask(*words: str) -> Any:
        return run_gridmap("borders", *words, "--db", county_url, "--json").document

    river, bridge = [cell_code(2, 1), cell_code(3, 1)], [cell_code(0, 0), cell_code(1, 1)]
    done = ask("barrier", *reversed(river), "--reason", " River ", "--as", "li")
    assert (done["kind"], len(done["set"]), done["reason"]) == ("barrier", 1, "River")
    ask("join", *bridge, "--reason", "Footbridge")
    join, barrier = ask("list")["rules"]
    assert (join["kind"], join["cells"], barrier["cells"]) == ("join", bridge, river)
    assert (barrier["rule"], barrier["set_by"], barrier["reason"]) == (done["set"][0], "li", "River")
    # The river is the border of the town: only one of its cells lies in it.
    assert ask("list", "--area", WEST_TOWN)["rules"] == [join]
    assert "Footbridge" in run_gridmap("borders", "list", "--db", county_url).out
    assert ask("lift", *reversed(bridge), "--reason", "Washed away")["lifted"] == [join["rule"]]
    assert ask("list")["rules"] == [barrier]


def test_barriers_along_a_railway_are_proposed_and_set_as_one_change(county_url: str) -> None:
    context = open_context(Settings(database_url=county_url))
    lay_track_along_a_border(context)
    context.close()
    words = ("borders", "propose", "--area", WEST_TOWN, "--along", "railway", "--db", county_url, "--json")
    proposed = run_gridmap(*words).document
    pairs = [[cell_code(column, 2), cell_code(column, 3)] for column in (1, 2)]
    assert sorted(row["cells"] for row in proposed["proposed"]) == pairs
    assert proposed["set"] == []
    assert_refused(run_gridmap(*words, "--apply"))
    done = run_gridmap(*words, "--apply", "--reason", "No crossing").document
    assert (done["proposed"], len(done["set"])) == (proposed["proposed"], 2)
    again = run_gridmap(*words[:-1], "--apply", "--reason", "No crossing")
    assert again.out == "0 borders along railway without a crossing: nothing was set\n"
    rules = run_gridmap("borders", "list", "--db", county_url, "--json").document["rules"]
    assert sorted(rule["cells"] for rule in rules) == pairs


def test_what_is_no_pair_of_cells_is_refused(county_url: str) -> None:
    beside = (cell_code(2, 1), cell_code(3, 1))
    for words, said in (
        (("barrier", beside[0], "--reason", "x"), "borders barrier takes the codes of two cells."),
        (("list", beside[0]), "borders list takes no codes of cells."),
        (("barrier", beside[0], "149901", "--reason", "x"), "There is no cell 149901 in your area."),
        (("barrier", *beside), "A rule about neighbours needs a reason."),
        (("lift", *beside, "--reason", "x"), "There is no barrier or join between these two cells."),
        (("join", *beside, "--reason", "x"), f"{beside[0]} and {beside[1]} share a border: they are joined already."),
        (("list", "--area", "149988"), "There is no area 149988 in your area."),
        (("propose", "--area", "149988"), "There is no area 149988 with cells in your area."),
        (("propose", "--along", "road"), ""),
    ):
        assert assert_refused(run_gridmap("borders", *words, "--db", county_url, "--json")).startswith(said)
