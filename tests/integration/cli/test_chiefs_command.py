"""`chiefs`: a table of section chiefs from the terminal, and the kilometres afterwards."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from gridmap.cli.main import main
from gridmap.domain.access import TERMINAL
from gridmap.services.context import Context, open_context
from gridmap.services.journal import undo_change
from gridmap.settings import Settings

FIELDS = {"chiefs", "vacancies", "overlaps", "rejected", "left_out", "replaced", "saved", "change"}
LINE = "Clear River Line"
HEAD = "线路,起讫里程,段长类别,岗位,周期,联系电话"


@pytest.fixture
def context(county_url: str) -> Any:
    opened: Context = open_context(Settings(database_url=county_url))
    yield opened
    opened.close()


@pytest.fixture
def ask(county_url: str, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*words: str) -> tuple[int, Any]:
        code = main(["chiefs", *words, "--db", county_url, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def write_table(folder: Path, *rows: str) -> str:
    path = folder / "chiefs.csv"
    path.write_text("\n".join([HEAD, *rows]), encoding="utf-8")
    return str(path)


GOOD = f"{LINE},K0+000~K2+000,地方,柳林镇段长岗,每月,13800138000"
BAD = {
    f"{LINE},K0+000~K2+000,地方,柳林镇段长岗,每月,": "An earlier row says the same.",
    f"{LINE},K3+000~K2+000,地方,柳林镇段长岗,,": "Its mileages are reversed",
    f"{LINE},K3+000~K90+000,地方,柳林镇段长岗,,": "K90+000 lies outside this line",
    "石大线,K0+000~K1+000,地方,柳林镇段长岗,,": "There is no line called “石大线”",
    f"{LINE},K3+000~K4+000,左侧,柳林镇段长岗,,": "The responsible side is neither",
    f"{LINE},K3+000~K4+000,地方,13800138000,,": "A telephone number is not kept here",
    f"{LINE},K3+000~K4+000,地方,张三,,": "A person stands where the post should be",
    f"{LINE},K3+000~K4+000,地方,柳林镇段长岗,常常,": "“常常” is no period",
}


def test_a_table_is_imported_and_listed_kilometre_by_kilometre(ask: Any, tmp_path: Path, context: Context) -> None:
    table = write_table(tmp_path, GOOD, f"{LINE},K1+500~K5+000,铁路,西线路车间,,")
    code, report = ask("import", table)
    assert (code, set(report), report["saved"], report["left_out"]) == (0, FIELDS, True, ["联系电话"])
    assert "138" not in json.dumps(report)
    first = report["chiefs"][0]
    assert {name: first[name] for name in ("row", "from", "to", "party", "office", "interval_days")} == {
        "row": 2,
        "from": "K0+000",
        "to": "K2+000",
        "party": "local",
        "office": "柳林镇段长岗",
        "interval_days": 30,
    }
    assert [(v["party"], v["from"]) for v in report["vacancies"]] == [
        ("local", "K2+000"),
        ("railway", "K0+000"),
        ("railway", "K5+000"),
    ]
    code, listed = ask("list", "--line", LINE)
    second = listed[1]
    assert (code, second["from"], second["local"], second["railway"]) == (0, "K1+000", ["柳林镇段长岗"], ["西线路车间"])
    assert (second["vacant_m"], second["overdue"]) == ({"local": 0, "railway": 500.0}, True)
    undo_change(context, TERMINAL, txn_id=report["change"], reason="wrong line")
    assert not any(one["local"] or one["railway"] for one in ask("list", "--line", LINE)[1])


def test_each_bad_row_has_its_reason_and_the_rest_waits_for_consent(ask: Any, tmp_path: Path) -> None:
    table = write_table(tmp_path, GOOD, *BAD)
    code, report = ask("import", table)
    assert (code, len(report["chiefs"]), report["saved"]) == (0, 1, False)
    assert [row["row"] for row in report["rejected"]] == list(range(3, 3 + len(BAD)))
    for said, start in zip(report["rejected"], BAD.values(), strict=True):
        assert said["reason"].startswith(start)
    assert ask("import", table, "--accept-rest", "--dry-run")[1]["saved"] is False
    assert ask("import", table, "--accept-rest")[1]["saved"] is True
    again = ask("import", write_table(tmp_path, GOOD))[1]
    assert (again["saved"], again["rejected"]) == (False, [{"row": 2, "reason": "The same is kept already."}])
    replaced = ask("import", write_table(tmp_path, GOOD), "--replace")[1]
    assert (replaced["saved"], replaced["replaced"]) == (True, 1)


def test_a_person_reads_lines_of_text(
    county_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = f"{GOOD}\n{LINE},K1+000~K2+000,地方,第二岗,,\nx"
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{HEAD}\n{rows}"))
    words = ["chiefs", "import", "-", "--accept-rest", "--valid-from", "2020-05-01", "--db", county_url]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert said.startswith("2 posts are good, 1 rows rejected; saved as change ")
    assert "row 4: There is no line called “x”" in said
    assert "not read, because only posts are kept: 联系电话" in said
    assert f"{LINE} K0+000–K5+2" in said
    assert f"{LINE} K1+000–K2+000: 柳林镇段长岗 and 第二岗, rows [2, 3]" in said
    assert main(["chiefs", "list", "--line", LINE, "--db", county_url]) == 0
    assert f"{LINE} K1+000–K2+000  第二岗 | vacant  never inspected jointly" in capsys.readouterr().out


def test_what_is_asked_for_must_be_clear(ask: Any) -> None:
    for words in (["import"], ["list"], ["list", "table.csv", "--line", LINE]):
        code, said = ask(*words)
        assert (code, said["error"]) == (1, "It is not clear what is asked for.")
