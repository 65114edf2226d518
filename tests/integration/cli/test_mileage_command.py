"""`mileage`: candidates both ways, calibration from a table, and what is wrong with each row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import LineString

from gridmap.cli.main import main
from gridmap.domain.access import TERMINAL
from gridmap.services.context import Context, open_context
from gridmap.services.journal import undo_change
from gridmap.settings import Settings
from gridmap.store import tables
from gridmap.store.geometry import geometry_values

NORTH, SOUTH = LineString([(112.5, 37.7), (112.9, 37.7)]), LineString([(112.5, 37.5), (112.9, 37.5)])


@pytest.fixture
def url(sqlite_url: str) -> str:
    context = open_context(Settings(database_url=sqlite_url))
    with context.database.write(TERMINAL, kind="fill") as work:
        nature = {"high_speed": False, "electrified": True, "start_m": 0.0, "length_m": 35_300.0}
        for name, shape in (("North Line", NORTH), ("South Line", SOUTH), ("South Line", SOUTH)):
            work.insert(tables.rail_line, {"name": name, **nature, **geometry_values(shape)})
        work.touch("rail")
    context.close()
    return sqlite_url


@pytest.fixture
def context(url: str) -> Any:
    opened = open_context(Settings(database_url=url))
    yield opened
    opened.close()


@pytest.fixture
def ask(url: str, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*words: str) -> tuple[int, Any]:
        code = main(["mileage", *words, "--db", url, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def write_table(folder: Path, *rows: str, head: str = "mileage,back,ahead,chainage_m,lon,lat") -> str:
    path = folder / "posts.csv"
    path.write_text("\n".join([head, *rows]), encoding="utf-8")
    return str(path)


def test_a_mileage_and_its_place_answer_each_other(ask: Any) -> None:
    code, (there,) = ask("--line", "north line", "K12+300 left 15 m")
    assert code == 0
    assert set(there) == {"mileage", "lonlat", "side", "offset_m", "line", "chainage_m", "note"}
    lon, lat = there["lonlat"]
    code, (back,) = ask(f"--lonlat={lon},{lat}")
    assert code == 0
    assert (back["line"], back["mileage"], back["side"]) == ("North Line", "K12+300", "left")
    assert back["offset_m"] == pytest.approx(15.0, abs=0.01)


def test_far_from_every_line_there_is_no_candidate(ask: Any) -> None:
    assert ask("--lonlat=-71.1,42.3") == (0, [])
    assert ask("--lonlat", "112.6,37.71", "--within", "500") == (0, [])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--line", "Nort Lin", "K1+000"], "There is no line called “Nort Lin”; there are “North Line”, “South Line”."),
        (["--line", "South Line", "K1+000"], "“South Line” may mean 2 lines: #2 (South Line, 35.3 km), #3"),
        (["--line", "North Line", "K900+000"], "K900+000 lies outside this line, which runs from K0+000 to K35+"),
        (["--line", "North Line", "K1+1300"], "“K1+1300” is not a mileage."),
        (["--line", "North Line", "1.3 km"], "“1.3 km” is written in kilometres."),
        (["K1+000"], "It is not clear what is asked for."),
        (["--line", "North Line", "--calibrate", "none.csv"], "The file none.csv cannot be read."),
    ],
)
def test_what_cannot_be_answered_is_said_in_a_sentence(ask: Any, words: list[str], sentence: str) -> None:
    code, said = ask(*words)
    assert code == 1
    assert said["error"].startswith(sentence)


def test_one_of_several_lines_is_chosen_by_its_number(ask: Any) -> None:
    code, (hit,) = ask("--line=#3", "K1+000")
    assert (code, hit["line"]) == (0, "South Line")


def test_a_calibrated_line_answers_with_every_candidate(ask: Any, tmp_path: Path, context: Context) -> None:
    table = write_table(tmp_path, "K100+000,,,1000,,", ",K109+000,K108+600,10000,,", ",K118+600,K119+000,20000,,")
    code, report = ask("--line", "North Line", "--calibrate", table)
    assert (code, report["accepted"], report["rejected"], report["saved"]) == (0, 3, [], True)
    code, candidates = ask("--line", "North Line", "K108+800")
    assert [(c["chainage_m"], c["note"]) for c in candidates] == [
        (9_800.0, "Before the broken chain at K109+000"),
        (10_200.0, "After the broken chain at K109+000"),
    ]
    code, said = ask("--line", "North Line", "K118+700")
    assert said["error"] == (
        "K118+700 does not exist on this line: at the short chain after K118+600 counting goes on at K119+000."
    )
    code, known = ask("--line", "North Line")
    assert [(p["back"], p["ahead"], p["origin"]) for p in known["points"]] == [
        ("K100+000", "K100+000", "given"),
        ("K109+000", "K108+600", "given"),
        ("K118+600", "K119+000", "given"),
    ]
    undo_change(context, TERMINAL, txn_id=report["change"], reason="wrong line")
    assert ask("--line", "North Line")[1]["points"] == []
    assert ask("--line", "North Line", "K12+300")[0] == 0


def test_each_bad_row_has_its_reason_and_nothing_is_saved_until_the_rest_is_accepted(ask: Any, tmp_path: Path) -> None:
    rows = [
        "K100+000,,,1000,,",
        "K100+000,,,1000,,",
        "K99+000,,,3000,,",
        "K104+000,,,99000,,",
        "K104+000,,,,112.6,37.8",
        "104 km,,,5000,,",
        "rubbish,,,5000,,",
        "K104+000,,,five,,",
        ",K104+000,,5000,,",
        "K104+000,,,,,",
        "K104+000,,,,37.7,112.6",
        "K104+000,,,5000,,",
    ]
    words = ("--line", "North Line", "--calibrate", write_table(tmp_path, *rows))
    code, report = ask(*words)
    assert (code, report["accepted"], report["saved"], report["change"]) == (0, 2, False, None)
    said = {entry["row"]: entry["reason"] for entry in report["rejected"]}
    assert list(said) == [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    beginnings = [
        "This place is calibrated twice",
        "Mileage runs backwards",
        "It lies outside the line",
        "It lies 11",
        "“104 km” is written in kilometres.",
        "“rubbish” is not a mileage.",
        "“five” is not a number.",
        "The mileage is missing",
        "The place is missing",
        "The place lies outside the globe",
    ]
    assert [text.startswith(start) for text, start in zip(said.values(), beginnings, strict=True)] == [True] * 10
    assert ask("--line", "North Line")[1]["points"] == []
    code, report = ask(*words, "--accept-rest")
    assert (code, report["saved"], len(ask("--line", "North Line")[1]["points"])) == (0, True, 2)


def test_reversed_mileage_is_refused(ask: Any, tmp_path: Path) -> None:
    table = write_table(tmp_path, "K109+000,,,1000,,", "K108+000,,,2000,,", "K107+000,,,3000,,")
    code, report = ask("--line", "North Line", "--calibrate", table)
    assert (code, report["saved"], len(report["rejected"])) == (0, False, 2)
    assert all("runs backwards" in entry["reason"] for entry in report["rejected"])


def test_a_chinese_spreadsheet_is_read(ask: Any, tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_bytes("里程;经度;纬度\nＫ１００＋０００;112.6;37.7\n".encode("gb18030"))
    code, report = ask("--line", "North Line", "--calibrate", str(path))
    assert (code, report["accepted"], report["saved"]) == (0, 1, True)
    table = write_table(tmp_path, "K1+000", head="mileage")
    assert ask("--line", "North Line", "--calibrate", table)[1]["error"] == "The table posts.csv lacks columns."


def test_a_person_reads_lines_of_text(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mileage", "--line", "North Line", "K12+300 right 20 m", "--db", url]) == 0
    assert capsys.readouterr().out.startswith("North Line  K12+300 right 20.0 m  112.6")
    assert main(["mileage", "--line", "North Line", "--db", url]) == 0
    assert "nothing is known" in capsys.readouterr().out
