"""Findings of the distance rules as lines of a panel: what applies first, everything else in a whisper."""

from __future__ import annotations

from collections.abc import Sequence

from gridmap.domain.statutes.findings import Finding
from gridmap.domain.statutes.parsing import UNCONFIRMED
from gridmap.i18n import Language, Translate
from gridmap.i18n.formats import format_number, join_names
from gridmap.i18n.labels import label
from gridmap.views.cards import draw_item, draw_note

_TEXTS: dict[Language, str] = {"zh-CN": "zh", "en": "en"}


def draw_findings(findings: Sequence[Finding], *, translate: Translate, language: Language) -> str:
    """Those that apply, each with the rule in short; then the others a line each; then what the distances are worth."""
    near = [finding for finding in findings if finding.applies]
    far = [finding for finding in findings if not finding.applies]
    drawn = [
        draw_item(describe_finding(finding, translate), _explain(finding, translate, language)) for finding in near
    ]
    # Rules of one article may have the same to say.
    drawn += [draw_note(line) for line in dict.fromkeys(describe_finding(finding, translate) for finding in far)]
    if findings:
        drawn.append(
            draw_note(translate("Screening: measured from origins assumed beside the mapped tracks; approximate."))
        )
    return "".join(drawn)


def describe_finding(finding: Finding, translate: Translate) -> str:
    """A finding in one line: article, limit, distance, and what follows."""
    article = _name_article(finding, translate)
    if finding.distance_m is None:
        return f"{article}{label('statute_note', finding.note, translate)}"
    known = {
        "article": article,
        "limit": _format_m(finding.limit_m),
        "distance": _format_m(finding.distance_m),
        "uncertainty": format_number(finding.uncertainty_m),
    }
    if finding.official:
        known["article"] = translate("{article}announced zone, ").format(article=article)
    if finding.applies:
        effect = label("statute_effect", finding.effect, translate)
        return translate("{article}within {limit} m, {distance} m ± {uncertainty} m: {effect}").format(
            effect=effect, **known
        )
    return translate("{article}{distance} m ± {uncertainty} m, beyond {limit} m").format(**known)


def _name_zone(finding: Finding, translate: Translate) -> list[str]:
    """By which notice the zone was announced, and which narrower ones it lies over."""
    named = [translate("Announced zone: {notice}").format(notice=finding.notice or translate("notice not named"))]
    if finding.overruled:
        others = join_names(finding.overruled, translate)
        named.append(translate("It lies over others and is the wider, so it counts: {others}").format(others=others))
    return named


def _format_m(metres: float) -> str:
    """Whole metres from ten on; below, the decimetre may decide."""
    return format_number(metres, digits=0 if metres >= 10 else 1)


def _name_article(finding: Finding, translate: Translate) -> str:
    if finding.article == UNCONFIRMED:
        return translate("Provincial rule (article not confirmed): ")
    if "-" in finding.jurisdiction:
        return translate("Provincial rule, Art. {number}: ").format(number=finding.article)
    return translate("Art. {number}: ").format(number=finding.article)


def _explain(finding: Finding, translate: Translate, language: Language) -> str:
    parts = [
        finding.texts[_TEXTS[language]],
        finding.titles[_TEXTS[language]],
        translate("Measured from: {origin}").format(origin=label("statute_origin", finding.origin, translate)),
    ]
    if finding.official:
        parts += _name_zone(finding, translate)
    if finding.note:
        parts.append(label("statute_note", finding.note, translate))
    if finding.certainty != "verified":
        parts.append(
            translate("Certainty: {certainty}").format(
                certainty=label("statute_certainty", finding.certainty, translate)
            )
        )
    return " · ".join(part.rstrip("。.") for part in parts)
