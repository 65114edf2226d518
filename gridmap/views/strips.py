"""A line's strip as the script `static/strip/strip.js` draws it: plain values, colours and words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

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
        "legend": [{"freshness": name, "text": label("freshness", name, translate)} for name in FRESHNESS],
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


def _describe_hazard(row: Any, translate: Translate, write: WriteMileage) -> dict[str, Any]:
    words = [label("severity", row.severity, translate), row.title, write(row.chainage_m)]
    if row.overdue:
        words.append(translate("overdue"))
    place = {"id": int(row.id), "at": float(row.chainage_m), "side": row.side or ""}
    return {**place, "severity": int(row.severity), "overdue": bool(row.overdue), "text": " · ".join(words)}
