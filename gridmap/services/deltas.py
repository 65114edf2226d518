"""What open maps are told of a change: the rows that are other than before, or the tables to ask for anew.

The journal numbers every change, so its newest transaction is the sequence number of the feed, the same in every
process; and what a map missed can be told later from the journal alone.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from gridmap.domain.access import Actor, Permission, check_allowed
from gridmap.errors import N_, InvalidInput
from gridmap.services.context import Context
from gridmap.services.overlays import OVERLAYS, load_overlay_rows
from gridmap.store import commits, journal
from gridmap.store import tiles as tile_store
from gridmap.store.commits import CommitBell
from gridmap.store.datasets import TOPICS, load_revisions
from gridmap.store.journal import ChangedRow
from gridmap.store.rail import is_patrol

_MOST_ROWS = 5000
"""Beyond so many changed rows a table is fetched whole."""


@dataclass(frozen=True)
class _Told:
    """How the change of a database row reaches the maps: rows of `overlay` that have its number, or none of them."""

    topic: str
    overlay: str | None = None


_ROWS = {
    "assignment": _Told("units", "cells"),
    "hazard": _Told("hazards", "hazards"),
    "hazard_step": _Told("hazards"),
    "hazard_referral": _Told("hazards"),
    "hazard_kind": _Told("hazards"),
    "hazard_photo": _Told("hazards"),
    "network_site": _Told("networks", "sites"),
    "rail_segment": _Told("rail", "segments"),
    "patrol_plan": _Told("plans"),
    "patrol_order": _Told("orders"),
    "order_stop": _Told("orders"),
    "stop_photo": _Told("orders"),
    "coverage": _Told("coverage"),
    "patrol_strategy": _Told("plans"),
    "section_chief": _Told("chiefs"),
    "joint_inspection": _Told("chiefs"),
    "closure": _Told("closures"),
    "change_order": _Told("change_orders"),
    "area_order": _Told("change_orders"),
    "cell_lock": _Told("change_orders"),
    "adjacency_rule": _Told("borders"),
}
"""Tables whose changes are told row by row; after one of any other table the topic counts as changed altogether."""

_SPARED = {
    "units": {"cells"},
    "hazards": {"hazards"},
    "networks": {"sites"},
    "rail": {"segments", "stations"},
    "patrols": {"segments"},
}
"""Topic → overlays that row by row are told all there is; the others of the topic must be fetched."""


@dataclass(frozen=True)
class Version:
    """Where the data stands: the newest change, and how often each topic was changed."""

    seq: int
    revisions: Mapping[str, int]


@dataclass(frozen=True)
class Changes:
    """What happened between two versions, the same for everybody.

    Attributes
    ----------
    rows
        Overlay → id → codes of the areas the row lay and lies in (none known: empty).
    stale
        Overlays to be fetched anew.
    tiles
        Layer sets to be fetched anew.
    """

    since: Version
    now: Version
    rows: Mapping[str, Mapping[int, frozenset[str]]] = field(default_factory=dict)
    stale: tuple[str, ...] = ()
    tiles: tuple[str, ...] = ()


def open_bell(context: Context) -> CommitBell:
    """A bell that rings when anybody, in whichever process, has changed something."""
    return commits.open_bell(context.database)


def read_version(text: str) -> Version:
    """The version that a map says it knows: JSON with `seq` and `revisions`.

    Raises
    ------
    InvalidInput
        It is not that.
    """
    try:
        told = json.loads(text)
        revisions = {str(topic): int(number) for topic, number in told["revisions"].items()}
        return Version(int(told["seq"]), revisions)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InvalidInput(N_("The map asked for something unknown."), hint=N_("Reload the map.")) from error


def load_version(context: Context) -> Version:
    """Where the data stands now."""
    with context.database.read() as connection:
        return _read_version(connection)


def _read_version(connection: sa.Connection) -> Version:
    return Version(journal.load_newest(connection), load_revisions(connection))


def collect_changes(context: Context, *, since: Version) -> Changes | None:
    """What changed since a version, None where nothing did."""
    with context.database.read() as connection:
        now = _read_version(connection)
        if now == since:
            return None
        # A restored backup may count from less: nothing is known of what lies between.
        rows = (
            journal.load_changed_rows(connection, after=since.seq, limit=_MOST_ROWS) if since.seq <= now.seq else None
        )
    unexplained = _find_unexplained(since, now, rows)
    raised = {topic for topic in TOPICS if now.revisions[topic] != since.revisions.get(topic, 0)}
    told = raised - unexplained
    stale = tuple(
        name
        for name, topics in OVERLAYS.items()
        if not unexplained.isdisjoint(topics) or any(t in topics and name not in _SPARED.get(t, ()) for t in told)
    )
    tiles = tuple(layer for layer, topics in tile_store.TOPICS.items() if not unexplained.isdisjoint(topics))
    return Changes(since, now, _group_rows(rows or [], without=stale), stale, tiles)


def _find_unexplained(since: Version, now: Version, rows: list[ChangedRow] | None) -> set[str]:
    """Topics that were changed by more than what `rows` tell."""
    raised = {topic: now.revisions[topic] - since.revisions.get(topic, 0) for topic in TOPICS}
    explained: Counter[str] = Counter()
    for topics in _group_topics(rows or []).values():
        if None not in topics:
            explained.update(topic for topic in topics if topic is not None)
    return {topic for topic, times in raised.items() if times not in {0, explained[topic]}}


def _group_topics(rows: list[ChangedRow]) -> dict[int, set[str | None]]:
    """Transaction → topics of the rows it changed, None among them where one of them is not told row by row."""
    grouped: dict[int, set[str | None]] = {}
    for row in rows:
        told = _ROWS.get(row.table_name)
        topic = "patrols" if is_patrol(row.table_name, row.columns) else told.topic if told else None
        grouped.setdefault(row.txn_id, set()).add(topic)
    return grouped


def _group_rows(rows: list[ChangedRow], *, without: tuple[str, ...]) -> dict[str, dict[int, frozenset[str]]]:
    grouped: dict[str, dict[int, frozenset[str]]] = {}
    for row in rows:
        told = _ROWS.get(row.table_name)
        if told is not None and told.overlay is not None and told.overlay not in without:
            known = grouped.setdefault(told.overlay, {})
            known[int(row.row_key)] = known.get(int(row.row_key), frozenset()) | row.area_codes
    return grouped


def build_delta(context: Context, actor: Actor, *, changes: Changes) -> str:
    """What a map of the actor's scope is told of `changes`, as one JSON message.

    `after` and `seq` are the versions before and after it, `revisions` those of the topics, `rows` the new values of
    changed rows (overlay → column → values, in the meaning of `domain.columns`), `gone` the ids of rows that are no
    longer there, `stale` and `tiles` the tables and layer sets to be fetched anew. Applied twice it does no harm.
    """
    check_allowed(actor, Permission.VIEW)
    rows, gone = {}, {}
    for name, touched in changes.rows.items():
        mine = [i for i, codes in touched.items() if not codes or any(actor.covers(code) for code in codes)]
        if mine:
            found, missing = load_overlay_rows(context, actor, name=name, ids=mine)
            rows[name] = found
            gone[name] = missing
    return json.dumps(
        {
            "after": changes.since.seq,
            "seq": changes.now.seq,
            "revisions": dict(changes.now.revisions),
            "rows": {name: columns for name, columns in rows.items() if columns["id"]},
            "gone": {name: ids for name, ids in gone.items() if ids},
            "stale": changes.stale,
            "tiles": changes.tiles,
        },
        ensure_ascii=False,
        separators=(",", ":"),
        allow_nan=False,
    )
