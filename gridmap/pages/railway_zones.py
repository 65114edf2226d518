"""The railway page's zones: the line stretch by stretch, announced or screened, and what is wrong with a notice."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from gridmap.domain.access import Permission
from gridmap.i18n.formats import format_number
from gridmap.i18n.labels import label
from gridmap.pages import readings, state
from gridmap.pages.panel import Row, draw_rows, heading
from gridmap.pages.state import Place
from gridmap.pages.visit import Visit
from gridmap.services import railways
from gridmap.services.strips import LineStrip
from gridmap.services.zone_audit import ZoneAudit
from gridmap.views.cards import draw_empty, draw_figures, draw_link, draw_note

_ABOUT_DEG = 0.002


def draw_zones(visit: Visit, lines: pd.DataFrame, strip: LineStrip | None) -> None:
    """Figures, then the stretches to click."""
    _ = visit.translate
    if strip is None:
        st.html(draw_empty(_("No railway line here.")))
        return
    audit = readings.audit_zones(visit, line_id=strip.line_id)
    heading(_("{line} · zones, kilometres of either side counted").format(line=strip.name))
    _draw_figures(visit, audit)
    shown = _choose_rows(visit, audit.zones)
    rows = [_describe(visit, row) for row in _join_sides(shown).itertuples()]
    key = draw_rows(visit, f"zones_{strip.line_id}", rows, empty=_("Nothing of this kind on the line."))
    st.html(draw_note(_("Screened zones are approximate: the toe of the embankment is assumed.")))
    if visit.may(Permission.IMPORT_DATA):
        st.html(draw_link(_("Import a notice on the Data page"), "data"))
    if key is not None:
        _show(visit, strip.line_id, audit.zones.loc[int(key)])


def _draw_figures(visit: Visit, audit: ZoneAudit) -> None:
    _ = visit.translate
    metres = (audit.zones["to_m"] - audit.zones["from_m"]) * (audit.zones["width_m"] > 0)
    official = audit.zones["official"].astype(bool)
    kilometres = [(metres[official].sum(), _("km announced")), (metres[~official].sum(), _("km screened"))]
    st.html(draw_figures((format_number(float(found) / 1000, digits=1), words) for found, words in kilometres))
    counted = [(audit.gaps, _("gaps")), (audit.overlaps, _("overlaps")), (audit.below_statute, _("below Article 27"))]
    st.html(draw_figures((format_number(len(found)), words) for found, words in counted))


def _choose_rows(visit: Visit, zones: pd.DataFrame) -> pd.DataFrame:
    """All stretches, the announced ones, or those that somebody should look at."""
    _ = visit.translate
    names = {"all": _("All"), "official": _("Announced"), "odd": _("To be looked at")}
    chosen = st.segmented_control(
        _("Stretches"),
        list(names),
        default="all",
        required=True,
        format_func=names.__getitem__,
        key="zones_shown",
        label_visibility="collapsed",
    )
    if chosen == "official":
        return zones[zones["official"].astype(bool)]
    if chosen == "odd":
        return zones[zones["in_gap"] | zones["other_m"].notna() | zones["limit_m"].notna()]
    return zones


def _join_sides(zones: pd.DataFrame) -> pd.DataFrame:
    """Stretches whose two sides are alike as one of side "both", in order; `number` is where the first stands."""
    numbered = zones.assign(number=zones.index)
    alike = [name for name in zones.columns if name != "side"]
    joined = numbered.groupby(alike, dropna=False, sort=False, as_index=False)
    found = joined.agg(number=("number", "first"), side=("side", "first"), sides=("side", "nunique"))
    return found.assign(side=found["side"].where(found["sides"] == 1, "both")).sort_values("number")


def _describe(visit: Visit, row: Any) -> Row:
    _ = visit.translate
    width = _("{width} m").format(width=f"{row.width_m:g}") if row.width_m > 0 else _("none")
    title = f"{row.start}–{row.end} · {label('side', row.side, _)} · {width}"
    is_screened = not row.official and row.width_m > 0
    words, tone = [_("Screened zone, approximate") if is_screened else _(row.label)], "gray"
    if row.official and (row.notice or row.place):
        words.append(row.notice or row.place)
    if row.in_gap:
        words, tone = [*words, _("gap between announced zones")], "orange"
    if row.other_m == row.other_m:
        words, tone = [*words, _("over another of {width} m").format(width=f"{row.other_m:g}")], "orange"
    if row.limit_m == row.limit_m:
        words, tone = [*words, _("below the {width} m of Article 27").format(width=f"{row.limit_m:g}")], "red"
    return Row(str(row.number), title, " · ".join(words), tone)


def _show(visit: Visit, line_id: int, row: pd.Series) -> None:
    """Move map and strip to a stretch."""
    _, _, measured = railways.load_line(visit.context, line_id)
    middle_m = (float(row["from_m"]) + float(row["to_m"])) / 2
    lon, lat = measured.point_at(middle_m)
    west, south, east, north = measured.stretch(float(row["from_m"]), float(row["to_m"])).bounds
    around = (west - _ABOUT_DEG, south - _ABOUT_DEG, east + _ABOUT_DEG, north + _ABOUT_DEG)
    state.STRIP_PLACE.set((middle_m, str(row["side"])))
    state.look_at(None, Place(lon, lat, around))
    st.rerun()
