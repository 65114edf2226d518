"""A line's strip as the script `static/strip/strip.js` draws it: plain values, colours and words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from gridmap.errors import N_
from gridmap.i18n import Translate
from gridmap.i18n.formats import format_day_time, format_distance
from gridmap.i18n.labels import label
from gridmap.views.palette import FRESHNESS, palette_for

_WIDEST_PX = 16_000
_PX_PER_KM = 90.0
"""A kilometre is this wide, less on a line so long that the strip would be wider than `_WIDEST_PX`."""

WriteMileage = Callable[[float], str]


def draw_strip(
    strip: Any, *, translate: Translate, theme: str, chrome: Mapping[str, str], write: WriteMileage, marker: Any = None
) -> dict[str, Any]:
    """The strip as JSON-able values.

    Parameters
    ----------
    strip
        `services.strips.LineStrip`.
    chrome
        Colours of the page: ground, ink, quiet, accent.
    write
        Mileage of a chainage, m, as it is written on the posts.
    marker
        (chainage, side) of the place to be pointed at, or None.
    """
    palette = palette_for(theme)
    colours = {**palette.freshness, **{name: chrome[name] for name in ("ground", "ink", "quiet", "accent")}}
    return {
        "line": strip.line_id,
        "from": strip.from_m,
        "to": strip.to_m,
        "pxPerKm": min(_PX_PER_KM, _WIDEST_PX / max((strip.to_m - strip.from_m) / 1000, 0.1)),
        "posts": [{"at": post.chainage_m, "text": post.text} for post in strip.posts],
        "runs": _list_runs(strip.pieces, translate, write),
        "features": [_describe_feature(row, translate, write) for row in strip.features.itertuples()],
        "hazards": [_describe_hazard(row, translate, write) for row in strip.hazards.itertuples()],
        "zones": [_describe_zone(row, translate) for row in strip.zones.itertuples() if row.width_m > 0],
        "lapses": [_describe_lapse(row, translate) for row in strip.lapses.itertuples()],
        "lapseLegend": _list_lapse_kinds(strip.lapses, translate),
        "legend": [{"freshness": name, "text": label("freshness", name, translate)} for name in FRESHNESS],
        "zoneLegend": _list_zone_kinds(strip.zones, translate),
        "colours": {**colours, "severity": {str(key): value for key, value in palette.severity.items()}},
        "words": {
            "label": translate("{line}: arrow keys go along the line, Enter shows the place").format(line=strip.name),
            "left": translate("Left"),
            "right": translate("Right"),
        },
        "marker": None if marker is None else {"at": marker[0], "side": marker[1]},
    }


def _list_runs(pieces: pd.DataFrame, translate: Translate, write: WriteMileage) -> list[dict[str, Any]]:
    """Pieces one after the other that are alike, as one."""
    runs = []
    for side, own in pieces.groupby("side", sort=False):
        told = own[["freshness", "last_at", "kind", "team", "due_at"]].map(str)
        parted = (told != told.shift()).any(axis=1) | (own["from_m"] > own["to_m"].shift() + 0.5)
        for _, run in own.groupby(parted.cumsum()):
            first, end_m = run.iloc[0], float(run["to_m"].iloc[-1])
            words = [
                f"{write(first['from_m'])}–{write(end_m)}",
                label("side", side, translate),
                label("freshness", first["freshness"], translate),
                *_describe_visit(first, translate),
            ]
            row = {"from": float(first["from_m"]), "to": end_m, "side": side, "freshness": first["freshness"]}
            runs.append({**row, "text": " · ".join(words)})
    return runs


def _describe_visit(piece: Any, translate: Translate) -> list[str]:
    """When and by whom it was visited, and when it is due."""
    if not piece["kind"]:
        return []
    who = [word for word in (label("visit_kind", piece["kind"], translate), piece["team"]) if word]
    last = translate("last {time}").format(time=format_day_time(piece["last_at"]))
    return [" ".join([last, *who]), translate("next due {time}").format(time=format_day_time(piece["due_at"]))]


def _describe_feature(row: Any, translate: Translate, write: WriteMileage) -> dict[str, Any]:
    words = [label("rail_feature", row.kind, translate), row.name, write(row.chainage_m)]
    if row.length_m:
        words.append(format_distance(row.length_m, translate))
    text = " · ".join(word for word in words if word)
    return {"kind": row.kind, "name": row.name, "at": row.chainage_m, "length": row.length_m, "text": text}


def describe_place(
    strip: Any, place: tuple[float, str], *, translate: Translate, write: WriteMileage
) -> list[tuple[str, str]]:
    """What is known of the hundred metres around (chainage, side), as facts to read."""
    at, side = place
    facts = [(translate("Place"), f"{write(at)} · {label('side', side, translate)}")]
    here = strip.pieces[(strip.pieces["side"] == side) & (strip.pieces["from_m"] <= at) & (strip.pieces["to_m"] >= at)]
    if not here.empty:
        piece = here.iloc[0]
        facts.append((translate("Patrol"), label("freshness", piece["freshness"], translate)))
        if piece["kind"]:
            who = [format_day_time(piece["last_at"]), label("visit_kind", piece["kind"], translate), piece["team"]]
            facts.append((translate("Last patrol"), " · ".join(word for word in who if word)))
            facts.append((translate("Due"), format_day_time(piece["due_at"])))
    zones = strip.zones
    found = zones[(zones["side"] == side) & (zones["from_m"] <= at) & (zones["to_m"] >= at)]
    facts += [(translate("Protection zone"), _write_zone(zone, translate)) for zone in found.itertuples()]
    lapses = strip.lapses
    short = lapses[(lapses["from_m"] <= at) & (lapses["to_m"] >= at)]
    facts += [_describe_shortfall(row, translate) for row in short.itertuples()]
    return facts


def _describe_shortfall(row: Any, translate: Translate) -> tuple[str, str]:
    if row.kind == "vacant":
        return label("party", row.party, translate), translate("Vacant")
    return translate("Joint inspection"), translate("overdue")


def _describe_zone(row: Any, translate: Translate) -> dict[str, Any]:
    text = f"{row.start}–{row.end} · {_write_zone(row, translate)}"
    return {"from": row.from_m, "to": row.to_m, "side": row.side, "official": bool(row.official), "text": text}


_LAPSES = {"vacant": N_("No section chief"), "inspection": N_("Joint inspection overdue")}


def _list_zone_kinds(zones: pd.DataFrame, translate: Translate) -> list[dict[str, Any]]:
    """The legend of zones, as far as the line has any."""
    names = {True: translate("Announced zone"), False: translate("Screened zone, approximate")}
    drawn = set(zones.loc[zones["width_m"] > 0, "official"].astype(bool))
    return [{"official": official, "text": text} for official, text in names.items() if official in drawn]


def _list_lapse_kinds(lapses: pd.DataFrame, translate: Translate) -> list[dict[str, str]]:
    """The legend of lapses, as far as the line has any."""
    there = set(lapses["kind"])
    return [{"kind": kind, "text": translate(text)} for kind, text in _LAPSES.items() if kind in there]


def _describe_lapse(row: Any, translate: Translate) -> dict[str, Any]:
    side = [label("party", row.party, translate)] if row.party else []
    text = " · ".join([f"{row.start}–{row.end}", *side, translate(_LAPSES[row.kind])])
    return {"kind": row.kind, "from": row.from_m, "to": row.to_m, "text": text}


def _write_zone(row: Any, translate: Translate) -> str:
    words = (
        [translate(row.label)] if row.width_m <= 0 else [format_distance(row.width_m, translate), translate(row.label)]
    )
    return " · ".join(words)


def _describe_hazard(row: Any, translate: Translate, write: WriteMileage) -> dict[str, Any]:
    words = [label("severity", row.severity, translate), row.title, write(row.chainage_m)]
    if row.overdue:
        words.append(translate("overdue"))
    place = {"id": int(row.id), "at": float(row.chainage_m), "side": row.side or ""}
    return {**place, "severity": int(row.severity), "overdue": bool(row.overdue), "text": " · ".join(words)}
