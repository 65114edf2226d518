"""`zones`: a notice's table from the terminal, row by row, and what is in force afterwards."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from shapely.geometry import LineString

from gridmap.cli.main import main
from gridmap.domain.access import TERMINAL
from gridmap.domain.railways.mileage import MeasuredLine, parse_mileage
from gridmap.services.context import Context, open_context
from gridmap.services.journal import undo_change
from gridmap.settings import Settings
from gridmap.store import tables
from gridmap.store.geometry import geometry_values

NORTH, SOUTH = LineString([(112.5, 37.7), (112.9, 37.7)]), LineString([(112.5, 37.5), (112.9, 37.5)])
FIELDS = {"title", "zones", "gaps", "overlaps", "below_statute", "rejected", "replaced", "saved", "change"}


@pytest.fixture
def url(sqlite_url: str) -> str:
    context = open_context(Settings(database_url=sqlite_url))
    with context.database.write(TERMINAL, kind="fill") as work:
        nature = {"electrified": True, "start_m": 0.0, "length_m": 35_300.0}
        for name, shape, fast in (("石太线", NORTH, False), ("石太客专", SOUTH, True)):
            row = {"name": name, "high_speed": fast, "prefix": "DK" if fast else "K"}
            line = work.insert(tables.rail_line, {**row, **nature, **geometry_values(shape)})
            rules = {"length_m": 10_000.0, "risk": 1, "interval_days": 7, "area_code": "149999", "side": "both"}
            for number, setting in enumerate(("urban", "open", "open")):
                low = 10_000.0 * number
                where = {"code": f"{name}-{number}", "line_id": line, "from_m": low, "to_m": low + 10_000.0}
                work.insert(tables.rail_segment, {**where, **rules, "setting": setting, **geometry_values(shape)})
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
        code = main(["zones", *words, "--db", url, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def write_table(folder: Path, *rows: str, head: str = "place,from,to,side,metres,category") -> str:
    path = folder / "notice.csv"
    path.write_text("\n".join([head, *rows]), encoding="utf-8")
    return str(path)


def find_beside(mileage: str, offset_m: float) -> tuple[float, float]:
    return MeasuredLine(NORTH).beside(parse_mileage(mileage).metres, side="left", offset_m=offset_m)


def count_kept(ask: Any) -> int:
    return sum(zone["official"] for zone in ask("list")[1])


def test_a_workbook_is_imported_with_gaps_overlaps_and_widths_below_the_statute(
    ask: Any, tmp_path: Path, context: Context
) -> None:
    book = Workbook()
    for row in [
        ["石太线铁路线路安全保护区划定公告", None, None, None, None],
        ["区段", "起讫里程", "距离(m)", None, "类别"],
        [None, None, "左侧", "右侧", None],
        ["东山村", "K12+300～K13+500", 15, 15, "其他地区"],
        [None, "K13+500～K14+000", 15, "-", None],
        [None, "K13+900～K14+400", 12, 10, None],
        ["西河村", "K15+000～K16+000", 15, None, "村镇居民居住区"],
    ]:
        book.active.append(row)
    for area in ("A1:E1", "C2:D2", "A2:A3", "B2:B3", "E2:E3", "A4:A6"):
        book.active.merge_cells(area)
    path = tmp_path / "notice.xlsx"
    book.save(path)
    code, report = ask("import", str(path))
    assert (code, set(report), report["rejected"], report["saved"]) == (0, FIELDS, [], True)
    zone = report["zones"][0]
    assert (zone["row"], zone["line"], zone["side"], zone["from"], zone["to"], zone["metres"], zone["category"]) == (
        *(4, "石太线", "left", "K12+300", "K13+500"),
        *(15.0, "open"),
    )
    assert (zone["from_m"], zone["to_m"], zone["place"]) == (12_300.0, 13_500.0, "东山村")
    assert [(g["side"], g["from"], g["to"], g["length_m"]) for g in report["gaps"]] == [
        ("left", "K14+400", "K15+000", 600.0),
        ("right", "K13+500", "K13+900", 400.0),
    ]
    assert [(o["from"], o["to"], o["metres"], o["rows"]) for o in report["overlaps"]] == [
        ("K13+900", "K14+000", [15.0, 12.0], [5, 6])
    ]
    narrow = [(n["side"], n["from"], n["to"], n["metres"], n["limit_m"]) for n in report["below_statute"]]
    assert narrow == [
        ("left", "K13+900", "K14+400", 12.0, 15.0),
        ("right", "K13+900", "K14+400", 10.0, 15.0),
    ]
    code, listed = ask("list", "--line", "石太线")
    official = [(z["side"], z["from"], z["to"], z["width_m"]) for z in listed if z["official"]]
    assert official[:3] == [
        ("left", "K12+300", "K13+500", 15.0),
        ("left", "K13+500", "K14+000", 15.0),
        ("left", "K14+000", "K14+400", 12.0),
    ]
    undo_change(context, TERMINAL, txn_id=report["change"], reason="wrong line")
    assert count_kept(ask) == 0


BAD = {
    "A,K3+000,K2+000,left,15,": "Its mileages are reversed: K3+000 lies after K2+000.",
    "A,K2+000,K2+000,left,15,": "It begins and ends at K2+000.",
    "A,K2+000,K90+000,left,15,": "K90+000 lies outside this line, which runs from K0+000 to K35+",
    "A,K2+000,K3+000,up,15,": "“up” is no side: left, right or both",
    "A,K2+000,K3+000,,15,": "“-” is no side",
    "A,K2+000,K3+000,left,0.015km,": "The width “0.015km” is given in kilometres; write it in metres.",
    "A,2 km,3 km,left,15,": "“2 km” is written in kilometres.",
    "A,K2+000,K3+000,left,wide,": "The width “wide” is not a number of metres.",
    "A,K2+000,K3+000,left,0,": "0 m is no width of a zone: more than 0 and at most 200 m.",
    "A,K2+000,K3+000,left,1500,": "1500 m is no width of a zone",
    "A,K2+000,K3+000,left,,": "The width is missing.",
    "A,K2+000,,left,15,": "A mileage is missing",
    "A,rubbish,K3+000,left,15,": "“rubbish” is not a mileage.",
    "A,K1+000,K2+000,left,15 m,": "An earlier row says the same.",
}


def test_each_bad_row_has_its_reason_and_the_rest_waits_for_consent(ask: Any, tmp_path: Path) -> None:
    table = write_table(tmp_path, "A,Ｋ１＋０００,K2+000,左侧,１５米,", *BAD)
    words = ("import", table, "--line", "石太线")
    code, report = ask(*words)
    assert (code, len(report["zones"]), report["saved"], count_kept(ask)) == (0, 1, False, 0)
    assert [row["row"] for row in report["rejected"]] == list(range(3, 3 + len(BAD)))
    for said, start in zip(report["rejected"], BAD.values(), strict=True):
        assert said["reason"].startswith(start)
    code, report = ask(*words, "--accept-rest", "--dry-run")
    assert (report["saved"], count_kept(ask)) == (False, 0)
    code, report = ask(*words, "--accept-rest")
    assert (report["saved"], count_kept(ask)) == (True, 1)
    code, report = ask(*words, "--accept-rest")
    assert (report["saved"], report["zones"]) == (False, [])
    assert report["rejected"][0] == {"row": 2, "reason": "The same is kept already."}


def test_replacing_exchanges_the_zones_of_the_tables_lines_only(ask: Any, tmp_path: Path) -> None:
    head = "线路,起讫里程,侧别,米"
    rows = ("石太线,K1+000-K2+000,两侧,15", "石太客专,DK1+000~DK2+000,左,10")
    code, report = ask("import", write_table(tmp_path, *rows, head=head))
    assert (code, report["saved"], count_kept(ask)) == (0, True, 3)
    again = write_table(tmp_path, "石太线,K1+000至K2+000,左,16", head=head)
    code, report = ask("import", again)
    assert (report["saved"], len(report["overlaps"])) == (True, 1)
    code, report = ask("import", again, "--replace")
    assert (report["replaced"], report["overlaps"], report["saved"]) == (3, [], True)
    official = [(z["line"], z["side"], z["width_m"]) for z in ask("list")[1] if z["official"]]
    assert official == [("石太线", "left", 16.0), ("石太客专", "left", 10.0)]


@pytest.mark.parametrize(
    ("rows", "words", "sentence"),
    [
        (["A,K1+000,K2+000,left,15,"], [], "Which line the table is about is not clear."),
        (["A,K1+000,K2+000,left,15,"], ["--line", "石大线"], "There is no line called “石大线”; there are “石太线”"),
        (["A,K1+000,K2+000,left,15,"], ["--origin-offset", "99", "--line", "石太线"], "From the outer track to the"),
        ([], [], "Which line the table is about is not clear."),
    ],
)
def test_a_table_without_its_line_is_refused_whole(
    ask: Any, tmp_path: Path, rows: list[str], words: list[str], sentence: str
) -> None:
    code, said = ask("import", write_table(tmp_path, *rows), *words)
    assert code == 1
    assert said["error"].startswith(sentence)


def test_rows_of_other_and_unknown_lines_are_refused_one_by_one(ask: Any, tmp_path: Path) -> None:
    head = "line,from,to,left"
    rows = ("石太线,K1+000,K2+000,15", "石大线,K1+000,K2+000,15", ",K3+000,K4+000,15", "石太客专,K1+000,K2+000,15")
    _, report = ask("import", write_table(tmp_path, *rows, head=head))
    reasons = [row["reason"] for row in report["rejected"]]
    assert (len(report["zones"]), len(reasons)) == (2, 2)
    assert reasons[0].startswith("There is no line called “石大线”")
    assert reasons[1] == "The row names no line."
    _, report = ask("import", write_table(tmp_path, *rows, head=head), "--line", "石太线")
    assert report["rejected"][-1] == {"row": 5, "reason": "The row is about another line, 石太客专."}
    assert len(report["zones"]) == 2


@pytest.mark.parametrize("name", ["empty.xlsx", "text.xlsx", "none.xlsx", "header.csv"])
def test_a_broken_file_is_one_sentence_and_nothing_is_written(ask: Any, tmp_path: Path, name: str) -> None:
    for made, content in (("empty.xlsx", ""), ("text.xlsx", "from,to,left"), ("header.csv", "a,b\n1,2")):
        (tmp_path / made).write_text(content)
    code, said = ask("import", str(tmp_path / name), "--line", "石太线")
    assert code == 1
    assert set(said) == {"error", "hint"}
    assert said["hint"]
    assert count_kept(ask) == 0


def test_pasted_text_comes_from_standard_input(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("石太线\n起点里程\t终点里程\t左侧\t右侧\nK1+000\tK2+000\t15\t12"))
    code, report = ask("import", "-", "--notice", "晋铁护〔2024〕1号", "--valid-from", "2020-05-01")
    assert (code, report["title"], report["saved"]) == (0, "石太线", True)
    official = [zone for zone in ask("list")[1] if zone["official"]]
    assert [(z["side"], z["notice"]) for z in official] == [
        ("left", "晋铁护〔2024〕1号"),
        ("right", "晋铁护〔2024〕1号"),
    ]


def test_a_place_is_found_in_its_zone_and_told_why(ask: Any, tmp_path: Path) -> None:
    ask("import", write_table(tmp_path, "A,K12+000,K13+000,left,30,"), "--line", "石太线")
    places = {"K12+300": (True, 33.8), "K11+500": (False, 18.8)}
    for mileage, (official, offset) in places.items():
        for off, inside in ((offset, True), (offset + 0.4, False)):
            lon, lat = find_beside(mileage, off)
            code, (answer,) = ask("find", f"--lonlat={lon},{lat}")
            assert (code, answer["mileage"], answer["inside"], answer["official"]) == (0, mileage, inside, official)
    lon, lat = find_beside("K11+500", 3.0)
    assert "Article 27 sets 15.0 m" in ask("find", f"--lonlat={lon},{lat}")[1][0]["reason"]
    assert ask("find", "--lonlat=-71.1,42.3") == (0, [])


def test_what_is_asked_for_must_be_clear(ask: Any) -> None:
    for words in (["import"], ["find"], ["list", "table.csv"]):
        code, said = ask(*words)
        assert (code, said["error"]) == (1, "It is not clear what is asked for.")
    assert ask("import", "x.csv", "--valid-from", "1 May")[0] == 1


def test_a_person_reads_lines_of_text(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = write_table(tmp_path, "A,K1+000,K2+000,left,5,", "A,K3+000,K4+000,left,5,", "A,K3+500,K5+000,left,9,", "x")
    assert main(["zones", "import", table, "--line", "石太线", "--db", url]) == 0
    said = capsys.readouterr().out
    assert said.startswith("3 zones are good, 1 rows rejected; nothing was saved\n  row 5: A mileage is missing")
    assert "石太线 K2+000–K3+000 left: no zone for 1000 m, of these 0 m in tunnels" in said
    assert "widths [5.0, 9.0] over one another, rows [3, 4]" in said
    assert "5.0 m, below 8.0 m of Article 27 (urban)" in said
    assert main(["zones", "list", "--line", "石太线", "--db", url]) == 0
    assert "石太线 K0+000–K10+000 left    8.0 m  Screened" in capsys.readouterr().out
    lon, lat = find_beside("K11+500", 3.0)
    assert main(["zones", "find", f"--lonlat={lon},{lat}", "--db", url]) == 0
    assert "inside: Article 27" in capsys.readouterr().out
