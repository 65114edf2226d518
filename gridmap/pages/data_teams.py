"""Teams: their table taken in, one of them added, changed or used no more, and what there is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from gridmap.domain.patrol.crews import MOST_MEMBERS, MOST_WALK_M
from gridmap.domain.patrol.problem import TeamKind
from gridmap.i18n import describe_error
from gridmap.i18n.formats import format_number, join_names
from gridmap.i18n.labels import label
from gridmap.pages import state
from gridmap.pages.panel import attempt, heading
from gridmap.pages.visit import Visit
from gridmap.services import patrol_crews, team_import, team_keeping, teams
from gridmap.services.patrol_crews import CrewTable
from gridmap.views.cards import Cell, Column, draw_empty, draw_figures, draw_note, draw_table

_NEW = 0
_MOST_ROWS = 200


def draw_teams(visit: Visit) -> None:
    """The table to take in, one team to edit, and the teams as they are."""
    _ = visit.translate
    st.html(draw_note(_("Teams and their vehicles, not persons: columns of names and telephone numbers are not read.")))
    found = teams.list_teams(visit.context, visit.actor).sort_values("name")
    with st.expander(_("Take in a table (Excel or CSV)")):
        _draw_table(visit)
    heading(_("One team"))
    names = {int(row.id): str(row.name) for row in found.itertuples()}
    chosen = st.selectbox(
        _("Team"),
        [_NEW, *names],
        format_func=lambda team_id: names.get(team_id, _("Add a team")),
        key=f"team_chosen_{state.TEAMS_EDITED.get()}",
        label_visibility="collapsed",
    )
    _draw_team(visit, found[found["id"] == chosen], number=len(found))
    heading(_("Teams ({number})").format(number=len(found)))
    if found.empty:
        st.html(draw_empty(_("There is no team yet.")))
    else:
        st.html(_draw_list(visit, found))


# --- the table ---------------------------------------------------------------------------------------------------


def _draw_table(visit: Visit) -> None:
    _ = visit.translate
    st.html(
        draw_note(
            _(
                "Columns: team, kind, members, post (or longitude and latitude), start, end; if need be where it ends, "
                "breaks, latest return, skills, longest walk. A team that is known is changed, others are added."
            )
        )
    )
    key = f"teams_{{}}_{state.TEAMS_TABLE.get()}".format
    upload = st.file_uploader(_("File"), type=["xlsx", "csv", "txt"], key=key("upload"), label_visibility="collapsed")
    pasted = "" if upload is not None else st.text_area(_("Or paste the table"), key=key("text"))
    if upload is None and not pasted.strip():
        return
    content, name = (pasted, "") if upload is None else (upload.getvalue(), upload.name)
    table = patrol_crews.read_crew_table(visit.context, visit.actor, content=content, name=name)
    _draw_found(visit, table)
    words = _("Take in {number} teams").format(number=format_number(len(table.crew)))
    if st.button(words, type="primary", disabled=bool(table.wrong), key=key("import")):
        attempt(visit, partial(_import, visit, table), done=_("The teams are kept."))


def _draw_found(visit: Visit, table: CrewTable) -> None:
    """How many teams the table has, and what is wrong with each other row."""
    _ = visit.translate
    counted = [(len(table.crew), _("teams")), (len(table.wrong), _("rejected"))]
    st.html(draw_figures((format_number(count), words) for count, words in counted))
    if table.left_out:
        said = _("Not read, because only posts are kept: {columns}.")
        st.html(draw_note(said.format(columns=join_names(table.left_out, _)), tone="warn"))
    if not table.wrong:
        return
    notices = [(one.row, describe_error(one.error, _)) for one in table.wrong[:_MOST_ROWS]]
    rows = [(str(row), f"{notice.message} {notice.hint}") for row, notice in notices]
    st.html(draw_table([Column(_("Row"), numeric=True), Column(_("Why it was rejected"))], rows))
    st.html(
        draw_note(_("Mend these rows and choose the file again; nothing is kept as long as one is wrong."), tone="warn")
    )


def _import(visit: Visit, table: CrewTable) -> None:
    team_import.import_teams(visit.context, visit.actor, crew=table.crew)
    state.TEAMS_TABLE.set(state.TEAMS_TABLE.get() + 1)


# --- one team ----------------------------------------------------------------------------------------------------


def _draw_team(visit: Visit, found: pd.DataFrame, *, number: int) -> None:
    """The fields of a team, empty for a new one, and what can be done with it."""
    _ = visit.translate
    team = next(found.itertuples(), None)
    key = f"new{number}" if team is None else f"{team.id}_{team.version}"
    cells = _draw_fields(visit, {} if team is None else team_keeping.write_cells(team), key)
    if cells is None:
        return
    team_id, version = (None, None) if team is None else (int(team.id), int(team.version))
    given = (visit.context, visit.actor)
    with st.container(horizontal=True):
        words = _("Add") if team is None else _("Save")
        if st.button(words, type="primary", key="team_save", disabled=not cells["name"].strip()):
            save = partial(team_keeping.save_team, *given, cells=cells, team_id=team_id, version=version)
            attempt(visit, save, done=_("The team is kept."))
        if team_id is not None and st.button(_("Use no more"), key="team_retire"):
            retire = partial(_retire, visit, team_id, version)
            attempt(visit, retire, done=_("The team is used no more; what it did stays."))


def _retire(visit: Visit, team_id: int, version: int | None) -> None:
    team_keeping.retire_team(visit.context, visit.actor, team_id=team_id, version=version)
    state.TEAMS_EDITED.set(state.TEAMS_EDITED.get() + 1)


def _draw_fields(visit: Visit, known: Mapping[str, Any], key: str) -> dict[str, str] | None:
    """What is written, as cells of a row of the table; None where there is no post to set out from."""
    _ = visit.translate
    posts = sorted(teams.list_posts(visit.context, visit.actor)["name"])
    if not posts:
        st.html(draw_empty(_("There is no post to set out from yet: take in a table with longitude and latitude.")))
        return None
    cells = {"name": st.text_input(_("Name"), value=known.get("name", ""), max_chars=60, key=f"team_name_{key}")}
    kinds = [kind.value for kind in TeamKind]
    left, right = st.columns(2)
    cells["kind"] = left.selectbox(
        _("Kind"),
        kinds,
        index=kinds.index(known.get("kind", kinds[0])),
        format_func=lambda kind: label("team_kind", kind, _),
        filter_mode=None,
        key=f"team_kind_{key}",
    )
    members = right.number_input(
        _("People"), value=known.get("members", 2), min_value=1, max_value=MOST_MEMBERS, key=f"team_members_{key}"
    )
    cells["members"] = str(members)
    at = posts.index(known["post"]) if known.get("post") in posts else 0
    cells["post"] = st.selectbox(_("Post"), posts, index=at, key=f"team_post_{key}")
    for column, name, words, usual in ((left, "start", _("Begins"), "08:00"), (right, "end", _("Ends"), "17:00")):
        shown = _read_time(known.get(name) or usual)
        cells[name] = f"{column.time_input(words, value=shown, step=300, key=f'team_{name}_{key}'):%H:%M}"
    with st.expander(_("Breaks, return, skills, walking")):
        cells |= _draw_duty(visit, known, key, posts)
    return cells


def _read_time(text: str) -> time:
    """A time of day; 24:00 is midnight."""
    return time.fromisoformat("00:00" if text == "24:00" else text)


def _draw_duty(visit: Visit, known: Mapping[str, Any], key: str, posts: list[str]) -> dict[str, str]:
    _ = visit.translate
    end = known.get("end_post")
    end_post = st.selectbox(
        _("Ends at another post"),
        posts,
        index=posts.index(end) if end in posts else None,
        placeholder=_("Where it set out"),
        key=f"team_end_post_{key}",
    )
    texts = {
        "breaks": (_("Breaks"), "12:00-13:00/30"),
        "latest_return": (_("Latest return"), "16:30"),
        "skills": (_("Skills, parted by semicolons"), ""),
    }
    cells = {
        name: st.text_input(words, value=known.get(name) or "", placeholder=hint, key=f"team_{name}_{key}")
        for name, (words, hint) in texts.items()
    }
    walk = st.number_input(
        _("Longest walk beside the line in a day, m"),
        value=known.get("max_walk_m"),
        min_value=0.0,
        max_value=MOST_WALK_M,
        step=500.0,
        placeholder=_("None"),
        key=f"team_walk_{key}",
    )
    return {**cells, "end_post": end_post or "", "max_walk": "" if walk is None else f"{walk:g}"}


def _draw_list(visit: Visit, found: pd.DataFrame) -> str:
    _ = visit.translate
    columns = [Column(_("Team")), Column(_("Kind")), Column(_("Post")), Column(_("Shift"), numeric=True)]
    rows = []
    for team in found.itertuples():
        cells = team_keeping.write_cells(team)
        tone = "" if team.on_duty else "quiet"
        shift = f"{cells['start']}–{cells['end']}"
        people = _("{number} people").format(number=cells["members"])
        kind = f"{label('team_kind', team.kind, _)} · {people}"
        rows.append(tuple(Cell(text, tone) for text in (team.name, kind, team.post_name, shift)))
    return draw_table(columns, rows)
