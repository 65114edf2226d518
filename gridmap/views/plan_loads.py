"""How a plan shares the day out between the teams: bars beside their mean, and a sentence that says it."""

from __future__ import annotations

from html import escape

from gridmap.domain.patrol.balance import Balance, Measure, TeamLoad
from gridmap.errors import N_
from gridmap.i18n import Translate
from gridmap.i18n.formats import format_distance, format_duration, format_number, format_share
from gridmap.views.palette import palette_for
from gridmap.views.plan_words import Document, find_team, name_team

MEASURES = {
    Measure.DURATION: N_("Time"),
    Measure.DRIVEN: N_("Driven"),
    Measure.WALKED: N_("Walked"),
    Measure.TASKS: N_("Tasks"),
}
"""What teams are compared by, in words."""

_EVEN, _UNEVEN = 0.1, 0.25
"""Up to the first Gini coefficient loads are called even, beyond the second uneven; a choice of ours."""


def draw_load_bars(document: Document, balance: Balance, *, measure: Measure, translate: Translate, theme: str) -> str:
    """A bar for each team in its colour of the map, with a mark at the mean and the deviation from it in words."""
    spread = balance.spread(measure)
    top = max((load.of(measure) for load in balance.loads), default=0.0) or 1.0
    palette = palette_for(theme).routes
    colours = {route["team"]: palette[number % len(palette)] for number, route in enumerate(document["routes"])}
    mark = f'<u style="left:{spread.mean / top:.1%}"></u>' if spread.mean else ""
    parts = []
    for load in balance.loads:
        value = load.of(measure)
        name = escape(_name(document, load, translate))
        words = _describe_load(load, measure, spread.mean, translate)
        bar = f'<i style="width:{value / top:.1%};background:{colours.get(load.team, "transparent")}"></i>'
        parts.append(f'<div class="gm-load"><span>{name}</span><b>{escape(words)}</b><div>{bar}{mark}</div></div>')
    return "".join(parts)


def _describe_load(load: TeamLoad, measure: Measure, mean: float, translate: Translate) -> str:
    if not load.stops:
        return translate(N_("Stays at its post"))
    value = load.of(measure)
    words = write_load(value, measure, translate)
    return f"{words} ({value / mean - 1:+.0%})".replace("-", "\u2212") if mean else words


def describe_balance(document: Document, balance: Balance, *, measure: Measure, translate: Translate) -> str:
    """Who has the most, how far that is above the mean, and whether the teams' loads are alike, in a sentence."""
    spread = balance.spread(measure)
    if spread.most is None:
        return translate(N_("There is nothing to share out."))
    if len(balance.loads) == 1:
        return translate(N_("One team does it all."))
    if spread.gini <= _EVEN:
        verdict = translate(N_("The loads are even"))
    elif spread.gini <= _UNEVEN:
        verdict = translate(N_("The loads are fairly even"))
    else:
        verdict = translate(N_("The loads are uneven"))
    return translate(
        N_("{verdict} (Gini {gini}): {team} has the most with {most}, {share} above the mean of {mean}.")
    ).format(
        verdict=verdict,
        gini=f"{spread.gini:.2f}",
        team=_name(document, spread.most, translate),
        most=write_load(spread.most.of(measure), measure, translate),
        share=format_share(spread.excess),
        mean=write_load(spread.mean, measure, translate),
    )


def write_load(value: float, measure: Measure, translate: Translate) -> str:
    """A load in the unit people use for it."""
    if measure is Measure.DURATION:
        return format_duration(value, translate)
    if measure is Measure.TASKS:
        return format_number(value, digits=0 if value == round(value) else 1)
    return format_distance(value, translate)


def _name(document: Document, load: TeamLoad, translate: Translate) -> str:
    return name_team(find_team(document, {"team": load.team}), translate)
