"""`areas`: the hierarchy is changed, its history told, old codes are found and reports translated."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import shapely

from gridmap.cli.command import Command, Invocation, lonlat
from gridmap.domain.access import Actor
from gridmap.domain.days import local_day
from gridmap.errors import N_, InvalidInput
from gridmap.services import area_files, area_history, area_orders, cell_lists, hierarchy
from gridmap.services.hierarchy_effect import AreaChange, AreaState
from gridmap.services.hierarchy_undo import undo_area_change

_Act = Callable[[Invocation, Actor, list[str]], Any]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"“{text}” is not a day, for example 2026-12-01") from error


def _line(text: str) -> shapely.LineString:
    points = [lonlat(part) for part in text.split()]
    if len(points) < 2:
        raise ArgumentTypeError(f"“{text}” is no line; write LON,LAT of two points or more, parted by blanks")
    return shapely.LineString(points)


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=tuple(_ACTS))
    parser.add_argument(
        "what", nargs="*", metavar="CODE", help="code; of undo and withdraw the change, of translate the file"
    )
    parser.add_argument("--name", action="append", default=[], metavar="NAME", help="new name; of split one a part")
    parser.add_argument("--to", default="", metavar="CODE", help="renumber, merge: the new code; move: the new parent")
    parser.add_argument("--line", type=_line, metavar="POINTS", help="split: “LON,LAT LON,LAT …” across the area")
    parser.add_argument("--shapes", type=Path, metavar="FILE", help="split: a shape for each part")
    parser.add_argument(
        "--households", action="append", type=int, default=[], metavar="N", help="split: of each part in turn"
    )
    parser.add_argument("--unit", default="", metavar="UNIT", help="merge: code of the unit that answers for it")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why; it is kept")
    parser.add_argument("--effective", type=_day, metavar="DATE", help="first day it holds (default: today)")
    parser.add_argument("--dry-run", action="store_true", help="only say what it would do")
    parser.add_argument("--on", type=_day, metavar="DATE", help="find: the day the code was used")
    parser.add_argument("--from", dest="since", type=_day, metavar="DATE", help="translate: the day of the report")
    parser.add_argument("--until", type=_day, metavar="DATE", help="translate: the day of the codes (default: today)")
    parser.add_argument("--by", default="households", choices=("households", "area"), help="translate: how shared out")
    parser.epilog = "--as USER is who changes it: the role and area of that account count."


def _run(invocation: Invocation) -> Any:
    given = invocation.arguments
    actor = invocation.find_account()
    if not given.what and given.action != "pending":
        raise InvalidInput(
            N_("What it is about is missing."), hint=N_("Write: areas {action} CODE …"), action=given.action
        )
    if len(given.what) > 1 and given.action != "merge":
        raise InvalidInput(
            N_("Only merging is about several areas."),
            hint=N_("Write: areas {action} CODE …"),
            action=given.action,
        )
    return _ACTS[given.action](invocation, actor, given.what)


# --- changes ------------------------------------------------------------------------------------------------------


def _change(invocation: Invocation) -> dict[str, Any]:
    given = invocation.arguments
    return {"reason": given.reason, "effective_on": given.effective, "dry_run": given.dry_run}


def _rename(invocation: Invocation, actor: Actor, codes: list[str]) -> Any:
    name = (invocation.arguments.name or [""])[-1]
    common = _change(invocation)
    return _tell(hierarchy.rename_area(invocation.context, actor, code=codes[0], name=name, **common))


def _renumber(invocation: Invocation, actor: Actor, codes: list[str]) -> Any:
    common = _change(invocation)
    new = invocation.arguments.to
    return _tell(hierarchy.renumber_area(invocation.context, actor, code=codes[0], new_code=new, **common))


def _move(invocation: Invocation, actor: Actor, codes: list[str]) -> Any:
    common = _change(invocation)
    parent = invocation.arguments.to
    return _tell(hierarchy.move_area(invocation.context, actor, code=codes[0], parent=parent, **common))


def _split(invocation: Invocation, actor: Actor, codes: list[str]) -> Any:
    given = invocation.arguments
    if (given.line is None) == (given.shapes is None):
        raise InvalidInput(N_("An area is split by a line or by shapes."), hint=N_("Give --line or --shapes."))
    done = hierarchy.split_area(
        invocation.context,
        actor,
        code=codes[0],
        line_wgs84=given.line,
        shapes_wgs84=() if given.shapes is None else area_files.read_parts(actor, path=given.shapes),
        names=given.name,
        households=given.households,
        **_change(invocation),
    )
    return _tell(done)


def _merge(invocation: Invocation, actor: Actor, codes: list[str]) -> Any:
    given, context = invocation.arguments, invocation.context
    done = hierarchy.merge_areas(
        context,
        actor,
        codes=codes,
        name=(given.name or [""])[-1],
        new_code=given.to,
        unit_id=cell_lists.find_unit(context, actor, code=given.unit) if given.unit else None,
        **_change(invocation),
    )
    return _tell(done)


def _undo(invocation: Invocation, actor: Actor, what: list[str]) -> Any:
    _check_number(what[0], N_("Look it up: areas history CODE."))
    reason = invocation.arguments.reason
    return {
        "change": undo_area_change(invocation.context, actor, txn=int(what[0]), reason=reason),
        "undoes": int(what[0]),
    }


def _check_number(text: str, hint: str) -> None:
    if not text.isdigit():
        raise InvalidInput(N_("“{text}” is no number of a change."), hint=hint, text=text)


def _withdraw(invocation: Invocation, actor: Actor, what: list[str]) -> Any:
    _check_number(what[0], N_("Look it up: areas pending."))
    number = int(what[0])
    area_orders.withdraw_change(invocation.context, actor, number=number, note=invocation.arguments.reason)
    return {"withdrawn": number}


def _tell(done: AreaChange) -> dict[str, Any]:
    return {
        "kind": done.kind,
        "change": done.txn,
        "order": done.order,
        "before": [_tell_state(state) for state in done.before],
        "after": [_tell_state(state) for state in done.after],
        "recoded_below": done.recoded,
        "along": dict(done.along),
        "unit": done.unit,
        "apart": done.apart,
    }


def _tell_state(state: AreaState) -> dict[str, Any]:
    names = ("code", "name", "level", "households")
    return {**{name: getattr(state, name) for name in names}, "area_m2": round(state.area_m2, 1)}


# --- questions ----------------------------------------------------------------------------------------------------


def _pending(invocation: Invocation, actor: Actor, _: list[str]) -> Any:
    return [
        {
            **{name: getattr(change, name) for name in _PENDING},
            "before": [{"code": code, "name": name} for code, name in change.before],
            "after": [{"code": code, "name": name} for code, name in change.after],
            "possible": change.obstacle is None,
            "why_not": None if change.obstacle is None else str(change.obstacle),
        }
        for change in area_orders.list_pending(invocation.context, actor)
    ]


_PENDING = ("number", "kind", "state", "effective_on", "reason", "ordered_by")


def _history(invocation: Invocation, actor: Actor, codes: list[str]) -> Any:
    return area_history.list_history(invocation.context, actor, code=codes[0]).to_dict("records")


def _find(invocation: Invocation, actor: Actor, codes: list[str]) -> Any:
    found = area_history.find_code(invocation.context, actor, code=codes[0], on=invocation.arguments.on)
    now = [{"code": code, "name": name} for _, code, name in found.now]
    return {"code": found.code, "name": found.name, "until": found.until, "now": now}


def _translate(invocation: Invocation, actor: Actor, what: list[str]) -> Any:
    given, context = invocation.arguments, invocation.context
    if given.since is None:
        raise InvalidInput(N_("The day of the report is needed."), hint=N_("Give it with --from, as 2026-12-01."))
    frame = area_files.read_report(actor, path=Path(what[0]))
    until = given.until or local_day(context.clock())
    told = area_history.translate_totals(context, actor, frame=frame, from_date=given.since, to_date=until, by=given.by)
    return {"rows": told.to_dict("records")}


_ACTS: dict[str, _Act] = {
    "rename": _rename,
    "renumber": _renumber,
    "move": _move,
    "split": _split,
    "merge": _merge,
    "undo": _undo,
    "pending": _pending,
    "withdraw": _withdraw,
    "history": _history,
    "find": _find,
    "translate": _translate,
}


def _describe(result: Any) -> str:
    if isinstance(result, list):
        return "\n".join(_describe_entry(entry) for entry in result) or "nothing"
    if "rows" in result:
        return "\n".join(",".join(str(value) for value in row.values()) for row in result["rows"])
    if "withdrawn" in result:
        return f"change {result['withdrawn']} was withdrawn"
    if "undoes" in result:
        return f"change {result['undoes']} was undone by change {result['change']}"
    if "now" in result:
        now = ", ".join(f"{place['code']} {place['name']}" for place in result["now"]) or "nothing"
        return f"{result['code']} {result['name']}" + (f" is {now} since {result['until']}" if result["until"] else "")
    lines = [f"{_list_states(result['before'])} → {_list_states(result['after'])}"]
    lines += [f"{result['recoded_below']} areas below get another code"] if result["recoded_below"] else []
    lines += [f"{count} {table} follow" for table, count in result["along"].items()]
    lines += [f"{result['unit']} answers for it"] if result["unit"] else []
    lines += [f"it does not touch {result['apart']}, which would lie in parts"] if result["apart"] else []
    done, order = result["change"], result["order"]
    if order is not None:
        return "\n".join([*lines, f"waits for its day under number {order}"])
    return "\n".join([*lines, "nothing was written" if done is None else f"written as change {done}"])


def _describe_entry(entry: dict[str, Any]) -> str:
    if "number" in entry:
        facts = [str(entry[name]) for name in ("number", "effective_on", "kind", "state")]
        lines = [f"{'  '.join(facts)}  {entry['ordered_by']}: {entry['reason']}"]
        lines += [f"  {_list_states(entry['before'])} → {_list_states(entry['after'])}"]
        lines += [] if entry["possible"] else [f"  {entry['why_not']}"]
        return "\n".join(lines)
    places = [f"{entry[f'{side}_code']} {entry[f'{side}_name']}" for side in ("from", "to")]
    return f"{entry['effective_on']}  {entry['kind']}  {' → '.join(places)}  {entry['actor']}: {entry['reason']}"


def _list_states(states: list[dict[str, Any]]) -> str:
    return ", ".join(f"{state['code']} {state['name']}" for state in states)


COMMANDS = (
    Command("areas", "change the hierarchy, tell its history, find old codes", _add_arguments, _run, _describe),
)
