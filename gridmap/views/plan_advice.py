"""What can be done about a task that a plan leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gridmap.domain.patrol.reasons import REASON_HINTS
from gridmap.errors import N_
from gridmap.i18n import Translate
from gridmap.i18n.formats import format_duration

_LONGER = N_("Let the shift end later, or add a team.")
ADVICE: dict[str, str] = {
    "no_path": N_("Check whether a road there is closed or missing."),
    "skill": N_("Send a team with this skill, or add the skill to one."),
    "window": N_("Begin the shift earlier, or let another team start nearer to it."),
    "spacing": N_("Begin earlier, so that the visits lie further apart."),
    "break": N_("Let the break begin later, or give the task to another day."),
    "shift_end": _LONGER,
    "latest_return": N_("Let the team come back later, or add a team."),
    "day_walk": N_("Allow a longer walk for the day, or add a team."),
    "priority": _LONGER,
    "search": N_("Compute again with more seconds."),
}
"""By constraint."""


def advise(item: Mapping[str, Any], translate: Translate) -> str:
    """What to do about an unserved task of a plan document, "" where nothing is known."""
    advice = ADVICE.get(item.get("binding", {}).get("constraint", ""))
    if advice is not None:
        return translate(advice)
    # Plans kept by an earlier version say the reason alone.
    text = item.get("hint") or REASON_HINTS.get(item["reason"], "")
    return translate(text).format(**item.get("values", {})) if text else ""


def describe_gap(document: Mapping[str, Any], translate: Translate) -> str:
    """How far from the best possible a plan can be at most, "" where no bound is known."""
    gap, bound = document.get("gap"), document.get("lower_bound")
    if gap is None or not bound:
        return ""
    if gap < 0.0005:
        return translate(N_("No better plan exists."))
    share = f"{gap:.1%}" if gap < 0.1 else f"{gap:.0%}"
    return translate(N_("At most {share} from the best possible.")).format(share=share)


def describe_effort(document: Mapping[str, Any], translate: Translate) -> str:
    """How long was searched."""
    effort = document["effort"]
    if effort["seconds"] is None:
        return translate(N_("Searched {number} steps")).format(number=effort["iterations_run"])
    return translate(N_("Searched for {time}")).format(time=format_duration(effort["seconds"], translate))
