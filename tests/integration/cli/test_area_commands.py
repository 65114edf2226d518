"""`areas`, and what other commands say of a code that was given up."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import shapely

from gridmap.services.areas import search
from gridmap.services.context import open_context
from gridmap.settings import Settings
from tests.counties import ADMIN, WEST_TOWN, cell_code
from tests.integration.cli.conftest import Done, assert_refused, run_gridmap

VILLAGE = f"{WEST_TOWN}001"


def test_a_village_is_renumbered_found_and_its_report_translated(county_url: str, tmp_path: Path) -> None:
    def ask(*words: str | Path) -> Done:
        return run_gridmap("areas", *words, "--db", county_url, "--json")

    seen = ask("renumber", VILLAGE, "--to", f"{WEST_TOWN}005", "--dry-run").document
    assert seen["change"] is None
    done = ask("renumber", VILLAGE, "--to", f"{WEST_TOWN}005", "--reason", "Decree 5", "--as", "li").document
    assert done == {**seen, "change": done["change"]}
    assert (done["recoded_below"], done["after"][0]["code"]) == (12, f"{WEST_TOWN}005")
    found = ask("find", cell_code(0, 0)).document
    assert found["now"] == [{"code": f"{WEST_TOWN}005001", "name": "Willow 1"}]
    (entry,) = ask("history", f"{WEST_TOWN}005").document
    assert (entry["actor"], entry["reason"], entry["txn"]) == ("li", "Decree 5", done["change"])
    report = tmp_path / "report.csv"
    report.write_text(f"code,cases,km\n{cell_code(0, 0)},5,1.5\n{WEST_TOWN},9,2\n", encoding="utf-8")
    rows = ask("translate", report, "--from", "2020-01-01").document["rows"]
    assert rows == [
        {"code": WEST_TOWN, "cases": 9, "km": 2.0},
        {"code": f"{WEST_TOWN}005001", "cases": 5, "km": 1.5},
    ]
    for words in (("check-topology", "--area", VILLAGE), ("plan", "--area", VILLAGE)):
        text = assert_refused(run_gridmap(*words, "--db", county_url, "--json"))
        assert text.startswith(f"{VILLAGE} has been {WEST_TOWN}005 since ")
    context = open_context(Settings(database_url=county_url))
    (hit,) = search(context, ADMIN, text=cell_code(0, 0))
    assert hit.label == f"{cell_code(0, 0)} → {WEST_TOWN}005001 Willow 1"
    context.close()
    undone = ask("undo", str(done["change"]), "--reason", "Wrong").document
    assert undone["undoes"] == done["change"]
    later = ("rename", VILLAGE, "--name", "New Willow", "--reason", "Decree 6", "--effective", "2099-01-01")
    order = ask(*later).document
    (pending,) = ask("pending").document
    assert (order["change"], pending["number"], pending["possible"]) == (None, order["order"], True)
    assert (pending["effective_on"], pending["after"]) == ("2099-01-01", [{"code": VILLAGE, "name": "New Willow"}])
    assert ask("withdraw", str(order["order"])).document == {"withdrawn": order["order"]}
    assert ask("pending").document == []
    assert ask("find", VILLAGE).document["until"] is None


def test_a_cell_is_split_by_line_and_by_shapes_and_merged(county_url: str, tmp_path: Path) -> None:
    def tell(*words: str | Path) -> str:
        done = run_gridmap("areas", *words, "--db", county_url)
        assert done.code == 0, done.err
        return done.out

    line = "112.505,37.79 112.505,37.82"
    told = tell("split", cell_code(0, 0), "--line", line, "--name", "W", "--name", "E", "--reason", "Too large")
    assert f"→ {VILLAGE}013 W, {VILLAGE}014 E" in told
    shapes = tmp_path / "parts.geojson"
    parts = [shapely.box(112.51, 37.8, 112.52, 37.803), shapely.box(112.51, 37.803, 112.52, 37.81)]
    gpd.GeoDataFrame(geometry=parts, crs="EPSG:4326").to_file(shapes)
    told = tell("split", cell_code(1, 0), "--shapes", shapes, "--households", "100", "--households", "250", "--dry-run")
    assert "nothing was written" in told
    told = tell("merge", f"{VILLAGE}013", f"{VILLAGE}014", "--name", "Willow 1", "--reason", "Too small")
    assert f"{VILLAGE}015 Willow 1" in told
    assert "Willow Village answers for it" in told
    assert "split" in tell("history", cell_code(0, 0))
    assert tell("rename", f"{VILLAGE}015", "--name", "Willow One", "--reason", "Decree").count("Willow One") == 1
    moved = tell("move", f"{VILLAGE}015", "--to", "149901002001", "--reason", "Decree")
    assert "149901002001015 Willow One" in moved


def test_what_is_not_clear_is_refused(county_url: str, tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("code\n", encoding="utf-8")
    for words in (
        ("rename", VILLAGE, WEST_TOWN),
        ("rename", VILLAGE, "--reason", "x"),
        ("split", VILLAGE, "--reason", "x"),
        ("split", VILLAGE, "--line", "112.5,37.8"),
        ("undo", "abc", "--reason", "x"),
        ("undo", "99", "--reason", "x"),
        ("translate", empty, "--from", "2020-01-01"),
        ("translate", empty),
        ("find", "149988"),
        ("rename", VILLAGE, "--name", "x", "--reason", "y", "--effective", "2020-01-01"),
        ("withdraw", "99"),
        ("rename",),
    ):
        assert_refused(run_gridmap("areas", *words, "--db", county_url, "--json"))
