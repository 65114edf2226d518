"""`strategy`, `plan --randomise` and `roster` on the demo county."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.integration.cli.conftest import DEMO_DAY, assert_refused, run_gridmap


def test_a_strategy_is_kept_and_drawn_from(demo: tuple[str, Any], tmp_path: Path) -> None:
    url, _ = demo
    made = run_gridmap("strategy", "--teams", "2", "--rounds", "1", "--seed", "2", "--db", url, "--json")
    assert made.code == 0, made.err
    said = made.document
    assert 0 <= said["bound"] <= said["value"]
    assert said["plans"] >= 1
    assert 0 <= said["hours"]["foreseeable"] <= 1
    assert all(0 <= target["coverage"] <= 1 for target in said["targets"])
    assert all(item["reason"] for item in said["unreachable"])
    out = tmp_path / "plan.json"
    drawn = run_gridmap("plan", "--randomise", "--teams", "2", "--seed", "5", "--out", out, "--db", url, "--json")
    assert drawn.code == 0, drawn.err
    assert drawn.document["drawn"]["strategy"] == said["strategy"]
    assert drawn.document["drawn"]["seed"] == 5
    assert drawn.document["checked"] is True
    assert "08:00-17:00" in assert_refused(run_gridmap("strategy", "--shift", "9-25", "--db", url, "--json"))
    assert_refused(run_gridmap("strategy", "--team", "nobody", "--db", url, "--json"))
    assert json.loads(out.read_text(encoding="utf-8"))["drawn"] == drawn.document["drawn"]


def test_a_roster_is_told_day_by_day(demo: tuple[str, Any]) -> None:
    url, _ = demo
    words = ("roster", "--from", DEMO_DAY, "--teams", "3", "--seconds", "2", "--db", url, "--json")
    made = run_gridmap(*words, "--days", "3")
    assert made.code == 0, made.err
    said = made.document
    assert [day["date"] for day in said["days"]] == ["2026-10-01", "2026-10-02", "2026-10-03"]
    assert all(post["load_s"] <= post["capacity_s"] for day in said["days"] for post in day["posts"])
    assert said["visits"] > 0
    assert said["plans"] == []
    assert said["hours"] is None
    assert_refused(run_gridmap(*words, "--days", "30"))


def test_ctrl_c_ends_a_roster_with_the_days_planned_by_then(demo: tuple[str, Any], tmp_path: Path) -> None:
    words = ("--days", "3", "--teams", "3", "--seconds", "30", "--out", tmp_path, "--db", demo[0], "--json")
    said = run_gridmap("roster", "--from", DEMO_DAY, *words, stop_at="Improving").document
    assert said["stopped"] is True
    assert said["unplanned"] == ["2026-10-02", "2026-10-03"]
    (plan,) = said["plans"]
    assert plan["stopped_early"] is True
    kept = json.loads(Path(plan["file"]).read_text(encoding="utf-8"))
    assert kept["service_date"] == "2026-10-01"
    assert kept["summary"]["served"] == plan["served"] > 0
    assert all("{" not in item["binding"]["text"] for item in plan["unserved"])
    (tmp_path / "file").write_text("", encoding="utf-8")
    far = run_gridmap("roster", "--from", DEMO_DAY, "--out", tmp_path / "file", "--db", demo[0], "--json")
    assert "cannot be written" in assert_refused(far)
    assert_refused(run_gridmap("roster", "--from", "9999-12-31", *words))
