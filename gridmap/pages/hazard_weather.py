"""The hazards page before a strong wind and before heavy rain: what to look at first, and why."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from gridmap.domain.access import Permission
from gridmap.domain.railways.exposure import BEAUFORT_MS, read_force
from gridmap.i18n.kinds import name_kinds
from gridmap.i18n.labels import label
from gridmap.pages import readings, state
from gridmap.pages.panel import Row, draw_rows, heading
from gridmap.pages.state import Place, Thing
from gridmap.pages.visit import Visit
from gridmap.views import weather
from gridmap.views.cards import draw_note
from gridmap.views.map import MapOverlay
from gridmap.views.sheets import Value, draw_csv, draw_workbook

MODES = ("usual", "wind", "rain")
_MEASURED = -1
"""In place of a force: the speed was measured and is given in m/s."""

_DIRECTIONS = (None, *range(0, 360, 45))
"""Where the wind comes from, degrees; None = not known."""

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def draw_modes(visit: Visit) -> str:
    """The switch between the usual list and those before wind and rain; answers the one chosen."""
    _ = visit.translate
    names = {"usual": _("Usual"), "wind": _("Strong wind"), "rain": _("Heavy rain")}
    chosen = st.segmented_control(
        _("Weather"),
        MODES,
        default=state.WEATHER.get(),
        required=True,
        format_func=names.__getitem__,
        key="weather_mode",
        on_change=_keep_mode,
        label_visibility="collapsed",
    )
    return str(chosen or "usual")


def _keep_mode() -> None:
    state.WEATHER.set(st.session_state["weather_mode"])
    state.look_away()


def draw_marks(visit: Visit) -> MapOverlay:
    """The numbers of the list on the map."""
    mode = state.WEATHER.get()
    if mode == "wind":
        return MapOverlay(routes=(weather.draw_wind(_read_wind(visit), translate=visit.translate),))
    if mode == "rain":
        return MapOverlay(routes=(weather.draw_rain(readings.list_rain(visit), translate=visit.translate),))
    return MapOverlay()


def draw_weather(visit: Visit, mode: str) -> None:
    """The list of a mode, to click and to take away."""
    if mode == "wind":
        _draw_wind(visit)
    else:
        _draw_rain(visit)


def _read_wind(visit: Visit) -> pd.DataFrame:
    speed_ms, from_deg = state.WIND.get()
    return readings.list_wind(visit, speed_ms=speed_ms, from_deg=from_deg)


def _draw_wind(visit: Visit) -> None:
    _ = visit.translate
    _draw_wind_fields(visit)
    found = _read_wind(visit)
    st.html(
        draw_note(
            _("Open hazards of light material within 500 m of a track. The order helps to choose; it is no forecast.")
        )
    )
    heading(_("{number} hazards, the most exposed first").format(number=len(found)))
    rows = [
        Row(
            str(row.id),
            f"{number}. {row.title} · {label('severity', row.severity, _)}",
            f"{weather.describe_side(row, translate=_)} · {weather.describe_exposure(row, translate=_)}",
        )
        for number, row in enumerate(found.itertuples(), start=1)
    ]
    key = draw_rows(visit, "wind", rows, empty=_("No open hazard of light material lies within 500 m of a track."))
    if key is not None:
        hazard = found[found["id"] == int(key)].iloc[0]
        state.look_at(Thing("hazard", int(key)), Place(float(hazard["lon"]), float(hazard["lat"])))
        st.rerun()
    kinds = name_kinds(readings.load_kinds(visit), visit.language)
    _draw_files(visit, "wind", weather.build_wind_sheet(found, kinds=kinds, translate=_))


def _draw_wind_fields(visit: Visit) -> None:
    """How strong the wind is and where it comes from; either may be unknown."""
    _ = visit.translate
    speed_ms, from_deg = state.WIND.get()
    forces = [None, *range(4, len(BEAUFORT_MS)), _MEASURED]
    known = {read_force(force): force for force in range(4, len(BEAUFORT_MS))}
    left, right = st.columns(2)
    force = left.selectbox(
        _("Wind force"),
        forces,
        index=0 if speed_ms is None else forces.index(known.get(speed_ms, _MEASURED)),
        format_func=partial(_name_force, visit),
        filter_mode=None,
        key="wind_force",
    )
    blows_from = right.selectbox(
        _("Wind from"),
        _DIRECTIONS,
        index=_DIRECTIONS.index(None if from_deg is None else int(from_deg)),
        format_func=lambda deg: _("not known") if deg is None else label("compass", deg, _),
        filter_mode=None,
        key="wind_from",
    )
    speed = None if force is None else read_force(force) if force != _MEASURED else _draw_speed(visit, speed_ms)
    told = (speed, None if blows_from is None else float(blows_from))
    if told != state.WIND.get():
        state.WIND.set(told)
        # The map above was drawn for the wind before.
        st.rerun()


def _draw_speed(visit: Visit, speed_ms: float | None) -> float:
    return float(
        st.number_input(
            visit.translate("Mean speed, m/s"), 0.0, 60.0, value=speed_ms or 10.0, step=0.5, key="wind_speed"
        )
    )


def _name_force(visit: Visit, force: int | None) -> str:
    _ = visit.translate
    if force is None:
        return _("not known")
    if force == _MEASURED:
        return _("measured, m/s")
    above = f"–{BEAUFORT_MS[force + 1] - 0.1:.1f}" if force + 1 < len(BEAUFORT_MS) else "+"
    return _("Force {force} ({speed} m/s)").format(force=force, speed=f"{BEAUFORT_MS[force]:.1f}{above}")


def _draw_rain(visit: Visit) -> None:
    _ = visit.translate
    found = readings.list_rain(visit)
    st.html(draw_note(_("Open hazards of water and slopes near come first, then what was not inspected for longest.")))
    st.html(draw_note(_("How much it rains is not known here.")))
    heading(_("{number} places, to be looked at first").format(number=len(found)))
    rows = [
        Row(
            str(number),
            f"{number}. {weather.name_place(row, translate=_)}",
            f"{weather.describe_stretch(row)} · {weather.describe_visit(row, translate=_)}",
            "red" if row.hazards else "gray",
        )
        for number, row in enumerate(found.itertuples(), start=1)
    ]
    nothing = _(
        "No culvert, slope, bridge over water or low crossing is known here. Import the railways anew to find them."
    )
    key = draw_rows(visit, "rain", rows, empty=nothing)
    if key is not None:
        place = found.iloc[int(key) - 1]
        state.look_at(None, Place(float(place["lon"]), float(place["lat"])))
        st.rerun()
    _draw_files(visit, "rain", weather.build_rain_sheet(found, translate=_))


def _draw_files(visit: Visit, mode: str, sheet: tuple[list[str], list[list[Value]]]) -> None:
    columns, rows = sheet
    if not rows or not visit.may(Permission.EXPORT_DATA):
        return
    name = f"{mode}-{visit.now:%Y%m%d-%H%M}"
    with st.container(horizontal=True, key="gm_files"):
        st.download_button(
            "CSV",
            partial(draw_csv, columns, rows),
            file_name=f"{name}.csv",
            mime="text/csv",
            key=f"{mode}_csv",
            on_click="ignore",
        )
        st.download_button(
            "Excel",
            partial(draw_workbook, mode, columns, rows),
            file_name=f"{name}.xlsx",
            mime=_XLSX,
            key=f"{mode}_xlsx",
            on_click="ignore",
        )
