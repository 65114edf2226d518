"""Every key the pages keep in a person's session, with its type and what it is before anything happened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

import streamlit as st

from gridmap.services.edition_places import SeenEdition
from gridmap.services.rosters import RosterRequest
from gridmap.services.suggestion_posing import PosedSuggestion
from gridmap.services.suggestions import Suggestion

T = TypeVar("T")


@dataclass(frozen=True)
class Key(Generic[T]):
    """One named value of the session."""

    name: str
    default: T

    def get(self) -> T:
        """The value kept, or the default."""
        return cast(T, st.session_state.get(self.name, self.default))

    def set(self, value: T) -> None:
        """Keep `value`; also usable as a widget callback."""
        st.session_state[self.name] = value

    def clear(self) -> None:
        """Back to the default."""
        st.session_state.pop(self.name, None)


@dataclass(frozen=True)
class Thing:
    """Something on the map that has a card."""

    kind: str
    id: int


@dataclass(frozen=True)
class Place:
    """A point the map was clicked at or flown to, WGS-84 degrees; bounds are (west, south, east, north)."""

    lon: float
    lat: float
    bounds: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Said:
    """A sentence about what was just done, or why it was not."""

    message: str
    hint: str = ""
    done: bool = True
    passing: bool = False
    """Shown for a moment over the page: nothing in the panel asked for it."""


@dataclass(frozen=True)
class Upload:
    """A file a person gave the page, put aside for a worker process."""

    file_id: str
    path: Path


def hold(*widgets: str) -> None:
    """Keep what widgets are set to through runs that do not draw them."""
    for name in widgets:
        if name in st.session_state:
            st.session_state[name] = st.session_state[name]


PANEL_OPEN: Key[bool] = Key("panel_open", True)
PAGE_SHOWN: Key[str] = Key("page_shown", "")

# What the person looks at on the map of the page shown.
THING: Key[Thing | None] = Key("thing", None)
POINT: Key[Place | None] = Key("point", None)
FLY_TO: Key[Place | None] = Key("fly_to", None)
FLY_COUNT: Key[int] = Key("fly_count", 0)
EVENT_SEQ: Key[dict[str, int]] = Key("event_seq", {})

# Railway.
LINE: Key[int | None] = Key("line", None)
STRIP_PLACE: Key[tuple[float, str] | None] = Key("strip_place", None)
SEGMENT_EDITED: Key[int | None] = Key("segment_edited", None)

# Tracks of patrols.
TRACK_UPLOAD: Key[Upload | None] = Key("track_upload", None)
TRACK_JOB: Key[str] = Key("track_job", "")
TRACK_REPORT: Key[Any] = Key("track_report", None)
"""What the last track covers, a `services.coverage.CoverageReport`, until it is kept or left."""
TRACK_NUMBER: Key[int] = Key("track_number", 0)
"""Counts tracks that were kept or left, so that the fields for the next are empty."""

# Railway patrol.
PLAN_JOB: Key[str] = Key("plan_job", "")
PLAN: Key[dict[str, Any] | None] = Key("plan", None)
PLAN_SAVED_ID: Key[int | None] = Key("plan_saved_id", None)
PLAN_CLOSING: Key[str] = Key("plan_closing", "")
"""The job that closes the plan shown."""
ROUTE_SHOWN: Key[int | None] = Key("route_shown", None)
PLAN_BEFORE: Key[dict[str, Any] | None] = Key("plan_before", None)
"""The kept plan that the one shown is compared with."""
REPAIR_ASKED: Key[int | None] = Key("repair_asked", None)
"""The plan of which a repair was asked for, whose form stands open from then on."""
REPAIR_JOB: Key[str] = Key("repair_job", "")
GAINS_JOB: Key[str] = Key("gains_job", "")
GAINS: Key[Any] = Key("gains", None)
"""What more teams or longer shifts would serve, a `services.plan_whatif.Gains` of the plan shown."""

STRATEGY_JOB: Key[str] = Key("strategy_job", "")
DRAW_JOB: Key[str] = Key("draw_job", "")
EDIT_JOB: Key[str] = Key("edit_job", "")
EDIT_COST: Key[Any] = Key("edit_cost", None)
"""What the change asked about last would cost, a `domain.patrol.game.edits.EditCost`."""
ROSTER_JOB: Key[str] = Key("roster_job", "")
ROSTER_PLANS_JOB: Key[str] = Key("roster_plans_job", "")
ROSTER_ASKED: Key[RosterRequest | None] = Key("roster_asked", None)
ROSTER: Key[dict[str, Any] | None] = Key("roster", None)

# Grids.
AREA: Key[str] = Key("area", "")
UNIT: Key[int | None] = Key("unit", None)
CELLS: Key[tuple[int, ...]] = Key("cells", ())
SPLITTING: Key[bool] = Key("splitting", False)
"""Whether clicks on the map draw the line an area is split by."""
SPLIT_LINE: Key[tuple[tuple[float, float], ...]] = Key("split_line", ())
GRID_SECTION: Key[str] = Key("grid_section", "units")
"""The part of the page that is come back to once no cell is chosen any more."""
SUGGEST_JOB: Key[str] = Key("suggest_job", "")
SUGGEST_POSED: Key[PosedSuggestion | None] = Key("suggest_posed", None)
"""What the search for better territories was asked, until it is over."""
SUGGESTION: Key[Suggestion | None] = Key("suggestion", None)
ORDER: Key[int | None] = Key("order", None)
"""The change order whose cells are shown."""
FAULT: Key[tuple[str, int] | None] = Key("fault", None)
"""Area, and place in its list, of the fault of borders that was clicked."""
RULE: Key[int | None] = Key("rule", None)
"""The barrier or join that was clicked."""
PLAYING: Key[float | None] = Key("playing", None)
"""Since when, by the monotonic clock in seconds, the day shown stands while changes are played back."""
REPAIR_SEEN: Key[tuple[str, float] | None] = Key("repair_seen", None)
"""Area and tolerance, m, of the repair that is looked at."""
PROPOSED: Key[tuple[str, Any] | None] = Key("proposed", None)
"""Area and obstacle whose borders are proposed as barriers."""

# Hazards.
HAZARD: Key[int | None] = Key("hazard", None)
HAZARD_ADDING: Key[bool] = Key("hazard_adding", False)
PHOTOS: Key[dict[str, Any]] = Key("photos", {})
"""Photos as they would be kept, by the id of their upload: reading one takes a moment."""
PHOTO_PLACE: Key[tuple[tuple[str, ...], bool] | None] = Key("photo_place", None)
"""Which photos the pin was last put by, so that a click afterwards moves it."""
WEATHER: Key[str] = Key("weather", "usual")
WIND: Key[tuple[float | None, float | None]] = Key("wind", (None, None))
"""Speed, m/s, and where it comes from, degrees; None = not known."""

# Data.
UPLOAD: Key[Upload | None] = Key("upload", None)
IMPORT_JOB: Key[str] = Key("import_job", "")
IMPORT_NUMBER: Key[int] = Key("import_number", 0)
"""Counts imports that were begun, so that the field for the next file is empty."""
COMPARE_JOB: Key[str] = Key("compare_job", "")
EDITION_ASKED: Key[tuple[object, ...] | None] = Key("edition_asked", None)
"""What the last comparison of editions was made of: file, options, and the revision of the areas."""
EDITION_SEEN: Key[SeenEdition | None] = Key("edition_seen", None)
EDITION_PLACE: Key[int | None] = Key("edition_place", None)
"""The place that an edition changes which is looked at."""
EDITION_JOB: Key[str] = Key("edition_job", "")
EDITION_REPORT: Key[dict[str, Any] | None] = Key("edition_report", None)
DEVICE_TOKEN: Key[str] = Key("device_token", "")
ZONES_TABLE: Key[int] = Key("zones_table", 0)
CHIEFS_TABLE: Key[int] = Key("chiefs_table", 0)
TEAMS_TABLE: Key[int] = Key("teams_table", 0)
"""Counts tables that were imported, so that the fields for the next are empty."""
TEAMS_EDITED: Key[int] = Key("teams_edited", 0)
"""Counts teams that are used no more, so that the next choice is none of them."""
IMPORT_REPORT: Key[dict[str, Any] | None] = Key("import_report", None)

# Said once, on the next run.
SAID: Key[Said | None] = Key("said", None)

_PER_PAGE: tuple[Key[Any], ...] = (
    THING,
    POINT,
    FLY_TO,
    STRIP_PLACE,
    SEGMENT_EDITED,
    CELLS,
    SPLITTING,
    SPLIT_LINE,
    ORDER,
    FAULT,
    RULE,
    PLAYING,
    REPAIR_SEEN,
    PROPOSED,
    HAZARD,
    HAZARD_ADDING,
    DEVICE_TOKEN,
    PHOTOS,
    PHOTO_PLACE,
)


def enter_page(name: str) -> None:
    """Forget what was pointed at on the page before, once, when `name` is opened."""
    if PAGE_SHOWN.get() != name:
        PAGE_SHOWN.set(name)
        for key in _PER_PAGE:
            key.clear()


def forget_plan() -> None:
    """Leave the plan that is shown, with all that was asked about it."""
    for key in (PLAN, PLAN_SAVED_ID, ROUTE_SHOWN, PLAN_BEFORE, GAINS, GAINS_JOB, EDIT_JOB, EDIT_COST, REPAIR_JOB):
        key.clear()


def fly(place: Place) -> None:
    """Move the map to `place` on the next run."""
    FLY_TO.set(place)
    FLY_COUNT.set(FLY_COUNT.get() + 1)


def is_new_event(page: str, seq: int) -> bool:
    """Whether the map's event `seq` was not dealt with before; a component repeats its last value on every run."""
    seen = EVENT_SEQ.get()
    if seen.get(page) == seq:
        return False
    EVENT_SEQ.set({**seen, page: seq})
    return True


def look_at(thing: Thing | None, place: Place) -> None:
    """Show the card of `thing` and what is known of its place, and move the map there."""
    THING.set(thing)
    POINT.set(place)
    fly(place)


def point_at(thing: Thing | None, place: Place | None) -> None:
    """Show the card of `thing` and what is known of the place clicked (None: a key was used); the map stays."""
    THING.set(thing)
    POINT.set(place)
    FLY_TO.clear()


def look_away() -> None:
    """Close the card and take the pin off the map."""
    THING.clear()
    POINT.clear()
