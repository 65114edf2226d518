"""From the tables of the data files to rules; whatever is missing, unknown or does not go together is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, TypeVar

from gridmap.domain.statutes.rules import (
    SETTINGS,
    Assumptions,
    BridgeLimit,
    Certainty,
    Effect,
    Law,
    Offset,
    Origin,
    Rule,
    Shape,
    Statutes,
    Widths,
)

Table = Mapping[str, Any]
T = TypeVar("T")

LANGUAGES = ("zh", "en")
UNCONFIRMED = "unconfirmed"
"""Stands for the number of an article that nobody has seen; a verified rule names its article."""

_CLASSES = {"high-speed": True, "other": False}
_STRUCTURES = ("plain", "bridge", "tunnel")
_RULE_KEYS = frozenset(
    [
        "id",
        "article",
        "kinds",
        "shape",
        "origin",
        "effect",
        "certainty",
        "text",
        "limit",
        "upstream",
        "downstream",
        "tunnels",
        "lines",
    ]
)
_LAW_KEYS = frozenset(
    {"key", "jurisdiction", "valid_from", "valid_to", "certainty", "title", "widths", "rules", "kinds"}
)


class Faulty(ValueError):
    """A data file says something that cannot be; the text says what."""


def parse_statutes(laws: Mapping[str, Table], *, kinds: Table, origins: Table) -> Statutes:
    """Put the files together.

    Parameters
    ----------
    laws
        Name of each law's file → its content.
    kinds, origins
        Content of the files of those names.

    Raises
    ------
    Faulty
        Something is missing, unknown or twice.
    """
    named = [*kinds["kinds"], *(kind for law in laws.values() for kind in law.get("kinds", ()))]
    names = {kind["key"]: _read_words(kind, f"kind {kind['key']}") for kind in named}
    known = frozenset(names)
    widths = {w.id: w for name, law in laws.items() for w in _in(name, partial(_parse_widths, law))}
    parsed = tuple(_in(name, partial(_parse_law, law, widths, known)) for name, law in laws.items())
    parsed = tuple(sorted(parsed, key=lambda law: (law.jurisdiction, law.key, law.valid_from)))
    _check_once(parsed)
    hazards = {str(hazard): tuple(about) for hazard, about in kinds["hazards"].items()}
    unknown = {kind for about in hazards.values() for kind in about} - known
    if unknown:
        raise Faulty(f"hazards: unknown kinds {sorted(unknown)}")
    return Statutes(parsed, names, hazards, parse_assumptions(origins))


def _in(name: str, parse: Callable[[], T]) -> T:
    """What `parse` gives; a fault of it names the file."""
    try:
        return parse()
    except KeyError as error:
        raise Faulty(f"{name}: {error.args[0]} is missing") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise Faulty(f"{name}: {error}") from error


def _check_once(laws: Sequence[Law]) -> None:
    """No two rules of one name; editions of a law keep the names of their rules, and must not hold at once."""
    held: dict[str, Law] = {}
    for law in laws:
        for rule in law.rules:
            before = held.get(rule.id)
            if before is not None and (before is law or before.valid_to is None or before.valid_to >= law.valid_from):
                raise Faulty(f"two rules are called {rule.id}")
            held[rule.id] = law


def _read_words(table: Table, where: str) -> dict[str, str]:
    words = {language: str(table.get(language, "")).strip() for language in LANGUAGES}
    if not all(words.values()):
        raise Faulty(f"{where}: words are missing in {' or '.join(k for k, v in words.items() if not v)}")
    return words


def _parse_widths(law: Table) -> list[Widths]:
    found = []
    for table in law.get("widths", ()):
        metres = {
            (fast, setting): _read_metres(table[name][setting], table["id"])
            for name, fast in _CLASSES.items()
            for setting in SETTINGS
        }
        found.append(Widths(table["id"], table["article"], metres))
    return found


def _parse_law(law: Table, widths: Mapping[str, Widths], kinds: frozenset[str]) -> Law:
    if not law.keys() <= _LAW_KEYS:
        raise Faulty(f"unknown keys {sorted(law.keys() - _LAW_KEYS)}")
    since, until = law["valid_from"], law.get("valid_to")
    if not isinstance(since, date) or not isinstance(until, date | None) or (until is not None and until < since):
        raise Faulty("valid_from and valid_to are days, the first one first")
    rules = tuple(_parse_rule(rule, law, widths, kinds) for rule in law["rules"])
    return Law(
        key=law["key"],
        jurisdiction=law["jurisdiction"],
        valid_from=since,
        valid_to=until,
        rules=rules,
    )


def _parse_rule(table: Table, law: Table, widths: Mapping[str, Widths], kinds: frozenset[str]) -> Rule:
    name = str(table["id"])
    if not table.keys() <= _RULE_KEYS:
        raise Faulty(f"{name}: unknown keys {sorted(table.keys() - _RULE_KEYS)}")
    if not table["kinds"] or not set(table["kinds"]) <= kinds:
        raise Faulty(f"{name}: unknown kinds {sorted(set(table['kinds']) - kinds)}")
    if not name.startswith(f"{law['key']}/"):
        raise Faulty(f"{name}: the id of a rule begins with its law's key")
    certainty = Certainty(table.get("certainty", law["certainty"]))
    if certainty is Certainty.VERIFIED and table["article"] == UNCONFIRMED:
        raise Faulty(f"{name}: a verified rule names its article")
    shape, origin = Shape(table["shape"]), Origin(table["origin"])
    if (shape is Shape.ALONG_RIVER) != (origin is Origin.BRIDGE):
        raise Faulty(f"{name}: distances along a river are measured from bridges, and only those")
    return Rule(
        id=name,
        article=table["article"],
        jurisdiction=law["jurisdiction"],
        kinds=tuple(table["kinds"]),
        shape=shape,
        origin=origin,
        effect=Effect(table["effect"]),
        certainty=certainty,
        titles=_read_words(law["title"], "title"),
        texts=_read_words(table["text"], name),
        above_tunnels=_read_choice(table.get("tunnels", "none"), {"none": False, "centreline": True}, name),
        high_speed_only=_read_choice(table.get("lines", "all"), {"all": False, "high-speed": True}, name),
        **_read_limits(table, shape, widths, name),
    )


def _read_limits(table: Table, shape: Shape, widths: Mapping[str, Widths], name: str) -> dict[str, Any]:
    """The limits of a rule as `Rule` takes them: those, and only those, that go with its shape."""
    wanted = {"upstream", "downstream"} if shape is Shape.ALONG_RIVER else {"limit"}
    given = {"upstream", "downstream", "limit"} & table.keys()
    if given != wanted:
        raise Faulty(f"{name}: a rule of shape {shape} gives {sorted(wanted)}, not {sorted(given)}")
    if shape is Shape.ALONG_RIVER:
        return {way: _read_bridge_limits(table[way], name) for way in ("upstream", "downstream")}
    if shape is Shape.BUFFER:
        return {"limit_m": _read_metres(table["limit"], name)}
    if table["limit"] not in widths:
        raise Faulty(f"{name}: there are no widths {table['limit']}")
    return {"widths": widths[table["limit"]]}


def _read_bridge_limits(value: Any, name: str) -> tuple[BridgeLimit, ...]:
    if not isinstance(value, list):
        return (BridgeLimit(0.0, _read_metres(value, name)),)
    limits = sorted(
        (BridgeLimit(float(row["bridge_m"]), _read_metres(row["limit"], name)) for row in value), key=_length
    )
    if not limits or limits[0].bridge_m != 0:
        raise Faulty(f"{name}: the shortest bridges have no limit")
    return tuple(limits)


def _length(limit: BridgeLimit) -> float:
    return limit.bridge_m


def _read_metres(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e5:
        raise Faulty(f"{name}: {value!r} is no distance in metres")
    return float(value)


def _read_choice(value: str, choices: Mapping[str, T], name: str) -> T:
    if value not in choices:
        raise Faulty(f"{name}: {value!r} is none of {sorted(choices)}")
    return choices[value]


def parse_assumptions(table: Table) -> Assumptions:
    """The assumptions about origins.

    Raises
    ------
    Faulty
        Something is missing or no number.
    """
    return _in("origins", partial(_parse_assumptions, table))


def _parse_assumptions(table: Table) -> Assumptions:
    def offset(row: Table) -> Offset:
        return Offset(float(row["offset_m"]), float(row["uncertainty_m"]))

    edges = {(s, fast): offset(table[s][name]) for s in _STRUCTURES for name, fast in _CLASSES.items()}
    cable = offset(table["cable"])
    river = table["river"]
    return Assumptions(
        position_m=float(table["position_m"]),
        edges=edges,
        others={
            Origin.CENTRELINE: Offset(0.0, 0.0),
            Origin.CONDUCTOR: offset(table["conductor"]),
            Origin.POLE: offset(table["pole"]),
            Origin.CABLE: cable,
            Origin.RIVER_CABLE: cable,
        },
        river_reach_m=float(river["reach_m"]),
        river_uncertainty_m=float(river["uncertainty_m"]),
        river_join_m=float(river["join_m"]),
    )
