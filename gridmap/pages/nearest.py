"""Which teams reach a point first, by road."""

from __future__ import annotations

import streamlit as st

from gridmap.i18n.formats import format_distance, format_duration
from gridmap.i18n.labels import label
from gridmap.pages import state
from gridmap.pages.panel import heading
from gridmap.pages.state import Place
from gridmap.pages.visit import Visit
from gridmap.services import teams
from gridmap.views.cards import Column, draw_empty, draw_table


def draw_nearest(visit: Visit, point: Place) -> None:
    """Teams on duty by their time to `point`."""
    _ = visit.translate
    heading(_("Nearest teams by road"))
    found = teams.nearest_teams(visit.context, visit.actor, lon=point.lon, lat=point.lat)
    if found.empty:
        st.html(draw_empty(_("No team on duty can reach this point by road.")))
    else:
        columns = (Column(_("Team")), Column(_("Time"), numeric=True), Column(_("Distance"), numeric=True))
        st.html(
            draw_table(
                columns,
                [
                    (
                        f"{row.name} · {label('team_kind', row.kind, _)}",
                        format_duration(row.seconds, _),
                        format_distance(row.metres, _),
                    )
                    for row in found.itertuples()
                ],
            )
        )
    if state.THING.get() is None:
        st.button(_("Close"), on_click=state.look_away, key="point_close")
