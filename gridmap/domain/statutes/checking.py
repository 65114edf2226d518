"""Which rules of distance concern shapes on the ground, and how far these lie from what the rules measure from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from gridmap.domain.crs import FloatArray, Geometries
from gridmap.domain.railways.zones import Zone
from gridmap.domain.statutes.announced import AnnouncedZones
from gridmap.domain.statutes.overriding import Measured, override
from gridmap.domain.statutes.plane import IntArray, Shapes, build_shapes, find_binding
from gridmap.domain.statutes.rivers import Sites
from gridmap.domain.statutes.rules import BridgeLimit, Rule, Shape
from gridmap.domain.statutes.scene import Scene

FINDING_COLUMNS = (
    "object",
    "rule",
    "article",
    "jurisdiction",
    "origin",
    "distance_m",
    "uncertainty_m",
    "limit_m",
    "effect",
    "applies",
    "certainty",
    "note",
    "official",
    "notice",
    "overruled",
)


class Note(StrEnum):
    """What a person must know to read a finding right."""

    NONE_RECORDED = "none_recorded"
    """Nothing that the rule measures from is in the database."""
    NOT_AT_RIVER = "not_at_river"
    NO_BRIDGE_ON_RIVER = "no_bridge_on_river"
    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"
    BORDERLINE = "borderline"
    """The limit lies within the uncertainty."""


def check_shapes(
    scene: Scene,
    rules: Sequence[Rule],
    *,
    kinds: Sequence[Sequence[str]],
    geometries_wgs84: Geometries,
    announced: AnnouncedZones | None = None,
) -> pd.DataFrame:
    """Hold every rule of its kinds against each shape; screening, because origins are assumed (`rules.Assumptions`).

    Parameters
    ----------
    rules
        Those in force.
    kinds
        What is asked about each shape; mostly one kind.
    geometries_wgs84
        Points, lines or polygons, degrees; nearest is what counts, and 0 where they cross.
    announced
        Protection zones in force over the same scene: where one lies, its width and origin take the place of the
        statute's in the rules of shape zone.

    Returns
    -------
    pandas.DataFrame
        `FINDING_COLUMNS`, ordered by `object`, the position of the shape, then by rule. `distance_m` is from the
        assumed origin, 0 inside it, NaN where nothing is recorded to measure from; `applies` where it is at most
        `limit_m`. Metres; `note` is a `Note` or "". `official` where an announced zone counts, `notice` what it calls
        itself, `overruled` the narrower ones that lie under it, each as "notice (width)".
    """
    shapes = build_shapes(geometries_wgs84)
    near = None
    if announced is not None and announced.lines and any(rule.shape is Shape.ZONE for rule in rules):
        near = announced.find_near(geometries_wgs84, shapes)
    groups: dict[tuple[str, ...], list[int]] = {}
    for row, asked in enumerate(kinds):
        groups.setdefault(tuple(asked), []).append(row)
    parts = []
    for number, rule in enumerate(rules):
        held = [rows for asked, rows in groups.items() if not set(asked).isdisjoint(rule.kinds)]
        if held:
            rows = np.sort(np.concatenate([np.asarray(found, np.int64) for found in held]))
            found = _measure_rule(scene, rule, shapes.take(rows))
            if near is not None and rule.shape is Shape.ZONE:
                found = override(rule, found, near=near, rows=rows)
            parts.append(_tabulate(rule, rows, found).assign(_order=number))
    if not parts:
        return pd.DataFrame({name: [] for name in FINDING_COLUMNS})
    table = pd.concat(parts, ignore_index=True).sort_values(["object", "_order"], kind="stable")
    return table.reset_index(drop=True)[list(FINDING_COLUMNS)]


def _tabulate(rule: Rule, rows: IntArray, found: Measured) -> pd.DataFrame:
    near = found.distance_m <= found.limit_m
    close_call = np.abs(found.distance_m - found.limit_m) <= found.uncertainty_m
    return pd.DataFrame(
        {
            "object": rows,
            "rule": rule.id,
            "article": rule.article,
            "jurisdiction": rule.jurisdiction,
            "origin": found.origin,
            "distance_m": np.where(np.isfinite(found.distance_m), found.distance_m, np.nan),
            "uncertainty_m": np.where(np.isfinite(found.distance_m), found.uncertainty_m, np.nan),
            "limit_m": found.limit_m,
            "effect": rule.effect.value,
            "applies": near,
            "certainty": rule.certainty.value,
            "note": np.where(close_call, Note.BORDERLINE.value, found.note),
            "official": found.held != None,  # noqa: E711  (entry by entry)
            "notice": [name_zone(held.zone) if held else "" for held in found.held],
            "overruled": [tuple(map(_write_zone, held.narrower)) if held else () for held in found.held],
        }
    )


def name_zone(zone: Zone) -> str:
    """What an announced zone is called: by its notice, else its stretch."""
    return zone.notice or zone.place


def _write_zone(zone: Zone) -> str:
    return f"{name_zone(zone)} ({zone.width_m:g} m)".lstrip()


def _measure_rule(scene: Scene, rule: Rule, shapes: Shapes) -> Measured:
    """How far each shape lies from what `rule` measures from."""
    if rule.shape is Shape.ALONG_RIVER:
        return _measure_along_river(scene, rule, shapes)
    origins = scene.find_origins(rule)
    if origins is None:
        return _find_nothing(rule, len(shapes.plane), Note.NONE_RECORDED)
    # Of several lines the one counts whose limit is deepest intruded on, not simply the nearest.
    item, metres = find_binding(shapes, origins.tree, reach_m=origins.offset_m + origins.limit_m)
    return Measured(
        distance_m=np.maximum(metres - origins.offset_m[item], 0.0),
        uncertainty_m=origins.uncertainty_m[item],
        limit_m=origins.limit_m[item],
        origin=origins.name[item],
        note=np.full(len(item), "", object),
        held=np.full(len(item), None, object),
    )


def _find_nothing(rule: Rule, count: int, note: Note) -> Measured:
    return Measured(
        distance_m=np.full(count, np.inf),
        uncertainty_m=np.full(count, np.nan),
        limit_m=np.full(count, _widest_limit(rule)),
        origin=np.full(count, rule.origin.value, object),
        note=np.full(count, note.value, object),
        held=np.full(count, None, object),
    )


def _widest_limit(rule: Rule) -> float:
    widths: Mapping[Any, float] = {} if rule.widths is None else rule.widths.metres
    rivers = [limit.limit_m for limit in (*rule.upstream, *rule.downstream)]
    return max([*([] if rule.limit_m is None else [rule.limit_m]), *widths.values(), *rivers])


def _measure_along_river(scene: Scene, rule: Rule, shapes: Shapes) -> Measured:
    network, assumed = scene.rivers, scene.assumptions
    if len(network.bridge_place) == 0:
        return _find_nothing(rule, len(shapes.plane), Note.NONE_RECORDED)
    found = _find_nothing(rule, len(shapes.plane), Note.NOT_AT_RIVER)
    sites = network.find_sites(shapes, reach_m=assumed.river_reach_m)
    found.note[sites.shape] = Note.NO_BRIDGE_ON_RIVER.value
    best = np.full(len(shapes.plane), np.inf)
    for limits, downstream, word in ((rule.upstream, False, Note.UPSTREAM), (rule.downstream, True, Note.DOWNSTREAM)):
        for limit, below_m in _bridge_classes(limits):
            metres = network.measure_from_bridges(
                sites, at_least_m=limit.bridge_m, below_m=below_m, downstream=downstream
            )
            nearest = _nearest_of_each(sites, metres, len(shapes.plane))
            better = nearest - limit.limit_m < best
            best[better] = (nearest - limit.limit_m)[better]
            found.distance_m[better], found.limit_m[better] = nearest[better], limit.limit_m
            found.note[better] = word.value
    found.uncertainty_m[np.isfinite(found.distance_m)] = assumed.river_uncertainty_m
    return found


def _bridge_classes(limits: Sequence[BridgeLimit]) -> list[tuple[BridgeLimit, float]]:
    """Each limit with the length of bridge up to which it holds."""
    ends = [limit.bridge_m for limit in limits[1:]] + [np.inf]
    return list(zip(limits, ends, strict=True))


def _nearest_of_each(sites: Sites, metres: FloatArray, count: int) -> FloatArray:
    nearest = np.full(count, np.inf)
    np.minimum.at(nearest, sites.shape, metres)
    return nearest
