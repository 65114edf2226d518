"""The sums of a plan, added up again: of each route, of all of them, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gridmap.domain.patrol.duties import back_by_s
from gridmap.domain.patrol.evidence import METRE_TOLERANCE
from gridmap.domain.patrol.violations import Findings
from gridmap.domain.roads.speeds import Mode

_GAP_TOLERANCE = 1e-5

Json = Mapping[str, Any]


def check_route_totals(route: Json, mode: Mode, where: str, findings: Findings) -> None:
    """How long a route takes, and how far it is driven and walked."""
    legs = [*(stop["leg"] for stop in route["stops"]), route["return"]]
    legs += (route.get("resumed") or {}).get("behind", ())
    legs += [stop["work"]["drive"] for stop in route["stops"] if stop["work"]["drive"]]
    road_m = sum(leg["metres"] for leg in legs)
    beside_m = sum(stop["work"]["walk_m"] for stop in route["stops"])
    on_foot = mode is Mode.FOOT
    _expect(findings, route, "duration_s", route["end_s"] - route["start_s"], where=where)
    _expect(findings, route, "driven_m", 0.0 if on_foot else road_m, where=where)
    _expect(findings, route, "walked_m", beside_m + (road_m if on_foot else 0.0), where=where)


def check_summary(document: Json, findings: Findings) -> None:
    """What a plan says of all of its routes, its objective and its gap."""
    summary, routes, unserved = document["summary"], document["routes"], document["unserved"]
    tasks, rules = document["tasks"], document["rules"]
    # What one item leaves out: as many visits as it says, else all of them.
    price = {task["key"]: (task["priority"], task.get("visits", 1)) for task in tasks}
    known = [(price[item["task"]], item.get("visits")) for item in unserved if item["task"] in price]
    lost = sum(priority * (missing or visits) for (priority, visits), missing in known)
    duration_s = sum(route["duration_s"] for route in routes)
    metres = sum(route["driven_m"] + route["walked_m"] for route in routes)
    terms = {
        "duration_s": duration_s,
        "distance_s": metres * float(rules["metre_s"]),
        "unserved_s": lost * int(rules["priority_s"]),
        "balance_s": _weigh_balance(document),
    }
    expected: dict[str, float] = {
        "tasks": len(tasks),
        "served": len(tasks) - len(unserved),
        "unserved": len(unserved),
        "duration_s": duration_s,
        "distance_m": metres,
        "driven_m": sum(route["driven_m"] for route in routes),
        "walked_m": sum(route["walked_m"] for route in routes),
    }
    for name, value in expected.items():
        _expect(findings, summary, name, value, where="summary")
    for name, value in {**terms, "value": sum(terms.values())}.items():
        _expect(findings, summary["objective"], name, value, where="summary.objective")
    value, bound = summary["objective"]["value"], document["lower_bound"]
    gap = (value - bound) / value if value else 0.0
    if not 0 <= bound <= value or abs(document["gap"] - gap) > _GAP_TOLERANCE:
        findings.add("totals", "gap", name="gap", expected=round(gap, 6))


def _weigh_balance(document: Json) -> float:
    """What unequal work costs: the weight times the squares of the durations over twice the mean time to be out."""
    shifts = [back_by_s(team) - team["shift_start_s"] for team in document["teams"]]
    squares: int = sum(route["duration_s"] ** 2 for route in document["routes"])
    mean_s: float = sum(shifts) / len(shifts) if shifts else 1.0
    return float(document["rules"]["balance"]) * squares / (2 * mean_s)


def _expect(findings: Findings, holder: Json, name: str, expected: float, *, where: str) -> None:
    tolerance = METRE_TOLERANCE if name.endswith("_m") else 0.5 if isinstance(holder[name], float) else 0.0
    if abs(holder[name] - expected) > tolerance:
        findings.add("totals", where, name=name, expected=round(expected, 1))
