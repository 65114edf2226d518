"""Keeping a plan, publishing it, and taking it away as files and orders."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from gridmap.domain.access import Permission
from gridmap.i18n import Notice
from gridmap.i18n.formats import join_names
from gridmap.pages import state
from gridmap.pages.panel import attempt
from gridmap.pages.plan_repair import forget_form
from gridmap.pages.visit import Visit, draw_notice
from gridmap.services import planning
from gridmap.services.plan_backdrop import load_backdrop
from gridmap.views.documents import draw_order_page, draw_plan_book, draw_plan_geojson, draw_plan_gpx, draw_plan_kml
from gridmap.views.plan_words import write_clock

_MOST_TEAMS_NAMED = 6
_KML = "application/vnd.google-earth.kml+xml"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def draw_files(visit: Visit, document: dict[str, Any]) -> None:
    """Save, publish, download, print."""
    _ = visit.translate
    plan_id = state.PLAN_SAVED_ID.get()
    if visit.may(Permission.PLAN_PATROLS):
        _draw_saving(visit, document, plan_id)
    name = f"plan-{document['service_date']}"
    with st.container(horizontal=True, key="gm_files"):
        # Written when asked for: an order with its map takes longer than a run of the page may.
        for title, suffix, mime, draw in _list_formats(visit, document):
            st.download_button(
                title, draw, file_name=f"{name}.{suffix}", mime=mime, key=f"plan_{suffix}", on_click="ignore"
            )
        if plan_id is None:
            st.download_button(
                _("Orders to print"),
                partial(_draw_order, visit, document),
                file_name=f"{name}.html",
                mime="text/html",
                key="plan_order",
                on_click="ignore",
            )
        else:
            address = f"/downloads/plans/{plan_id}/order"
            st.html(
                f'<a class="gm-action" href="{address}" target="_blank">{_("Orders to print")}</a>', width="content"
            )


def _list_formats(visit: Visit, document: dict[str, Any]) -> list[tuple[str, str, str, Callable[[], str | bytes]]]:
    """Title, suffix, media type and writer of each file that a plan is taken away as."""
    _ = visit.translate

    def draw_geojson() -> str:
        return json.dumps(draw_plan_geojson(document, translate=_), ensure_ascii=False)

    return [
        ("GeoJSON", "geojson", "application/geo+json", draw_geojson),
        ("GPX", "gpx", "application/gpx+xml", partial(draw_plan_gpx, document)),
        ("KML", "kml", _KML, partial(draw_plan_kml, document, translate=_)),
        ("Excel", "xlsx", _XLSX, partial(draw_plan_book, document, translate=_)),
    ]


def _draw_order(visit: Visit, document: dict[str, Any]) -> str:
    backdrop = load_backdrop(visit.context, visit.actor, document=document)
    return draw_order_page(document, translate=visit.translate, backdrop=backdrop)


def _draw_saving(visit: Visit, document: dict[str, Any], plan_id: int | None) -> None:
    _ = visit.translate
    if plan_id is None:
        default = " ".join(part for part in (document["service_date"], document.get("area_name", "")) if part)
        if (repair := document.get("repair")) is not None:
            default = _("{plan}, mended {time}").format(plan=default, time=write_clock(repair["at_s"]))
        name = st.text_input(_("Name of the plan"), value=default, key="plan_name", live=True).strip()
        if st.button(_("Save the plan"), type="primary", disabled=not name, key="plan_save"):
            attempt(visit, partial(_save, visit, document, name), done=_("Saved. It is in the list of plans."))
        return
    plans = planning.list_plans(visit.context, visit.actor)
    if plans.loc[plans["id"] == plan_id, "status"].eq("draft").any():
        _draw_publishing(visit, plan_id)


def _draw_publishing(visit: Visit, plan_id: int) -> None:
    """The button that makes a plan the order of its day; whose teams it takes from another plan is told before."""
    _ = visit.translate
    clashes = planning.list_clashes(visit.context, visit.actor, plan_id=plan_id)
    for _number, own in clashes.groupby("plan_id"):
        told = _("In these hours the plan “{plan}” has {number} of these teams: {teams}").format(
            plan=own["plan_name"].iloc[0],
            number=len(own),
            teams=join_names(own["team_name"], _, most=_MOST_TEAMS_NAMED),
        )
        draw_notice(Notice(told, _("Once this plan is published, they go by it instead.")))
    words = _("Publish in its place") if len(clashes) else _("Publish to the teams")
    if st.button(words, type="primary", key="plan_publish"):
        seen = frozenset(clashes["plan_id"].astype(int))
        publish = partial(planning.publish_plan, visit.context, visit.actor, plan_id=plan_id, instead_of=seen)
        attempt(visit, publish, done=_("Published. The teams drive by it."))


def _save(visit: Visit, document: dict[str, Any], name: str) -> None:
    state.PLAN_SAVED_ID.set(planning.save_plan(visit.context, visit.actor, document=document, name=name))
    forget_form()
